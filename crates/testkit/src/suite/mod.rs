//! Races, random worlds and faults for other people's hosts: whatever carries the messages of a switchboard.
//!
//! The adapter of a host implements [`Transport`]: connect, disconnect, send, receive, state a fact, let time pass, and as far
//! as the host can, kill and start again. The [`Suite`] then plays on a new host each time
//!
//! * **races** ([`races::RACES`]) that hosts are known to lose: a phone that connects anew before its old connection is
//!   gone, two devices that answer at once, an answer that is lost with the connection, a kill after an answer;
//! * **random worlds**: three people with five devices, whose connections, processes and host come and go, and at the end
//!   every screen has to show what the host says.
//!
//! An [`Observer`](crate::observer) sees all messages of both, and says which rules they violate. A world that goes wrong
//! is made short. What a host cannot do ([`Capabilities`]) is skipped, and the [`Report`] says so.
//!
//! ```
//! use roomcall_testkit::suite::{Memory, Suite};
//! # async fn run() {
//! let report = Suite::new().worlds(0..3).run(async |rules| Ok(Memory::new(rules))).await;
//! println!("{report}");
//! report.assert_passed();
//! # }
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(run());
//! ```

pub mod action;
mod device;
pub mod memory;
pub mod races;
mod random;
mod reading;
mod report;
mod stage;
mod transport;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use roomcall::Rule;
use roomcall::handset::Settings;
use roomcall::protocol::{Body, Output};

pub use device::{Device, RustDevice};
pub use memory::Memory;
pub use report::{Case, Failure, Report, Verdict};
pub use transport::{Capabilities, Rules, Transport, TransportError};

use crate::observer::What;
use action::{Action, DEVICES};
use random::World;
use stage::{Played, Stage, Stop};

/// How often each event was heard.
type Heard = BTreeMap<&'static str, u64>;

/// What is played.
#[derive(Clone, Debug)]
pub struct Suite {
    worlds: Range<u64>,
    actions: usize,
    only: Option<String>,
    shrinks: usize,
}

impl Default for Suite {
    fn default() -> Self {
        Self::new()
    }
}

impl Suite {
    /// All races, and 20 worlds of 120 actions.
    pub const fn new() -> Self {
        Self { worlds: 0..20, actions: 120, only: None, shrinks: 400 }
    }

    /// Other worlds, by their seeds.
    #[must_use]
    pub const fn worlds(mut self, seeds: Range<u64>) -> Self {
        self.worlds = seeds;
        self
    }

    /// Shorter or longer worlds.
    #[must_use]
    pub const fn actions(mut self, count: usize) -> Self {
        self.actions = count;
        self
    }

    /// Only races whose name contains this.
    #[must_use]
    pub fn only(mut self, text: &str) -> Self {
        self.only = Some(text.to_owned());
        self
    }

    /// How many runs are played to make a world that goes wrong short; fewer if each takes long.
    #[must_use]
    pub const fn shrinks(mut self, runs: usize) -> Self {
        self.shrinks = runs;
        self
    }

    /// Plays all of it, with the handsets of this crate. `start` starts a new host with nothing in it and these rules.
    pub async fn run<T: Transport>(
        &self,
        start: impl AsyncFnMut(Rules) -> Result<T, TransportError>,
    ) -> Report {
        let device =
            async |user: &str, device: &str, settings| Ok(RustDevice::new(user, device, settings));
        self.run_with(start, device).await
    }

    /// The same with devices of another kind.
    pub async fn run_with<T: Transport, D: Device>(
        &self,
        mut start: impl AsyncFnMut(Rules) -> Result<T, TransportError>,
        mut device: impl AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    ) -> Report {
        let mut report = Report::default();
        let is_wanted = |name: &str| self.only.as_ref().is_none_or(|text| name.contains(&text[..]));
        for race in races::RACES.iter().filter(|race| is_wanted(race.name)) {
            let verdict = play_race(race, &mut start, &mut report.heard).await;
            report.cases.push(Case { name: race.name.to_owned(), verdict });
        }
        for seed in self.worlds.clone() {
            let name = format!("world {seed}");
            let verdict = self.play_seed(seed, &mut start, &mut device, &mut report.heard).await;
            report.cases.push(Case { name, verdict });
        }
        report
    }

    /// Plays a world that a failure printed.
    ///
    /// # Errors
    ///
    /// The text is not one.
    pub async fn replay<T: Transport>(
        &self,
        run: &str,
        mut start: impl AsyncFnMut(Rules) -> Result<T, TransportError>,
    ) -> Result<Verdict, serde_json::Error> {
        let actions: Vec<Action> = serde_json::from_str(run)?;
        let mut device =
            async |user: &str, device: &str, settings| Ok(RustDevice::new(user, device, settings));
        Ok(match play_world(&actions, &mut start, &mut device, &mut Heard::new()).await {
            Some(failure) => Verdict::Failed(Box::new(failure)),
            None => Verdict::Passed,
        })
    }

    async fn play_seed<T: Transport, D: Device>(
        &self,
        seed: u64,
        start: &mut impl AsyncFnMut(Rules) -> Result<T, TransportError>,
        device: &mut impl AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
        heard: &mut Heard,
    ) -> Verdict {
        let can = match start(races::rules()).await {
            Ok(host) => host.capabilities(),
            Err(error) => return Verdict::Failed(Box::new(failed(error.into(), Vec::new()))),
        };
        let actions = action::random(seed, self.actions, can);
        match play_world(&actions, start, device, heard).await {
            None => Verdict::Passed,
            Some(failure) => {
                let failure = self.shrink(actions, failure, start, device).await;
                Verdict::Failed(Box::new(failure))
            }
        }
    }

    /// Leaves out, and makes simpler, what is not needed for the same rule to be violated.
    async fn shrink<T: Transport, D: Device>(
        &self,
        mut actions: Vec<Action>,
        mut failure: Failure,
        start: &mut impl AsyncFnMut(Rules) -> Result<T, TransportError>,
        device: &mut impl AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    ) -> Failure {
        let mut left = self.shrinks;
        let mut chunk = actions.len().div_ceil(2).max(1);
        loop {
            let mut candidates: Vec<Vec<Action>> = (0..actions.len())
                .step_by(chunk)
                .map(|at| {
                    let end = (at + chunk).min(actions.len());
                    [&actions[..at], &actions[end..]].concat()
                })
                .collect();
            if chunk == 1 {
                candidates.extend((0..actions.len()).filter_map(|at| {
                    let mut simpler = actions.clone();
                    simpler[at] = action::simpler(&actions[at])?;
                    Some(simpler)
                }));
            }
            let mut found = None;
            for candidate in candidates {
                let Some(less) = left.checked_sub(1) else { break };
                left = less;
                let played = play_world(&candidate, start, device, &mut Heard::new()).await;
                if let Some(smaller) = played.filter(|it| it.rule == failure.rule) {
                    found = Some((candidate, smaller));
                    break;
                }
            }
            match found {
                Some((smaller, why)) => (actions, failure) = (smaller, why),
                None if chunk == 1 || left == 0 => break,
                None => chunk = chunk.div_ceil(2),
            }
        }
        failure.run = serde_json::to_string(&actions).ok();
        failure
    }
}

async fn play_race<T: Transport>(
    race: &races::Race,
    start: &mut impl AsyncFnMut(Rules) -> Result<T, TransportError>,
    heard: &mut Heard,
) -> Verdict {
    let host = match start(races::rules()).await {
        Ok(host) => host,
        Err(error) => return Verdict::Failed(Box::new(failed(error.into(), Vec::new()))),
    };
    if let Some(why) = host.capabilities().lacks(race.needs) {
        return Verdict::Skipped(why);
    }
    let mut stage = Stage::new(host, &races::rules(), false);
    let played = races::play(race.name, &mut stage).await;
    match judge(stage, played, heard) {
        Some(failure) => Verdict::Failed(Box::new(failure)),
        None => Verdict::Passed,
    }
}

async fn play_world<T: Transport, D: Device>(
    actions: &[Action],
    start: &mut impl AsyncFnMut(Rules) -> Result<T, TransportError>,
    device: &mut impl AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    heard: &mut Heard,
) -> Option<Failure> {
    let host = match start(races::rules()).await {
        Ok(host) => host,
        Err(error) => return Some(failed(error.into(), Vec::new())),
    };
    let mut stage = Stage::new(host, &races::rules(), true);
    let played = play_actions(actions, &mut stage, device).await;
    judge(stage, played, heard)
}

async fn play_actions<T: Transport, D: Device>(
    actions: &[Action],
    stage: &mut Stage<T>,
    device: &mut impl AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
) -> Played {
    let mut devices = Vec::new();
    for (user, name) in DEVICES {
        devices.push(device(user, name, Settings::DEFAULT).await?);
    }
    let mut world = World::begin(stage, devices).await?;
    for action in actions {
        world.perform(action).await?;
    }
    world.settle().await
}

/// What is wrong with what was played. What the observer saw comes first: it says where.
fn judge<T: Transport>(stage: Stage<T>, played: Played, heard: &mut Heard) -> Option<Failure> {
    let (traffic, violations) = stage.finish();
    if violations.is_empty() && played.is_ok() {
        for line in &traffic {
            if let What::Received { output: Output { body: Body::Effect(effect), .. }, .. } =
                &line.what
            {
                *heard.entry(effect.event.name()).or_default() += 1;
            }
        }
    }
    let lines = traffic.iter().map(|line| serde_json::to_string(line).unwrap_or_default());
    let lines: Vec<String> = lines.collect();
    match (violations.first(), played) {
        (Some(violation), _) => {
            let failure = Stop::Broken(violation.rule, violation.to_string());
            Some(failed(failure, lines))
        }
        (None, Err(stop)) => Some(failed(stop, lines)),
        (None, Ok(())) => None,
    }
}

fn failed(stop: Stop, lines: Vec<String>) -> Failure {
    let (rule, what): (Option<Rule>, String) = match stop {
        Stop::Broken(rule, what) => (Some(rule), what),
        Stop::Transport(error) => (None, error.to_string()),
    };
    let mut traffic = String::new();
    for (number, line) in lines.iter().enumerate() {
        // What only asks whether something is on its way, and the answer, tell nothing.
        if !line.contains(stage::NOWHERE) && !line.contains("\"rule\":\"R-02\"") {
            let _ = writeln!(traffic, "  {:>4}  {line}", number + 1);
        }
    }
    Failure { rule, what, run: None, traffic }
}
