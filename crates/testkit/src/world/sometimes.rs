//! Everything that must be seen now and then, or agreement is no news.

use super::Seen;

/// How many networks [`SOMETIMES`] is about.
const NETWORKS: u64 = 1_000;

/// What must be seen, and how often at least in so many networks.
const SOMETIMES: &[(&str, u64)] = &[
    ("a command came again", 500),
    ("and was done", 500),
    ("an answer is lost", 50),
    ("two devices answer, one accepts first", 50),
    ("a stale snapshot", 20),
    ("a ring after its end", 20),
    ("a push shows a call", 20),
    ("a push shows a call before the snapshot", 20),
    ("a push wakes a dead app, and shows a call", 1),
    ("a push shows nothing", 100),
    ("reported: over", 10),
    ("reported: passed", 10),
    ("reported: shown", 100),
    ("reported: silenced", 10),
    ("reported: in the room", 1),
    ("a call never leaves, and is too old", 20),
    ("a cancel never leaves, and is too old", 5),
    ("an answer never leaves, and is pointless", 5),
    ("restarted while ringing", 20),
    ("the switchboard restored with live calls", 50),
    ("cut while accepting", 50),
    ("a call waits", 20),
    ("a silenced call rings again", 20),
    ("learned", 100),
    ("too many unanswered", 20),
    ("ended: accepted", 50),
    ("ended: rejected", 50),
    ("ended: in other room", 5),
    ("ended: in other room at once", 10),
    ("ended: timed out", 100),
    ("ended: cancelled", 50),
    ("ended: the caller left", 10),
    ("ended: the room is empty", 10),
    ("ended: revoked", 50),
    ("ended: dissolved", 10),
    ("ended: entered", 20),
    ("a fact is lost", 20),
    ("a fact comes twice", 50),
    ("a leaving before its entering", 5),
    ("a list", 1_000),
    ("an entering after its leaving", 10),
    ("an entering after that of a later session", 1),
    ("a fact of an opening before", 20),
    ("a device connects again", 50),
    ("a device enters again before it has left", 30),
    ("two devices of a user in one room", 50),
    ("a session ends while its device is away", 10),
    ("a room was opened again while a device was away", 5),
    ("all facts of somebody who is there came", 200),
    ("a list corrects who is in a room", 10),
    ("the last list corrects who is in a room", 10),
    ("somebody who is there is removed", 50),
    ("somebody who only rings is removed", 5),
    ("a caller is removed", 10),
    ("removed by a user", 30),
    ("removed by the backend", 15),
    ("an entering of somebody who was removed", 5),
    ("a call on behalf", 30),
    ("a call on behalf of somebody who is not there", 20),
    ("a call on behalf rings at its caller", 20),
    ("the caller learns what became of a call on behalf", 30),
    ("the calls to a user are revoked", 5),
    ("the calls by a user are revoked", 5),
    ("the calls to and by a user are revoked", 10),
    ("ended: removed", 20),
    ("ended: revoked with all calls of a user", 20),
];

/// What was seen too seldom in so many random networks, and how often. Fewer than a thousand need not see anything.
pub fn rare(seen: &Seen, networks: u64) -> Vec<String> {
    let count = |what: &str| seen.get(what).copied().unwrap_or_default();
    let times = networks / NETWORKS;
    let wanted =
        SOMETIMES.iter().map(|(what, least)| (what, count(what), least.saturating_mul(times)));
    let rare = wanted.filter(|(_, count, least)| count < least);
    rare.map(|(what, count, least)| format!("{what}: {count} of at least {least}")).collect()
}
