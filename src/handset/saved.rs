//! The state of a handset as text, for a process that is killed (D-25).

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use super::incoming::Calls;
use super::list::List;
use super::outgoing::Outgoing;
use super::output::Stage;
use super::requests::Requests;
use super::{Handset, Link, Settings};
use crate::domain::limits::is_within;
use crate::protocol::Command;
use crate::{Rule, Tick};

/// The version of the form that is written and read here.
const VERSION: u32 = 1;

/// Why a text is not a saved state. Nothing of it was used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// It is no saved state, or a damaged one.
    #[error("this is not a saved handset: {0}")]
    Damaged(String),
    /// It is of another version.
    #[error("the saved handset is of version {0}, and this reads version 1")]
    Version(u32),
    /// It is well-formed, and no handset can be in this state.
    #[error("the saved handset cannot be one: {0}")]
    Impossible(&'static str),
}

impl SavedError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        Rule::D25
    }
}

/// What outlives a process.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Form {
    handset: u32,
    user: String,
    device: String,
    settings: Settings,
    clock: Tick,
    fresh_from: u64,
    calls: Calls,
    outgoing: Outgoing,
    requests: Requests,
}

/// A saved state of any version.
#[derive(Deserialize)]
struct AnyVersion {
    handset: u32,
}

impl Handset {
    /// The state as one line of JSON, to be stored before a step's effects are carried out.
    ///
    /// ```
    /// use roomcall::handset::{Handset, Settings};
    ///
    /// let phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// assert_eq!(Handset::restore(&phone.save()), Ok(phone.restart()));
    /// ```
    pub fn save(&self) -> String {
        let form = Form {
            handset: VERSION,
            user: self.user.clone(),
            device: self.device.clone(),
            settings: self.settings,
            clock: self.clock,
            fresh_from: self.fresh_from,
            calls: self.calls.clone(),
            outgoing: self.outgoing.clone(),
            requests: self.requests.clone(),
        };
        // Plain structs and maps with keys of text and numbers: nothing that JSON has no form for.
        serde_json::to_string(&form).unwrap_or_default()
    }

    /// The handset of a saved state, as after [`restart`](Self::restart).
    ///
    /// # Errors
    ///
    /// The text is not what [`save`](Self::save) wrote (D-25).
    ///
    /// ```
    /// use roomcall::handset::Handset;
    /// let error = Handset::restore(r#"{"handset":7}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "the saved handset is of version 7, and this reads version 1");
    /// ```
    pub fn restore(saved: &str) -> Result<Self, SavedError> {
        let damaged = |error: serde_json::Error| SavedError::Damaged(error.to_string());
        let AnyVersion { handset } = serde_json::from_str(saved).map_err(damaged)?;
        if handset != VERSION {
            return Err(SavedError::Version(handset));
        }
        let form: Form = serde_json::from_str(saved).map_err(damaged)?;
        form.check().map_err(SavedError::Impossible)?;
        let Form { user, device, settings, clock, fresh_from, calls, outgoing, requests, .. } =
            form;
        let handset = Self {
            user,
            device,
            settings,
            clock,
            link: Link::Down,
            room: None,
            is_ready: false,
            fresh_from,
            refreshed: Tick::START,
            calls,
            outgoing,
            list: List::new(),
            requests,
        };
        Ok(handset.restart())
    }
}

impl Form {
    /// What holds of every handset between two inputs.
    fn check(&self) -> Result<(), &'static str> {
        let Self { calls, requests, settings, .. } = self;
        let is_shown =
            |attempt: &u64| calls.known.get(attempt).is_some_and(|call| !call.is_silenced);
        let answered = requests.open.values().filter_map(|open| match open.command() {
            Some(Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. }) => {
                *attempt
            }
            Some(
                Command::CallUserToRoom { .. }
                | Command::CancelCall { .. }
                | Command::RevokeCall { .. },
            )
            | None => None,
        });
        let ringing = calls.screen.values().filter(|stage| **stage == Stage::Ringing).count();
        let is_past = |at: Tick| at > Tick::LAST;
        let deadlines = calls.known.values().filter_map(|call| call.deadline);
        let expiries = requests.open.values().filter_map(|open| open.expires);
        let claims = [
            (self.user.is_empty() || self.device.is_empty(), "it has no user or no device"),
            (is_past(self.clock), "its clock is past the end of time"),
            (deadlines.chain(expiries).any(is_past), "a deadline is past the end of time"),
            (!is_within(calls.known.len(), settings.calls), "it knows more calls than `calls`"),
            (!is_within(calls.over.len(), settings.endings), "it knows more than `endings`"),
            (calls.known.keys().any(|a| calls.over.contains_key(a)), "a known call is over"),
            (!calls.screen.keys().all(is_shown), "the screen shows what is not known"),
            (ringing > 1, "two calls ring"),
            (calls.mark > calls.floor, "the floor is below the mark"),
            (
                requests.open.keys().any(|request_id| *request_id >= requests.next),
                "a request has no number yet",
            ),
            (!answered.into_iter().all(|a| is_shown(&a)), "an answer is to no call"),
        ];
        match claims.into_iter().find(|(is_broken, _)| *is_broken) {
            Some((_, claim)) => Err(claim),
            None => Ok(()),
        }
    }
}
