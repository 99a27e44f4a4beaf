//! Time (D-02): what is due by the device's clock, in the order of the rule.

use super::Handset;
use super::effect::NotSentReason;
use super::screen::Step;
use super::taps::{abandon_answers, report_not_sent};
use crate::Tick;

impl Handset {
    /// When the host must call with a tick at the latest (D-02); `None` while nothing is due. It
    /// costs a pass over the known calls and the unanswered requests.
    pub fn next_deadline(&self) -> Option<Tick> {
        let requests = self.requests.next_deadline(self.gate(), &self.settings);
        self.silence_at().chain(requests).chain(self.list.paginate_at()).min()
    }

    /// When each known call is silenced (D-13).
    fn silence_at(&self) -> impl Iterator<Item = Tick> + '_ {
        self.calls.iter().filter_map(|(attempt, call)| {
            call.silence_at(self.requests.answer_grace(attempt, &self.settings))
        })
    }

    /// When a snapshot is requested (D-16).
    fn snapshot_at(&self) -> Option<Tick> {
        self.silence_at().chain(self.requests.refresh_at(self.gate(), &self.settings)).min()
    }

    /// Whatever is due happens; says whether anything was.
    pub(super) fn elapse(&mut self, step: &mut Step) -> bool {
        if self.next_deadline().is_none_or(|deadline| deadline > self.clock) {
            return false;
        }
        // So the requests have the numbers that they have with ticks in between.
        let paginate_at = self.list.paginate_at();
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
