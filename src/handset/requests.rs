//! The unanswered requests of a device: their numbers, when they are sent, and when they are
//! abandoned (D-11, D-15 to D-18, D-20).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::DeviceTick;
use super::effect::Effect;
use super::unanswered::{CallAnswer, Gate, Unanswered};
use super::{Link, Settings};
use crate::protocol::{Command, Query, Request};

/// The unanswered requests, by number. At most one of them is for a snapshot, at most one answers
/// the same attempt, and all numbers are below the next one.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Requests {
    /// The number of the next new request.
    #[serde(rename = "nextRequestID")]
    next_id: u64,
    /// Snapshots that were requested with lower numbers are too old (D-14).
    #[serde(rename = "minSnapshotID")]
    min_snapshot_id: u64,
    /// When a snapshot was last requested, in this life (D-16).
    #[serde(skip)]
    snapshot_requested_at: DeviceTick,
    unanswered: BTreeMap<u64, Unanswered>,
}

impl Requests {
    pub(super) const fn new() -> Self {
        Self {
            next_id: 1,
            min_snapshot_id: 0,
            snapshot_requested_at: DeviceTick::START,
            unanswered: BTreeMap::new(),
        }
    }

    /// Numbers a new request and sends it if it may be sent now.
    pub(super) fn add(
        &mut self,
        mut unanswered: Unanswered,
        gate: Gate,
        effects: &mut Vec<Effect>,
    ) -> u64 {
        let request_id = self.take_id();
        unanswered.send(request_id, gate, effects);
        self.unanswered.insert(request_id, unanswered);
        request_id
    }

    /// As [`add`](Self::add), for a query.
    pub(super) fn add_query(&mut self, query: Query, gate: Gate, effects: &mut Vec<Effect>) -> u64 {
        self.add(Unanswered::query(query), gate, effects)
    }

    const fn take_id(&mut self) -> u64 {
        let request_id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        request_id
    }

    /// The unanswered request that a reply is about: one that was never sent has no reply (D-17).
    pub(super) fn sent(&self, request_id: u64) -> Option<&Request> {
        self.unanswered.get(&request_id)?.sent()
    }

    pub(super) fn remove(&mut self, request_id: u64) -> Option<Unanswered> {
        self.unanswered.remove(&request_id)
    }

    /// A request is refused because of the load, and not answered by that (D-17).
    pub(super) fn postpone(&mut self, request_id: u64, retry_after: u64, clock: DeviceTick) {
        if let Some(unanswered) = self.unanswered.get_mut(&request_id) {
            unanswered.postpone(retry_after, clock);
        }
    }

    /// The unanswered request for a snapshot.
    pub(super) fn snapshot(&self) -> Option<u64> {
        let mut requests = self.unanswered.iter();
        requests.find(|(_, unanswered)| unanswered.is_snapshot()).map(|(id, _)| *id)
    }

    /// Since when the time left counts that a reply to this request gives: from when it was first
    /// sent, if it is the unanswered one for a snapshot (D-24).
    pub(super) fn snapshot_requested_at(&self, request_id: u64) -> Option<DeviceTick> {
        (self.snapshot() == Some(request_id)).then_some(self.snapshot_requested_at)
    }

    /// Requests a snapshot if there is a connection and none is requested (D-16).
    pub(super) fn request_snapshot(&mut self, since: u64, gate: Gate, effects: &mut Vec<Effect>) {
        if gate.link == Link::Up && self.snapshot().is_none() {
            self.snapshot_requested_at = gate.clock;
            self.add_query(Query::GetMyCalls { since }, gate, effects);
        }
    }

    /// Whether a request for the log is unanswered (D-35).
    pub(super) fn awaits_log(&self) -> bool {
        self.unanswered.values().any(Unanswered::is_of_log)
    }

    pub(super) fn abandon_snapshot(&mut self) {
        self.unanswered.retain(|_, unanswered| !unanswered.is_snapshot());
    }

    /// Snapshots that were requested until now are too old (D-14).
    pub(super) fn reject_snapshots(&mut self) {
        self.abandon_snapshot();
        self.min_snapshot_id = self.next_id;
    }

    /// Whether a snapshot that was requested with this number is not too old (D-14).
    pub(super) const fn accepts_snapshot(&self, request_id: u64) -> bool {
        request_id >= self.min_snapshot_id
    }

    /// The commands that were never sent, in order.
    pub(super) fn into_unsent(self) -> impl Iterator<Item = Unanswered> {
        let commands = self.unanswered.into_values();
        commands.filter(|command| command.as_command().is_some() && command.sent().is_none())
    }

    /// Another `valid_for` holds for what was tapped before, too (D-34).
    pub(super) fn resize(&mut self, old: &Settings, new: &Settings, clock: DeviceTick) {
        let (old, new) = (old.valid_for, new.valid_for);
        self.unanswered.values_mut().for_each(|unanswered| unanswered.resize(old, new, clock));
    }

    /// Whether the next number is close enough to the lowest unanswered command's (D-18).
    pub(super) fn has_capacity(&self, limit: u32) -> bool {
        let mut requests = self.unanswered.iter();
        let lowest = requests.find(|(_, unanswered)| unanswered.as_command().is_some());
        let limit = u64::from(limit);
        lowest.map_or(limit > 0, |(id, _)| self.next_id < id.saturating_add(limit))
    }

    /// The unanswered accept or reject of an attempt.
    pub(super) fn call_answer(&self, attempt: u64) -> Option<CallAnswer> {
        let mut answers = self.unanswered.values().filter_map(Unanswered::call_answer);
        answers.find(|(of, _)| *of == attempt).map(|(_, answer)| answer)
    }

    /// How many milliseconds after its deadline a call is silenced (D-13).
    pub(super) fn answer_grace(&self, attempt: u64, settings: &Settings) -> u64 {
        self.call_answer(attempt).map_or(0, |_| settings.answer_grace)
    }

    /// Removes the accept or reject of an attempt.
    pub(super) fn take_answer(&mut self, attempt: u64) -> Option<Unanswered> {
        let mut requests = self.unanswered.iter();
        let is_of =
            |unanswered: &Unanswered| unanswered.call_answer().is_some_and(|(of, _)| of == attempt);
        let id = requests.find(|(_, unanswered)| is_of(unanswered)).map(|(id, _)| *id)?;
        self.unanswered.remove(&id)
    }

    /// Whether a call of a user into a room is unanswered.
    pub(super) fn is_calling(&self, room: &str, callee: &str) -> bool {
        self.unanswered.values().filter_map(Unanswered::as_command).any(|command| match command {
            Command::CallUserToRoom { room: into, users, .. } => {
                into == room && users.iter().any(|user| user == callee)
            }
            Command::CancelCall { .. }
            | Command::RevokeCall { .. }
            | Command::RevokeUserCalls { .. }
            | Command::AcceptCall { .. }
            | Command::RejectCall { .. }
            | Command::MarkCallsSeen { .. }
            | Command::Ringing { .. } => false,
        })
    }

    /// When something is due: a command expires, a request is sent again, a snapshot is requested
    /// (D-16, D-17, D-20).
    pub(super) fn next_deadline(&self, gate: Gate, settings: &Settings) -> Option<DeviceTick> {
        let requests = self.unanswered.values();
        let deadlines = requests.flat_map(|unanswered| {
            [unanswered.expires_at(), unanswered.retry_at(gate, settings.retry_interval)]
        });
        deadlines.chain([self.refresh_at(gate, settings)]).flatten().min()
    }

    /// D-16
    pub(super) fn refresh_at(&self, gate: Gate, settings: &Settings) -> Option<DeviceTick> {
        let is_idle = gate.link == Link::Up && self.snapshot().is_none();
        let refresh = settings.refresh.filter(|_| is_idle)?;
        Some(self.snapshot_requested_at.plus(refresh.max(1)))
    }

    /// Removes the request that was the first one due to be abandoned, of several the lowest
    /// (D-02, D-20).
    pub(super) fn take_expired(&mut self, clock: DeviceTick) -> Option<Unanswered> {
        let expiries = self
            .unanswered
            .iter()
            .filter_map(|(id, unanswered)| Some((unanswered.expires_at()?, *id)));
        let (_, first) = expiries.min().filter(|(at, _)| *at <= clock)?;
        self.unanswered.remove(&first)
    }

    /// Sends again what is due to be (D-17).
    pub(super) fn retry_due(&mut self, gate: Gate, retry_interval: u64, effects: &mut Vec<Effect>) {
        let is_due = |unanswered: &Unanswered| {
            unanswered.retry_at(gate, retry_interval).is_some_and(|at| at <= gate.clock)
        };
        self.send(is_due, gate, effects);
    }

    /// Sends those requests that may be sent (D-15).
    pub(super) fn send(
        &mut self,
        is_wanted: impl Fn(&Unanswered) -> bool,
        gate: Gate,
        effects: &mut Vec<Effect>,
    ) {
        for (id, unanswered) in &mut self.unanswered {
            if is_wanted(unanswered) {
                unanswered.send(*id, gate, effects);
            }
        }
    }

    /// Raises the counter to what the switchboard says (D-15). A number in the upper half of the
    /// range is ignored: near its end, the counter would stand still.
    pub(super) fn raise_next_id(&mut self, next_request_id: Option<u64>) {
        let next = next_request_id.filter(|next| *next <= DeviceTick::END.as_millis());
        self.next_id = self.next_id.max(next.unwrap_or_default());
    }

    /// Gives the commands that were never sent new numbers, in order (D-15), and gives those back
    /// that exceed the limit (D-18).
    #[must_use]
    pub(super) fn renumber(&mut self, limit: u32) -> Vec<Unanswered> {
        let keeps = |unanswered: &Unanswered| {
            unanswered.sent().is_some() || unanswered.as_command().is_none()
        };
        let (kept, unsent): (BTreeMap<_, _>, BTreeMap<_, _>) =
            core::mem::take(&mut self.unanswered)
                .into_iter()
                .partition(|(_, unanswered)| keeps(unanswered));
        self.unanswered = kept;
        let mut excess = Vec::new();
        for unanswered in unsent.into_values() {
            if self.has_capacity(limit) {
                let request_id = self.take_id();
                self.unanswered.insert(request_id, unanswered);
            } else {
                excess.push(unanswered);
            }
        }
        excess
    }

    /// Abandons the queries, and nothing was sent in the life that begins: its clock goes from
    /// `clock` to 0 (D-25).
    pub(super) fn restart(&mut self, clock: DeviceTick, is_known: bool) {
        self.snapshot_requested_at = DeviceTick::START;
        self.unanswered.retain(|_, unanswered| unanswered.as_command().is_some());
        self.unanswered.values_mut().for_each(|unanswered| unanswered.restart(clock, is_known));
    }

    /// The attempts whose accept or reject is unanswered, in the order of the requests.
    #[cfg(feature = "json")]
    pub(super) fn answered_attempts(&self) -> impl Iterator<Item = u64> {
        self.unanswered.values().filter_map(Unanswered::call_answer).map(|(attempt, _)| attempt)
    }

    /// Why no handset has such requests between two steps (D-25).
    #[cfg(feature = "json")]
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let expiries = self.unanswered.values().filter_map(Unanswered::expires_at);
        let claims = [
            (
                expiries.into_iter().any(|at| at > DeviceTick::END),
                "a command expires past the end of time",
            ),
            (
                self.unanswered.keys().any(|id| *id >= self.next_id),
                "the number of a request is not below the next one",
            ),
        ];
        super::saved::first_broken(claims)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{CallAnswer, Gate, Requests, Unanswered};
    use crate::handset::DeviceTick;
    use crate::handset::unanswered::Readiness;
    use crate::handset::{Effect, Link, Settings};
    use crate::protocol::Command;

    const UP: Gate = Gate { link: Link::Up, readiness: Readiness::Now, clock: DeviceTick::START };

    fn accept(attempt: u64) -> Unanswered {
        Unanswered::command(Command::AcceptCall { room: "r".into(), attempt: Some(attempt) })
    }

    fn sent(effects: &[Effect]) -> Vec<u64> {
        let number = |effect: &Effect| {
            if let Effect::Send { request_id, .. } = effect { *request_id } else { None }
        };
        effects.iter().filter_map(number).collect()
    }

    #[test]
    fn a_request_keeps_its_number_once_it_was_sent() {
        let (mut requests, mut effects) = (Requests::new(), Vec::new());
        assert_eq!(requests.add(accept(1), UP, &mut effects), 1);
        let not_ready = Gate { readiness: Readiness::None, ..UP };
        assert_eq!(requests.add(accept(2), not_ready, &mut effects), 2);
        assert_eq!(sent(&effects), [1]);
        requests.raise_next_id(Some(10));
        assert!(requests.renumber(16).is_empty());
        requests.send(|_| true, UP, &mut effects);
        assert_eq!(sent(&effects), [1, 1, 10]);
    }

    #[test]
    fn a_request_too_far_above_the_lowest_has_no_capacity() {
        let (mut requests, mut effects) = (Requests::new(), Vec::new());
        assert!(!requests.has_capacity(0));
        requests.request_snapshot(0, UP, &mut effects);
        requests.add(accept(1), UP, &mut effects);
        assert!(!requests.has_capacity(1));
        assert!(requests.has_capacity(2));
        let excess = |requests: &mut Requests| {
            requests.add(accept(2), Gate { link: Link::Down, ..UP }, &mut Vec::new());
            requests.renumber(2).len()
        };
        assert_eq!([excess(&mut requests), excess(&mut requests)], [1, 1]);
    }

    #[test]
    fn a_retry_waits_for_its_interval() {
        let settings = Settings { retry_interval: 0, refresh: None, ..Settings::DEFAULT };
        let (mut requests, mut effects) = (Requests::new(), Vec::new());
        requests.add(accept(1), UP, &mut effects);
        let due = DeviceTick::from_millis(1);
        assert_eq!(requests.next_deadline(UP, &settings), Some(due), "0 counts as 1");
        requests.retry_due(UP, settings.retry_interval, &mut effects);
        assert_eq!(sent(&effects), [1]);
        requests.retry_due(Gate { clock: due, ..UP }, settings.retry_interval, &mut effects);
        assert_eq!(sent(&effects), [1, 1]);
    }

    #[test]
    fn a_refusal_for_load_puts_the_retry_off() {
        let settings = Settings { retry_interval: 500, refresh: None, ..Settings::DEFAULT };
        for (retry_after, due) in
            [(200, 600), (900, 1_000), (u64::MAX, DeviceTick::END.as_millis())]
        {
            let (mut requests, mut effects) = (Requests::new(), Vec::new());
            requests.add(accept(1), UP, &mut effects);
            requests.postpone(1, retry_after, DeviceTick::from_millis(100));
            let due = DeviceTick::known(due);
            assert_eq!(requests.next_deadline(UP, &settings), Some(due), "{retry_after}");
            let gate = Gate { clock: due, ..UP };
            requests.retry_due(gate, settings.retry_interval, &mut effects);
            assert_eq!(sent(&effects), [1, 1]);
            let next = Some(due.plus(500));
            assert_eq!(requests.next_deadline(gate, &settings), next, "the wait was for once");
        }
    }

    #[test]
    fn an_abandoned_answer_is_none() {
        let (mut requests, mut effects) = (Requests::new(), Vec::new());
        requests.add(accept(1), UP, &mut effects);
        requests.add(accept(2), UP, &mut effects);
        assert!(requests.take_answer(1).is_some_and(|answer| answer.sent().is_some()));
        assert_eq!(requests.take_answer(1).map(drop), None);
        let answers = [1, 2].map(|attempt| requests.call_answer(attempt));
        assert_eq!(answers, [None, Some(CallAnswer::Accept)]);
    }

    #[test]
    fn snapshots_of_earlier_requests_are_too_old() {
        let (mut requests, mut effects) = (Requests::new(), Vec::new());
        requests.request_snapshot(0, UP, &mut effects);
        requests.request_snapshot(0, UP, &mut effects);
        assert_eq!(sent(&effects), [1], "one at a time");
        requests.reject_snapshots();
        assert_eq!(requests.snapshot(), None);
        assert_eq!([1, 2].map(|id| requests.accepts_snapshot(id)), [false, true]);
    }
}
