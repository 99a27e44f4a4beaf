//! Laws about who is told what (P-08, P-09), over all that reaches anybody.

use std::collections::BTreeSet;

use proptest::prelude::*;
use roomcall::Limits;
use roomcall::protocol::{Actor, Audience, Command, Fact, Input, Outcome, Present, Query, Record};

use roomcall::switchboard::Switchboard;
use roomcall_testkit::hosting;
use roomcall_testkit::play::{board, device};
use roomcall_testkit::privacy::{Line, Privacy, asker};
use roomcall_testkit::strategies::journal::{DEVICES, Journal, USERS};

laws! {
    // P-08
    fn nobody_learns_of_other_devices(journal) {
        let journal = marked(journal);
        let mut board = board(&journal);
        // What is logged is told to whoever asks.
        let page = journal.limits.page_size;
        let ask = |user, query| Input::Query { by: device(user, "phone"), query };
        let last = USERS.into_iter().flat_map(|user| {
            let log = Query::GetCallLog { since: 0, count: page };
            [ask(user, log), ask(user, Query::GetMyCalls { since: 0 })]
        });
        let last = last.map(|input| Record { at: 0, request_id: None, input });
        for line in journal.lines.iter().cloned().chain(last) {
            let outcome = board.apply_record(&line);
            for (reader, text) in told(&line.input, &outcome) {
                for owner in USERS.into_iter().filter(|owner| reader != Some(owner)) {
                    for device in DEVICES {
                        let name = own(owner, device);
                        prop_assert!(!text.contains(&name), "{:?} learns of {}: {}", reader, name, text);
                    }
                }
            }
        }
    }

    // P-05, P-06, P-08, P-09: every call, detail and name in every line to every user.
    fn nobody_learns_too_much(journal) {
        let journal = marked(journal);
        let (mut board, mut privacy) = (board(&journal), Privacy::default());
        for record in &journal.lines {
            let outcome = board.apply_record(record);
            privacy.observe(record, &outcome);
            let is_inside = |user: &str, room: &str| hosting::is_inside(&board, user, room);
            let judge = |reader: &str, line: &Line, request| {
                let judged = privacy.judge(reader, line, request, &is_inside);
                judged.map_err(|(what, how)| TestCaseError::fail(format!("{what}: {how}")))
            };
            let (answer, notices) = Line::all(&outcome);
            if let (Some(asker), Some(answer)) = (asker(&record.input), answer) {
                judge(asker, &answer, Some(record))?;
            }
            for (effect, notice) in outcome.effects.iter().zip(notices) {
                for reader in readers(&effect.to, &board) {
                    judge(&reader, &notice, None)?;
                }
            }
        }
    }

    // P-09
    fn texts_are_for_the_two(journal) {
        let journal = marked(journal);
        let mut board = board(&journal);
        for line in &journal.lines {
            let outcome = board.apply_record(line);
            for (reader, text) in told(&line.input, &outcome) {
                for (caller, callees, secret) in texts(&journal) {
                    let is_party = reader.is_some_and(|reader| {
                        reader == caller || callees.iter().any(|callee| callee == reader)
                    });
                    let quoted = format!("\"{secret}\"");
                    prop_assert!(
                        is_party || !text.contains(&quoted),
                        "{:?} reads {}: {}", reader, secret, text
                    );
                }
            }
        }
    }
}

/// The users whose devices an effect is for.
fn readers(to: &Audience, board: &Switchboard) -> BTreeSet<String> {
    match to {
        Audience::User(user)
        | Audience::Device { user, .. }
        | Audience::OtherDevices { user, .. } => BTreeSet::from([user.clone()]),
        Audience::Room(room) => hosting::participants(board, room),
    }
}

/// The name of a device that says whose it is.
fn own(user: &str, device: &str) -> String {
    format!("{device}-of-{user}")
}

/// The journal with devices that say whose they are, a number for each request, and a text of its own for each call.
fn marked(journal: &Journal) -> Journal {
    let (id_bytes, extension_bytes) = (64, 64);
    let limits = Limits { id_bytes, extension_bytes, ..journal.limits };
    let mut journal = Journal { limits, ..journal.clone() };
    let mark = |by: &mut Actor| {
        if let Actor::Device { user, device } = by {
            *device = own(user, device);
        }
    };
    for (number, line) in (1..).zip(&mut journal.lines) {
        // A numbered request is told more.
        if matches!(line.input, Input::Ask { .. } | Input::Query { .. }) {
            line.request_id.get_or_insert(number);
        }
        match &mut line.input {
            Input::Ask { by, command } => {
                mark(by);
                if let Command::CallUserToRoom { extension, .. } = command {
                    *extension = format!("text-{number}");
                }
            }
            Input::Query { by, .. }
            | Input::Fact(Fact::RoomDissolved { by, .. } | Fact::UserRemoved { by, .. }) => {
                mark(by)
            }
            Input::Fact(
                Fact::UserEntered { user, device: Some(device), .. }
                | Fact::UserLeft { user, device: Some(device), .. },
            ) => *device = own(user, device),
            Input::Fact(Fact::PresenceListed { present, .. }) => {
                for Present { user, device, .. } in present {
                    *device = device.take().map(|device| own(user, &device));
                }
            }
            Input::Fact(_) | Input::Tick => {}
        }
    }
    journal
}

/// The caller, the callees and the text of each call.
fn texts(journal: &Journal) -> impl Iterator<Item = (&str, &[String], &str)> {
    journal.lines.iter().filter_map(|line| match &line.input {
        Input::Ask {
            by: Actor::Device { user, .. },
            command: Command::CallUserToRoom { users, extension, .. },
        } => Some((user.as_str(), users.as_slice(), extension.as_str())),
        _ => None,
    })
}

/// All that reaches users: to whom, and the text. `None` stands for everybody in a room.
fn told<'a>(input: &'a Input, outcome: &'a Outcome) -> Vec<(Option<&'a str>, String)> {
    let mut told = Vec::new();
    let asking = match input {
        Input::Ask { by, .. } | Input::Query { by, .. } => Some(by),
        Input::Fact(_) | Input::Tick => None,
    };
    if let (Some(Actor::Device { user, .. }), Some(answer)) = (asking, &outcome.answer) {
        let text = match answer {
            Ok(answer) => serde_json::to_string(answer),
            Err(refused) => serde_json::to_string(refused),
        };
        told.push((Some(user.as_str()), text.unwrap()));
    }
    for effect in &outcome.effects {
        let reader = match &effect.to {
            Audience::User(user)
            | Audience::Device { user, .. }
            | Audience::OtherDevices { user, .. } => Some(user.as_str()),
            Audience::Room(_) => None,
        };
        told.push((reader, serde_json::to_string(&effect.event).unwrap()));
    }
    told
}
