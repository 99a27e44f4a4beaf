//! Which rules a step shows: those that its outputs name, and the laws that it is an example of.

mod handset;
mod switchboard;

use std::collections::BTreeSet;

use roomcall::Rule;
use serde::Serialize;
use serde_json::Value;

use super::case::{Begin, Step};
pub use handset::HandsetRules;
pub use switchboard::SwitchboardRules;

/// Some rules.
pub type Rules = BTreeSet<Rule>;

/// The rules of each step.
///
/// # Errors
///
/// A step is malformed.
pub fn shown(begin: &Begin, steps: &[Step]) -> Result<Vec<Rules>, String> {
    match begin {
        Begin::Switchboard { .. } => {
            let mut reader = SwitchboardRules::default();
            steps.iter().map(|step| reader.step(step)).collect()
        }
        Begin::Handset { user, device, .. } => {
            let mut reader = HandsetRules::new(user, device);
            steps.iter().map(|step| reader.step(step)).collect()
        }
    }
}

/// The word by which JSON tells a variant.
pub fn tag(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}
