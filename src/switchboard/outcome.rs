//! What comes of one input, and the memory that is needed to find it.

use alloc::vec::Vec;
use core::fmt;

use super::commit::Change;
use crate::{Answer, CallResult, Effect, Refusal, UserId, WithdrawResult};

/// The complete answer to one input. Nothing is queued in the switchboard: what is not taken from
/// here is lost.
#[must_use = "the effects are told to nobody unless the host delivers them"]
#[derive(Clone)]
pub struct Outcome {
    /// The answer, for whoever asked.
    pub answer: Result<Answer, Refusal>,
    /// With [`Answer::Called`]: one result per distinct callee, in first-seen order (C-03).
    pub called: Vec<(UserId, CallResult)>,
    /// With [`Answer::Withdrawn`]: one result per distinct callee, in first-seen order (E-12).
    pub withdrawn: Vec<(UserId, WithdrawResult)>,
    /// Whom to tell what, in order (O-01). Look names and extension texts up before the next input:
    /// a text is known only while its attempt is live (C-11), a name that nothing refers to any
    /// more only until the change of state after the next (N-03).
    pub effects: Vec<Effect>,
    /// What `decide` found is to happen, in order. Of no meaning between steps, as what follows.
    pub(super) plan: Vec<Change>,
    /// The callees of the input once each, in first-seen order, and where each is seen first.
    pub(super) callees: Vec<(UserId, usize)>,
    /// Whether names were forgotten in this step: once is enough, or its effects cannot be named.
    pub(super) has_turned: bool,
}

impl Outcome {
    /// An empty step, to be filled by
    /// [`Switchboard::apply_into`](crate::switchboard::Switchboard::apply_into).
    pub const fn new() -> Self {
        Self {
            answer: Ok(Answer::Applied),
            called: Vec::new(),
            withdrawn: Vec::new(),
            effects: Vec::new(),
            plan: Vec::new(),
            callees: Vec::new(),
            has_turned: false,
        }
    }

    /// Empties the step and keeps its memory.
    pub fn clear(&mut self) {
        self.answer = Ok(Answer::Applied);
        self.called.clear();
        self.withdrawn.clear();
        self.effects.clear();
        self.has_turned = false;
    }
}

impl Default for Outcome {
    fn default() -> Self {
        Self::new()
    }
}

/// Equal are two steps that say the same.
impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        self.answer == other.answer
            && self.called == other.called
            && self.withdrawn == other.withdrawn
            && self.effects == other.effects
    }
}

impl Eq for Outcome {}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("answer", &self.answer)
            .field("called", &self.called)
            .field("withdrawn", &self.withdrawn)
            .field("effects", &self.effects)
            .finish_non_exhaustive()
    }
}
