//! The rules of `spec/rules.md`, as data.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::word::Words;

macro_rules! rules {
    ($($name:ident $id:literal $title:literal,)+) => {
        /// A rule of `spec/rules.md`. Every effect, refusal and error names the one behind it.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!($id, ": ", $title, ".")] $name,)+
        }

        impl Rule {
            /// Every rule, in the order of `spec/rules.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            const IDS: &'static [(&'static str, Self)] = &[$(($id, Self::$name)),+];

            /// The id, as in `spec/rules.md`.
            ///
            /// ```
            /// use roomcall::Rule;
            /// assert_eq!(Rule::E04.id(), "E-04");
            /// assert_eq!(Rule::E04.title(), "Timed out");
            /// ```
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }

            /// The title, as in `spec/rules.md`.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)+
                }
            }
        }
    };
}

rules! {
    T01 "T-01" "One order",
    T02 "T-02" "A clock that goes back is clamped",
    T03 "T-03" "Clock before command",
    T04 "T-04" "At the deadline the timeout wins",
    T05 "T-05" "The deadline is fixed",
    T06 "T-06" "Never",
    T07 "T-07" "The next deadline",
    T08 "T-08" "Ticks subdivide",
    T09 "T-09" "The end of time",
    T10 "T-10" "Only lengths leave",
    T11 "T-11" "An incremental tick",
    F01 "F-01" "A fact about an unknown room is ignored",
    F02 "F-02" "A room opens empty",
    F03 "F-03" "Opened while open",
    F04 "F-04" "Entering",
    F05 "F-05" "Entering twice",
    F06 "F-06" "Leaving",
    F07 "F-07" "Calls of a caller who leaves",
    F08 "F-08" "Calls of an empty room",
    F09 "F-09" "Roles",
    F10 "F-10" "The role one has",
    F11 "F-11" "Dissolving",
    F13 "F-13" "Sessions that have ended",
    F14 "F-14" "The opening that is meant",
    F15 "F-15" "Who is in the room",
    F16 "F-16" "Removed",
    F17 "F-17" "Facts are answered",
    F18 "F-18" "Lost state",
    F19 "F-19" "Other rules",
    F20 "F-20" "Erased",
    C01 "C-01" "The callee rings",
    C02 "C-02" "The room sees the call",
    C03 "C-03" "One result a callee",
    C04 "C-04" "Already in the room",
    C05 "C-05" "Already being called",
    C06 "C-06" "A new attempt",
    C07 "C-07" "Single active call",
    C08 "C-08" "Called while in another room",
    C09 "C-09" "Rings in another room too",
    C10 "C-10" "Calling again",
    C11 "C-11" "The extension text",
    C12 "C-12" "Refused as a whole",
    C13 "C-13" "A batch is its single calls",
    C14 "C-14" "It rings",
    E01 "E-01" "Accepted",
    E02 "E-02" "Rejected",
    E03 "E-03" "In other room",
    E04 "E-04" "Timed out",
    E05 "E-05" "Cancelled",
    E06 "E-06" "Revoked",
    E07 "E-07" "Entered",
    E08 "E-08" "The same answer again",
    E09 "E-09" "The loser is told",
    E10 "E-10" "Nothing to answer",
    E11 "E-11" "Which attempt is meant",
    E12 "E-12" "Nothing to withdraw",
    E13 "E-13" "Somebody else's call",
    E14 "E-14" "Already ended",
    E15 "E-15" "One ending touches one callee",
    E16 "E-16" "Accepting is signalling",
    E17 "E-17" "Notified to ring, notified to stop",
    E18 "E-18" "What is remembered",
    E19 "E-19" "Revoking the calls of a user",
    E20 "E-20" "Expected",
    E21 "E-21" "Not joined",
    K01 "K-01" "Kept",
    K02 "K-02" "Kept until entering",
    K03 "K-03" "Eviction",
    P01 "P-01" "The caller is in the room",
    P02 "P-02" "Callers may have to be admins",
    P03 "P-03" "Revoking needs the role",
    P04 "P-04" "The backend has no calls",
    P05 "P-05" "Who may read the list",
    P06 "P-06" "Who is notified of the outcome",
    P07 "P-07" "Default deny",
    P08 "P-08" "Whose devices",
    P09 "P-09" "Whose texts",
    P10 "P-10" "What only the backend may",
    P11 "P-11" "A call on behalf of a participant",
    O01 "O-01" "The order of effects",
    O02 "O-02" "Audiences, not devices",
    O03 "O-03" "A batch is its inputs",
    Q01 "Q-01" "The pending list",
    Q02 "Q-02" "Pagination lists once and ends",
    Q03 "Q-03" "A cursor that is not one",
    Q04 "Q-04" "A cursor of another room",
    Q05 "Q-05" "The page size",
    Q06 "Q-06" "Incoming calls",
    Q07 "Q-07" "The revision",
    Q08 "Q-08" "A query changes nothing",
    Q09 "Q-09" "What ended meanwhile",
    Q10 "Q-10" "Who is in a room",
    Q11 "Q-11" "My calls",
    Q12 "Q-12" "The calls of a user",
    Q13 "Q-13" "All live calls",
    H01 "H-01" "What is logged",
    H02 "H-02" "What the log keeps",
    H03 "H-03" "Reading the log",
    H04 "H-04" "Seen",
    H05 "H-05" "What the log says to a late answer",
    D01 "D-01" "Whose notices",
    D02 "D-02" "The device's clock",
    D03 "D-03" "The order of a handset's effects",
    D04 "D-04" "The ending that counts",
    D05 "D-05" "What an ending looks like from here",
    D06 "D-06" "When a ring rings",
    D07 "D-07" "One call at a time",
    D08 "D-08" "In the room",
    D09 "D-09" "The screen",
    D10 "D-10" "Learned",
    D11 "D-11" "Answering",
    D12 "D-12" "The answer to an answer",
    D13 "D-13" "The own deadline silences",
    D14 "D-14" "Endings are final",
    D15 "D-15" "Requests",
    D16 "D-16" "Requesting a snapshot",
    D17 "D-17" "Retrying requests",
    D18 "D-18" "Too many unanswered",
    D19 "D-19" "Calls at once",
    D20 "D-20" "Calling, cancelling, revoking",
    D21 "D-21" "Progress",
    D22 "D-22" "The room's list",
    D23 "D-23" "Pagination of the list",
    D24 "D-24" "Applying a snapshot",
    D25 "D-25" "Restarting",
    D26 "D-26" "Several inputs at once",
    D27 "D-27" "What others call it",
    D28 "D-28" "Agreement",
    D29 "D-29" "Woken by a push",
    D30 "D-30" "Muted and hidden",
    D31 "D-31" "Occupied",
    D32 "D-32" "Quiet",
    D33 "D-33" "Signed out",
    D34 "D-34" "Settings",
    D35 "D-35" "The call log",
    D36 "D-36" "What was seen",
    D37 "D-37" "It rings here",
    X01 "X-01" "Numbered requests",
    X02 "X-02" "One effect",
    X03 "X-03" "A number stands for one request",
    X04 "X-04" "Numbers that have passed",
    X05 "X-05" "What is remembered of requests",
    X06 "X-06" "The next number",
    X07 "X-07" "The same switchboard",
    X08 "X-08" "Requests in a snapshot",
    L01 "L-01" "Ids",
    L02 "L-02" "An empty list",
    L03 "L-03" "Too many callees",
    L04 "L-04" "Timeout too long",
    L05 "L-05" "Never not allowed",
    L06 "L-06" "Extension too long",
    L07 "L-07" "A room full of calls",
    L08 "L-08" "A switchboard full of calls",
    L09 "L-09" "Too many rooms",
    L10 "L-10" "A full room",
    L11 "L-11" "Too many admins",
    L12 "L-12" "Interned names",
    L13 "L-13" "Everything is bounded",
    L14 "L-14" "Calls a minute",
    L15 "L-15" "Too much at once",
    L16 "L-16" "The last numbers",
    R01 "R-01" "Precedence",
    R02 "R-02" "No such room",
    R03 "R-03" "A refusal changes nothing",
    N01 "N-01" "Handles",
    N02 "N-02" "A refused ask interns nothing",
    N03 "N-03" "Unused names are evicted",
    N04 "N-04" "Blind to ids",
    N05 "N-05" "Rooms are independent",
    N06 "N-06" "Names that clients choose",
    S01 "S-01" "A snapshot is invisible",
    S02 "S-02" "A bad snapshot is refused",
    S03 "S-03" "The state hash",
    J01 "J-01" "The header",
    J02 "J-02" "One input a line",
    J03 "J-03" "Long lines",
    J04 "J-04" "One spelling out, the clients' spellings in",
    J05 "J-05" "Answer, then effects",
    J06 "J-06" "Nothing after a malformed line",
    Inv01 "INV-01" "Live attempts are single",
    Inv02 "INV-02" "Nobody rings where they are",
    Inv03 "INV-03" "The clock is before every deadline",
    Inv04 "INV-04" "Indexes agree",
    Inv05 "INV-05" "Bounds hold",
    Inv06 "INV-06" "Names are counted",
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "the id of a rule, like E-04";
        Words { words: Self::IDS, are_numbered: false, expected }.read(deserializer)
    }
}

impl core::fmt::Display for Rule {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id())
    }
}
