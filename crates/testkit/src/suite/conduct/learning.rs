//! What a device is told by its inputs.

use roomcall::handset::{Input, Link, Tap};
use roomcall::protocol::{Answer, Command, Ending, Event, MyCalls, Refused, Reply};
use roomcall::{EndingKind, Rule};

use super::super::commands::{self, answers};
use super::super::screen::Screen;
use super::Conduct;

impl Conduct {
    /// What an input says to it.
    pub(super) fn learn(&mut self, input: &Input, screen: &Screen, now: u64) {
        self.state.learn(input, screen);
        self.learn_ring(input, now);
        match input {
            Input::Link(link) => self.connects(*link == Link::Up),
            Input::Tap(tap) => {
                let Some(command) = commands::command(tap, screen) else { return };
                let accepts = matches!(tap, Tap::Accept { .. });
                if let Some(attempt) = answers(&command) {
                    self.tapped.entry(attempt).or_insert(accepts);
                }
                self.commands.tap(command);
            }
            Input::Reply(reply) => self.learn_reply(reply, now),
            Input::Notice(Event::CallHandledByOtherDevice {
                room,
                is_accepted: true,
                attempt,
                device: Some(device),
            }) if device == self.device => {
                self.accepted.insert(*attempt, room.clone());
            }
            _ => {}
        }
    }

    /// What an event says of a call to the user.
    fn learn_ring(&mut self, input: &Input, now: u64) {
        let (event, age) = match input {
            Input::Notice(event) => (event, 0),
            Input::Push { event, age } => (event, *age),
            _ => return,
        };
        match event {
            Event::CallReceived { call, time_left, .. } if call.callee == self.user => {
                let left = time_left.map(|left| left.saturating_sub(age));
                self.told.ring(call.attempt, left, self.state.settings.min_ring, now);
            }
            event => self.told.event(event, self.user),
        }
    }

    fn learn_reply(&mut self, reply: &Reply, now: u64) {
        let asked = self.snapshot.filter(|(id, _)| *id == reply.request_id).map(|(_, at)| at);
        if asked.is_some() {
            self.is_ready = true;
            self.awaits = false;
        }
        if let Ok(Answer::GetMyCalls(mine)) = &reply.answer {
            self.learn_snapshot(mine);
            self.told.snapshot(mine, asked, self.state.settings.min_ring, now);
        }
        let Some(command) = self.commands.of(reply.request_id).cloned() else { return };
        // Of a call to the user it says how that ended, whatever the device has abandoned meanwhile (D-17).
        match (&reply.answer, answers(&command)) {
            (Ok(_), Some(attempt)) => self.told.ended(attempt),
            (Err(Refused { ended: Some(ended), .. }), Some(_)) => self.told.ended(ended.attempt),
            _ => {}
        }
        match (&reply.answer, &command) {
            (Ok(_), Command::AcceptCall { room, attempt: Some(attempt) }) => {
                self.accepted.insert(*attempt, room.clone());
            }
            // It is sent again.
            (Err(refused), _) if refused.rule == Rule::L15 => return,
            (Err(refused), Command::AcceptCall { room, .. }) => {
                let ended = refused.ended.as_ref();
                ended.into_iter().for_each(|ended| self.learn_ending(ended, room));
            }
            _ => {}
        }
        self.commands.answered(reply.request_id);
        self.tapped.retain(|attempt, _| answers(&command) != Some(*attempt));
    }

    fn learn_snapshot(&mut self, mine: &MyCalls) {
        let rung = mine.incoming.iter().filter(|call| call.rung);
        self.rung.extend(rung.map(|call| call.attempt));
        for over in &mine.endings {
            self.learn_ending(&over.ended, &over.room);
            // With few endings to remember it may take the snapshot for too old (D-14).
            if over.callee == self.user && !self.state.has_forgotten {
                self.told.ended(over.ended.attempt);
            }
        }
    }

    fn learn_ending(&mut self, ended: &Ending, room: &str) {
        let is_here = ended.device.as_deref() == Some(self.device)
            && ended.user.as_deref() == Some(self.user);
        if is_here && ended.how == EndingKind::Accepted {
            self.accepted.insert(ended.attempt, room.to_owned());
        }
    }
}
