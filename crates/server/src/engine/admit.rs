//! What of the jobs that wait is done in a turn, and what of it is refused for its cost.

use std::collections::VecDeque;
use std::time::Duration;

use roomcall::Rule;
use roomcall::protocol::{Actor, Input, Record};

use super::draining::refusal;
use super::job::Planned;
use super::{Engine, Job};
use crate::cost::{Over, Price, REFUSAL, stated};
use crate::log::Entry;

/// A turn is over when it costs more than so many units: what was done in it is told, before the rest is begun.
const TURN: u64 = 20_000;

/// What a job costs, if it is done.
type Admitted = Result<u64, Box<(u64, Planned)>>;

impl Engine {
    /// Takes jobs until they cost enough for one turn, and adds to a batch what is to be made durable of
    /// them; `at` is in milliseconds since 1970. At least one is taken, if there is any.
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
            let (units, plan) = match self.admit(at, &job) {
                Ok(units) => (units, job.plan(at, &self.state, &mut self.draining, batch)),
                Err(refused) => *refused,
            };
            spent = spent.saturating_add(units);
            planned.push(plan);
        }
        planned
    }

    /// What a job costs, and the refusal if that is too much for the device. The backend is not refused
    /// anything.
    fn admit(&mut self, at: u64, job: &Job) -> Admitted {
        let Self { state, hub, costs, metrics, draining, .. } = self;
        if let Job::Request { input, .. } | Job::Backend { input, .. } = job
            && draining.refuses(input)
        {
            metrics.refused(Rule::L15);
            return Ok(REFUSAL);
        }
        let board = state.switchboard();
        let mut price = |input| Price::new(input, board, |room| hub.audience(board, room));
        let units = match job {
            Job::Request { user, number, request_id, input } => {
                let price = price(input);
                let now = Duration::from_millis(at);
                if let Err(Over { scope, retry_after }) =
                    costs.charge(now, (user, device(input)), &price)
                {
                    metrics.over(scope.word());
                    let output = refusal(at, *request_id, retry_after);
                    let (user, number) = (user.clone(), *number);
                    let record = Record { at, request_id: *request_id, input: input.clone() };
                    let refused = Box::new((record, output));
                    return Err(Box::new((REFUSAL, Planned::Refused { user, number, refused })));
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
