//! Calls to the user: what is known of each attempt, merged so that the order and number of
//! deliveries cannot matter (D-04, D-06, D-14, D-19, D-24). The diagram is in the module above.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::DeviceTick;
use super::call::Call;
use super::dismissal::Dismissal;
#[cfg(feature = "json")]
use super::effect::Stage;
use super::snapshot::Coverage;
use crate::domain::limits::is_within;

/// What is known of the calls to the user.
///
/// Between two steps no attempt is both known and a tombstone, and `min_attempt` is above the
/// watermark.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Calls {
    /// Calls that are not known to be over, by attempt.
    known: BTreeMap<u64, Call>,
    /// Endings that a ring or a snapshot on its way could contradict, by attempt (D-14).
    tombstones: BTreeMap<u64, Dismissal>,
    /// The attempts that the last snapshot listed.
    listed: BTreeSet<u64>,
    /// The greatest `lastAttempt` of a snapshot that was applied.
    watermark: u64,
    /// The lowest attempt that a ring makes known.
    min_attempt: u64,
    /// The revision of the last snapshot.
    revision: u64,
}

/// What a ring amounts to (D-06).
pub(super) enum Ring {
    /// Its call is known.
    Known,
    /// Its call is over, in this way if that is still known.
    Late(Call, Option<Dismissal>),
    /// Too many others are known (D-19).
    Full,
}

impl Calls {
    pub(super) const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            listed: BTreeSet::new(),
            watermark: 0,
            min_attempt: 1,
            revision: 0,
        }
    }

    pub(super) fn get(&self, attempt: u64) -> Option<&Call> {
        self.known.get(&attempt)
    }

    pub(super) fn get_mut(&mut self, attempt: u64) -> Option<&mut Call> {
        self.known.get_mut(&attempt)
    }

    /// The known calls, by attempt.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Call)> {
        self.known.iter().map(|(attempt, call)| (*attempt, call))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (u64, &mut Call)> {
        self.known.iter_mut().map(|(attempt, call)| (*attempt, call))
    }

    /// Ends them all.
    pub(super) fn into_known(self) -> BTreeMap<u64, Call> {
        self.known
    }

    /// Merges a ring: of two rings of an attempt the earlier deadline counts (D-06).
    pub(super) fn ring(&mut self, attempt: u64, call: Call, limit: u32) -> Ring {
        if let Some(known) = self.known.get_mut(&attempt) {
            known.ring_again(&call);
            return Ring::Known;
        }
        if let Some(why) = self.tombstones.get(&attempt) {
            return Ring::Late(call, Some(why.clone()));
        }
        if self.has_passed(attempt) {
            return Ring::Late(call, None);
        }
        match self.admit(attempt, call, limit) {
            Some(_) => Ring::Known,
            None => Ring::Full,
        }
    }

    /// Makes a call known, unless too many are (D-19).
    pub(super) fn admit(&mut self, attempt: u64, call: Call, limit: u32) -> Option<&mut Call> {
        let has_capacity = is_within(self.known.len().saturating_add(1), limit);
        has_capacity.then(|| self.known.entry(attempt).or_insert(call))
    }

    /// A call ends: it is no longer known, and leaves a tombstone where D-14 wants one.
    pub(super) fn end(&mut self, attempt: u64, why: &Dismissal) -> Option<Call> {
        if self.needs_tombstone(attempt) {
            let known = self.tombstones.entry(attempt).or_insert(Dismissal::Silenced);
            if *known < *why {
                *known = why.clone();
            }
        }
        self.known.remove(&attempt)
    }

    /// Whether a snapshot on its way could list an attempt (D-14).
    pub(super) fn needs_tombstone(&self, attempt: u64) -> bool {
        attempt > self.watermark || self.listed.contains(&attempt)
    }

    pub(super) fn has_tombstone(&self, attempt: u64) -> bool {
        self.tombstone(attempt).is_some()
    }

    /// How an attempt ended, as long as that is remembered.
    pub(super) fn tombstone(&self, attempt: u64) -> Option<&Dismissal> {
        self.tombstones.get(&attempt)
    }

    /// Whether no ring makes an attempt known any more (D-06). There is none above the last number.
    pub(super) const fn has_passed(&self, attempt: u64) -> bool {
        attempt < self.min_attempt || self.min_attempt == u64::MAX
    }

    /// Whether nothing is remembered of an attempt that was not settled or evicted.
    pub(super) fn is_new(&self, attempt: u64) -> bool {
        !self.has_passed(attempt)
            && !self.known.contains_key(&attempt)
            && !self.tombstones.contains_key(&attempt)
    }

    /// Evicts the lowest tombstones beyond the limit and ignores rings up to them from now on; says
    /// whether there were any (D-14).
    pub(super) fn evict_tombstones(&mut self, limit: u32) -> bool {
        let mut has_evicted = false;
        while !is_within(self.tombstones.len(), limit) {
            if let Some((lowest, _)) = self.tombstones.pop_first() {
                self.min_attempt = self.min_attempt.max(lowest.saturating_add(1));
                has_evicted = true;
            }
        }
        has_evicted
    }

    /// What a snapshot has to contain: endings after this attempt, and those of all known calls
    /// (D-16).
    pub(super) fn since(&self) -> u64 {
        let lowest = self.known.first_key_value().map(|(lowest, _)| lowest.saturating_sub(1));
        lowest.map_or(self.watermark, |lowest| lowest.min(self.watermark))
    }

    /// Whether a snapshot that was applied may have told how an attempt ended.
    pub(super) const fn is_settled(&self, attempt: u64) -> bool {
        attempt <= self.watermark
    }

    /// The revision of the last snapshot that was applied (D-24).
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// The known calls that a snapshot covers and does not list (D-24).
    pub(super) fn unlisted(&self, listed: &BTreeSet<u64>, coverage: Coverage) -> Vec<u64> {
        let is_unlisted = |attempt: &u64| coverage.has(*attempt) && !listed.contains(attempt);
        self.known.keys().copied().filter(is_unlisted).collect()
    }

    /// A snapshot was applied: tombstones that it settles are not needed any more (D-24).
    pub(super) fn settle(&mut self, listed: BTreeSet<u64>, last_attempt: u64, revision: u64) {
        let watermark = self.watermark.max(last_attempt);
        self.tombstones.retain(|attempt, _| *attempt > watermark || listed.contains(attempt));
        self.listed = listed;
        self.watermark = watermark;
        self.min_attempt = self.min_attempt.max(watermark.saturating_add(1));
        self.revision = revision;
    }

    /// The clock goes from `clock` to 0, and every deadline stays as far away as it was (D-25).
    pub(super) fn restart(&mut self, clock: DeviceTick) {
        self.known.values_mut().for_each(|call| call.restart(clock));
    }

    /// Why no handset has such calls between two steps (D-25).
    #[cfg(feature = "json")]
    pub(super) fn check(&self, settings: &super::Settings) -> Result<(), &'static str> {
        let ringing = |call: &&Call| call.stage() == Some(Stage::Ringing);
        let claims = [
            (
                !is_within(self.tombstones.len(), settings.endings),
                "it has more tombstones than `endings`",
            ),
            (
                self.known.keys().any(|attempt| self.has_tombstone(*attempt)),
                "a known call has a tombstone",
            ),
            (
                self.known.values().any(|call| call.is_silenced() && call.stage().is_some()),
                "the screen shows a silenced call",
            ),
            (
                self.known.values().any(|call| call.is_hidden() && call.stage().is_some()),
                "the screen shows a hidden call",
            ),
            (self.known.values().filter(ringing).any(Call::is_muted), "a muted call rings"),
            (self.known.values().filter(ringing).count() > 1, "two calls ring"),
            (
                self.min_attempt < self.watermark.saturating_add(1),
                "`minAttempt` is not above the watermark",
            ),
            (
                self.known.values().filter_map(Call::deadline).any(|at| at > DeviceTick::END),
                "a deadline is past the end of time",
            ),
        ];
        super::saved::first_broken(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::DeviceTick;
    use super::{Call, Calls, Coverage, Ring};
    use crate::CallStatus;
    use crate::handset::Dismissal;
    use crate::protocol::NamedCall;

    fn call(time_left: Option<u64>) -> Call {
        let call = NamedCall {
            room: "standup".into(),
            caller: "ana".into(),
            callee: "bo".into(),
            status: CallStatus::Calling,
            attempt: 0,
        };
        Call::new(call, String::new(), time_left, DeviceTick::START, 1_000)
    }

    fn ring(calls: &mut Calls, attempt: u64) -> Ring {
        calls.ring(attempt, call(None), 8)
    }

    fn settled(listed: &[u64], last_attempt: u64) -> Calls {
        let mut calls = Calls::new();
        calls.settle(listed.iter().copied().collect(), last_attempt, 1);
        calls
    }

    #[test]
    fn the_earlier_deadline_counts() {
        for times in [[Some(3_000), Some(2_000)], [None, Some(2_000)], [Some(2_000), None]] {
            let mut calls = Calls::new();
            for time_left in times {
                assert!(matches!(calls.ring(1, call(time_left), 8), Ring::Known));
            }
            let known = calls.get(1).and_then(Call::deadline);
            assert_eq!(known, Some(DeviceTick::from_millis(2_000)), "{times:?}");
        }
    }

    #[test]
    fn what_is_over_does_not_ring_again() {
        let mut calls = Calls::new();
        let _ = ring(&mut calls, 4);
        assert!(calls.end(4, &Dismissal::Cancelled).is_some());
        assert!(calls.end(4, &Dismissal::Gone).is_none());
        assert!(matches!(ring(&mut calls, 4), Ring::Late(_, Some(Dismissal::Cancelled))));
        assert!(calls.evict_tombstones(0));
        assert!(matches!(ring(&mut calls, 4), Ring::Late(_, None)));
        assert!(matches!(ring(&mut calls, 5), Ring::Known));
    }

    #[test]
    fn a_snapshot_settles_what_it_does_not_list() {
        let mut calls = settled(&[3], 4);
        for attempt in [3, 4, 5] {
            let _ = calls.end(attempt, &Dismissal::Gone);
        }
        assert_eq!([3, 4, 5].map(|attempt| calls.has_tombstone(attempt)), [true, false, true]);
        assert!(matches!(ring(&mut calls, 4), Ring::Late(..)));
        calls.settle([5].into(), 6, 2);
        assert_eq!([3, 5].map(|attempt| calls.has_tombstone(attempt)), [false, true]);
    }

    #[test]
    fn a_snapshot_is_requested_since_the_lowest_known_call() {
        let mut calls = settled(&[3], 4);
        assert_eq!(calls.since(), 4);
        let _ = calls.admit(3, call(None), 8);
        assert_eq!(calls.since(), 2);
    }

    #[test]
    fn only_what_a_snapshot_covers_is_unlisted() {
        let mut calls = Calls::new();
        for attempt in 3..=7 {
            let _ = ring(&mut calls, attempt);
        }
        let coverage = Coverage { since: 3, last_attempt: 6 };
        assert_eq!(calls.unlisted(&[5].into(), coverage), [4, 6]);
        let nothing = Coverage { since: 6, last_attempt: 3 };
        assert!(calls.unlisted(&[].into(), nothing).is_empty());
    }

    #[test]
    fn the_watermark_never_goes_down() {
        let mut calls = settled(&[], 8);
        calls.settle([].into(), 4, 2);
        assert_eq!(calls.since(), 8);
        assert!(matches!(ring(&mut calls, 8), Ring::Late(..)));
    }

    #[test]
    fn after_the_last_number_nothing_rings() {
        let mut calls = Calls::new();
        let _ = calls.end(u64::MAX, &Dismissal::Cancelled);
        assert!(calls.evict_tombstones(0));
        assert!(matches!(ring(&mut calls, u64::MAX), Ring::Late(_, None)));
    }

    #[test]
    fn further_calls_are_left_out() {
        let mut calls = Calls::new();
        assert!(matches!(calls.ring(1, call(None), 1), Ring::Known));
        assert!(matches!(calls.ring(2, call(None), 1), Ring::Full));
        assert!(matches!(calls.ring(1, call(None), 1), Ring::Known));
    }
}
