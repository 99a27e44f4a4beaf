//! Actions as a person reads them.

use roomcall::handset::{Input, Request, Tap};
use roomcall::protocol::{Actor, Command, Event};

use super::world::{Action, Message, World};

impl World {
    /// An action as a person reads it.
    pub fn describe(&self, action: Action) -> String {
        let device = |at: usize| {
            let (user, device) = self.plan.devices[at];
            format!("{user}'s {device}")
        };
        match action {
            Action::Start => "start".into(),
            Action::Second => "a second passes".into(),
            Action::Sweep => "the switchboard looks at its clock".into(),
            Action::Fact(at) => format!("it happens: {:?}", self.plan.facts[usize::from(at)]),
            Action::Accept { device: at, attempt } => {
                format!("{} taps accept ({attempt})", device(usize::from(at)))
            }
            Action::Reject { device: at, attempt } => {
                format!("{} taps reject ({attempt})", device(usize::from(at)))
            }
            Action::Input(at) => {
                let (at, input) = &self.plan.inputs[usize::from(at)];
                format!("{} {}", device(*at), does(input))
            }
            Action::Restart(at) => format!("{} is restarted", device(usize::from(at))),
            Action::Deliver(message) => match self.messages.get(message) {
                Message::ToBoard { by, request_id, request } => {
                    let by = match by {
                        Actor::Device { user, device } => format!("{user}'s {device}"),
                        Actor::Backend => "the backend".into(),
                    };
                    let number = request_id.map(|number| format!(" {number}")).unwrap_or_default();
                    format!("the switchboard gets {by}'s request{number}: {}", what(request))
                }
                Message::ToDevice { device: at, input } => {
                    format!("{} gets {}", device(*at), news(input))
                }
            },
        }
    }
}

fn does(input: &Input) -> String {
    match input {
        Input::Tap(Tap::Call { .. }) => "taps call".into(),
        Input::Tap(Tap::Silence { attempt }) => format!("taps silence ({attempt})"),
        Input::Tap(Tap::RejectHere { attempt }) => format!("taps reject here ({attempt})"),
        Input::Occupied(true) => "is occupied".into(),
        Input::Occupied(false) => "is occupied no more".into(),
        Input::JoinFailed => "could not join".into(),
        Input::Settings(_) => "gets other settings".into(),
        Input::SignedOut => "is signed out".into(),
        _ => String::new(),
    }
}

fn what(request: &Request) -> String {
    match request {
        Request::Command(Command::CallUserToRoom { .. }) => "call".into(),
        Request::Command(Command::CancelCall { .. }) => "cancel".into(),
        Request::Command(Command::RevokeCall { .. }) => "revoke".into(),
        Request::Command(Command::RevokeUserCalls { which, .. }) => {
            format!("revoke all calls ({})", which.word())
        }
        Request::Command(Command::AcceptCall { attempt, .. }) => {
            format!("accept ({})", attempt.unwrap_or_default())
        }
        Request::Command(Command::RejectCall { attempt, .. }) => {
            format!("reject ({})", attempt.unwrap_or_default())
        }
        Request::Command(Command::MarkCallsSeen { up_to }) => format!("seen up to {up_to}"),
        Request::Command(Command::Ringing { attempt }) => format!("it rings ({attempt})"),
        Request::Query(_) => "what rings?".into(),
    }
}

fn news(input: &Input) -> String {
    match input {
        Input::Push { event, .. } => {
            format!("a push of {} ({})", event_name(event), event.attempt())
        }
        Input::Notice(event) => format!("{} ({})", event_name(event), event.attempt()),
        Input::Reply(reply) => {
            let how = if reply.answer.is_ok() { "the answer" } else { "a refusal" };
            format!("{how} to its request {}", reply.request_id)
        }
        _ => String::new(),
    }
}

fn event_name(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}
