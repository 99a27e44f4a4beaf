//! What of the jobs that wait is done in a turn, and what of it is refused (L-15).

use std::collections::VecDeque;
use std::time::Duration;

use roomcall::Rule;
use roomcall::protocol::{Actor, Input};

use super::draining::RETRY_AFTER;
use super::job::Planned;
use super::{Engine, Job};
use crate::cost::{Over, Price, REFUSAL, stated};
use crate::log::Entry;

/// A turn is over when it costs more than so many units: what was done in it is told, before the rest is begun.
const TURN: u64 = 20_000;

/// What a job costs; or, if it is not done now, after how many milliseconds it may be.
type Admitted = Result<u64, u64>;

impl Engine {
    /// Takes jobs until they cost enough for one turn, and adds to a batch what is to be made durable of
    /// them; `at` is in milliseconds since 1970. At least one is taken, if there is any. What a connection has
    /// asked that is closed is not done: its device may be another's by now, and asks again on the next one.
    pub(super) fn plan(
        &mut self,
        at: u64,
        jobs: &mut VecDeque<Job>,
        batch: &mut Vec<Entry>,
    ) -> Vec<Planned> {
        let (mut planned, mut spent) = (Vec::new(), 0_u64);
        while spent <= TURN
            && (planned.is_empty() || !jobs.front().is_some_and(Job::is_alone))
            && let Some(job) = jobs.pop_front()
        {
            if let Job::Request { user, number, .. } = &job
                && !self.hub.has(user, *number)
            {
                continue;
            }
            let is_alone = job.is_alone();
            let admitted = self.admit(at, &job);
            spent = spent.saturating_add(admitted.unwrap_or(REFUSAL));
            planned.push(job.plan(at, admitted.err(), &self.state, &mut self.draining, batch));
            if is_alone {
                break;
            }
        }
        planned
    }

    /// Whether a job is done now. The backend is refused nothing for its cost.
    fn admit(&mut self, at: u64, job: &Job) -> Admitted {
        let Self { state, hub, costs, metrics, draining, .. } = self;
        if let Job::Request { input, .. } | Job::Backend { input, .. } = job
            && draining.refuses(input)
        {
            metrics.refused(Rule::L15);
            return Err(RETRY_AFTER);
        }
        let board = state.switchboard();
        let mut price = |input| Price::new(input, board, |room| hub.audience(board, room));
        let units = match job {
            Job::Request { user, input, .. } => {
                let price = price(input);
                let now = Duration::from_millis(at);
                if let Err(Over { scope, retry_after }) =
                    costs.charge(now, (user, device(input)), &price)
                {
                    metrics.over(scope.word());
                    return Err(retry_after);
                }
                metrics.cost("device", price.units);
                return Ok(price.units);
            }
            Job::Backend { input, .. } => price(input).units,
            Job::Facts { facts, .. } => facts.iter().map(stated).sum(),
            _ => return Ok(1),
        };
        metrics.cost("backend", units);
        Ok(units)
    }
}

/// The device that asks.
fn device(input: &Input) -> &str {
    match input {
        Input::Ask { by: Actor::Device { device, .. }, .. }
        | Input::Query { by: Actor::Device { device, .. }, .. } => device,
        _ => "",
    }
}
