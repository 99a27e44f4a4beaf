//! One call of the load, and what is to become of it.

use roomcall::handset::Progress;
use tokio::time::Instant;

use super::dice::Dice;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Will {
    /// A device of the callee says yes.
    Accept,
    /// Both devices of the callee say yes at once.
    AcceptOnBoth,
    /// A device of the callee says no.
    Reject,
    /// The caller withdraws it.
    Cancel,
    /// Nobody does anything.
    TimeOut,
}

impl Will {
    /// 60 % are accepted, every fourth of them on both devices; 20 % are rejected, 10 % cancelled,
    /// and 10 % time out.
    pub(crate) fn of(dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..45 => Self::Accept,
            45..60 => Self::AcceptOnBoth,
            60..80 => Self::Reject,
            80..90 => Self::Cancel,
            _ => Self::TimeOut,
        }
    }

    /// For how many seconds it rings: briefly if nobody is to answer; else long enough to outlast a
    /// server that is away for a while.
    pub(crate) fn timeout(self, dice: &mut Dice) -> u32 {
        match self {
            Self::TimeOut if dice.below(2) == 0 => 1,
            Self::TimeOut => 2,
            _ => 30,
        }
    }
}

/// A call that is not over yet.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Which user is called.
    pub(crate) callee: usize,
    pub(crate) will: Will,
    /// When the caller tapped.
    pub(crate) tapped: Instant,
    /// How often a connection had broken by then, if all devices were connected.
    pub(crate) calm: Option<u64>,
    /// On which of the two devices it has rung.
    pub(crate) rang: [bool; 2],
    /// On which of the two devices it is on the screen.
    pub(crate) shown: [bool; 2],
    /// The attempt, once it rang.
    pub(crate) attempt: Option<u64>,
    /// Which device said yes, alone, and when.
    pub(crate) yes: Option<(usize, Instant)>,
    /// Which device is to answer, if it can.
    pub(crate) first: usize,
    /// How it ended, as the caller sees it.
    pub(crate) ending: Option<Progress>,
}

impl Call {
    /// Which device is to answer: the one that was chosen, or the other one if only that rings.
    pub(crate) fn answerer(&self) -> Option<usize> {
        [self.first, 1 - self.first].into_iter().find(|it| self.shown[*it])
    }

    /// Whether nothing more is to come of it.
    pub(crate) fn is_over(&self) -> bool {
        self.ending.is_some() && self.shown == [false, false]
    }
}

/// The word for how a call ended, as its caller sees it; `None` while it has not.
pub(crate) const fn ending(progress: &Progress) -> Option<&'static str> {
    Some(match progress {
        Progress::Asking | Progress::Calling | Progress::Ringing => return None,
        Progress::AlreadyInRoom => "already in the room",
        Progress::AlreadyInCalling => "already being called",
        Progress::Refused { .. } => "refused",
        Progress::NotSent => "never sent",
        Progress::Unknown => "given up by the caller",
        Progress::TimedOut => "timed out",
        Progress::Rejected { .. } => "rejected",
        Progress::Cancelled => "cancelled",
        Progress::Revoked { .. } => "revoked",
        Progress::Accepted => "accepted",
        _ => "ended in a new way",
    })
}
