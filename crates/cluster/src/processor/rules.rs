//! The policy and limits of a partition: they change (F-19) once all processors that follow it are set up with the new ones,
//! so that two that differ do not change them back and forth.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use roomcall::journal::Header;
use roomcall::protocol::{Fact, LimitsChange, PolicyChange};

/// A digest of policy and limits: equal ones have equal digests in all processes of one version.
pub(super) fn digest(rules: &Header) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(&(&rules.policy, &rules.limits)).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// The fact that changes rules, if they are others.
pub(super) fn change(was: &Header, rules: &Header) -> Option<Fact> {
    if (was.policy, was.limits) == (rules.policy, rules.limits) {
        return None;
    }
    let policy = Some(PolicyChange::between(&was.policy, &rules.policy));
    let limits = Some(LimitsChange::between(&was.limits, &rules.limits));
    Some(Fact::RulesChanged { policy, limits })
}
