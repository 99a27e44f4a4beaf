//! The outcome of one input.

use alloc::vec::Vec;

use serde::Serialize;

use crate::domain::call::CallResult;
use crate::domain::output::{Answer, CalleeResult, Effect, WithdrawResult};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;

/// The complete answer to one input. Nothing is queued in the switchboard: what is not taken from
/// here is lost. Its serde form, in handles, is for logs.
#[must_use = "nobody is notified of the effects unless the host delivers them"]
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Outcome {
    /// The answer, for whoever asked.
    pub answer: Result<Answer, Refusal>,
    /// With [`Answer::Called`]: one result per distinct callee, in first-seen order (C-03).
    pub called: Vec<CalleeResult<CallResult>>,
    /// With [`Answer::Withdrawn`]: one result per distinct callee, in first-seen order (E-12).
    pub withdrawn: Vec<CalleeResult<WithdrawResult>>,
    /// Whom to notify of what, in order (O-01). Look names and extension texts up before the next
    /// input: a text is known only while its attempt is live (C-11), a name that nothing
    /// refers to only until the change of state after the next (N-03).
    pub effects: Vec<Effect>,
    /// Of an input that was not refused and changed nothing: the rule by which it did not (F-01,
    /// E-08, X-02).
    pub unchanged: Option<Rule>,
}

impl Outcome {
    /// An empty outcome, to be filled by
    /// [`Switchboard::apply_into`](crate::switchboard::Switchboard::apply_into).
    pub const fn new() -> Self {
        Self {
            answer: Ok(Answer::Applied),
            called: Vec::new(),
            withdrawn: Vec::new(),
            effects: Vec::new(),
            unchanged: None,
        }
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.answer = Ok(Answer::Applied);
        self.called.clear();
        self.withdrawn.clear();
        self.effects.clear();
        self.unchanged = None;
    }
}

impl Default for Outcome {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a piece of work was the last.
#[must_use = "what is left must be asked for"]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Work {
    /// It is done.
    Done,
    /// There is more: ask again, in the same way.
    Left,
}
