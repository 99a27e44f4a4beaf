//! What the cases of a role have to show besides rules: every pair of two kinds that can meet. Those that never do stand here,
//! each with a reason, so that neither a pair that is missing nor a reason that is wrong goes unnoticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use roomcall::Rule;
use roomcall_testkit::conformance::case::Role;
use roomcall_testkit::repository::root;
use serde_json::Value;

/// Kinds by their words.
enum Kinds {
    These(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}
use Kinds::{AllBut, These};

const ALL: Kinds = AllBut(&[]);

impl Kinds {
    fn has(&self, kind: &str) -> bool {
        match self {
            These(kinds) => kinds.contains(&kind),
            AllBut(kinds) => !kinds.contains(&kind),
        }
    }

    const fn named(&self) -> &'static [&'static str] {
        match self {
            These(kinds) | AllBut(kinds) => kinds,
        }
    }
}

/// Pairs that never meet, and why.
type Never = (Kinds, Kinds, &'static str);

/// The rules by which a request is refused.
const REFUSING: &[&str] = &[
    "X-03", "X-04", "L-01", "L-02", "L-03", "L-04", "L-05", "L-06", "L-07", "L-08", "L-12", "L-14",
    "L-15", "L-16", "N-01", "Q-03", "Q-04", "Q-05", "R-02", "P-01", "P-02", "P-03", "P-04", "P-05",
    "P-10", "E-09", "E-10",
];
/// The queries and the commands without a number.
const UNNUMBERED: &[&str] = &[
    "ringing",
    "getPendingCalls",
    "getIncomingCalls",
    "getMyCalls",
    "getCallLog",
    "getUserCalls",
    "getLiveCalls",
];
/// The queries for lists of calls that come in pages, which the backend may ask, too.
const PAGED: &[&str] = &["getPendingCalls", "getUserCalls", "getLiveCalls"];
/// The commands about calls in a room.
const OF_A_ROOM: &[&str] =
    &["callUserToRoom", "cancelCall", "revokeCall", "acceptCall", "rejectCall"];

/// A rule, and what it refuses.
const REFUSALS: &[Never] = &[
    (AllBut(REFUSING), ALL, "it refuses nothing"),
    (These(&["N-01", "L-12"]), ALL, "it is about handles of names, and lines have names"),
    (These(&["L-15"]), ALL, "it is for the host"),
    (These(&["L-16"]), ALL, "it is about numbers that not every language can read"),
    (These(&["X-03", "X-04"]), These(UNNUMBERED), "it is about the numbers of commands"),
    (
        These(&["L-02", "L-03"]),
        AllBut(&["callUserToRoom", "cancelCall", "revokeCall"]),
        "it is about lists of users",
    ),
    (
        These(&["L-04", "L-05", "L-06", "L-07", "L-08", "L-14", "P-01", "P-02"]),
        AllBut(&["callUserToRoom"]),
        "it is about new calls",
    ),
    (
        These(&["Q-05"]),
        AllBut(&["getPendingCalls", "getCallLog", "getUserCalls", "getLiveCalls"]),
        "it is about the sizes of pages",
    ),
    (These(&["Q-03", "Q-04"]), AllBut(PAGED), "it is about cursors"),
    (
        These(&["R-02"]),
        AllBut(&[
            "callUserToRoom",
            "cancelCall",
            "revokeCall",
            "acceptCall",
            "rejectCall",
            "getPendingCalls",
        ]),
        "it is about the room of a request",
    ),
    (
        These(&["P-10"]),
        AllBut(&["callUserToRoom", "revokeUserCalls", "getUserCalls", "getLiveCalls"]),
        "it is about what only the backend may ask",
    ),
    (These(&["P-03"]), AllBut(&["revokeCall"]), "it is about who may revoke"),
    (
        These(&["P-04"]),
        These(&["callUserToRoom", "revokeCall", "revokeUserCalls"]),
        "the backend may ask for it",
    ),
    (These(&["P-04"]), These(PAGED), "the backend may ask for it"),
    (These(&["P-05"]), AllBut(&["getPendingCalls"]), "it is about who may read the list of a room"),
    (These(&["E-09", "E-10"]), AllBut(&["acceptCall", "rejectCall"]), "it is about answers"),
];

/// A command to a switchboard, and an event of which its device has just been told.
const CROSSED_AT_THE_SWITCHBOARD: &[Never] = &[
    (These(&["revokeUserCalls"]), ALL, "the backend gives it, which is told of nothing"),
    (
        ALL,
        These(&["onPendingCallChanged", "onPendingCallRemoved"]),
        "it goes to a room, and tells nobody of a call of their own",
    ),
    (These(OF_A_ROOM), These(&["onCallsSeen"]), "it names no call"),
];

/// A command of a handset that is unanswered, and an event that comes.
const CROSSED_AT_THE_HANDSET: &[Never] = &[
    (These(&["revokeUserCalls"]), ALL, "the backend gives it"),
    (These(&["ringing"]), ALL, "it has no number, and nobody waits for its answer"),
    (These(&["markCallsSeen"]), AllBut(&["onCallsSeen"]), "one is about the log, one about a call"),
    (These(OF_A_ROOM), These(&["onCallsSeen"]), "it names no call"),
    (
        These(&["callUserToRoom", "cancelCall", "revokeCall"]),
        These(&["onCallHandledByOtherDevice"]),
        "one names users, and one an attempt",
    ),
];

const LEARNED: &[Never] =
    &[(ALL, These(&["signedOut", "silenced", "hidden"]), "it is about what is on the screen")];

/// A group of pairs.
pub(crate) struct Demand {
    group: &'static str,
    /// By its id: why a pair never meets, if it does not.
    pairs: BTreeMap<String, Option<&'static str>>,
    /// Words in reasons that are no kinds.
    unknown: Vec<&'static str>,
}

impl Demand {
    fn new(
        group: &'static str,
        (ones, others): (Vec<String>, Vec<String>),
        id: fn(&str, &str) -> String,
        never: &'static [Never],
    ) -> Self {
        let mut pairs = BTreeMap::new();
        for one in &ones {
            for other in &others {
                let why = never.iter().find(|row| row.0.has(one) && row.1.has(other));
                pairs.insert(id(one, other), why.map(|(_, _, why)| *why));
            }
        }
        let is_unknown = |kinds: &[String], word: &&str| !kinds.iter().any(|kind| kind == word);
        let named = never.iter().flat_map(|(one, other, _)| {
            let one = one.named().iter().filter(|word| is_unknown(&ones, word));
            one.chain(other.named().iter().filter(|word| is_unknown(&others, word)))
        });
        let unknown = named.copied().collect();
        Self { group, pairs, unknown }
    }

    /// What is demanded of the cases of a role.
    pub(crate) fn of(role: Role) -> Vec<Self> {
        let crossing = |never| {
            let kinds = (kinds("wire", "Command"), kinds("wire", "Event"));
            let id = |command: &str, event: &str| format!("{command}-x-{event}");
            Self::new("commands that cross an event", kinds, id, never)
        };
        let single = |group, word: &str, kind, never| {
            let kinds = (vec![word.to_owned()], kinds("handset", kind));
            Self::new(group, kinds, |word, kind| format!("{word}-{kind}"), never)
        };
        match role {
            Role::Switchboard => {
                let rules = Rule::ALL.iter().map(Rule::to_string).collect();
                let requests = [kinds("wire", "Command"), kinds("wire", "Query")].concat();
                let id = |rule: &str, request: &str| format!("{rule}-{request}");
                let group = "refusals of each kind of request";
                let refusals = Self::new(group, (rules, requests), id, REFUSALS);
                vec![refusals, crossing(CROSSED_AT_THE_SWITCHBOARD)]
            }
            Role::Handset => {
                let dismissed = (kinds("handset", "Stage"), kinds("handset", "Dismissal"));
                let id = |stage: &str, why: &str| format!("dismiss-{stage}-{why}");
                vec![
                    crossing(CROSSED_AT_THE_HANDSET),
                    Self::new("dismissals at each stage", dismissed, id, &[]),
                    single("endings that are learned", "learned", "Dismissal", LEARNED),
                    single("reports", "report", "ReportReason", &[]),
                ]
            }
        }
    }

    /// What these ids of its group lack, and what they have although it never is, in sentences.
    pub(crate) fn problems(&self, shown: impl Fn(&'static str) -> BTreeSet<String>) -> Vec<String> {
        let (group, shown) = (self.group, shown(self.group));
        let mut problems = Vec::new();
        for (id, why) in &self.pairs {
            match (shown.contains(id), why) {
                (false, None) => problems.push(format!("no case and no reason: {group}: {id}")),
                (true, Some(why)) => {
                    problems.push(format!("a case, although {why}: {group}: {id}"));
                }
                (true, None) | (false, Some(_)) => {}
            }
        }
        let others = shown.iter().filter(|id| !self.pairs.contains_key(*id));
        problems.extend(others.map(|id| format!("a case of no pair of kinds: {group}: {id}")));
        let unknown = self.unknown.iter();
        problems
            .extend(unknown.map(|word| format!("a reason for what is no kind: {group}: {word}")));
        problems
    }
}

/// The words of a type, as a schema has them.
fn kinds(schema: &str, definition: &str) -> Vec<String> {
    let file = root().join(format!("spec/schema/{schema}.json"));
    let text = fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    let schema: Value = serde_json::from_str(&text).unwrap();
    let kinds = schema["$defs"][definition]["oneOf"].as_array();
    let word = |kind: &Value| {
        let field = kind["properties"].as_object().and_then(|fields| fields.keys().next());
        kind["const"].as_str().or(field.map(String::as_str)).map(str::to_owned)
    };
    let words = kinds.into_iter().flatten().map(|kind| word(kind).unwrap()).collect::<Vec<_>>();
    assert!(!words.is_empty(), "the schema has no kinds of {definition}");
    words
}
