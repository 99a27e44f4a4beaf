//! What a device asked for, and what became of it: the same number is asked again, though not too soon after the host refused it
//! because of its load (L-15), and everything is answered once (D-17).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use roomcall::Rule;
use roomcall::handset::{Effect, Input, Request, Stage, Tap};
use roomcall::protocol::{Command, Query, Reply};

use super::device::Device;
use super::simulation::World;
use super::{Checked, violation};

/// The numbered requests of a device since it was installed.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Those that were sent, and to which it heard no answer.
    sent: BTreeMap<u64, Sent>,
    /// The numbers of those of which a person was told the answer.
    answered: BTreeSet<u64>,
    /// The calls that were tapped, and were not sent yet, each with the time from when on nobody wants it any more.
    taps: VecDeque<(Command, Option<i128>)>,
}

#[derive(Clone, Debug)]
struct Sent {
    request: Request,
    /// The connection on which it was sent last.
    connection: u64,
    /// For a call: from when on nobody wants it any more, by the device's clock (D-20).
    until: Option<i128>,
    /// The last refusal for load since it was sent.
    refused: Option<Refusal>,
    /// Whether there ever was one.
    was_refused: bool,
}

/// A refusal for load.
#[derive(Clone, Copy, Debug)]
struct Refusal {
    /// When the device heard it, by its clock.
    at: i128,
    /// So long it is to wait at least.
    retry_after: u64,
}

/// A reply: the number that it is to, and for how long to wait if it is a refusal for load.
type Answered = (u64, Option<u64>);

/// The replies among inputs.
pub(super) fn replies(inputs: &[Input]) -> Vec<Answered> {
    let reply = |input: &Input| match input {
        Input::Reply(Reply { request_id, answer, .. }) => {
            let load = answer.as_ref().err().filter(|refused| refused.rule == Rule::L15);
            Some((*request_id, load.map(|refused| refused.retry_after.unwrap_or_default())))
        }
        _ => None,
    };
    inputs.iter().filter_map(reply).collect()
}

impl Requests {
    /// Its clock goes back.
    pub(super) fn shift(&mut self, back: i128) {
        for sent in self.sent.values_mut() {
            sent.until = sent.until.map(|until| until.saturating_sub(back));
            sent.refused = sent.refused.map(|it| Refusal { at: it.at - back, ..it });
        }
        self.taps
            .iter_mut()
            .for_each(|(_, until)| *until = until.map(|until| until.saturating_sub(back)));
    }

    /// Its process starts again, and nobody knows how long it was dead: all calls are too old (D-20).
    pub(super) fn expire(&mut self) {
        let is_call = |sent: &&mut Sent| is_call(&sent.request);
        self.sent.values_mut().filter(is_call).for_each(|sent| sent.until = Some(i128::MIN));
        self.taps.clear();
    }

    /// A person calls. Nobody wants it any more after its timeout, or never if that is 0.
    pub(super) fn tapped(&mut self, tap: &Tap, clock: i128) {
        if let Tap::Call { room, users, timeout, extension } = tap {
            let (room, users, extension) = (room.clone(), users.clone(), extension.clone());
            let (timeout, caller) = (*timeout, None);
            let until = (timeout > 0).then(|| clock + i128::from(timeout) * 1_000);
            let command = Command::CallUserToRoom { room, users, timeout, extension, caller };
            self.taps.push_back((command, until));
        }
    }

    /// From when on nobody wants a request that is sent for the first time. Of equal calls it is the first, if all were sent.
    fn until(&mut self, request: &Request) -> Option<i128> {
        let Request::Command(command) = request else { return None };
        let at = self.taps.iter().position(|(tapped, _)| tapped == command);
        let tapped = at.and_then(|at| self.taps.remove(at));
        tapped.map_or_else(|| is_call(request).then_some(i128::MIN), |(_, until)| until)
    }
}

/// The attempt that a request accepts or rejects.
const fn answered(request: &Request) -> Option<u64> {
    match request {
        Request::Command(
            Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. },
        ) => *attempt,
        _ => None,
    }
}

const fn is_call(request: &Request) -> bool {
    matches!(request, Request::Command(Command::CallUserToRoom { .. }))
}

impl Device {
    /// Whether its person, or what it shows, still waits for an answer. Of a page that is known as little as of a call that may
    /// have been given up.
    fn wants(&self, request_id: u64, sent: &Sent, clock: i128) -> bool {
        // Who has tapped again, when the call was shown again, waits for the later answer.
        let later = || self.requests.sent.iter().filter(|(number, _)| **number > request_id);
        let is_at = |attempt: &Option<u64>, stage| {
            let shown = attempt.and_then(|attempt| self.screen.calls.get(&attempt));
            shown.is_some_and(|(_, at)| *at == stage)
                && !later().any(|(_, sent)| answered(&sent.request) == *attempt)
        };
        !self.state.is_signed_out
            && match &sent.request {
                Request::Command(Command::AcceptCall { attempt, .. }) => {
                    is_at(attempt, Stage::Accepting)
                }
                Request::Command(Command::RejectCall { attempt, .. }) => {
                    is_at(attempt, Stage::Rejecting)
                }
                Request::Query(Query::GetMyCalls { .. }) => self.awaits && self.asked == request_id,
                Request::Query(Query::GetPendingCalls { .. }) => false,
                Request::Command(_) | Request::Query(_) => {
                    sent.until.is_none_or(|until| until > clock)
                }
            }
    }

    /// L-15: what the host refused, and is still wanted, was sent again when it was time to.
    pub(super) fn asks_again_in_time(&self, clock: i128) -> Checked {
        let is_waiting = |sent: &Sent| sent.connection == self.connection && self.up && self.alive;
        for (number, sent) in self.requests.sent.iter().filter(|(_, sent)| is_waiting(sent)) {
            let Some(Refusal { at, retry_after }) = sent.refused else { continue };
            let wait = retry_after.max(self.settings.retry_interval).max(1);
            if at + i128::from(wait) <= clock && self.wants(*number, sent, clock) {
                let message = format!("{} at {clock}: {number}, {sent:?}", self.name());
                return violation("what is refused for load is asked again", message);
            }
        }
        Ok(())
    }

    /// At rest: every command that a person gave was answered, or is not wanted any more.
    pub(super) fn commands_are_answered(&self) -> Checked {
        let clock = i128::from(self.seen);
        let mut sent = self.requests.sent.iter();
        let lost = sent.find(|(number, sent)| {
            matches!(sent.request, Request::Command(_)) && self.wants(**number, sent, clock)
        });
        match lost.filter(|_| self.up && self.handset.is_ready()) {
            None => Ok(()),
            Some((number, sent)) => {
                let message = format!("{} at {clock}: {number}, {sent:?}", self.name());
                violation("no request is lost", message)
            }
        }
    }
}

impl World {
    /// A device sends a numbered request, for the first time or again.
    pub(super) fn asks(&mut self, device: usize, request_id: u64, request: &Request) -> Checked {
        let of = &mut self.devices[device];
        let (name, clock, connection) = (of.name(), i128::from(of.seen), of.connection);
        let Some(sent) = of.requests.sent.get_mut(&request_id) else {
            let until = of.requests.until(request);
            let (request, refused) = (request.clone(), None);
            let new = Sent { request, connection, until, refused, was_refused: false };
            of.requests.sent.insert(request_id, new);
            return Ok(());
        };
        if sent.request != *request {
            let message = format!("{name}: {request_id} is {request:?}, and was {sent:?}");
            return violation("a number stands for one request", message);
        }
        let refused = sent.refused.take();
        let is_new_connection = sent.connection != connection;
        sent.connection = connection;
        let Some(Refusal { at, retry_after }) = refused else { return Ok(()) };
        if !is_new_connection && clock < at + i128::from(retry_after) {
            let message =
                format!("{name} at {clock}: {request_id}, {retry_after} after {at}: {request:?}");
            return violation("what is refused for load waits", message);
        }
        self.sometimes(!is_new_connection, "asked again after load");
        self.sometimes(is_new_connection, "asked again after load over another connection");
        Ok(())
    }

    /// After a step of a device: what it heard of its requests. What was due before is sent again in that step all the same (D-02).
    pub(super) fn after_replies(&mut self, device: usize, replies: Vec<Answered>) {
        for (request_id, load) in replies {
            let of = &mut self.devices[device];
            let (at, connection) = (i128::from(of.seen), of.connection);
            let Some(retry_after) = load else {
                let sent = of.requests.sent.remove(&request_id);
                let was_refused = sent.is_some_and(|sent| sent.was_refused);
                self.sometimes(was_refused, "what was refused for load is answered");
                continue;
            };
            let Some(sent) = of.requests.sent.get_mut(&request_id) else { continue };
            let is_again = sent.was_refused;
            sent.was_refused = true;
            // It is sent again over this one anyway.
            if sent.connection == connection {
                sent.refused = Some(Refusal { at, retry_after });
            }
            let is_command = matches!(sent.request, Request::Command(_));
            self.sometimes(is_command, "a command is refused for load");
            self.sometimes(!is_command, "a query is refused for load");
            self.sometimes(is_again, "refused for load again");
        }
    }

    /// A person is told an answer.
    pub(super) fn tells_answer(&mut self, device: usize, effect: &Effect) -> Checked {
        let Effect::Answered { request_id, answer } = effect else { return Ok(()) };
        let of = &mut self.devices[device];
        if answer.as_ref().is_err_and(|refused| refused.rule == Rule::L15) {
            return violation("load is no answer", format!("{}: {effect:?}", of.name()));
        }
        if !of.requests.answered.insert(*request_id) {
            return violation("a request is answered once", format!("{}: {effect:?}", of.name()));
        }
        let is_too_fast = answer.as_ref().is_err_and(|refused| refused.rule == Rule::L14);
        self.sometimes(is_too_fast, "a caller is told to wait");
        Ok(())
    }
}
