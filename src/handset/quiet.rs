//! Quiet: who has just answered, here or there, is about to speak, and the next call must not ring
//! into it (D-32).

use super::DeviceTick;
use super::Settings;

/// Until when no call begins to ring. By the device's own clock, like each point of time that is
/// saved; `None` where there is no such time.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Quiet {
    /// This device answered a call, and is to come into a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    join: Option<DeviceTick>,
    /// Another device of the user answered a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settle: Option<DeviceTick>,
}

impl Quiet {
    /// This device is to join a room.
    pub(super) fn join(&mut self, clock: DeviceTick, settings: &Settings) {
        self.join = self.join.max(Some(clock.plus(settings.join_quiet)));
    }

    /// This device came into a room, or could not.
    pub(super) const fn end_join(&mut self) {
        self.join = None;
    }

    /// A call was answered on another device.
    pub(super) fn settle(&mut self, clock: DeviceTick, settings: &Settings) {
        self.settle = self.settle.max(Some(clock.plus(settings.settle)));
    }

    /// When it ends.
    pub(super) fn ends_at(&self) -> Option<DeviceTick> {
        self.join.max(self.settle)
    }

    pub(super) fn is_on(&self, clock: DeviceTick) -> bool {
        self.ends_at().is_some_and(|at| at > clock)
    }

    /// Forgets what has passed.
    pub(super) fn forget_past(&mut self, clock: DeviceTick) {
        self.join = self.join.filter(|at| *at > clock);
        self.settle = self.settle.filter(|at| *at > clock);
    }

    /// Other lengths hold for what has begun, too, but for what has passed (D-34).
    pub(super) fn resize(&mut self, old: &Settings, new: &Settings, clock: DeviceTick) {
        self.forget_past(clock);
        let resize = |at, old, new| resized(at, old, new, clock);
        self.join = self.join.map(|at| resize(at, old.join_quiet, new.join_quiet));
        self.settle = self.settle.map(|at| resize(at, old.settle, new.settle));
    }

    /// The clock goes from `clock` to 0 (D-25).
    pub(super) fn restart(&mut self, clock: DeviceTick) {
        let rebase = |at| DeviceTick::START.plus(clock.until(at));
        self.join = self.join.map(rebase);
        self.settle = self.settle.map(rebase);
    }

    /// Why no handset has such a quiet between two steps (D-25).
    #[cfg(feature = "json")]
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let is_past_the_end = self.ends_at().is_some_and(|at| at > DeviceTick::END);
        super::saved::first_broken([(is_past_the_end, "its quiet ends past the end of time")])
    }
}

/// The end, at another length, of what is to end at `at` (D-34). What had no end before, since the
/// end of time came first, is counted from the clock.
pub(super) fn resized(at: DeviceTick, old: u64, new: u64, clock: DeviceTick) -> DeviceTick {
    if at == DeviceTick::END {
        return clock.plus(new);
    }
    DeviceTick::known(at.as_millis().saturating_add(new).saturating_sub(old))
}

#[cfg(test)]
mod tests {
    use super::{Quiet, Settings, resized};
    use crate::handset::DeviceTick;

    const fn at(millis: u64) -> DeviceTick {
        DeviceTick::from_millis(millis)
    }

    #[test]
    fn the_later_end_counts() {
        let mut quiet = Quiet::default();
        assert!(!quiet.is_on(DeviceTick::START));
        let long = Settings::DEFAULT;
        quiet.join(at(100), &long);
        quiet.join(at(50), &Settings { join_quiet: 1, ..long });
        quiet.settle(at(200), &long);
        assert_eq!(quiet.ends_at(), Some(at(15_100)));
        quiet.end_join();
        assert_eq!(quiet.ends_at(), Some(at(2_200)));
        assert_eq!([2_199, 2_200].map(|millis| quiet.is_on(at(millis))), [true, false]);
        quiet.forget_past(at(2_200));
        assert_eq!(quiet, Quiet::default());
    }

    #[test]
    fn another_length_holds_for_what_has_begun() {
        assert_eq!(resized(at(5_000), 4_000, 1_500, at(1_200)), at(2_500));
        assert_eq!(
            resized(at(500), 4_000, 1_500, DeviceTick::START),
            DeviceTick::START,
            "it began before 0"
        );
        assert_eq!(resized(DeviceTick::END, u64::MAX, 1_500, at(1_200)), at(2_700));
    }
}
