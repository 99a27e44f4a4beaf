//! What the switchboard itself says of the calls of a picture (D-28).

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::CallStatus;
use roomcall::handset::{Progress, Stage};
use roomcall::protocol::{
    Actor, Answer, Input as NamedInput, LiveCall, PendingCall, Query, Record,
};
use roomcall_testkit::model::handset::came_of;

use super::picture::{PAGE, World, me};

impl World {
    /// The switchboard's own list.
    fn pending(&self, room: &str) -> Vec<PendingCall> {
        let (mut switchboard, mut all, mut cursor) = (self.switchboard.clone(), Vec::new(), None);
        loop {
            let query =
                Query::GetPendingCalls { room: room.to_owned(), cursor, count: PAGE, status: None };
            let input = NamedInput::Query { by: Actor::Backend, query };
            let turn = switchboard.apply_record(&Record { at: self.at, request_id: None, input });
            let Some(Ok(Answer::GetPendingCalls { calls, next_cursor, .. })) = turn.answer else {
                panic!("{turn:?}");
            };
            all.extend(calls);
            if next_cursor.is_empty() {
                return all;
            }
            cursor = Some(next_cursor);
        }
    }

    pub(super) fn check(&self) -> Result<(), TestCaseError> {
        let pending = self.handset.room().map(|room| self.pending(room)).unwrap_or_default();
        let listed: BTreeMap<String, (String, u64, CallStatus)> = pending
            .iter()
            .map(|call| (call.callee.clone(), (call.caller.clone(), call.attempt, call.status)))
            .collect();
        prop_assert_eq!(&self.list, &listed, "left is the device's list, right the switchboard's");
        let (live, incoming, endings) = self.mine();
        for (key, (attempt, progress)) in &self.progress {
            self.check_progress(key, *attempt, progress, &live, &endings)?;
        }
        // This user's calls are known, wherever the device is.
        for call in live {
            let key = (call.room, call.callee);
            let known = self.progress.get(&key);
            if known.is_none() && self.unsent.contains(&key) {
                continue;
            }
            let stands = if call.rung { Progress::Ringing } else { Progress::Calling };
            prop_assert_eq!(known, Some(&(Some(call.attempt), stands)), "{:?}", key);
        }
        // Whoever shows a call has said so, or somebody else has.
        for (attempt, stage) in self.handset.screen() {
            let call = incoming.iter().find(|call| call.attempt == attempt);
            if matches!(stage, Stage::Ringing | Stage::Waiting) {
                prop_assert!(call.is_none_or(|call| call.rung), "{} is {:?}", attempt, stage);
            }
        }
        Ok(())
    }

    /// The live calls that this user made, those to this user, and the remembered endings.
    fn mine(&self) -> (Vec<LiveCall>, Vec<LiveCall>, BTreeMap<u64, Progress>) {
        let (mut switchboard, mut endings, mut since) =
            (self.switchboard.clone(), BTreeMap::new(), 0);
        loop {
            let input = NamedInput::Query { by: me(), query: Query::GetMyCalls { since } };
            let turn = switchboard.apply_record(&Record { at: self.at, request_id: None, input });
            let Some(Ok(Answer::GetMyCalls(mine))) = turn.answer else {
                panic!("{turn:?}");
            };
            endings.extend(mine.endings.iter().map(|over| (over.ended.attempt, came_of(over))));
            if !mine.more {
                return (mine.outgoing, mine.incoming, endings);
            }
            since = mine.last_attempt;
        }
    }

    /// D-28
    fn check_progress(
        &self,
        key: &(String, String),
        attempt: Option<u64>,
        progress: &Progress,
        live: &[LiveCall],
        endings: &BTreeMap<u64, Progress>,
    ) -> Result<(), TestCaseError> {
        let is_tap_result = match progress {
            Progress::AlreadyInRoom
            | Progress::AlreadyInCalling
            | Progress::Refused { .. }
            | Progress::NotSent => true,
            Progress::Unknown => self.abandoned.contains(key),
            _ => false,
        };
        let ended = attempt.and_then(|attempt| endings.get(&attempt));
        let call = live.iter().find(|call| Some(call.attempt) == attempt);
        let (is_live, has_rung) = (call.is_some(), call.is_some_and(|call| call.rung));
        let is_true = match (progress, ended) {
            // Everything is answered.
            (Progress::Asking, _) => false,
            _ if is_tap_result => !is_live,
            (Progress::Calling, _) => is_live && !has_rung,
            (Progress::Ringing, _) => is_live && has_rung,
            // F-20: the switchboard does not remember who it was; who heard it before knows it still.
            (
                Progress::Revoked { operator: Some(by) },
                Some(Progress::Revoked { operator: None }),
            ) => self.erased.contains(by),
            (progress, Some(ended)) => progress == ended,
            // It is not remembered: what was heard of it stands.
            (_, None) => !is_live,
        };
        prop_assert!(is_true, "{:?}: {:?} {:?}, but {:?}", key, attempt, progress, ended);
        Ok(())
    }
}
