//! Which optional parts a case needs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::{Begin, Role, Step};

/// The parts that one may do without, and the words by which a line tells that it is about one: keys, or texts, of what
/// is sent (`>`) and of what is expected (`<`).
const PARTS: &[(Role, &str, &[&str])] = &[
    (Role::Switchboard, "requestIDs", &[">requestID"]),
    (Role::Switchboard, "callLog", &[">getCallLog", ">markCallsSeen", "<lastLogged"]),
    (Role::Switchboard, "joinGrace", &["<onCallNotJoined"]),
    (Role::Switchboard, "callsPerMinute", &["<retryAfter"]),
    (Role::Switchboard, "recovered", &[">recovered"]),
    (Role::Switchboard, "rulesChanged", &[">rulesChanged"]),
    (
        Role::Switchboard,
        "backend",
        &[">revokeUserCalls", ">getUserCalls", ">getLiveCalls", ">caller"],
    ),
    (Role::Switchboard, "presence", &[">presenceListed", ">userRemoved", ">sessionID", ">opening"]),
    (
        Role::Handset,
        "callLog",
        &["<getCallLog", "<logged", "<seen", ">getCallLog", ">onCallsSeen", ">markSeen"],
    ),
    (Role::Handset, "push", &[">push"]),
    (Role::Handset, "silence", &[">silence", ">rejectHere"]),
    (Role::Handset, "occupied", &[">occupied"]),
    (Role::Handset, "settings", &[">settings"]),
    (Role::Handset, "signedOut", &[">signedOut"]),
    (Role::Handset, "restart", &[">restart"]),
    (Role::Handset, "roomList", &["<getPendingCalls", "<listed", "<unlisted"]),
    (
        Role::Handset,
        "calling",
        &["<progress", "<answered", "<callUserToRoom", "<cancelCall", "<revokeCall"],
    ),
];

/// The parts that a case needs, by its lines and its rules.
pub fn of(begin: &Begin, steps: &[Step]) -> Vec<String> {
    let mut words = BTreeSet::new();
    for step in steps {
        for (side, text) in [('>', &step.send), ('<', &step.expect)] {
            collect(side, &serde_json::from_str(text.get()).unwrap_or_default(), &mut words);
        }
    }
    let role = match begin {
        Begin::Switchboard { policy, limits } => {
            words.extend((policy.join_grace > 0).then(|| "<onCallNotJoined".to_owned()));
            words.extend((limits.calls_per_minute > 0).then(|| "<retryAfter".to_owned()));
            Role::Switchboard
        }
        Begin::Handset { .. } => Role::Handset,
    };
    let is_needed =
        |of: &Role, signs: &[&str]| *of == role && signs.iter().any(|sign| words.contains(*sign));
    let parts = PARTS.iter().filter(|(of, _, signs)| is_needed(of, signs));
    parts.map(|(_, part, _)| (*part).to_owned()).collect()
}

/// Keys and texts, as they stand on one side.
fn collect(side: char, value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                words.insert(format!("{side}{key}"));
                collect(side, inner, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(side, item, words)),
        Value::String(text) => drop(words.insert(format!("{side}{text}"))),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
