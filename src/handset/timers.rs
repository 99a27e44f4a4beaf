//! Time (D-02): what is due by the device's clock, in the order of the rule.

use super::DeviceTick;
use super::Handset;
use super::effect::NotSentReason;
use super::screen::Step;
use super::taps::{abandon_answers, report_not_sent};

/// The host's clock went back by mistake, or two of its threads raced, if it did by less than so
/// many milliseconds; else it was set (D-02).
const SET_BACK: u64 = 1_000;

impl Handset {
    /// When the host must call with a tick at the latest, never before [`clock`](Self::clock)
    /// (D-02); `None` while nothing is due. It costs a pass over the known calls and the unanswered
    /// requests.
    pub fn next_deadline(&self) -> Option<DeviceTick> {
        self.own_deadline().map(|at| self.in_host_time(at.max(self.clock)))
    }

    /// The clock of the device as the host last gave it: it goes back only where that was set back
    /// by 1,000 ms or more (D-02).
    pub fn clock(&self) -> DeviceTick {
        self.in_host_time(self.clock)
    }

    /// The own clock never goes back, so that no point of time has to be changed when the
    /// device's clock is set: that changes how far the own one is ahead (D-02).
    pub(super) fn set_clock(&mut self, at: DeviceTick) {
        let now = at.plus(self.ahead);
        if now.until(self.clock) >= SET_BACK {
            self.ahead = at.until(self.clock);
        } else {
            self.clock = self.clock.max(now);
        }
    }

    const fn in_host_time(&self, at: DeviceTick) -> DeviceTick {
        DeviceTick::from_millis(at.as_millis().saturating_sub(self.ahead))
    }

    /// As [`next_deadline`](Self::next_deadline), by the own clock.
    fn own_deadline(&self) -> Option<DeviceTick> {
        let requests = self.requests.next_deadline(self.gate(), &self.settings);
        let others = [self.paginate_at(), self.quiet_ends_at()].into_iter().flatten();
        self.silence_at().chain(requests).chain(others).min()
    }

    fn paginate_at(&self) -> Option<DeviceTick> {
        self.list.paginate_at(self.settings.retry_interval)
    }

    /// When each known call is silenced (D-13).
    fn silence_at(&self) -> impl Iterator<Item = DeviceTick> + '_ {
        self.calls.iter().filter_map(|(attempt, call)| {
            call.silence_at(self.requests.answer_grace(attempt, &self.settings))
        })
    }

    /// When a snapshot is requested (D-16).
    fn snapshot_at(&self) -> Option<DeviceTick> {
        self.silence_at().chain(self.requests.refresh_at(self.gate(), &self.settings)).min()
    }

    /// Whatever is due happens; says whether anything was.
    pub(super) fn elapse(&mut self, step: &mut Step) -> bool {
        if self.own_deadline().is_none_or(|deadline| deadline > self.clock) {
            return false;
        }
        // So the requests have the numbers that they have with ticks in between.
        let paginate_at = self.paginate_at();
        if paginate_at.is_some_and(|at| self.snapshot_at().is_none_or(|other| at < other)) {
            self.paginate_due(step);
        }
        self.silence_due(step);
        while let Some(expired) = self.requests.take_expired(self.clock) {
            if expired.sent().is_none() {
                report_not_sent(&expired, NotSentReason::TooOld, step);
            }
            self.on_call_abandoned(&expired, step);
        }
        let (gate, retry_interval) = (self.gate(), self.settings.retry_interval);
        self.requests.retry_due(gate, retry_interval, &mut step.effects);
        if self.requests.refresh_at(gate, &self.settings).is_some_and(|at| at <= self.clock) {
            self.request_snapshot(step);
        }
        self.paginate_due(step);
        true
    }

    /// D-13, D-16
    fn silence_due(&mut self, step: &mut Step) {
        let Self { calls, requests, settings, clock, .. } = self;
        let mut has_silenced = false;
        for (attempt, call) in calls.iter_mut() {
            let silence_at = call.silence_at(requests.answer_grace(attempt, settings));
            if silence_at.is_some_and(|at| at <= *clock) {
                call.silence();
                abandon_answers(requests, attempt, step);
                has_silenced = true;
            }
        }
        if has_silenced {
            self.request_snapshot(step);
        }
    }
}
