//! Plays races and worlds, each on a host of its own, and judges them.
#![allow(clippy::disallowed_types, reason = "how long a run is made short is for people")]

use std::time::{Duration, Instant};

use roomcall::handset::Settings;
use roomcall::protocol::{Body, Output};

use super::action::DEVICES;
use super::device::Device;
use super::races::{self, Race};
use super::random::World;
use super::reached::Reached;
use super::report::{Failure, Heard};
use super::run::Run;
use super::stage::{Played, Stage, Stop};
use super::transport::{Capabilities, Rules, Transport, TransportError};
use crate::observer::{Traffic, What};

/// How much is done to make runs short: of each so many are played, and of all together no longer than that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shrinking {
    pub(super) runs: usize,
    pub(super) time: Duration,
}

/// How hosts and devices are started, and what was heard and reached in worlds that went well.
pub(super) struct Player<S, N> {
    start: S,
    device: N,
    pub(super) heard: Heard,
    pub(super) reached: Reached,
    /// How long runs were made short by now.
    shrunk: Duration,
}

impl<S, N> Player<S, N> {
    pub(super) fn new(start: S, device: N) -> Self {
        let (heard, reached, shrunk) = (Heard::new(), Reached::new(), Duration::ZERO);
        Self { start, device, heard, reached, shrunk }
    }

    /// What hosts that are started so can do.
    pub(super) async fn can<T>(&mut self) -> Result<Capabilities, Failure>
    where
        T: Transport,
        S: AsyncFnMut(Rules) -> Result<T, TransportError>,
    {
        match (self.start)(races::default_rules()).await {
            Ok(host) => Ok(host.capabilities()),
            Err(error) => Err(Failure::new(Stop::Transport(error), &[])),
        }
    }

    pub(super) async fn race<T>(&mut self, race: &Race) -> Result<(), Failure>
    where
        T: Transport,
        S: AsyncFnMut(Rules) -> Result<T, TransportError>,
    {
        let mut stage = self.stage(race.rules(), false).await?;
        let played = races::play(race.name, &mut stage).await;
        judge(stage, played).map(drop)
    }

    /// A world, made short if it goes wrong.
    pub(super) async fn world<T, D>(
        &mut self,
        run: Run,
        shrinking: Shrinking,
    ) -> Result<(), Failure>
    where
        T: Transport,
        D: Device,
        S: AsyncFnMut(Rules) -> Result<T, TransportError>,
        N: AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    {
        match self.run(&run).await {
            Ok((traffic, reached)) => {
                self.count(traffic, reached);
                Ok(())
            }
            Err(failure) => Err(self.shrink(run, failure, shrinking).await),
        }
    }

    async fn stage<T>(&mut self, rules: Rules, reads_at_once: bool) -> Result<Stage<T>, Failure>
    where
        T: Transport,
        S: AsyncFnMut(Rules) -> Result<T, TransportError>,
    {
        match (self.start)(rules.clone()).await {
            Ok(host) => Ok(Stage::new(host, &rules, reads_at_once)),
            Err(error) => Err(Failure::new(Stop::Transport(error), &[])),
        }
    }

    async fn run<T, D>(&mut self, run: &Run) -> Result<(Vec<Traffic>, Reached), Failure>
    where
        T: Transport,
        D: Device,
        S: AsyncFnMut(Rules) -> Result<T, TransportError>,
        N: AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    {
        let mut stage = self.stage(run.rules(), true).await?;
        let mut reached = Reached::new();
        let played = self.perform(run, &mut stage, &mut reached).await;
        judge(stage, played).map(|traffic| (traffic, reached))
    }

    async fn perform<T, D>(
        &mut self,
        run: &Run,
        stage: &mut Stage<T>,
        reached: &mut Reached,
    ) -> Played
    where
        T: Transport,
        D: Device,
        N: AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    {
        let mut devices = Vec::new();
        for (user, name) in DEVICES {
            devices.push((self.device)(user, name, Settings::DEFAULT).await?);
        }
        let mut world = World::begin(stage, devices, run.limits).await?;
        for action in &run.actions {
            world.perform(action).await?;
        }
        world.settle().await?;
        *reached = world.reached;
        stage.histories_agree().await
    }

    /// Leaves out, and makes simpler, what is not needed for the same rule to be violated.
    async fn shrink<T, D>(&mut self, mut run: Run, mut failure: Failure, most: Shrinking) -> Failure
    where
        T: Transport,
        D: Device,
        S: AsyncFnMut(Rules) -> Result<T, TransportError>,
        N: AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    {
        let (mut left, begun) = (most.runs, Instant::now());
        let time = most.time.saturating_sub(self.shrunk);
        let mut chunk = run.actions.len().div_ceil(2).max(1);
        loop {
            let mut found = None;
            for candidate in run.smaller(chunk) {
                if left == 0 || begun.elapsed() >= time {
                    break;
                }
                left -= 1;
                let played = self.run(&candidate).await.err();
                // Where no rule is blamed, another failure of the transport may be anything.
                let is_same = |it: &Failure| {
                    it.rule == failure.rule && (it.rule.is_some() || it.what == failure.what)
                };
                if let Some(why) = played.filter(is_same) {
                    found = Some((candidate, why));
                    break;
                }
            }
            match found {
                Some(smaller) => (run, failure) = smaller,
                None if chunk == 1 || left == 0 || begun.elapsed() >= time => break,
                None => chunk = chunk.div_ceil(2),
            }
        }
        self.shrunk += begun.elapsed();
        failure.run = serde_json::to_string(&run).ok();
        failure
    }

    fn count(&mut self, traffic: Vec<Traffic>, reached: Reached) {
        for (what, times) in reached {
            *self.reached.entry(what).or_default() += times;
        }
        for line in traffic {
            if let What::Received { output: Output { body: Body::Effect(effect), .. }, .. } =
                line.what
            {
                *self.heard.entry(effect.event.name()).or_default() += 1;
            }
        }
    }
}

/// What passed, or what is wrong with it. What the observer saw comes first: it says where.
fn judge<T: Transport>(stage: Stage<T>, played: Played) -> Result<Vec<Traffic>, Failure> {
    let (traffic, violations) = stage.finish(played.is_ok());
    let stop = match (violations.first(), played) {
        (Some(violation), _) => Stop::Broken(violation.rule, violation.to_string()),
        (None, Err(stop)) => stop,
        (None, Ok(())) => return Ok(traffic),
    };
    Err(Failure::new(stop, &traffic))
}
