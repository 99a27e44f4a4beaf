//! The network: it drops, duplicates and delays.

use roomcall::handset::Request;
use roomcall::protocol::{Answer, Event, Reply};
use roomcall_testkit::world::{Body, Packet};

use super::{Happening, World};
use crate::timeline::Tone;
use crate::words;

/// Of a hundred messages so many are dropped, and so many come twice.
const DROPPED: u64 = 8;
const DUPLICATED: u64 = 8;

impl World {
    /// A packet is on its way.
    pub(super) fn sent(&mut self, packet: Packet) {
        let is_noted = match &packet.body {
            Body::Enter { .. } | Body::Fact { .. } => {
                let wait = self.dice.between(50, 150);
                self.after(wait, Happening::Arrives(Box::new(packet)));
                return;
            }
            // Who has a connection needs none.
            Body::Push { .. } if self.world.devices[packet.device].up => return,
            Body::Push { .. } => {
                let wait = self.dice.between(300, 900);
                self.after(wait, Happening::Arrives(Box::new(packet)));
                return;
            }
            Body::Request { request_id, request } => self.asks(packet.device, *request_id, request),
            Body::Notice(Event::PendingCallChanged(_) | Event::PendingCallRemoved(_)) => false,
            Body::Notice(_) => true,
            Body::Reply(Reply { answer, .. }) => !matches!(
                answer,
                Ok(Answer::GetIncomingCalls { .. }
                    | Answer::GetMyCalls(_)
                    | Answer::GetPendingCalls { .. })
            ),
        };
        self.travels(packet, is_noted);
    }

    /// A device sends a request; whether its fate is worth a mark.
    fn asks(&mut self, from: usize, request_id: Option<u64>, request: &Request) -> bool {
        // What has no number is not sent again (D-37).
        let is_first = request_id.is_none_or(|number| self.sent.insert((from, number)));
        self.counts.repeated += u64::from(!is_first);
        let rule = words::rule_of_request(request_id, request, !is_first);
        match request {
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
        }
    }

    /// A message over the network: it may be dropped, come twice, and be overtaken.
    fn travels(&mut self, packet: Packet, is_noted: bool) {
        self.counts.sent += 1;
        let is_dropped = self.dice.between(0, 100) < DROPPED;
        let is_double = self.dice.between(0, 100) < DUPLICATED;
        let (now, device) = (self.now(), packet.device);
        if is_dropped && !self.is_healed {
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
        let is_down = !matches!(packet.body, Body::Request { .. });
        for _ in 0..copies {
            let wait = self.dice.between(20, 400);
            let last = self.arrivals.entry((device, is_down)).or_default();
            if now + wait < *last {
                self.counts.late += 1;
            }
            *last = now.saturating_add(wait).max(*last);
            self.after(wait, Happening::Arrives(Box::new(packet.clone())));
        }
    }
}
