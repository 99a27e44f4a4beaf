//! What is wrong with a state: what holds in each, and what holds once everything that was sent has arrived.

use std::collections::BTreeSet;
use std::rc::Rc;

use roomcall::Tick;
use roomcall::handset::{Request, Stage};
use roomcall::protocol::Input as NamedInput;

use super::history::Seen;
use super::host::{has_rung, live};
use super::world::{Message, Node, World};

impl World {
    /// What is wrong with a node, once everything that was sent has arrived at the devices.
    pub fn broken(&mut self, node: Node) -> Option<&'static str> {
        for device in 0..self.plan.devices.len() {
            let handset = self.handsets.get(node.devices[device]);
            let screen: Vec<_> = handset.screen().collect();
            if screen.iter().any(|(attempt, _)| node.history.is_notified(device, *attempt)) {
                return Some("nothing rings after its end has arrived");
            }
            let is_due =
                |attempt| node.history.is_due(device, attempt, node.clock, self.plan.timeout);
            if screen.iter().any(|(attempt, stage)| *stage == Stage::Ringing && is_due(*attempt)) {
                return Some("a screen falls silent by itself");
            }
            if screen.iter().filter(|(_, stage)| *stage == Stage::Ringing).count() > 1 {
                return Some("one call rings");
            }
        }
        if let Some(first) = node.expected.first() {
            let at = self.boards.get(node.board).next_deadline();
            if at.is_none_or(|at| at > Tick::from_millis(u64::from(first) * 1_000)) {
                return Some("the switchboard wakes for who does not come");
            }
        }
        let mut settled = node;
        let mut seen = Seen::default();
        self.deliver_all(&mut settled, &mut seen);
        if seen.broken.is_some() {
            return seen.broken;
        }
        for (at, (user, _)) in self.plan.devices.clone().into_iter().enumerate() {
            let handset = self.handsets.get(settled.devices[at]);
            let board = self.boards.get(settled.board);
            let rings: BTreeSet<u64> = handset.screen().map(|(attempt, _)| attempt).collect();
            let (here, beside) = (handset.room(), settled.beside[at]);
            let live = live(board, user);
            let expected: BTreeSet<u64> = live
                .iter()
                .filter(|(attempt, room)| here != Some(room) && !beside.is_hidden(*attempt))
                .map(|(attempt, _)| *attempt)
                .collect();
            if handset.is_ready() && rings != expected {
                return Some("screens agree once all has arrived");
            }
            let silent = |(attempt, stage): &(u64, Stage)| {
                matches!(stage, Stage::Ringing | Stage::Waiting) && !has_rung(board, user, *attempt)
            };
            if handset.is_ready() && handset.screen().any(|call| silent(&call)) {
                return Some("whatever is shown has rung, once all has arrived");
            }
        }
        None
    }

    /// The switchboard looks at its clock, and everything arrives, until nothing is new.
    pub(super) fn deliver_all(&mut self, node: &mut Node, seen: &mut Seen) {
        self.board(node, NamedInput::Tick, None, seen);
        for _ in 0..10 {
            let before = *node;
            let sent: Rc<[u32]> = self.sets.get(node.sent).iter().copied().collect();
            for message in sent.iter() {
                let is_heard = match self.messages.get(*message) {
                    Message::ToDevice { .. } => true,
                    // What has a number waits for a tap.
                    Message::ToBoard { request_id, request, .. } => {
                        request_id.is_none() || matches!(request, Request::Query(_))
                    }
                };
                if is_heard {
                    self.deliver(node, *message, seen);
                }
            }
            if *node == before {
                return;
            }
        }
    }

    /// What is muted or hidden on one device rings on the other all the same.
    pub(super) fn rings_on(&self, node: Node, seen: &mut Seen) {
        for at in 0..self.plan.devices.len() {
            for beside in node.beside {
                let screen = self.handsets.get(node.devices[at]).screen();
                for (attempt, _) in screen.filter(|(_, stage)| *stage == Stage::Ringing) {
                    if beside.is_muted(attempt) {
                        seen.situations.insert("what is muted rings elsewhere");
                    }
                    if beside.is_hidden(attempt) {
                        seen.situations.insert("what is hidden rings elsewhere");
                    }
                }
            }
        }
    }
}
