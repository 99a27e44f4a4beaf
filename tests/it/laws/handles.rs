//! The form by handle and the form by name are one machine (N-01, N-03): a host that holds the
//! names it uses sees the same answers and effects, and can name everything in them.

use proptest::prelude::*;
use roomcall::protocol::{self, Input as NamedInput};
use roomcall::switchboard::Switchboard;
use roomcall::{
    Answer, Attempt, Audience, DeviceId, Event, Operator, Outcome, RoomId, Rule, UserId,
};

use roomcall_testkit::host::Host;
use roomcall_testkit::play::board;

/// What a switchboard says in handles, in names.
struct Named<'a> {
    board: &'a Switchboard,
}

impl Named<'_> {
    fn name_user(&self, user: UserId) -> String {
        self.board.user_name(user).expect("an effect can be named").to_owned()
    }

    fn name_device(&self, device: DeviceId) -> String {
        self.board.device_name(device).expect("an effect can be named").to_owned()
    }

    fn name_room(&self, room: RoomId) -> String {
        self.board.room_name(room).expect("an effect can be named").to_owned()
    }

    fn name(&self, effect: &roomcall::Effect) -> protocol::Effect {
        let to = match effect.to {
            Audience::User(user) => protocol::Audience::User(self.name_user(user)),
            Audience::Device { user, device } => protocol::Audience::Device {
                user: self.name_user(user),
                device: self.name_device(device),
            },
            Audience::OtherDevices { user, than } => protocol::Audience::OtherDevices {
                user: self.name_user(user),
                than: self.name_device(than),
            },
            Audience::Room(room) => protocol::Audience::Room(self.name_room(room)),
        };
        let (attempt, room) = (effect.attempt.get(), self.name_room(effect.room));
        let call = protocol::NamedCall {
            room: room.clone(),
            caller: self.name_user(effect.call.caller),
            callee: self.name_user(effect.call.callee),
            status: effect.call.status,
            attempt,
        };
        let event = match effect.event {
            Event::CallReceived { time_left } => {
                let extension = self
                    .board
                    .extension(effect.call.callee, effect.attempt)
                    .expect("it is live")
                    .into();
                protocol::Event::CallReceived { call, extension, time_left }
            }
            Event::CallCancelled => protocol::Event::CallCancelled(call),
            Event::CallRevokedByAdmin { operator } => {
                let operator = match operator {
                    Operator::User(user) => Some(self.name_user(user)),
                    Operator::Backend => None,
                };
                protocol::Event::CallRevokedByAdmin { call, operator }
            }
            Event::CallTimeout => protocol::Event::CallTimeout(call),
            Event::CallRinging => protocol::Event::CallRinging(call),
            Event::CallNotJoined => protocol::Event::CallNotJoined(call),
            Event::CallAccepted => protocol::Event::CallAccepted(call),
            Event::CallRejected { reason } => protocol::Event::CallRejected { call, reason },
            Event::CallHandledByOtherDevice { is_accepted, device } => {
                let device = device.map(|device| self.name_device(device));
                protocol::Event::CallHandledByOtherDevice { room, is_accepted, attempt, device }
            }
            Event::PendingCallChanged => protocol::Event::PendingCallChanged(call),
            Event::PendingCallRemoved => protocol::Event::PendingCallRemoved(call),
            Event::CallsSeen { up_to } => protocol::Event::CallsSeen { up_to },
        };
        protocol::Effect { to, event, because: effect.because }
    }

    /// The answer as text, with its results by name.
    fn answered(&self, step: &Outcome) -> String {
        let named = |user: &UserId| self.name_user(*user);
        let called = step.called.iter().map(|it| format!("{} {:?}", named(&it.callee), it.result));
        let withdrawn =
            step.withdrawn.iter().map(|it| format!("{} {}", named(&it.callee), it.result.word()));
        let results: Vec<String> = called.chain(withdrawn).collect();
        match step.answer {
            Ok(Answer::Accepted { attempt, .. } | Answer::Rejected { attempt, .. }) => {
                format!("attempt {}", attempt.get())
            }
            Ok(Answer::UserCallsRevoked { more }) => {
                let attempts = step.withdrawn.iter().filter_map(|it| it.attempt);
                revoked(&attempts.map(Attempt::get).collect::<Vec<_>>(), more)
            }
            Ok(Answer::CallsSeen { seen }) => format!("seen {seen}"),
            Ok(Answer::Ringing { attempt, rung }) => rings(attempt.get(), rung),
            // F-17: the opening and the limit are of the form by name.
            Ok(Answer::Ignored(rule)) => format!("ignored by {rule}"),
            Ok(_) => results.join(", "),
            Err(refusal) => format!("{} {}", refusal.code(), refusal.rule()),
        }
    }
}

fn answered_by_name(answer: Option<Result<protocol::Answer, protocol::Refused>>) -> String {
    let join = |results: Vec<String>| results.join(", ");
    match answer {
        None => String::new(),
        Some(Err(refused)) => format!("{} {}", refused.code, refused.rule),
        Some(Ok(
            protocol::Answer::AcceptCall { attempt } | protocol::Answer::RejectCall { attempt },
        )) => {
            format!("attempt {attempt}")
        }
        Some(Ok(protocol::Answer::CallUserToRoom(results))) => {
            join(results.iter().map(|(user, result)| format!("{user} {result:?}")).collect())
        }
        Some(Ok(protocol::Answer::CancelCall(results) | protocol::Answer::RevokeCall(results))) => {
            join(results.iter().map(|(user, result)| format!("{user} {}", result.word())).collect())
        }
        Some(Ok(protocol::Answer::Fact(answer))) => fact(answer),
        Some(Ok(protocol::Answer::MarkCallsSeen { seen })) => format!("seen {seen}"),
        Some(Ok(protocol::Answer::Ringing { attempt, rung })) => rings(attempt, rung),
        Some(Ok(protocol::Answer::RevokeUserCalls { attempts, more })) => revoked(&attempts, more),
        Some(Ok(other)) => format!("{other:?}"),
    }
}

fn fact(answer: protocol::FactAnswer) -> String {
    answer.ignored.map_or(String::new(), |rule| format!("ignored by {rule}"))
}

fn rings(attempt: u64, rung: bool) -> String {
    format!("ringing {attempt}: {rung}")
}

fn revoked(attempts: &[u64], more: bool) -> String {
    format!("revoked {attempts:?}, more: {more}")
}

laws! {
    // N-01, N-03
    fn handles_are_names(journal) {
        let mut by_name = board(journal);
        let mut host = Host::of(board(journal));
        for line in &journal.lines {
            if matches!(line.input, NamedInput::Query { .. }) {
                continue;
            }
            // A host cannot make a handle of a bad name; the form by name refuses it (L-01).
            let step = match &host.batch(std::slice::from_ref(line))[..] {
                [owned] => {
                    let (at, input) = owned.input();
                    host.board.apply(at, input)
                }
                batch => panic!("a line is one input: {batch:?}"),
            };
            let turn = by_name.apply_record(line);
            let is_bad_name = match &turn.answer {
                Some(Err(refused)) => refused.rule == Rule::L01,
                _ => turn.unchanged == Some(Rule::L01),
            };
            if !is_bad_name {
                let named = Named { board: &host.board };
                prop_assert_eq!(named.answered(&step), answered_by_name(turn.answer));
            }
            // What is let go can still be named until the next change but one.
            host.let_go();
            let named = Named { board: &host.board };
            let effects: Vec<_> = step.effects.iter().map(|effect| named.name(effect)).collect();
            prop_assert_eq!(effects, turn.effects);
            prop_assert_eq!(host.board.state_hash(), by_name.state_hash());
            prop_assert_eq!(host.board.verify(), Ok(()));
        }
    }
}
