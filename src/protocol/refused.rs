//! Why nothing came of a request, by name.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::Ending;
use super::form::present;
use crate::{NameError, Rule};

/// A refusal by name: why nothing came of a request (R-03).
///
/// ```
/// use roomcall::protocol::Refused;
/// use roomcall::Rule;
///
/// let refused: Refused = Refused::new(Rule::R02, 100004, "there is no such room");
/// let error: Box<dyn core::error::Error> = refused.into();
/// assert_eq!(error.to_string(), "there is no such room");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Deserialize<'de>"))]
pub struct Refused<S = String> {
    /// The seed's code; see [`crate::Refusal::code`].
    pub code: i32,
    /// The rule that refuses.
    pub rule: Rule,
    /// What a person reads. It is made for the answer, so it is never borrowed.
    pub message: String,
    /// With E-09: the ending that won.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub ended: Option<Ending<S>>,
    /// In how many milliseconds the request is allowed, where that is known (L-14, L-15).
    #[serde(
        rename = "retryAfter",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub retry_after: Option<u64>,
}

impl<S> Refused<S> {
    /// A host's own refusal because of its load (L-15): the request is to be sent again, with its
    /// number, in so many milliseconds.
    ///
    /// ```
    /// use roomcall::protocol::Refused;
    /// assert_eq!(Refused::<&str>::too_many_requests(500).retry_after, Some(500));
    /// ```
    pub fn too_many_requests(retry_after: u64) -> Self {
        let message = "there are too many requests: send this one again later";
        Self { retry_after: Some(retry_after), ..Self::new(Rule::L15, -2, message) }
    }

    /// A refusal that names no ending.
    pub fn new(rule: Rule, code: i32, message: impl Into<String>) -> Self {
        Self { code, rule, message: message.into(), ended: None, retry_after: None }
    }
}

impl<S> fmt::Display for Refused<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<S: fmt::Debug> core::error::Error for Refused<S> {}

/// What a host answers that could not intern a name of the request: the code of a bad parameter
/// (-1001) for a bad name (L-01), that of a limit (-2) for one name too many (L-12).
///
/// ```
/// use roomcall::protocol::Refused;
/// use roomcall::switchboard::Switchboard;
/// use roomcall::{Limits, Policy, UserId};
///
/// fn connect(board: &mut Switchboard, user: &str) -> Result<UserId, Refused> {
///     Ok(board.intern_user(user)?)
/// }
/// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
/// assert_eq!(connect(&mut board, "").unwrap_err().code, -1001);
/// let refused: Box<dyn std::error::Error> = connect(&mut board, "").unwrap_err().into();
/// assert_eq!(refused.to_string(), "an id must be 1 to 64 bytes of UTF-8");
/// ```
impl<S> From<NameError> for Refused<S> {
    fn from(error: NameError) -> Self {
        let code = match error {
            NameError::BadName { .. } => -1001,
            NameError::TooManyInterned { .. } => -2,
        };
        Self::new(error.rule(), code, alloc::string::ToString::to_string(&error))
    }
}
