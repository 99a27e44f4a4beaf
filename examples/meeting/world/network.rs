//! The network: it loses, doubles and delays.

use roomcall::handset::{Effect, Input, Request};
use roomcall::protocol::{Answer, Event, Reply};

use super::{Happening, World};
use crate::timeline::Tone;
use crate::words;

/// Of a hundred messages so many are lost, and so many come twice.
const LOST: u64 = 8;
const DOUBLED: u64 = 8;

impl World {
    pub(super) fn send_to_device(&mut self, to: usize, input: Input) {
        let is_noted = match &input {
            Input::Notice(Event::PendingCallChanged(_) | Event::PendingCallRemoved(_)) => false,
            Input::Notice(_) => true,
            Input::Reply(Reply { answer, .. }) => !matches!(
                answer,
                Ok(Answer::GetIncomingCalls { .. } | Answer::GetPendingCalls { .. })
            ),
            Input::Tick | Input::Tap(_) | Input::Link(_) | Input::InRoom(_) => false,
            _ => false,
        };
        let duplicate = input.clone();
        self.send(to, true, is_noted, || Happening::ToDevice { to, input: duplicate.clone() });
    }

    /// A message over the network: it may be lost, come twice, and be overtaken.
    fn send(
        &mut self,
        device: usize,
        is_down: bool,
        is_noted: bool,
        message: impl Fn() -> Happening,
    ) {
        self.counts.sent += 1;
        let (is_lost, is_double) = (self.rng.percent(LOST), self.rng.percent(DOUBLED));
        let now = self.now;
        if is_lost && !self.is_healed {
            self.counts.lost += 1;
            if is_noted {
                self.timeline.mark(now, device, '✗');
            }
            return;
        }
        let copies = if is_double && !self.is_healed { 2 } else { 1 };
        if copies == 2 {
            self.counts.doubled += 1;
            if is_noted {
                self.timeline.mark(now, device, '²');
            }
        }
        for _ in 0..copies {
            let wait = self.rng.between(20, 400);
            let last = self.arrivals.entry((device, is_down)).or_default();
            if now + wait < *last {
                self.counts.late += 1;
            }
            *last = now.saturating_add(wait).max(*last);
            self.after(wait, message());
        }
    }

    pub(super) fn send_to_board(&mut self, from: usize, request_id: u64, request: Request) {
        let is_first = self.devices[from].is_first(request_id);
        let effect = Effect::Send { request_id, request: request.clone() };
        let rule = words::rule_of(&effect, !is_first);
        let is_noted = match &request {
            Request::Command(command) if !is_first => {
                let duplicate = format!("again: {}", words::verb(command));
                self.say(from, &duplicate, Tone::Dim, &[rule]);
                true
            }
            Request::Command(_) => {
                self.timeline.cite(rule);
                true
            }
            Request::Query(_) => false,
        };
        self.counts.repeated += u64::from(!is_first);
        self.send(from, false, is_noted, || Happening::ToBoard {
            from,
            request_id,
            request: request.clone(),
        });
    }
}
