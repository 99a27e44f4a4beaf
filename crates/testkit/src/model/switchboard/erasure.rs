//! Users who are to be forgotten (F-20). What is remembered of their requests is with the others'.

use roomcall::{CallStatus, CallerLeft, Rule};

use super::endings::End;
use super::{Call, Kept, Lost, Model};

impl Model {
    pub(super) fn erased(&mut self, user: &str) {
        let emptied = self.end_presences_everywhere(user);
        // E-20: nobody hears of it.
        self.expected.retain(|call| !call.is_of(user));
        let removed = self.take_kept_of(user);
        // F-08
        let cancels = self.policy.caller_left == CallerLeft::CancelIfRoomEmpty;
        let is_cancelled = |call: &Call| cancels && emptied.contains(&call.room);
        // O-01: in attempt order, whatever the rule, where a record that goes counts by its attempt.
        let live = self.live.iter().filter(|call| call.is_of(user) || is_cancelled(call));
        let mut touched: Vec<u64> = live.map(|call| call.attempt).collect();
        touched.extend(removed.iter().map(|kept| kept.call.attempt));
        touched.sort_unstable();
        for attempt in touched {
            let is_theirs =
                self.live.iter().any(|call| call.attempt == attempt && call.is_of(user));
            if let Some(kept) = removed.iter().find(|kept| kept.call.attempt == attempt) {
                // As by K-02.
                self.notify_room(&kept.call, CallStatus::None, Rule::F20);
            } else if is_theirs {
                self.revoke_unremembered(attempt);
            } else {
                self.end(attempt, &End::CallerLeft, Rule::F08);
            }
        }
        self.forget_user(user);
    }

    /// Ends all presences of a user; the rooms where the user was the last one.
    fn end_presences_everywhere(&mut self, user: &str) -> Vec<String> {
        let mut emptied = Vec::new();
        for room in &mut self.rooms {
            let leaves = room.end_presences(|presence| presence.user == user);
            if leaves && room.inside.is_empty() {
                emptied.push(room.name.clone());
            }
        }
        emptied
    }

    /// Takes the kept records out of all lists whose callee or caller a user is.
    fn take_kept_of(&mut self, user: &str) -> Vec<Kept> {
        let mut taken = Vec::new();
        for room in &mut self.rooms {
            taken.extend(room.kept.iter().filter(|kept| kept.call.is_of(user)).cloned());
            room.kept.retain(|kept| !kept.call.is_of(user));
        }
        taken
    }

    /// As by E-06, with the backend as operator; counted, but neither remembered (E-18) nor logged (H-01).
    fn revoke_unremembered(&mut self, attempt: u64) {
        let Some(place) = self.live.iter().position(|call| call.attempt == attempt) else {
            return;
        };
        let call = self.live.remove(place);
        self.tell_parties(&call, &End::Revoked { operator: None }, Rule::F20);
        self.notify_room(&call, CallStatus::None, Rule::F20);
        self.ended = self.ended.saturating_add(1);
    }

    /// Without effects.
    fn forget_user(&mut self, user: &str) {
        for room in &mut self.rooms {
            // F-09
            room.roles.retain(|(who, _)| who != user);
            // F-13
            room.sessions.retain(|(who, _)| who != user);
            room.outside.retain(|(who, _)| who != user);
            // E-18
            room.endings.retain(|ending| !ending.is_of(user));
            room.endings.iter_mut().for_each(|ending| ending.forget(user));
        }
        // L-14
        self.arrivals.retain(|(who, _)| who != user);
        // H-01
        self.log.forget(user);
        // H-04: marks stay, but of whom no entry is left the mark is 0 again.
        self.evict_logged();
    }
}

impl Call {
    /// Whether a user is its callee or its caller.
    fn is_of(&self, user: &str) -> bool {
        self.callee == user || self.caller == user
    }
}

impl Lost {
    /// Whether a user is the callee or the caller of what ended.
    fn is_of(&self, user: &str) -> bool {
        self.callee == user || self.caller == user
    }

    /// If it names the user: as if the backend had been it.
    pub(super) fn forget(&mut self, user: &str) {
        if self.user.as_deref() == Some(user) {
            self.user = None;
            self.device = None;
        }
    }
}
