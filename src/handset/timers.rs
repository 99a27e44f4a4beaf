//! Time (D-02): what is due by the device's clock, in the order of the rule.

use super::Handset;
use super::screen::Step;
use crate::Tick;

impl Handset {
    /// When the host must call with a tick at the latest (D-02); `None` while nothing is due. It
    /// costs a pass over the known calls and the unanswered requests.
    pub fn next_deadline(&self) -> Option<Tick> {
        let calls = self.calls.iter().filter_map(|(attempt, call)| {
            call.silence_at(self.requests.answer_grace(attempt, &self.settings))
        });
        calls.chain(self.requests.next_deadline(self.gate(), &self.settings)).min()
    }

    /// Whatever is due happens; says whether anything was.
    pub(super) fn elapse(&mut self, step: &mut Step) -> bool {
        if self.next_deadline().is_none_or(|deadline| deadline > self.clock) {
            return false;
        }
        self.silence_due(step);
        while let Some(expired) = self.requests.take_expired(self.clock) {
            self.on_call_abandoned(&expired, step);
        }
        let (gate, retry_interval) = (self.gate(), self.settings.retry_interval);
        self.requests.retry_due(gate, retry_interval, &mut step.effects);
        if self.requests.refresh_at(gate, &self.settings).is_some_and(|at| at <= self.clock) {
            self.request_snapshot(step);
        }
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
                requests.abandon_answers(attempt);
                has_silenced = true;
            }
        }
        if has_silenced {
            self.request_snapshot(step);
        }
    }
}
