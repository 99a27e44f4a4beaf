//! What beats say of the frames between a gateway and the active processor of a partition.

use crate::wire::{Incarnation, Link};

/// So many milliseconds after it was announced a gateway is in the beats.
const PATIENCE: u64 = 500;

/// For so many milliseconds no frame may come that is not acknowledged.
const STUCK: u64 = 1_000;

/// Where beats are further apart, in milliseconds, nothing is known of the time between.
const APART: u64 = 500;

/// What follows from a beat.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// All that was sent up to this beat has come.
    InSync,
    /// Frames of the processor are lost.
    Lost,
    /// Frames of the gateway are lost, or the processor does not know this incarnation, which is not above the one it
    /// has.
    Unheard(Incarnation),
}

/// Frames that come, and when beats said what.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// How many frames have come.
    came: u64,
    /// When it was announced.
    announced_at: u64,
    /// When the last beat was.
    beat_at: u64,
    /// How many frames were sent, by the last beat.
    sent: u64,
    /// Since when frames are not acknowledged, and none is.
    stuck_since: Option<u64>,
}

/// Whether a frame is the next one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Arrival {
    Next,
    Again,
    /// Those before are lost.
    Late,
}

impl Watch {
    /// It was announced at a time, in milliseconds.
    pub(super) fn restart(&mut self, now: u64) {
        *self = Self { announced_at: now, beat_at: now, ..Self::default() };
    }

    /// A frame has come.
    pub(super) fn frame(&mut self, number: u64) -> Arrival {
        match number.cmp(&(self.came + 1)) {
            std::cmp::Ordering::Less => Arrival::Again,
            std::cmp::Ordering::Greater => Arrival::Late,
            std::cmp::Ordering::Equal => {
                self.came += 1;
                Arrival::Next
            }
        }
    }

    /// Frames were acknowledged.
    pub(super) fn moves(&mut self) {
        self.stuck_since = None;
    }

    /// The active processor beats, while so many frames are not acknowledged.
    pub(super) fn beat(
        &mut self,
        now: u64,
        link: Option<&Link>,
        incarnation: Incarnation,
        unacknowledged: u64,
    ) -> Found {
        let is_steady = now.saturating_sub(self.beat_at) <= APART;
        self.beat_at = now;
        let known = link.map_or(0, |it| it.incarnation);
        let Some(link) = link.filter(|it| it.incarnation == incarnation) else {
            let is_late = now.saturating_sub(self.announced_at) > PATIENCE;
            return if is_late { Found::Unheard(known) } else { Found::Nothing };
        };
        // What the beat before spoke of was on its way then.
        let is_lost = self.sent > self.came;
        self.sent = link.sent;
        if is_lost {
            return Found::Lost;
        }
        if unacknowledged == 0 || !is_steady {
            self.stuck_since = None;
        }
        if unacknowledged > 0 {
            let since = *self.stuck_since.get_or_insert(now);
            if now.saturating_sub(since) >= STUCK {
                return Found::Unheard(known);
            }
        }
        if self.came >= link.sent { Found::InSync } else { Found::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(watch: &mut Watch, now: u64, sent: u64, unacknowledged: u64) -> Found {
        let gateway = "g".to_owned();
        let link = Link { gateway, incarnation: 1, sent, received: 0 };
        watch.beat(now, Some(&link), 1, unacknowledged)
    }

    #[test]
    fn frames_are_lost_where_two_beats_say_so() {
        let mut watch = Watch::default();
        assert_eq!(beat(&mut watch, 100, 0, 0), Found::InSync);
        assert_eq!(
            [1, 1, 3].map(|it| watch.frame(it)),
            [Arrival::Next, Arrival::Again, Arrival::Late]
        );
        assert_eq!(beat(&mut watch, 200, 2, 0), Found::Nothing);
        assert_eq!(watch.frame(2), Arrival::Next);
        assert_eq!(beat(&mut watch, 300, 3, 0), Found::Nothing);
        assert_eq!(beat(&mut watch, 400, 3, 0), Found::Lost);
    }

    #[test]
    fn frames_are_unheard_where_none_comes_for_a_second_of_beats() {
        let mut watch = Watch::default();
        let mut at = |now| beat(&mut watch, now, 0, 1);
        assert!((1..=10).all(|it| at(it * 100) == Found::InSync));
        assert_eq!(at(1_100), Found::Unheard(1));
        // Beats had stopped: it begins anew.
        assert!([2_000, 2_400, 2_800].iter().all(|it| at(*it) == Found::InSync));
        assert_eq!(at(3_000), Found::Unheard(1));
        watch.moves();
        assert_eq!(beat(&mut watch, 3_100, 0, 1), Found::InSync);
    }

    #[test]
    fn who_is_announced_is_known_soon() {
        let mut watch = Watch::default();
        watch.restart(1_000);
        assert_eq!(watch.beat(1_500, None, 1, 1), Found::Nothing);
        assert_eq!(watch.beat(1_501, None, 1, 1), Found::Unheard(0));
        let link = Link { gateway: "g".to_owned(), incarnation: 9, sent: 0, received: 0 };
        assert_eq!(watch.beat(1_600, Some(&link), 1, 1), Found::Unheard(9));
    }
}
