//! The intervals and bounds of a handset.

use super::Handset;

/// The intervals and bounds of a handset. Intervals are in milliseconds. Any value is legal; a
/// bound of 0 means none at all, and an interval of 0 that would repeat something counts as 1
/// (D-02).
///
/// ```
/// use roomcall::handset::Settings;
/// let settings = Settings { retry_interval: 500, ..Settings::DEFAULT };
/// assert_eq!(settings.min_ring, 1_000);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// An unanswered request is sent again after this many milliseconds (D-17), and a pagination that
    /// was refused begins again (D-23).
    pub retry_interval: u64,
    /// A snapshot is requested at least every so many milliseconds while there is a connection;
    /// `None` for a transport that loses nothing but by going down; then a device that is in no room
    /// hears of the calls that others of the user made when it connects only (D-16, P-06).
    pub refresh: Option<u64>,
    /// A call whose accept or reject is unanswered is silenced this many milliseconds after its
    /// deadline (D-13).
    pub answer_grace: u64,
    /// A ring with fewer milliseconds left is not shown: nobody could answer it (D-06).
    pub min_ring: u64,
    /// A call, cancel or revoke that could not be sent for this many milliseconds after its tap is
    /// not sent: nobody wants to ring somebody minutes later, or to end a newer call (D-20).
    pub valid_for: u64,
    /// After this device has answered a call, no other one begins to ring for so many milliseconds, or
    /// until it is in a room or could not join one (D-32).
    pub join_quiet: u64,
    /// After another device of the user has answered a call, no other one begins to ring here for so
    /// many milliseconds (D-32).
    pub settle: u64,
    /// What happens with a ring for a call that is over (D-06). Pushes are answered in any case
    /// (D-29).
    pub late_ring: LateRing,
    /// Calls to this user that are known at once (D-19).
    pub calls: u32,
    /// Endings that are remembered between two snapshots, and removed entries that are remembered
    /// of the room's list (D-14, D-22).
    pub endings: u32,
    /// How far the number of a new request may be above the lowest unanswered one (D-18). At most
    /// the switchboard's `requestsPerRequester`.
    pub requests: u32,
    /// Calls by this user whose outcome is remembered (D-21).
    pub outgoing: u32,
    /// Entries requested with one page of the pending list (D-23).
    pub page: u32,
}

/// What happens with a ring for a call that is over (D-06).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum LateRing {
    /// Nothing.
    Ignore,
    /// The host gets a [`Report`](super::Effect::Report), so that it can report the call to its
    /// operating system and end it at once. A push has one in any case: give it as
    /// [`Input::Push`](super::Input::Push).
    Report,
}

impl Settings {
    /// The defaults: retry after 2 s, refresh each minute, 10 s of grace, rings of 1 s and more,
    /// calls that are sent within 10 s, 15 s of quiet after an answer here and 2 s after one
    /// elsewhere, 32 calls, 64 endings, 16 requests, 200 outgoing calls, pages of 20.
    pub const DEFAULT: Self = Self {
        retry_interval: 2_000,
        refresh: Some(60_000),
        answer_grace: 10_000,
        min_ring: 1_000,
        valid_for: 10_000,
        join_quiet: 15_000,
        settle: 2_000,
        late_ring: LateRing::Ignore,
        calls: 32,
        endings: 64,
        requests: 16,
        outgoing: 200,
        page: 20,
    };
}

impl Handset {
    /// Other settings hold from now on; what they bound is evicted when the input is done (D-34).
    pub(super) fn on_settings(&mut self, settings: Settings) {
        let old = core::mem::replace(&mut self.settings, settings);
        self.quiet.resize(&old, &self.settings, self.clock);
        self.requests.resize(&old, &self.settings, self.clock);
        self.outgoing.prune_later();
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
