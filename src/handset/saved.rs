//! The state of a handset as text, for a process that is killed (D-25).
//!
//! A text that one release wrote is read by all later ones. So a field is never renamed or removed;
//! one that is added has a default, for texts that lack it; and what a text lacks must mean what it
//! meant to the release that wrote it. Where that cannot be, the version goes up. A field that this
//! release does not know is an error: a later one wrote it, and it may matter.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use super::DeviceTick;
use super::call::Call;
use super::call_log::Log;
use super::calls::Calls;
use super::outgoing::Outgoing;
use super::quiet::Quiet;
use super::requests::Requests;
use super::room_list::RoomList;
use super::unanswered::Readiness;
use super::{Handset, Link, Settings};
use crate::Rule;
use crate::protocol::{array_for_object, array_found};

/// The version of the form that is written and read here.
const VERSION: u32 = 1;

/// What is an array in it. serde takes an array of fields for an object, too.
const LISTS: [&[u8]; 3] = [b"attempts", b"listed", b"userIDList"];

/// Why a text is not a saved handset. Nothing of it was used.
///
/// None of these goes away by trying again. A host tells somebody, and signs the device in again
/// under a new device id with [`Handset::new`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// It is not a saved handset, or a damaged one.
    #[error(
        "this is not a saved handset: {0}; restore the text that `save` wrote, or sign the device in again under a new id"
    )]
    Damaged(String),
    /// It is of another version.
    #[error(
        "the saved handset is of version {0}, and this release reads version 1; use the release that wrote it, or sign the device in again under a new id"
    )]
    Version(u32),
    /// It is well-formed, and no handset can be in this state.
    #[error(
        "the saved handset cannot be one: {0}; restore the text that `save` wrote, or sign the device in again under a new id"
    )]
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
struct Form<'a> {
    handset: u32,
    user: Cow<'a, str>,
    device: Cow<'a, str>,
    settings: Settings,
    clock: DeviceTick,
    /// Texts of before lack it, and what follows but for the parts.
    #[serde(default, skip_serializing_if = "is_absent")]
    quiet: Cow<'a, Quiet>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    is_signed_out: bool,
    #[serde(default, skip_serializing_if = "is_unheard_of")]
    log: Cow<'a, Log>,
    calls: Cow<'a, Calls>,
    /// Whether *ringing* is told from *calling* (C-14): texts of before have it of every live call.
    #[serde(default)]
    is_ringing_told: bool,
    outgoing: Cow<'a, Outgoing>,
    requests: Cow<'a, Requests>,
}

/// Whether there is no quiet.
fn is_absent(quiet: &Quiet) -> bool {
    *quiet == Quiet::default()
}

/// Whether nothing was heard of a call log.
fn is_unheard_of(log: &Log) -> bool {
    *log == Log::default()
}

/// A saved handset of any version.
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
    /// assert_eq!(Handset::restore(&phone.save(), Some(0)), Ok(phone.restart(Some(0))));
    /// ```
    pub fn save(&self) -> String {
        let form = Form {
            handset: VERSION,
            user: Cow::Borrowed(&self.user),
            device: Cow::Borrowed(&self.device),
            settings: self.settings,
            clock: self.clock,
            quiet: Cow::Borrowed(&self.quiet),
            is_signed_out: self.is_signed_out,
            log: Cow::Borrowed(&self.log),
            calls: Cow::Borrowed(&self.calls),
            is_ringing_told: true,
            outgoing: Cow::Borrowed(&self.outgoing),
            requests: Cow::Borrowed(&self.requests),
        };
        // Structs, and maps whose keys are texts and numbers: all of them have a form in JSON.
        serde_json::to_string(&form).unwrap_or_default()
    }

    /// The handset of a saved state, as after [`restart`](Self::restart) with the milliseconds
    /// since its last step, `dead`, if the host knows.
    ///
    /// # Errors
    ///
    /// The text is not what [`save`](Self::save) wrote, is of another version, or tells of a state
    /// in which no handset can be (D-25).
    ///
    /// ```
    /// use roomcall::handset::{Handset, SavedError};
    /// assert_eq!(Handset::restore(r#"{"handset":7}"#, None), Err(SavedError::Version(7)));
    /// ```
    pub fn restore(saved: &str, dead: Option<u64>) -> Result<Self, SavedError> {
        let damaged = |error: serde_json::Error| SavedError::Damaged(error.to_string());
        let AnyVersion { handset } = serde_json::from_str(saved).map_err(damaged)?;
        if handset != VERSION {
            return Err(SavedError::Version(handset));
        }
        let form: Form<'_> = serde_json::from_str(saved).map_err(damaged)?;
        if let Some(column) = array_for_object(saved, &LISTS) {
            return Err(SavedError::Damaged(array_found(column)));
        }
        let mut outgoing = form.outgoing.into_owned();
        if !form.is_ringing_told {
            outgoing.demote_ringing();
        }
        let handset = Self {
            user: form.user.into_owned(),
            device: form.device.into_owned(),
            settings: form.settings,
            clock: form.clock,
            ahead: 0,
            link: Link::Down,
            room: None,
            is_occupied: false,
            quiet: form.quiet.into_owned(),
            is_signed_out: form.is_signed_out,
            readiness: Readiness::None,
            log: form.log.into_owned(),
            calls: form.calls.into_owned(),
            outgoing,
            list: RoomList::new(),
            requests: form.requests.into_owned(),
        };
        handset.check().map_err(SavedError::Impossible)?;
        Ok(handset.restart(dead))
    }

    /// Why no handset can be in this state between two steps.
    fn check(&self) -> Result<(), &'static str> {
        first_broken([
            (self.user.is_empty() || self.device.is_empty(), "it has no user or no device"),
            (self.clock > DeviceTick::END, "its clock is past the end of time"),
        ])?;
        self.calls.check(&self.settings)?;
        self.outgoing.check()?;
        self.requests.check()?;
        self.quiet.check()?;
        let may_be_shown = |call: &Call| !call.is_silenced() && !call.is_hidden();
        let is_shown = |attempt| self.calls.get(attempt).is_some_and(may_be_shown);
        first_broken([(
            !self.requests.answered_attempts().all(is_shown),
            "an accept or reject is for no call on the screen",
        )])
    }
}

/// Says what the first broken claim is.
pub(super) fn first_broken<const N: usize>(
    claims: [(bool, &'static str); N],
) -> Result<(), &'static str> {
    match claims.into_iter().find(|(is_broken, _)| *is_broken) {
        Some((_, claim)) => Err(claim),
        None => Ok(()),
    }
}
