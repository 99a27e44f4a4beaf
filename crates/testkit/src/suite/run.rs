//! A random world as data: the policy of its host, and what happens.

use roomcall::{ActiveCalls, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy};
use serde::{Deserialize, Serialize};

use super::action::{self, Action};
use super::transport::{Capabilities, Rules};
use crate::dice::Dice;

/// A run of a random world. Any list of actions is one.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// With which policy its host starts.
    #[serde(default)]
    pub policy: Policy,
    /// What happens, in order.
    pub actions: Vec<Action>,
}

impl Run {
    /// What comes of a seed, on a host that can do this. Every second one has another policy than the default, if the host
    /// can have one.
    pub fn random(seed: u64, count: usize, can: Capabilities) -> Self {
        let policy = if can.policies && seed % 2 == 1 {
            policy(&mut Dice::new(!seed))
        } else {
            Policy::DEFAULT
        };
        let mut dice = Dice::new(seed);
        Self { policy, actions: (0..count).map(|_| action::random(&mut dice, can)).collect() }
    }

    /// With which rules its host starts.
    pub(super) fn rules(&self) -> Rules {
        Rules::new(Limits::DEFAULT, self.policy)
    }

    /// What is left if `chunk` actions are left out, at each place; and if it is one, what has something simpler in the place
    /// of one, or of the policy.
    pub(super) fn smaller(&self, chunk: usize) -> Vec<Self> {
        let Self { policy, actions } = self;
        let with = |actions: Vec<Action>| Self { policy: *policy, actions };
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
                all.push(Self { policy: Policy::DEFAULT, actions: actions.clone() });
            }
        }
        all
    }
}

fn policy(dice: &mut Dice) -> Policy {
    Policy {
        active_calls: dice.pick(ActiveCalls::ALL),
        in_other_room: dice.pick(InOtherRoom::ALL),
        caller_left: dice.pick(CallerLeft::ALL),
        may_call: dice.pick(MayCall::ALL),
        outcomes_to: dice.pick(OutcomesTo::ALL),
        join_grace: dice.pick(&[0, 5]),
    }
}
