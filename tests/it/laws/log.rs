//! Laws of the call log (H-01 to H-04): it is what happened, by an account that is kept of answers and effects alone; and a
//! mark only moves up.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::protocol::{
    Actor, Answer, Audience, CallLog, Command, Effect, Ending, Event, Fact, Input, LogEntry,
    LogState, LoggedCall, NamedCall, Outcome, Query, Record,
};
use roomcall::switchboard::Switchboard;
use roomcall::{ActiveCalls, CallResult, EndingKind, Limits, Rule};

use super::expected::Expecting;
use roomcall_testkit::play::{board, device, now, tick};
use roomcall_testkit::strategies::journal::{Journal, USERS, roomy};

/// A call that rings, as it was told.
struct Ringing {
    room: String,
    caller: String,
    callee: String,
    deadline: Option<u64>,
}

/// What a log must have, with the time instead of the age.
#[derive(Clone)]
struct Logged {
    time: u64,
    entry: LogEntry,
}

/// What everybody's log must have, by what was told.
struct Account {
    logged_for: u64,
    revision: u64,
    ringing: BTreeMap<u64, Ringing>,
    expecting: Expecting,
    logs: BTreeMap<String, Vec<Logged>>,
    marks: BTreeMap<String, u64>,
}

impl Account {
    fn of(journal: &Journal) -> Self {
        let logged_for = u64::from(journal.limits.logged_for) * 1_000;
        let (ringing, logs, marks) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let expecting = Expecting::of(journal);
        Self { logged_for, revision: 0, ringing, expecting, logs, marks }
    }

    /// What a line has brought about.
    fn hear(&mut self, line: &Record, outcome: &Outcome, active_calls: ActiveCalls) {
        let (of_clock, of_input): (Vec<&Effect>, Vec<_>) =
            outcome.effects.iter().partition(|effect| effect.because == Rule::E04);
        let before = (self.logs.clone(), self.marks.clone());
        of_clock.into_iter().for_each(|effect| self.end(line, effect, outcome.at));
        // F-18: what was overdue when state was lost is not logged.
        if matches!(line.input, Input::Fact(Fact::Recovered { .. })) && outcome.unchanged.is_none()
        {
            (self.logs, self.marks) = before;
        }
        self.pass(outcome.at);
        let _ = self.expecting.due(outcome.at);
        if let (
            Input::Ask { by, command: Command::CallUserToRoom { room, caller, .. } },
            Some(Ok(Answer::CallUserToRoom(results))),
        ) = (&line.input, &outcome.answer)
        {
            let caller = match (by, caller) {
                (Actor::Device { user, .. }, _) | (Actor::Backend, Some(user)) => user,
                (Actor::Backend, None) => panic!("the backend is in no room"),
            };
            self.call((room, caller), results, outcome, active_calls);
        }
        let _ = self.expecting.hear(line, outcome);
        for effect in of_input {
            // C-14
            self.revision += u64::from(effect.because == Rule::C14);
            if let (Event::CallsSeen { up_to }, Audience::OtherDevices { user, .. }) =
                (&effect.event, &effect.to)
            {
                self.revision += 1;
                self.marks.insert(user.clone(), *up_to);
            }
            self.end(line, effect, outcome.at);
        }
        if let (Input::Fact(Fact::UserErased { user }), None) = (&line.input, outcome.unchanged) {
            self.erase(user);
        }
    }

    /// F-20: all that names a user goes, and the marks of others stay.
    fn erase(&mut self, user: &str) {
        self.logs.remove(user);
        for log in self.logs.values_mut() {
            log.retain(|logged| logged.entry.caller != user);
            for logged in log {
                if let LoggedCall::Ended(ending) = &mut logged.entry.what {
                    if ending.user.as_deref() == Some(user) {
                        (ending.user, ending.device) = (None, None);
                    }
                }
            }
        }
        self.marks.retain(|of, _| self.logs.get(of).is_some_and(|log| !log.is_empty()));
    }

    /// The results of a call, in their order.
    fn call(
        &mut self,
        (room, caller): (&str, &str),
        results: &[(String, CallResult)],
        outcome: &Outcome,
        active_calls: ActiveCalls,
    ) {
        // A new attempt rings, or is in another room at once.
        let mut made = outcome.effects.iter().filter_map(|effect| match &effect.event {
            Event::CallReceived { call, time_left, .. } => Some((call, Some(time_left))),
            Event::CallRejected { call, .. } if effect.because == Rule::C08 => Some((call, None)),
            _ => None,
        });
        for (callee, result) in results {
            let counts = |ringing: &&Ringing| {
                ringing.callee == *callee
                    && (active_calls == ActiveCalls::PerUser || ringing.room == room)
            };
            match result {
                CallResult::Success => {
                    let (call, time_left) = made.next().expect("a success is told");
                    self.revision += 1;
                    let deadline = time_left.copied().flatten().map(|left| outcome.at + left);
                    let ringing = Ringing {
                        room: room.to_owned(),
                        caller: caller.to_owned(),
                        callee: callee.clone(),
                        deadline,
                    };
                    if time_left.is_none() {
                        let how = (EndingKind::InOtherRoom, Some(callee.clone()), None);
                        self.ended(call.attempt, ringing, how, outcome.at);
                    } else {
                        self.ringing.insert(call.attempt, ringing);
                    }
                }
                CallResult::AlreadyInCalling => {
                    let ringing = self.ringing.values().filter(counts).map(|it| &it.caller);
                    let expected = self.expecting.find(room, callee).map(|it| &it.caller);
                    if ringing.chain(expected).all(|by| by != caller) {
                        self.tried(room, caller, callee, outcome.at);
                    }
                }
                CallResult::AlreadyInRoom => {}
            }
        }
    }

    /// H-01: a refused try takes the place of the one before.
    fn tried(&mut self, room: &str, caller: &str, callee: &str, at: u64) {
        self.revision += 1;
        self.pass(at);
        let log = self.logs.entry(callee.to_owned()).or_default();
        let is_before = |Logged { entry, .. }: &Logged| {
            entry.room == room && entry.caller == caller && tries(entry) > 0
        };
        let place = log.iter().position(is_before);
        let count = 1 + place.map_or(0, |place| tries(&log[place].entry));
        self.log(room, caller, callee, at, LoggedCall::Tried { count });
        // The log was not empty meanwhile, and the mark stays (H-04).
        place.map(|place| self.logs.get_mut(callee).unwrap().remove(place));
    }

    /// The end of what rang, by what its callee is told.
    fn end(&mut self, line: &Record, effect: &Effect, at: u64) {
        let (Event::CallHandledByOtherDevice { attempt, .. }
        | Event::CallTimeout(NamedCall { attempt, .. })
        | Event::CallCancelled(NamedCall { attempt, .. })
        | Event::CallRevokedByAdmin { call: NamedCall { attempt, .. }, .. }) = &effect.event
        else {
            return;
        };
        // The caller hears it after the callee.
        let Some(call) = self.ringing.remove(attempt) else { return };
        let (callee, caller) = (Some(call.callee.clone()), Some(call.caller.clone()));
        let (how, at) = match &effect.event {
            Event::CallHandledByOtherDevice { device, .. } => {
                let how = match effect.because {
                    Rule::E01 => EndingKind::Accepted,
                    Rule::E02 => EndingKind::Rejected,
                    Rule::E03 => EndingKind::InOtherRoom,
                    Rule::E07 => EndingKind::Entered,
                    rule => panic!("{rule} ends nothing like that: {effect:?}"),
                };
                ((how, callee, device.clone()), at)
            }
            Event::CallTimeout(_) => {
                ((EndingKind::TimedOut, None, None), call.deadline.expect("it has one"))
            }
            // On which device is not said to the callee (P-08).
            Event::CallCancelled(_) => ((EndingKind::Cancelled, caller, None), at),
            Event::CallRevokedByAdmin { operator, .. } => {
                let device = acting(&line.input).filter(|_| *operator == callee);
                ((EndingKind::Revoked, operator.clone(), device.cloned()), at)
            }
            event => panic!("{event:?}"),
        };
        if matches!(effect.because, Rule::F18 | Rule::F20) {
            self.revision += 1;
        } else {
            self.ended(*attempt, call, how, at);
        }
    }

    fn ended(
        &mut self,
        attempt: u64,
        call: Ringing,
        (how, user, device): (EndingKind, Option<String>, Option<String>),
        at: u64,
    ) {
        self.revision += 1;
        let what = LoggedCall::Ended(Ending { how, attempt, user, device });
        self.log(&call.room, &call.caller, &call.callee, at, what);
    }

    fn log(&mut self, room: &str, caller: &str, callee: &str, time: u64, what: LoggedCall) {
        self.pass(time);
        let (number, room, caller) = (self.revision, room.to_owned(), caller.to_owned());
        let entry = LogEntry { number, room, caller, age: 0, what };
        self.logs.entry(callee.to_owned()).or_default().push(Logged { time, entry });
    }

    /// H-02, H-04: what is too old by now, and the marks of those of whom nothing is left.
    fn pass(&mut self, clock: u64) {
        for (user, log) in &mut self.logs {
            log.retain(|logged| clock.saturating_sub(logged.time) <= self.logged_for);
            if log.is_empty() {
                self.marks.remove(user);
            }
        }
    }

    /// A page of a log.
    fn page(&self, user: &str, since: u64, count: usize, clock: u64) -> CallLog {
        let log = self.logs.get(user).map_or(&[][..], |log| log);
        let aged =
            |Logged { time, entry }: &Logged| LogEntry { age: clock - time, ..entry.clone() };
        let above = log.iter().filter(|logged| logged.entry.number > since);
        let entries: Vec<LogEntry> = above.clone().take(count).map(aged).collect();
        let more = above.count() > count;
        let given = if more { entries.last() } else { log.last().map(|last| &last.entry) };
        CallLog {
            last_logged: given.map_or(0, |last| last.number),
            entries,
            more,
            since,
            seen: self.marks.get(user).copied().unwrap_or(0),
            revision: self.revision,
        }
    }
}

/// How many tries an entry is of, 0 if it is of an attempt.
fn tries(entry: &LogEntry) -> u64 {
    match entry.what {
        LoggedCall::Tried { count } => count,
        LoggedCall::Ended(_) => 0,
    }
}

/// The device that revokes, dissolves or removes.
fn acting(input: &Input) -> Option<&String> {
    match input {
        Input::Ask { by: Actor::Device { device, .. }, .. }
        | Input::Fact(
            Fact::RoomDissolved { by: Actor::Device { device, .. }, .. }
            | Fact::UserRemoved { by: Actor::Device { device, .. }, .. },
        ) => Some(device),
        _ => None,
    }
}

/// What the phone of a user is answered.
fn ask(board: &mut Switchboard, user: &str, query: Query) -> Answer {
    let line = now(board, Input::Query { by: device(user, "phone"), query });
    board.apply_record(&line).answer.unwrap().unwrap()
}

fn call_log(board: &mut Switchboard, user: &str, since: u64, count: u32) -> CallLog {
    match ask(board, user, Query::GetCallLog { since, count }) {
        Answer::GetCallLog(log) => log,
        answer => panic!("{answer:?}"),
    }
}

fn log_state(board: &mut Switchboard, user: &str) -> Option<LogState> {
    match ask(board, user, Query::GetMyCalls { since: 0 }) {
        Answer::GetMyCalls(calls) => calls.log,
        answer => panic!("{answer:?}"),
    }
}

laws! {
    // H-01 to H-04, Q-07, Q-11: page by page, after each line, where there is room for all that is logged.
    fn the_log_is_what_happened(journal) {
        let logged_for = journal.limits.logged_for;
        let journal = roomy(journal);
        let limits = Limits { logged_per_user: u32::MAX, logged_for, ..journal.limits };
        let journal = Journal { limits, ..journal };
        let (mut board, mut account) = (board(&journal), Account::of(&journal));
        for (nth, line) in journal.lines.iter().enumerate() {
            let active_calls = board.policy().active_calls;
            let outcome = board.apply_record(line);
            account.hear(line, &outcome, active_calls);
            if let (Input::Fact(Fact::Recovered { .. }), None) = (&line.input, outcome.unchanged) {
                // From here on it is counted from there (F-18).
                account.revision = board.last_attempt().get();
            }
            let count = 1 + nth % 3;
            for user in USERS {
                let mut since = 0;
                loop {
                    let page = call_log(&mut board, user, since, count as u32);
                    prop_assert_eq!(&page, &account.page(user, since, count, outcome.at), "{} {:?}", user, line);
                    if !page.more {
                        let LogState { last_logged, seen } = log_state(&mut board, user).unwrap();
                        prop_assert_eq!((last_logged, seen), (page.last_logged, page.seen));
                        break;
                    }
                    prop_assert!(page.last_logged > since, "each page leads on");
                    since = page.last_logged;
                }
            }
        }
    }

    // H-04: whatever is evicted or too old, of whatever life.
    fn marks_only_move_up(journal) {
        let journal = Journal { limits: Limits { page_size: 1_000, id_bytes: 64, ..journal.limits }, ..journal.clone() };
        let mut board = board(&journal);
        let mut before = USERS.map(|user| call_log(&mut board, user, 0, 1_000));
        for line in &journal.lines {
            let mut ticked = board.clone();
            let _ = tick(&mut ticked, line.at);
            let outcome = board.apply_record(line);
            for (user, before) in USERS.into_iter().zip(&mut before) {
                let after = call_log(&mut board, user, 0, 1_000);
                if after.seen != before.seen {
                    // It is 0 again once nothing is left that was there before.
                    let is_new = |entry: &LogEntry| entry.number > before.last_logged && tries(entry) < 2;
                    let begins_anew = after.seen == 0 && after.entries.iter().all(is_new);
                    prop_assert!(after.seen > before.seen || begins_anew, "{:?} {:?}", before, after);
                }
                let told: Vec<_> = seen_by(&outcome, user).collect();
                let Input::Ask { by: Actor::Device { user: by, device }, command: Command::MarkCallsSeen { up_to } } = &line.input
                else {
                    prop_assert!(told.is_empty() && after.seen <= before.seen, "{:?}", outcome);
                    *before = after;
                    continue;
                };
                *before = after;
                if by != user || outcome.answer.as_ref().is_some_and(Result::is_err) {
                    prop_assert!(told.is_empty());
                    continue;
                }
                // The newest entry that is meant, if that is above the mark.
                let was = call_log(&mut ticked, user, 0, 1_000);
                let meant = was.entries.iter().map(|entry| entry.number).filter(|number| number <= up_to).max();
                let seen = meant.unwrap_or(0).max(was.seen);
                prop_assert_eq!(&outcome.answer, &Some(Ok(Answer::MarkCallsSeen { seen })));
                prop_assert_eq!(before.seen, seen);
                let moved = (seen > was.seen).then_some((device.as_str(), seen));
                prop_assert_eq!(told, Vec::from_iter(moved));
                prop_assert_eq!(before.revision, was.revision + u64::from(moved.is_some()));
            }
        }
    }
}

/// The marks that the devices of a user but one are told, with that one.
fn seen_by<'a>(outcome: &'a Outcome, user: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
    outcome.effects.iter().filter_map(move |effect| match (&effect.event, &effect.to) {
        (Event::CallsSeen { up_to }, Audience::OtherDevices { user: to, than }) if to == user => {
            Some((than.as_str(), *up_to))
        }
        _ => None,
    })
}
