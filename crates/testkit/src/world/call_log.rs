//! The call logs, as people expect them: each device tells every entry once, what it tells is what happened, and what was
//! seen on one device is seen on all (D-28, D-35, D-36).

use roomcall::handset::{Effect, Tap};
use roomcall::protocol::{
    Actor, Answer, Ending, Input, LogEntry, LogState, LoggedCall, Query, Record,
};
use roomcall::{EndingKind, Limits};

use super::simulation::World;
use super::told_log::{BeforeLog, attempt};
use super::{Checked, violation};

/// A page of the log, when the world itself reads it.
const PAGE: u32 = 20;

impl World {
    /// What the switchboard says of a user's log now: the entries that are not too old, and what was seen (H-03).
    pub fn call_log(&self, user: &str) -> (Vec<LogEntry>, LogState) {
        let mut board = self.switchboard.clone();
        let (mut since, mut entries) = (0, Vec::new());
        loop {
            let by = Actor::Device { user: user.into(), device: "asks".into() };
            let input = Input::Query { by, query: Query::GetCallLog { since, count: PAGE } };
            let at = self.now.max(board.clock().as_millis());
            match board.apply_record(&Record { at, request_id: None, input }).answer {
                Some(Ok(Answer::GetCallLog(log))) => {
                    entries.extend(log.entries);
                    if !log.more {
                        let (last_logged, seen) = (log.last_logged, log.seen);
                        return (entries, LogState { last_logged, seen });
                    }
                    since = log.last_logged;
                }
                other => panic!("a user asks for the own log: {other:?}"),
            }
        }
    }

    /// How an attempt ended, as the callee's log says.
    pub(super) fn logged_ending(&self, callee: &str, of: u64) -> Option<Ending> {
        self.call_log(callee).0.into_iter().find_map(|entry| match entry.what {
            LoggedCall::Ended(ended) if ended.attempt == of => Some(ended),
            LoggedCall::Ended(_) | LoggedCall::Tried { .. } => None,
        })
    }

    /// Somebody looks at the log on a device: up to the newest entry, or one that is so much older.
    pub(super) fn look_at_the_log(&mut self, device: usize, back: usize) -> Checked {
        let told = &self.devices[device].log.entries;
        let back = back % told.len().max(1);
        match told.keys().nth_back(back).copied() {
            Some(up_to) => self.touch(device, Tap::MarkSeen { up_to }),
            None => Ok(()),
        }
    }

    /// A device says something of the log.
    pub(super) fn tells_of_the_log(&mut self, device: usize, effect: &Effect) -> Checked {
        let of = &self.devices[device];
        if let Effect::Seen { up_to } = effect {
            if !self.truth.has_marked(&of.plan.user, *up_to) {
                let message = format!("{}: {effect:?}, and nobody did", of.name());
                return violation("what was seen was seen", message);
            }
            let is_elsewhere = !of.log.tapped.contains(up_to);
            self.sometimes(is_elsewhere, "the log was seen on another device");
        }
        if let Effect::Logged { entry, .. } = effect {
            self.is_logged(device, entry)?;
        }
        let told = self.devices[device].log.tells(effect);
        told.map_err(|wrong| self.of(device, wrong))
    }

    /// After a step of a device.
    pub(super) fn after_log(
        &mut self,
        device: usize,
        before: BeforeLog,
        is_several: bool,
    ) -> Checked {
        let of = &mut self.devices[device];
        let is_ready = of.handset.is_ready();
        let told = of.log.after(before, is_ready, is_several);
        for (entry, is_news) in told.map_err(|wrong| self.of(device, wrong))? {
            let of = &self.devices[device];
            let is_overtaken =
                attempt(&entry).is_some_and(|attempt| of.log.overtaken.contains(&attempt));
            let is_tried = matches!(entry.what, LoggedCall::Tried { .. });
            let is_new = of.is_new();
            let is_after = of.log.is_after_history(&entry);
            let is_seen = entry.is_missed() && !is_news && is_after;
            let is_history = entry.is_missed() && !is_news && !is_after;
            self.sometimes(is_news && !is_tried, "a missed call is told as news");
            self.sometimes(is_news && is_tried, "a refused try is told as news");
            self.sometimes(
                is_news && is_overtaken,
                "a stop that overtook its ring is told as missed",
            );
            self.sometimes(is_history && is_new, "history is told on a new device");
            self.sometimes(is_seen, "what was seen elsewhere is no news");
            self.sometimes(!entry.is_missed(), "an answered call is told");
        }
        Ok(())
    }

    /// What a device tells is what happened.
    fn is_logged(&self, device: usize, entry: &LogEntry) -> Checked {
        let user = &self.devices[device].plan.user;
        let is_true = match &entry.what {
            LoggedCall::Tried { count } => {
                let tries = self.truth.tries(&entry.caller, &entry.room, user);
                (1..=tries).contains(count)
            }
            LoggedCall::Ended(ended) => {
                self.truth.attempts.get(&ended.attempt).is_some_and(|truth| {
                    let is_call = truth.callee == *user
                        && truth.room == entry.room
                        && truth.caller == entry.caller;
                    is_call && truth.endings().any(|it| it.is_logged(ended, user))
                })
            }
        };
        if is_true {
            return Ok(());
        }
        let name = self.devices[device].name();
        violation("what is logged happened", format!("{name}: {entry:?}"))
    }

    /// At rest every entry of the user's log was told on the device, once, and as news if it is. Of what no notice brings,
    /// only when it `has_snapshot`.
    pub(super) fn log_agrees(&self, device: usize, has_snapshot: bool) -> Checked {
        let of = &self.devices[device];
        if of.state.is_signed_out {
            return Ok(());
        }
        let (entries, LogState { seen, .. }) = self.call_log(&of.plan.user);
        let is_notified = |entry: &&LogEntry| entry.is_missed() && attempt(entry).is_some();
        for entry in entries.iter().filter(|entry| has_snapshot || is_notified(entry)) {
            let is_of_lost_life = entry.number <= self.highest;
            let Some((told, is_news)) = of.log.entries.get(&entry.number) else {
                // What a lost life had evicted when it was read is never read again (F-18).
                if is_of_lost_life && entry.number <= of.log.read {
                    continue;
                }
                let message = format!("{}: {entry:?} was not told: {:?}", of.name(), of.log);
                return violation("every entry is told", message);
            };
            let is_unseen = entry.number > seen.max(of.log.seen);
            let must_be_news = entry.is_missed() && is_unseen && of.log.is_after_history(entry);
            if !self.is_as_told(entry, told) || must_be_news && !is_news {
                let message = format!("{}: {told:?}, news {is_news}, but {entry:?}", of.name());
                return violation("an entry is told as it is", message);
            }
        }
        let is_emptied = self.emptied_logs.contains(&of.plan.user);
        let may_forget = self.losses > 0 || self.forgets_marks || is_emptied;
        let is_forgotten = seen < of.log.seen && may_forget;
        if has_snapshot && of.log.seen != seen && !is_forgotten {
            let message = format!("{}: seen up to {}, not {seen}", of.name(), of.log.seen);
            return violation("what is seen on one device is seen on all", message);
        }
        Ok(())
    }
}

/// Whether a mark may go back to 0 under such limits: all that is logged becomes too old, or is evicted (H-04).
pub const fn may_forget_marks(limits: &Limits) -> bool {
    limits.logged_for < Limits::DEFAULT.logged_for
        || limits.logged_per_user == 0
        || limits.logged_calls < Limits::DEFAULT.logged_calls
}

impl super::truth::Ended {
    /// Whether an ending in the log of `callee` is this one: who revoked it, and on which device of the callee it was
    /// decided. Devices of others are not told (P-08).
    fn is_logged(&self, ended: &Ending, callee: &str) -> bool {
        let is_forgotten = self.is_operator_erased && ended.user.is_none();
        let is_by = self.how != EndingKind::Revoked || self.operator == ended.user || is_forgotten;
        let is_own = ended.user.as_deref() == Some(callee);
        let device = self.device.as_ref().filter(|_| is_own);
        self.how == ended.how && is_by && ended.device.as_ref() == device
    }
}
