//! How patient a handset is, and how much it stores.

/// How patient a handset is, and how much it stores. Lengths are in milliseconds.
///
/// ```
/// use roomcall::handset::Settings;
/// let settings = Settings { retry_interval: 500, ..Settings::DEFAULT };
/// assert_eq!(settings.min_ring, 1_000);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// An unanswered request is sent again after this long (D-17).
    pub retry_interval: u64,
    /// What rings is asked for at least this often while there is a connection; `None` for a
    /// transport that loses nothing but by going down (D-16).
    pub refresh: Option<u64>,
    /// A call with an answer on its way is silenced this long after its deadline (D-13).
    pub answer_grace: u64,
    /// A ring with less time left is not shown: nobody could answer it (D-06).
    pub min_ring: u64,
    /// What happens with a ring that is over already (D-06).
    pub late_ring: LateRing,
    /// Calls to this user that are followed at once (D-19).
    pub calls: u32,
    /// Endings that are remembered between two snapshots (D-14).
    pub endings: u32,
    /// How far the number of a new request may be above the lowest unanswered one (D-18). At most
    /// the exchange's `requestsPerRequester`.
    pub requests: u32,
    /// Calls by this user whose outcome is remembered (D-21).
    pub outgoing: u32,
    /// Entries asked for with one page of the pending list (D-23).
    pub page: u32,
}

/// What happens with a ring that is over already (D-06).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LateRing {
    /// Nothing.
    Ignore,
    /// The host is told, so that it can report the call to its operating system and end it at
    /// once: what iOS asks for after each push.
    Report,
}

impl Settings {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        retry_interval: 2_000,
        refresh: Some(60_000),
        answer_grace: 10_000,
        min_ring: 1_000,
        late_ring: LateRing::Ignore,
        calls: 32,
        endings: 64,
        requests: 16,
        outgoing: 200,
        page: 20,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
