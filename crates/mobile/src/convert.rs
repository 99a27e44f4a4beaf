//! Values of the languages as values of the library, and back: both have the same JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that the library refuses. Nothing was applied.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum InvalidValueError {
    /// No state can have the value, or it has a field that its kind has not.
    #[error("the library refuses this value: {reason}; spec/schema says what it may be")]
    Invalid {
        /// What is wrong.
        reason: String,
    },
}

/// A value of one side as one of the other.
///
/// # Errors
///
/// The other side has no such value.
pub fn convert<T: DeserializeOwned>(value: &impl Serialize) -> Result<T, InvalidValueError> {
    let json = serde_json::to_vec(value).map_err(invalid)?;
    serde_json::from_slice(&json).map_err(invalid)
}

/// What the library says, for a language. [`types`](crate::types) has all that the library has, as the tests show;
/// a value that it lacks all the same is left out, as a client leaves out a message that it does not know.
pub(crate) fn known<T: DeserializeOwned>(values: &[impl Serialize]) -> Vec<T> {
    let known = |value| {
        let converted = convert(value);
        debug_assert!(converted.is_ok(), "the schema lacks a value of the library");
        converted.ok()
    };
    values.iter().filter_map(known).collect()
}

/// The error of JSON as one of a value.
#[allow(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(crate) fn invalid(error: impl std::fmt::Display) -> InvalidValueError {
    InvalidValueError::Invalid { reason: error.to_string() }
}
