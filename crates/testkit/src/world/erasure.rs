//! Users are erased (F-20): their devices are signed out, and the host lets nothing of them in any more before it states it.
//! Nobody sees their calls after that, and nobody else's are touched. Who comes back is somebody new.

use roomcall::handset::Progress;
use roomcall::protocol::{Fact, Input, LogEntry, LogState, LoggedCall};
use roomcall::switchboard::Switchboard;
use roomcall::{CallStatus, CallerLeft, EndingKind};

use super::simulation::{Body, World};
use super::told_log::{attempt, is_same};
use super::truth::Ended;
use super::{Checked, ROOMS, violation};

/// A user's log.
type Log = (Vec<LogEntry>, LogState);

impl World {
    /// A user is to be forgotten.
    pub(super) fn erase(&mut self, user: &str, late: bool) -> Checked {
        self.close_account(user, late)?;
        // What the clock ends is no part of it (T-03).
        self.apply_unasked(Input::Tick)?;
        self.count_what_goes(user);
        let theirs = self.live_attempts(|it| it.callee == user || it.caller == user);
        let others = self.live_attempts(|it| it.callee != user && it.caller != user);
        let revision = self.revision();
        let logs: Vec<(String, Log)> =
            self.users.iter().map(|of| (of.clone(), self.call_log(of))).collect();
        let outcome = self.state(Fact::UserErased { user: user.to_owned() })?;
        // Whoever erases a user keeps no copy from before.
        self.copies.truncate(1);
        self.known.truncate(1);
        let are_revoked = theirs.iter().all(|attempt| self.is_revoked(*attempt, None));
        let ended: Vec<u64> =
            others.into_iter().filter(|it| !self.truth.attempts[it].rings()).collect();
        let others_go_on = ended.iter().all(|attempt| self.was_left_in_an_empty_room(*attempt));
        let is_there = ROOMS.iter().any(|room| self.is_inside(user, room));
        if outcome.unchanged.is_some() || !are_revoked || !others_go_on || is_there {
            let message = format!("{user}, {theirs:?}, and {ended:?} of others: {outcome:?}");
            return violation("who is erased neither is there, nor rings, nor calls", message);
        }
        for (of, before) in logs.into_iter().filter(|(of, _)| of != user) {
            self.log_of_others_stays(user, &of, &before, (revision, ended.is_empty()))?;
        }
        let named = Switchboard::restore(&self.switchboard.snapshot())
            .map(|board| board.lookup_user(user).is_some());
        if named != Ok(false) {
            return violation("who is erased is forgotten", format!("{user}: {named:?}"));
        }
        self.erased_are_forgotten()
    }

    /// The host signs the user out of all devices; what they have sent finds nobody who lets it in. So it is with what the media
    /// server says of them.
    fn close_account(&mut self, user: &str, late: bool) -> Checked {
        for device in 0..self.devices.len() {
            let of = &self.devices[device];
            if of.plan.user != user || of.state.is_signed_out {
                continue;
            }
            if !of.alive {
                self.restart(device)?;
            }
            self.sign_out(device, late)?;
        }
        let Self { flight, devices, .. } = self;
        flight.retain(|packet| {
            let is_theirs = devices[packet.device].plan.user == user;
            !is_theirs || !matches!(packet.body, Body::Request { .. } | Body::Fact { .. })
        });
        Ok(())
    }

    /// Before a user is erased.
    fn count_what_goes(&mut self, user: &str) {
        let rings = !self.live_attempts(|it| it.callee == user).is_empty();
        let calls = !self.live_attempts(|it| it.caller == user).is_empty();
        let is_there = ROOMS.iter().any(|room| self.is_inside(user, room));
        let is_expected = self.truth.expected.keys().any(|(_, callee)| callee == user);
        let lists = ROOMS.iter().flat_map(|room| self.list(room));
        let mut kept = lists.filter(|call| call.status != CallStatus::Calling);
        let is_kept = kept.any(|call| call.callee == user || call.caller == user);
        let others = self.users.iter().filter(|of| *of != user);
        let entries: Vec<LogEntry> = others.flat_map(|of| self.call_log(of).0).collect();
        let is_logged = entries.iter().any(|entry| entry.caller == user);
        let has_revoked =
            entries.iter().any(|entry| entry.caller != user && operator(&entry.what) == Some(user));
        let is_told = self.devices.iter().filter(|of| of.plan.user != user).any(|of| {
            let told = of.screen.progress.values();
            let mut by = told.filter_map(|(attempt, progress)| match progress {
                Progress::Revoked { operator } if attempt.is_some() => operator.as_deref(),
                _ => None,
            });
            by.any(|by| by == user)
        });
        self.sometimes(true, "a user is erased");
        self.sometimes(is_told, "who revoked a call is erased, and a device has said so");
        self.sometimes(rings, "somebody who rings is erased");
        self.sometimes(calls, "a caller is erased");
        self.sometimes(is_there, "somebody who is there is erased");
        self.sometimes(is_expected, "somebody who is expected is erased");
        self.sometimes(is_kept, "somebody in a list is erased");
        self.sometimes(is_logged, "somebody in logs of others is erased");
        self.sometimes(has_revoked, "who revoked a call of others is erased");
    }

    /// F-08: whether an attempt was cancelled since nobody is left in its room.
    fn was_left_in_an_empty_room(&self, attempt: u64) -> bool {
        let about = &self.truth.attempts[&attempt];
        let is_cancelled = |ended: &Ended| ended.how == EndingKind::Cancelled;
        self.switchboard.policy().caller_left == CallerLeft::CancelIfRoomEmpty
            && self.participants(&about.room).is_empty()
            && about.ended.as_ref().is_some_and(is_cancelled)
    }

    /// In the log of somebody else everything stays that does not name the user, up to a revision, but that what ended then may
    /// evict some; and so does the mark, unless nothing is left.
    fn log_of_others_stays(
        &mut self,
        user: &str,
        of: &str,
        before: &Log,
        (revision, is_all): (u64, bool),
    ) -> Checked {
        let now = self.call_log(of);
        let (left, mark) = &now;
        let wanted: Vec<LogEntry> = before
            .0
            .iter()
            .filter(|entry| entry.caller != user)
            .map(|entry| without(entry, user))
            .collect();
        let old: Vec<&LogEntry> = left.iter().filter(|entry| entry.number <= revision).collect();
        let evicted = wanted.len().checked_sub(old.len());
        let is_right = evicted.is_some_and(|evicted| {
            let mut pairs = wanted.iter().skip(evicted).zip(old);
            (evicted == 0 || !is_all) && pairs.all(|(wanted, found)| is_same(wanted, found))
        });
        if !is_right || !left.is_empty() && mark.seen != before.1.seen {
            let message = format!("{of}, and {user} is erased: {before:?}, and then {now:?}");
            return violation("the logs of others stay", message);
        }
        if left.is_empty() {
            self.emptied_logs.insert(of.to_owned());
        }
        Ok(())
    }

    /// No list, ending or log says anything of attempts of users who were erased since, nor of what they did to those of others.
    pub(super) fn erased_are_forgotten(&self) -> Checked {
        if self.truth.erased.is_empty() {
            return Ok(());
        }
        let is_erased =
            |attempt: u64| self.truth.attempts.get(&attempt).is_some_and(|it| it.is_erased);
        let mut lists = ROOMS.iter().flat_map(|room| self.list(room));
        if let Some(call) = lists.find(|call| is_erased(call.attempt)) {
            return violation("who is erased is forgotten", format!("{call:?} is listed"));
        }
        for user in &self.users {
            let endings = self.my_calls(user).1.into_values();
            let mut ended = endings.map(|it| LoggedCall::Ended(it.ended));
            if let Some(ending) = ended.find(|it| !self.may_be_remembered(it)) {
                let message = format!("{user} is told of {ending:?}");
                return violation("who is erased is forgotten", message);
            }
            for entry in self.call_log(user).0 {
                let is_tried = |count| {
                    (1..=self.truth.tries_since(&entry.caller, &entry.room, user)).contains(count)
                };
                let may_be = match &entry.what {
                    LoggedCall::Tried { count } => is_tried(count),
                    LoggedCall::Ended(_) => self.may_be_remembered(&entry.what),
                };
                if !may_be {
                    let message = format!("{user} is told of {entry:?}");
                    return violation("who is erased is forgotten", message);
                }
            }
        }
        Ok(())
    }

    /// Whether an ending is of nobody who was erased since, and does not say that such a one revoked it.
    fn may_be_remembered(&self, ending: &LoggedCall) -> bool {
        let LoggedCall::Ended(ended) = ending else { return true };
        let Some(about) = self.truth.attempts.get(&ended.attempt) else { return false };
        let operator = operator(ending);
        let is_named = |it: &Ended| it.operator.as_deref() == operator && it.is_operator_erased;
        let is_told_of = operator.is_some() && about.endings().any(is_named);
        !about.is_erased && !is_told_of
    }

    /// Whether what a device was told of an ending is what the switchboard says, or was until whoever revoked it was erased.
    pub(super) fn is_as_told(&self, entry: &LogEntry, told: &LogEntry) -> bool {
        let about = attempt(entry).and_then(|attempt| self.truth.attempts.get(&attempt));
        let by = operator(&told.what);
        let is_forgotten = |it: &Ended| it.operator.as_deref() == by && it.is_operator_erased;
        is_same(entry, told)
            || by.is_some_and(|by| {
                about.is_some_and(|about| about.endings().any(is_forgotten))
                    && is_same(entry, &without(told, by))
            })
    }
}

/// Who revoked a call, if a user did.
fn operator(what: &LoggedCall) -> Option<&str> {
    match what {
        LoggedCall::Ended(ended) if ended.how == EndingKind::Revoked => ended.user.as_deref(),
        LoggedCall::Ended(_) | LoggedCall::Tried { .. } => None,
    }
}

/// An entry that does not say that this user revoked the call.
fn without(entry: &LogEntry, user: &str) -> LogEntry {
    let mut entry = entry.clone();
    if operator(&entry.what) == Some(user) {
        if let LoggedCall::Ended(ended) = &mut entry.what {
            (ended.user, ended.device) = (None, None);
        }
    }
    entry
}
