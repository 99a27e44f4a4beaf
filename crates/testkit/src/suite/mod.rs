//! Races, random worlds and faults for other people's hosts: whatever carries the messages of a switchboard.
//!
//! The adapter of a host implements [`Transport`]: connect, disconnect, send, receive, state a fact, let time pass, and as far
//! as the host can, kill and start again. The [`Suite`] then plays on a new host each time
//!
//! * **races** ([`races::RACES`]) that hosts are known to lose: a phone that connects anew before its old connection is
//!   gone, two devices that answer at once, an answer that is lost with the connection, a device that does not read, a kill
//!   after an answer;
//! * **random worlds**: three people with five devices, whose connections, processes and host come and go, which are suspended
//!   for a time, and at the end every screen has to show what the host says.
//!
//! An [`Observer`](crate::observer) sees all messages of both, and says which rules they violate. A world that goes wrong
//! is made short. What a host cannot do ([`Capabilities`]) is skipped, and the [`Report`] says so.
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
mod device;
mod memory;
mod play;
pub mod races;
mod random;
mod reading;
mod report;
mod stage;
mod stalling;
#[cfg(feature = "conformance")]
mod testee;
mod transport;

use std::ops::Range;

use roomcall::handset::Settings;

pub use device::{Device, RustDevice};
pub use memory::Memory;
pub use report::{Case, Failure, Report, Verdict};
#[cfg(feature = "conformance")]
pub use testee::ProcessDevice;
pub use transport::{Capabilities, Rules, Transport, TransportError};

use action::Action;
use play::Player;

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
        let is_wanted = |name: &str| self.only.as_ref().is_none_or(|text| name.contains(&text[..]));
        for race in races::RACES.iter().filter(|race| is_wanted(race.name)) {
            match can.lacks(race.needs) {
                Some(why) => report.skip(race.name, why),
                None => report.add(race.name, player.race(race).await),
            }
        }
        for seed in self.worlds.clone() {
            let actions = action::random(seed, self.actions, can);
            report.add(&format!("world {seed}"), player.world(actions, self.shrinks).await);
        }
        Report { heard: player.heard, ..report }
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
        let actions: Vec<Action> = serde_json::from_str(run)?;
        Ok(Player::new(start, rust_device).world(actions, 0).await.into())
    }
}

async fn rust_device(
    user: &str,
    device: &str,
    settings: Settings,
) -> Result<RustDevice, TransportError> {
    Ok(RustDevice::new(user, device, settings))
}
