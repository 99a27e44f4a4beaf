//! The bounds on everything that a switchboard stores or does in one step (L-13).

/// How many limits there are.
pub(crate) const LIMITS: usize = 21;

/// The bounds on everything that a switchboard stores or does in one step (L-13). Any value is
/// legal; 0 means none at all. They are part of the state and of a snapshot.
///
/// ```
/// use roomcall::Limits;
/// let limits = Limits { callees: 8, ..Limits::DEFAULT };
/// assert_eq!(limits.timeout_max, 300);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields, expecting = "an object of limits")]
pub struct Limits {
    /// Distinct callees in one request (L-03).
    pub callees: u32,
    /// The longest timeout, in seconds (L-04).
    pub timeout_max: u32,
    /// Whether a call may ring without end (L-05).
    pub never: bool,
    /// The longest extension text, in bytes of UTF-8 (L-06).
    pub extension_bytes: u32,
    /// Live calls of one room, and those who are expected there (L-07).
    pub live_calls_per_room: u32,
    /// Kept records of one room; one more evicts the one that was kept longest (K-03).
    pub kept_per_room: u32,
    /// Remembered endings of one room; one more evicts the oldest (E-18).
    pub ended_per_room: u32,
    /// Live calls of the switchboard, and those who are expected anywhere (L-08).
    pub live_calls: u32,
    /// The longest user, room or device id, in bytes of UTF-8 (L-01).
    pub id_bytes: u32,
    /// The largest page of the pending list, in calls (Q-05), and of endings of my calls (Q-11).
    pub page_size: u32,
    /// Open rooms; opening one more is ignored (L-09).
    pub rooms: u32,
    /// Users present in one room; entering as one more is ignored (L-10).
    pub participants_per_room: u32,
    /// Admins of one room; making one more is ignored (L-11).
    pub admins_per_room: u32,
    /// Names of one kind that the host interns (L-12).
    pub held_names: u32,
    /// Numbered requests of one requester that are remembered: those of the numbers less
    /// than this below the highest (X-05).
    pub requests_per_requester: u32,
    /// Requesters whose requests are remembered (X-05).
    pub requesters: u32,
    /// Calls that a user may make a minute; 0 is as many as the others allow (L-14).
    pub calls_per_minute: u32,
    /// Users whose calls are counted, for `calls_per_minute`; with 0 nobody is held to it (L-14).
    pub rated_users: u32,
    /// Entries of a user's call log; one more evicts the oldest, and with 0 nothing is logged (H-02).
    pub logged_per_user: u32,
    /// Entries of all call logs; one more evicts the oldest, and with 0 nothing is logged (H-02).
    pub logged_calls: u32,
    /// For how long an entry of a call log is given, in seconds (H-02).
    pub logged_for: u32,
}

impl Limits {
    /// The defaults of the journal form.
    pub const DEFAULT: Self = Self {
        callees: 100,
        timeout_max: 300,
        never: false,
        extension_bytes: 2_048,
        live_calls_per_room: 1_000,
        kept_per_room: 200,
        ended_per_room: 1_000,
        live_calls: 10_000_000,
        id_bytes: 64,
        page_size: 100,
        rooms: 1_000_000,
        participants_per_room: 100_000,
        admins_per_room: 1_000,
        held_names: 10_000_000,
        requests_per_requester: 16,
        requesters: 100_000,
        calls_per_minute: 0,
        rated_users: 1_000_000,
        logged_per_user: 50,
        logged_calls: 1_000_000,
        logged_for: 604_800,
    };
}

impl Limits {
    /// Whether limits may change to these: the sizes of what is stored may only grow (F-19).
    ///
    /// ```
    /// use roomcall::Limits;
    /// let smaller = Limits { id_bytes: 8, ..Limits::DEFAULT };
    /// assert!(Limits::DEFAULT.may_follow(&smaller) && !smaller.may_follow(&Limits::DEFAULT));
    /// ```
    pub const fn may_follow(&self, before: &Self) -> bool {
        self.id_bytes >= before.id_bytes
            && self.extension_bytes >= before.extension_bytes
            && self.page_size >= before.page_size
    }

    /// The greater one of each two limits (F-19).
    #[must_use]
    pub(crate) fn max(&self, other: &Self) -> Self {
        let mut numbers = self.numbers();
        for (number, other) in numbers.iter_mut().zip(other.numbers()) {
            *number = (*number).max(other);
        }
        // The greater one of two numbers that can be can be, too.
        Self::of_numbers(numbers).unwrap_or(*self)
    }
}

/// A limit as a number.
trait Number: Copy {
    fn to(self) -> u32;
    /// `None` if it cannot be this one.
    fn of(number: u32) -> Option<Self>;
}

impl Number for u32 {
    fn to(self) -> u32 {
        self
    }

    fn of(number: u32) -> Option<Self> {
        Some(number)
    }
}

impl Number for bool {
    fn to(self) -> u32 {
        self.into()
    }

    fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// The list of all limits: the compiler sees to it that none is left out.
macro_rules! as_numbers {
    ($($limit:ident,)+) => {
        impl Limits {
            /// The limits as numbers, in the order of their declaration.
            pub(crate) fn numbers(&self) -> [u32; LIMITS] {
                let Self { $($limit),+ } = *self;
                [$($limit.to()),+]
            }

            /// The limits of these numbers; `None` if one cannot be.
            pub(crate) fn of_numbers(numbers: [u32; LIMITS]) -> Option<Self> {
                let [$($limit),+] = numbers;
                Some(Self { $($limit: Number::of($limit)?),+ })
            }
        }
    };
}

as_numbers! {
    callees,
    timeout_max,
    never,
    extension_bytes,
    live_calls_per_room,
    kept_per_room,
    ended_per_room,
    live_calls,
    id_bytes,
    page_size,
    rooms,
    participants_per_room,
    admins_per_room,
    held_names,
    requests_per_requester,
    requesters,
    calls_per_minute,
    rated_users,
    logged_per_user,
    logged_calls,
    logged_for,
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whether a count is at most a limit.
pub(crate) fn is_within(count: usize, limit: u32) -> bool {
    count <= usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Whether a text is an id (L-01).
#[inline]
pub(crate) fn is_id(text: &str, limit: u32) -> bool {
    !text.is_empty() && is_within(text.len(), limit)
}
