//! A random world as data: the rules of its host, and what happens.

use roomcall::{Limits, Policy};
use serde::{Deserialize, Serialize};

use super::action::{self, Action};
use super::transport::{Capabilities, Rules};
use super::weights;
use crate::dice::Dice;

/// A run of a random world. Any list of actions is one.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// With which policy its host starts.
    #[serde(default)]
    pub policy: Policy,
    /// With which limits.
    #[serde(default)]
    pub limits: Limits,
    /// What happens, in order.
    pub actions: Vec<Action>,
}

impl Run {
    /// What comes of a seed, on a host that can do this. Every second one has another policy than the default, and every
    /// fourth one other limits, if the host can have them.
    pub fn random(seed: u64, count: usize, can: Capabilities) -> Self {
        let mut dice = Dice::new(!seed);
        let is_one_in = |many| can.rules && seed % many == many - 1;
        let policy = if is_one_in(2) { weights::policy(&mut dice) } else { Policy::DEFAULT };
        let limits = if is_one_in(4) { weights::limits(&mut dice) } else { Limits::DEFAULT };
        let mut dice = Dice::new(seed);
        let actions = (0..count).map(|_| weights::action(&mut dice, can)).collect();
        Self { policy, limits, actions }
    }

    /// With which rules its host starts.
    pub(super) fn rules(&self) -> Rules {
        Rules::new(self.limits, self.policy)
    }

    /// What is left if `chunk` actions are left out, at each place; and if it is one, what has something simpler in the place
    /// of one, or of the rules.
    pub(super) fn smaller(&self, chunk: usize) -> Vec<Self> {
        let Self { policy, limits, actions } = self;
        let with = |actions: Vec<Action>| Self { policy: *policy, limits: *limits, actions };
        let without = |at: usize| {
            let end = (at + chunk).min(actions.len());
            with([&actions[..at], &actions[end..]].concat())
        };
        let with_simpler = |at: usize| {
            let mut simpler = actions.clone();
            simpler[at] = action::simpler(&actions[at])?;
            Some(with(simpler))
        };
        let mut all: Vec<_> = (0..actions.len()).step_by(chunk).map(without).collect();
        if chunk == 1 {
            all.extend((0..actions.len()).filter_map(with_simpler));
            if *policy != Policy::DEFAULT {
                all.push(Self { policy: Policy::DEFAULT, ..self.clone() });
            }
            if *limits != Limits::DEFAULT {
                all.push(Self { limits: Limits::DEFAULT, ..self.clone() });
            }
        }
        all
    }
}
