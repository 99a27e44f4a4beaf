//! What a user may be told, from the rules alone (P-05, P-06, P-08, P-09, X-01): a judge of every line that reaches a
//! connection, whoever schedules what happens.
//!
//! A [`Privacy`] hears of each input and what it brought about, as a host does, and so knows of each attempt between whom it
//! is, and every name there is. A [`Line`] is what one connection is sent. Each attempt in it must be one that the reader has
//! the standing to know of, each detail one that such a line may have, and each name, wherever in the text it is, be the
//! reader's own, be named in the request that is answered, or belong to an attempt of the line. What no rule allows is denied.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::CallResult;
use roomcall::protocol::{Actor, Answer, Command, Event, Input, Outcome, Record};
use serde::Serialize;
use serde_json::Value;

use crate::hosting;

mod line;
mod table;

pub use line::Line;
use table::{Standing, row};

/// What was told, and must not be: what must hold, and how it does not.
pub type Disclosed = (&'static str, String);

/// Who asks whether somebody is in a room: user, room.
pub type IsInside<'a> = &'a dyn Fn(&str, &str) -> bool;

/// One attempt, as far as it decides who may know what of it.
#[derive(Clone, Debug, Default)]
struct Call {
    room: String,
    caller: String,
    callee: String,
    text: String,
    /// Who ended it by force, in whichever life of the switchboard.
    operators: BTreeSet<String>,
    /// Which of the two was erased since (F-20): whoever has the name now is somebody else.
    erased: BTreeSet<String>,
    is_live: bool,
}

/// A call to somebody who was called already (H-01).
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Tried {
    callee: String,
    caller: String,
    room: String,
}

/// Kinds of names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    User,
    Room,
    Device,
    Session,
    Text,
}

/// Everything that there is to tell.
#[derive(Clone, Debug, Default)]
pub struct Privacy {
    calls: BTreeMap<u64, Call>,
    tried: BTreeSet<Tried>,
    names: BTreeMap<String, Kind>,
    /// The devices of users.
    owned: BTreeSet<(String, String)>,
    /// Who asked last.
    asker: Option<String>,
}

impl Privacy {
    /// The switchboard did something.
    pub fn observe(&mut self, line: &Record, outcome: &Outcome) {
        self.learn_names("", &value(line));
        for effect in &outcome.effects {
            if let Some(named) = effect.event.call() {
                self.calls.entry(named.attempt).or_insert_with(|| Call {
                    room: named.room.clone(),
                    caller: named.caller.clone(),
                    callee: named.callee.clone(),
                    text: text(line).to_owned(),
                    operators: BTreeSet::new(),
                    erased: BTreeSet::new(),
                    is_live: true,
                });
            }
            let Some(call) = self.calls.get_mut(&effect.event.attempt()) else { continue };
            call.is_live &= hosting::ending(effect.because).is_none();
            if let Event::CallRevokedByAdmin { operator: Some(operator), .. } = &effect.event {
                call.operators.insert(operator.clone());
            }
        }
        self.observe_tries(line, outcome);
        self.asker = asker(&line.input).map(str::to_owned);
    }

    fn observe_tries(&mut self, line: &Record, outcome: &Outcome) {
        let Input::Ask { by, command: Command::CallUserToRoom { room, caller, .. } } = &line.input
        else {
            return;
        };
        let Some(Ok(Answer::CallUserToRoom(results))) = &outcome.answer else { return };
        let Some(caller) = caller.as_deref().or(user(by)) else { return };
        let in_vain = results.iter().filter(|(_, it)| *it == CallResult::AlreadyInCalling);
        self.tried.extend(in_vain.map(|(callee, _)| Tried {
            callee: callee.clone(),
            caller: caller.to_owned(),
            room: room.clone(),
        }));
    }

    /// A user was erased (F-20): nobody is told of the user any more, and whoever has the name later is told nothing of before.
    pub fn forget(&mut self, user: &str) {
        for call in self.calls.values_mut() {
            if call.caller == user || call.callee == user {
                call.erased.insert(user.to_owned());
            }
            call.operators.remove(user);
        }
        self.tried.retain(|tried| tried.caller != user && tried.callee != user);
    }

    /// The names in an input, each by the key that it is at.
    fn learn_names(&mut self, key: &str, value: &Value) {
        match value {
            Value::String(name) => {
                if let Some(kind) = kind(key).filter(|_| !name.is_empty()) {
                    self.names.entry(name.clone()).or_insert(kind);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_names(key, item)),
            Value::Object(fields) => {
                let named = |keys: [&str; 2]| {
                    keys.into_iter().find_map(|key| fields.get(key)?.as_str().map(str::to_owned))
                };
                let owner = named(["user", "userID"]).zip(named(["device", "deviceID"]));
                self.owned.extend(owner);
                fields.iter().for_each(|(key, item)| self.learn_names(key, item));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The extension text of a call.
    pub fn text(&self, attempt: u64) -> &str {
        self.calls.get(&attempt).map_or("", |call| &call.text)
    }

    /// Whether a user may be told a line, which is the answer to a request of that user if there is one.
    pub fn judge(
        &self,
        reader: &str,
        line: &Line,
        request: Option<&Record>,
        is_inside: IsInside<'_>,
    ) -> Result<(), Disclosed> {
        let wrong = |what, of: &dyn std::fmt::Debug| {
            Err((what, format!("{reader} is told {of:?}: {}", line.text)))
        };
        let Some(row) = row(&line.about) else {
            return wrong("no line goes out of which no rule says who may read it", &line.about);
        };
        if line.request_id != request.and_then(|it| it.request_id) {
            return wrong("nobody learns the number of another request", &line.request_id);
        }
        if let Some(detail) = line.details.iter().find(|detail| !row.details.contains(detail)) {
            return wrong("a detail is for those whom it concerns", detail);
        }
        // H-04: it names no call, and is told to who asked for it.
        if line.about == "onCallsSeen" && self.asker.as_deref() != Some(reader) {
            return wrong("nobody learns of the log of another", &line.about);
        }
        let asked = Asked::of(request);
        let mut names = asked.names.clone();
        names.insert(reader.to_owned());
        for attempt in &line.attempts {
            let call = self.calls.get(attempt);
            let is_known =
                call.is_some_and(|call| row.standing.allows(call, reader, &asked, is_inside));
            let Some(call) = call.filter(|_| is_known) else {
                // A number that the reader sent is no news, if nothing is said of it.
                if asked.attempt == Some(*attempt) && line.details.is_empty() {
                    continue;
                }
                return wrong("a call is told to whom it concerns", &(attempt, call));
            };
            let both = [&call.caller, &call.callee].into_iter();
            names.extend(both.filter(|name| !call.erased.contains(*name)).cloned());
            names.insert(call.room.clone());
            if row.details.contains(&"operator") || row.details.contains(&"how") {
                names.extend(call.operators.iter().cloned());
            }
            if row.details.contains(&"extensionInfo") && call.is_live {
                names.insert(call.text.clone());
            }
        }
        // H-03: an entry of a refused try names no attempt.
        if line.about == "getCallLog" {
            let mine = self.tried.iter().filter(|tried| tried.callee == reader);
            names.extend(mine.flat_map(|tried| [tried.caller.clone(), tried.room.clone()]));
        }
        for word in &line.words {
            let Some(kind) = self.names.get(word).filter(|_| !names.contains(word)) else {
                continue;
            };
            if !self.owned.contains(&(reader.to_owned(), word.clone())) {
                return wrong(kind.must_hold(), word);
            }
        }
        Ok(())
    }
}

/// What a request says, which is no news to who sent it.
#[derive(Debug, Default)]
struct Asked {
    names: BTreeSet<String>,
    attempt: Option<u64>,
    /// The room and the users of a revoke.
    revoked: Option<(String, Vec<String>)>,
}

impl Asked {
    fn of(request: Option<&Record>) -> Self {
        let mut asked = Self::default();
        match request.map(|request| &request.input) {
            Some(Input::Ask { command, .. }) => {
                let fields = value(command);
                asked.read("", &fields);
                if let Command::RevokeCall { room, users } = command {
                    asked.revoked = Some((room.clone(), users.clone()));
                }
            }
            Some(Input::Query { query, .. }) => asked.read("", &value(query)),
            Some(Input::Fact(_) | Input::Tick) | None => {}
        }
        asked
    }

    fn read(&mut self, key: &str, value: &Value) {
        match value {
            Value::String(name) if matches!(kind(key), Some(Kind::User | Kind::Room)) => {
                self.names.insert(name.clone());
            }
            Value::Number(number) if key == "attempt" => self.attempt = number.as_u64(),
            Value::Array(items) => items.iter().for_each(|item| self.read(key, item)),
            Value::Object(fields) => fields.iter().for_each(|(key, item)| self.read(key, item)),
            _ => {}
        }
    }
}

impl Standing {
    /// Whether a user of this standing may know of a call.
    fn allows(self, call: &Call, reader: &str, asked: &Asked, is_inside: IsInside<'_>) -> bool {
        let is_new = call.erased.contains(reader);
        let is_caller = call.caller == reader && !is_new;
        let is_callee = call.callee == reader && !is_new;
        match self {
            Self::Caller => is_caller,
            Self::Callee => is_callee,
            Self::OneOfTheTwo => is_caller || is_callee,
            Self::Inside => is_inside(reader, &call.room),
            Self::CallerOrInside => is_caller || is_inside(reader, &call.room),
            Self::CalleeOrInside => is_callee || is_inside(reader, &call.room),
            Self::Operator => asked
                .revoked
                .as_ref()
                .is_some_and(|(room, users)| *room == call.room && users.contains(&call.callee)),
        }
    }
}

impl Kind {
    const fn must_hold(self) -> &'static str {
        match self {
            Self::User => "nobody learns of users of other calls",
            Self::Room => "nobody learns of other rooms",
            Self::Device => "nobody learns of the devices of others",
            Self::Session => "nobody learns of sessions",
            Self::Text => "an extension text is for the two, while it rings",
        }
    }
}

/// What an input names by a key.
fn kind(key: &str) -> Option<Kind> {
    Some(match key {
        "user" | "userID" | "userIDList" | "owner" | "caller" => Kind::User,
        "roomID" => Kind::Room,
        "device" | "deviceID" => Kind::Device,
        "sessionID" => Kind::Session,
        "extensionInfo" => Kind::Text,
        _ => return None,
    })
}

/// The user to whom the answer goes, if it is one.
pub fn asker(input: &Input) -> Option<&str> {
    match input {
        Input::Ask { by, .. } | Input::Query { by, .. } => user(by),
        Input::Fact(_) | Input::Tick => None,
    }
}

fn user(by: &Actor) -> Option<&str> {
    match by {
        Actor::Device { user, .. } => Some(user),
        Actor::Backend => None,
    }
}

/// The text of a call.
fn text(line: &Record) -> &str {
    match &line.input {
        Input::Ask { command: Command::CallUserToRoom { extension, .. }, .. } => extension,
        _ => "",
    }
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}
