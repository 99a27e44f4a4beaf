//! Races, random worlds and faults for other people's hosts: whatever carries the messages of a switchboard.
//!
//! The adapter of a host implements [`Transport`]: connect, disconnect, send, receive, state a fact, let time pass, and as far
//! as the host can, kill and start again. The [`Suite`] then plays on a new host each time
//!
//! * **races** ([`races::RACES`]) that hosts are known to lose: a phone that connects anew before its old connection is
//!   gone, two devices that answer at once, an answer that is lost with the connection, a device that does not read, a kill
//!   after an answer;
//! * **random worlds**: three people with five devices, whose connections, processes and host come and go, which are suspended
//!   for a time, silenced, occupied, signed out and given other settings; pushes that come first, late, twice, alone and astray, also to an
//!   application that was killed or is killed meanwhile; a backend that calls, revokes, erases users and changes the rules. At the end
//!   every screen has to show what the host says.
//!
//! An [`Observer`](crate::observer) sees all messages of both, and says which rules they violate. Of a device are judged its
//! snapshots, the commands that it sends, its screen with rooms, callers and stages, what it says of ringing and of pushes, its joins, and
//! that it is silent where it has to be; progress, the list of a room and the call log are for the conformance cases. A world that
//! goes wrong is made short. What a host cannot do ([`Capabilities`]) is skipped, and the [`Report`] says so, and what the worlds reached.
//!
//! Pushes are made by the suite, of what the host told: no host has to send any.
//!
//! The devices of the worlds are handsets of this crate. With [`Suite::run_with`] they are others, of the trait [`Device`]; with
//! the feature `conformance` too, a `ProcessDevice` is a handset in any language.
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
mod backend;
mod circumstances;
mod commands;
mod conduct;
mod device;
mod histories;
mod memory;
mod phone;
mod play;
mod push_service;
mod pushes;
pub mod races;
mod random;
mod reached;
mod reading;
mod report;
mod run;
mod screen;
mod settling;
mod stage;
mod stalling;
#[cfg(feature = "conformance")]
mod testee;
mod told;
mod transport;
mod waking;
mod weights;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use roomcall::handset::Settings;

pub use device::{Device, RustDevice};
pub use memory::Memory;
pub use report::{Case, Failure, Report, Verdict};
pub use run::Run;
#[cfg(feature = "conformance")]
pub use testee::ProcessDevice;
pub use transport::{Capabilities, Rules, Transport, TransportError};

use play::{Player, Shrinking};

/// What is played.
#[derive(Clone, Debug)]
pub struct Suite {
    worlds: Range<u64>,
    actions: usize,
    only: Option<String>,
    shrinking: Shrinking,
    watch: Option<Watch>,
}

/// Who is told of each case that was played.
#[derive(Clone)]
struct Watch(Arc<Tell>);

type Tell = dyn Fn(&Case, usize, usize) + Send + Sync;

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl Default for Suite {
    fn default() -> Self {
        Self::new()
    }
}

impl Suite {
    /// All races, and 20 worlds of 120 actions.
    pub const fn new() -> Self {
        let shrinking = Shrinking { runs: 400, time: Duration::from_secs(120) };
        Self { worlds: 0..20, actions: 120, only: None, shrinking, watch: None }
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

    /// How many runs are played to make a world that goes wrong short, 400 at first; fewer if each takes long.
    #[must_use]
    pub const fn shrinks(mut self, runs: usize) -> Self {
        self.shrinking.runs = runs;
        self
    }

    /// How long that may take for all worlds together, two minutes at first: where a host or a device hangs, each run ends by a
    /// time limit. Of what goes wrong after that the run is printed as it was played.
    #[must_use]
    pub const fn shrinks_for(mut self, time: Duration) -> Self {
        self.shrinking.time = time;
        self
    }

    /// Tells somebody what came of each race and world at once, how many are done, and of how many: for a progress bar.
    #[must_use]
    pub fn watch(mut self, tell: impl Fn(&Case, usize, usize) + Send + Sync + 'static) -> Self {
        self.watch = Some(Watch(Arc::new(tell)));
        self
    }

    /// Plays all of it, with the handsets of this crate. `start` starts a new host with nothing in it and these rules.
    pub async fn run<T: Transport>(
        &self,
        start: impl AsyncFnMut(Rules) -> Result<T, TransportError>,
    ) -> Report {
        self.run_with(start, rust_device).await
    }

    /// The same with devices of another kind.
    pub async fn run_with<T: Transport, D: Device>(
        &self,
        start: impl AsyncFnMut(Rules) -> Result<T, TransportError>,
        device: impl AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    ) -> Report {
        let mut player = Player::new(start, device);
        let mut report = Report::default();
        let can = match player.can().await {
            Ok(can) => can,
            Err(failure) => {
                report.add("a host starts", Err(failure));
                return report;
            }
        };
        report.left_out = can.left_out().collect();
        let is_wanted = |name: &str| self.only.as_ref().is_none_or(|text| name.contains(&text[..]));
        let races: Vec<_> = races::RACES.iter().filter(|race| is_wanted(race.name)).collect();
        let count = races.len() + self.worlds.clone().count();
        for race in races {
            match can.lacks(race.needs) {
                Some(why) => report.skip(race.name, why),
                None => report.add(race.name, player.race(race).await),
            }
            self.tell(&report, count);
        }
        for seed in self.worlds.clone() {
            let run = Run::random(seed, self.actions, can);
            report.add(&format!("world {seed}"), player.world(run, self.shrinking).await);
            self.tell(&report, count);
        }
        Report { heard: player.heard, reached: player.reached, ..report }
    }

    fn tell(&self, report: &Report, count: usize) {
        if let (Some(Watch(tell)), Some(last)) = (&self.watch, report.cases.last()) {
            tell(last, report.cases.len(), count);
        }
    }

    /// Plays a world that a failure printed.
    ///
    /// # Errors
    ///
    /// The text is not one.
    pub async fn replay<T: Transport>(
        &self,
        run: &str,
        start: impl AsyncFnMut(Rules) -> Result<T, TransportError>,
    ) -> Result<Verdict, serde_json::Error> {
        self.replay_with(run, start, rust_device).await
    }

    /// The same with devices of another kind.
    ///
    /// # Errors
    ///
    /// The text is not a world.
    pub async fn replay_with<T: Transport, D: Device>(
        &self,
        run: &str,
        start: impl AsyncFnMut(Rules) -> Result<T, TransportError>,
        device: impl AsyncFnMut(&str, &str, Settings) -> Result<D, TransportError>,
    ) -> Result<Verdict, serde_json::Error> {
        let run: Run = serde_json::from_str(run)?;
        let as_it_is = Shrinking { runs: 0, ..self.shrinking };
        Ok(Player::new(start, device).world(run, as_it_is).await.into())
    }
}

async fn rust_device(
    user: &str,
    device: &str,
    settings: Settings,
) -> Result<RustDevice, TransportError> {
    Ok(RustDevice::new(user, device, settings))
}
