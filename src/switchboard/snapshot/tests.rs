//! Every field of the state is in a snapshot and in the state hash (S-01, S-03), and what is impossible
//! in a snapshot is refused (S-02).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

mod expected;
mod log;

use super::image::{AnswerImage, ByImage, Image, MemberImage, PresentImage};
use super::{MAGIC, RestoreError, VERSION};
use crate::domain::limits::LIMITS;
use crate::protocol::Record;
use crate::switchboard::Switchboard;
use crate::{Limits, Policy, Rule};

/// Something of everything: two rooms, an admin, live and kept calls with a text and without, endings
/// of several kinds, and requests with every kind of answer.
const RICH: &str = include_str!("rich.ndjson");

fn rich() -> Switchboard {
    let limits = Limits { requesters: 5, calls_per_minute: 60, ..Limits::DEFAULT };
    let mut board = Switchboard::new(limits, Policy::DEFAULT);
    for line in RICH.lines() {
        let _ = board.apply_record(&serde_json::from_str(line).unwrap());
    }
    assert_eq!(board.verify(), Ok(()));
    board
}

/// Restores the image of the rich state, changed.
fn changed(change: impl FnOnce(&mut Image<'_>)) -> Result<Switchboard, RestoreError> {
    let snapshot = rich().snapshot();
    let mut image: Image<'_> = postcard::from_bytes(&snapshot[18..snapshot.len() - 4]).unwrap();
    change(&mut image);
    let payload = postcard::to_allocvec(&image).unwrap();
    let mut forged = MAGIC.to_vec();
    forged.extend(VERSION.to_le_bytes());
    forged.extend(u64::try_from(payload.len()).unwrap().to_le_bytes());
    forged.extend(&payload);
    forged.extend(crc32fast::hash(&forged).to_le_bytes());
    Switchboard::restore(&forged)
}

const UNKNOWN: PresentImage = PresentImage { device: None, session: None };
const ON_ANOTHER: PresentImage = PresentImage { device: Some(1), session: Some(8) };

type Change = (&'static str, fn(&mut Image<'_>));

/// Each changes one field to another value that can be. The key is no part of what is compared (N-06),
/// and neither is whether a tick is behind (T-11).
const CHANGES: &[Change] = &[
    ("policy 0", |image| image.policy[0] = 1),
    ("policy 1", |image| image.policy[1] = 1),
    ("policy 2", |image| image.policy[2] = 1),
    ("policy 3", |image| image.policy[3] = 1),
    ("policy 4", |image| image.policy[4] = 1),
    ("clock", |image| image.clock += 1),
    ("attempts", |image| {
        (image.attempts_made, image.attempts_ended) =
            (image.attempts_made + 1, image.attempts_ended + 1);
    }),
    ("what a limit was", |image| image.greatest[0] += 1),
    ("a base", |image| {
        (image.base, image.attempts_made, image.openings) =
            (1, image.attempts_made + 1, image.openings + 1);
        image.rooms.iter_mut().for_each(|room| room.opening += 1);
    }),
    ("openings", |image| image.openings += 1),
    ("a user", |image| image.users[0] = "zoe"),
    ("a device", |image| image.devices[0] = "car"),
    ("a room", |image| image.rooms[0].name = "hall"),
    ("an opening", |image| {
        (image.openings, image.rooms[1].opening) = (image.openings + 1, image.rooms[1].opening + 1);
    }),
    ("an owner", |image| image.rooms[0].owner = None),
    ("a presence", |image| image.rooms[0].members[1].present.push(UNKNOWN)),
    ("one more presence", |image| image.rooms[0].members[0].present.push(ON_ANOTHER)),
    ("a device of a presence", |image| image.rooms[0].members[0].present[0].device = None),
    ("a session of a presence", |image| image.rooms[0].members[0].present[0].session = Some(8)),
    ("a session that ended", |image| image.rooms[0].members[0].ended.push(8)),
    ("somebody who is gone", |image| {
        let user = image.rooms[0].live[0].callee;
        let (present, ended) = (Vec::new(), vec![8]);
        let (is_admin, gone_at) = (false, Some(4));
        image.rooms[0].members.push(MemberImage { user, is_admin, gone_at, present, ended });
    }),
    ("when somebody became gone", |image| {
        let user = image.rooms[0].live[0].callee;
        let (present, ended, is_admin, gone_at) = (Vec::new(), vec![8], false, Some(5));
        image.rooms[0].members.push(MemberImage { user, is_admin, gone_at, present, ended });
    }),
    ("a role", |image| image.rooms[0].members[0].is_admin = true),
    ("a member", |image| image.rooms[0].members.truncate(1)),
    ("the attempt of a live call", |image| {
        (image.attempts_made, image.attempts_ended) =
            (image.attempts_made + 1, image.attempts_ended + 1);
        image.rooms[0].live[0].attempt = image.attempts_made;
    }),
    ("a live callee", |image| image.rooms[0].live[0].callee = image.rooms[0].members[1].user),
    ("a live caller", |image| image.rooms[0].live[0].caller = image.rooms[0].ended[0].callee),
    ("a calling device", |image| {
        let device = &mut image.rooms[0].live[0].device;
        *device = device.map(|device| device + 1);
    }),
    ("no calling device", |image| image.rooms[0].live[0].device = None),
    ("a deadline", |image| image.rooms[0].live[0].deadline = Some(30_006)),
    ("an extension text", |image| image.rooms[0].live[0].extension = "y"),
    ("the order of endings", |image| image.rooms[0].ended.swap(0, 1)),
    ("an ended attempt", |image| {
        (image.attempts_made, image.attempts_ended) =
            (image.attempts_made + 1, image.attempts_ended + 1);
        image.rooms[0].ended[1].attempt = image.attempts_made;
    }),
    ("a kind of ending", |image| image.rooms[0].ended[1].kind = 6),
    ("a kept call", |image| {
        let call = &mut image.rooms[0].ended[0];
        (call.is_kept, call.device) = (false, None);
    }),
    ("the device of a kept call", |image| image.rooms[0].ended[0].device = Some(0)),
    ("no device of a kept call", |image| image.rooms[0].ended[0].device = None),
    ("a remembered ending", |image| image.rooms[0].ended[0].remembered = None),
    ("a deciding device", |image| {
        let by = image.rooms[0].ended[0].remembered.as_mut().unwrap();
        by.device = by.device.map(|device| if device == 0 { 1 } else { 0 });
    }),
    ("an ended callee", |image| image.rooms[0].ended[2].callee = image.rooms[0].members[1].user),
    ("an ended caller", |image| image.rooms[0].ended[1].caller = image.rooms[0].live[0].callee),
    // Anybody may revoke. The two differ in who did.
    ("revoked", |image| image.rooms[0].ended[2].kind = 5),
    ("a deciding user", |image| {
        let (dee, ended) = (image.rooms[0].members[1].user, &mut image.rooms[0].ended[2]);
        (ended.kind, ended.remembered.as_mut().unwrap().user) = (5, Some(dee));
    }),
    ("a reason", |image| image.rooms[0].ended[0].reason = Some(1)),
    ("a caller who is counted", |image| image.rates[0].0 = image.rooms[0].members[1].user),
    ("an arrival time", |image| image.rates[0].1 += 1),
    ("what has passed", |image| image.passed = Some(9)),
    ("the order of requesters", |image| image.requesters.swap(0, 1)),
    ("a requester", |image| image.requesters.truncate(1)),
    ("since when", |image| {
        (image.passed, image.requesters[0].since) = (Some(9), Some(9));
    }),
    ("a requesting user", |image| {
        let (user, device) = image.requesters[0].actor.unwrap();
        image.requesters[0].actor = Some((user + 1, device));
    }),
    ("a requesting device", |image| {
        let (user, device) = image.requesters[0].actor.unwrap();
        image.requesters[0].actor = Some((user, device + 1));
    }),
    ("the number of a request", |image| image.requesters[0].requests[0].id += 100),
    ("a digest", |image| image.requesters[0].requests[0].digest ^= 1),
    ("an answer", |image| {
        image.requesters[0].requests[0].answer =
            AnswerImage::Rejected { attempt: 9, is_duplicate: false };
    }),
    ("a duplicate", |image| {
        image.requesters[0].requests[0].answer =
            AnswerImage::Rejected { attempt: 1, is_duplicate: true };
    }),
    ("the answer to an accept", |image| {
        image.requesters[1].requests[0].answer =
            AnswerImage::Accepted { attempt: 3, is_duplicate: true };
    }),
    ("the attempt of an accept", |image| {
        image.requesters[1].requests[0].answer =
            AnswerImage::Accepted { attempt: 9, is_duplicate: false };
    }),
    ("a refusal", |image| image.requesters[4].requests[0].answer = AnswerImage::Refused(6)),
    ("the result of a call", |image| called(image)[1].0 = 1),
    ("the attempt of a result of a call", |image| called(image)[1].1 = Some(1)),
    ("the results of a call", |image| called(image).truncate(3)),
    ("the result of a cancel", |image| withdrawn(image)[1].0 = 3),
    ("the attempt of a result of a cancel", |image| withdrawn(image)[1].1 = None),
    ("the attempts that were revoked", |image| revoked(image).0[0] = 1),
    ("how many were revoked", |image| revoked(image).0.clear()),
    ("whether there are more", |image| *revoked(image).1 = true),
    ("the kind of an ending in an answer", |image| *already_handled(image).0 = 1),
    ("the attempt of an ending in an answer", |image| *already_handled(image).1 = 2),
    ("the user of an ending in an answer", |image| already_handled(image).2.user = Some(0)),
    ("the device of an ending in an answer", |image| already_handled(image).2.device = Some(0)),
];

/// The remembered results of the laptop's call.
fn called<'a>(image: &'a mut Image<'_>) -> &'a mut Vec<(u8, Option<u64>)> {
    let AnswerImage::Called(results) = &mut image.requesters[3].requests[0].answer else {
        panic!("the call comes first")
    };
    results
}

/// The remembered results of the laptop's cancel.
fn withdrawn<'a>(image: &'a mut Image<'_>) -> &'a mut Vec<(u8, Option<u64>)> {
    let AnswerImage::Withdrawn(results) = &mut image.requesters[3].requests[1].answer else {
        panic!("the cancel comes second")
    };
    results
}

/// The remembered answer to the backend's revoke of the calls of a user.
fn revoked<'a>(image: &'a mut Image<'_>) -> (&'a mut Vec<u64>, &'a mut bool) {
    let AnswerImage::UserCallsRevoked { attempts, more } =
        &mut image.requesters[4].requests[1].answer
    else {
        panic!("it comes second")
    };
    (attempts, more)
}

/// The remembered answer to the accept that came too late.
fn already_handled<'a>(image: &'a mut Image<'_>) -> (&'a mut u8, &'a mut u64, &'a mut ByImage) {
    let AnswerImage::AlreadyHandled(ending) = &mut image.requesters[2].requests[0].answer else {
        panic!("eve's phone was too late")
    };
    (&mut ending.kind, &mut ending.attempt, &mut ending.by)
}

// S-03: whatever is different in the state is different in the hash.
#[test]
fn the_hash_sees_every_field_of_the_image() {
    let mut seen = vec![("nothing", rich().state_hash())];
    let base = changed(|_| {}).unwrap();
    assert_eq!((base.state_hash(), &base), (seen[0].1, &rich()), "S-01");
    for (name, change) in CHANGES.iter().chain(log::CHANGES).chain(expected::CHANGES) {
        let board = changed(change).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(board, base, "{name}");
        seen.push((name, board.state_hash()));
    }
    for nth in 0..LIMITS {
        // `never` is 0 or 1; all others may be greater.
        let board = changed(|image| {
            image.limits[nth] += 1;
            image.greatest[nth] += 1;
        });
        seen.push(("a limit", board.unwrap_or_else(|error| panic!("{nth}: {error}")).state_hash()));
    }
    let mut hashes: Vec<u64> = seen.iter().map(|(_, hash)| *hash).collect();
    hashes.sort_unstable();
    // The clock apart, the same changes of two fields are one.
    hashes.dedup();
    assert_eq!(hashes.len(), seen.len(), "{seen:?}");
    assert_eq!(changed(|image| image.key = 7).unwrap().state_hash(), seen[0].1, "N-06");
}

/// What no switchboard writes.
const IMPOSSIBLE: &[Change] = &[
    ("never", |image| image.limits[2] = 7),
    ("a limit that was never so great", |image| image.greatest[0] -= 1),
    ("policy", |image| image.policy[0] = 9),
    ("a clock that could stand still", |image| image.clock = u64::MAX),
    ("attempts that could stand still", |image| image.attempts_made = u64::MAX),
    ("more ended than made", |image| image.attempts_ended += 1),
    ("a user twice", |image| image.users[1] = image.users[0]),
    ("an empty name", |image| image.users[0] = ""),
    ("a user that is not there", |image| image.rooms[0].live[0].callee = 99),
    ("a device that is not there", |image| image.rooms[0].live[0].device = Some(99)),
    ("one opening twice", |image| image.rooms[1].opening = image.rooms[0].opening),
    ("a later opening than were", |image| image.rooms[1].opening = 99),
    ("a member twice", |image| {
        let MemberImage { user, is_admin, .. } = image.rooms[0].members[0];
        let (present, ended, gone_at) = (vec![UNKNOWN], Vec::new(), None);
        image.rooms[0].members.push(MemberImage { user, is_admin, gone_at, present, ended });
    }),
    ("a presence twice", |image| image.rooms[0].members[0].present.push(UNKNOWN)),
    ("a device in two sessions", |image| {
        let device = image.rooms[0].members[0].present[0].device;
        image.rooms[0].members[0].present = vec![
            PresentImage { device, session: Some(8) },
            PresentImage { device, session: Some(9) },
        ];
    }),
    ("too many presences", |image| {
        let in_session = |session| PresentImage { device: None, session: Some(session) };
        image.rooms[0].members[0].present = (1..=17).map(in_session).collect();
    }),
    ("a session without a digest", |image| image.rooms[0].members[0].ended.push(0)),
    ("a session that ended twice", |image| image.rooms[0].members[0].ended = vec![8, 8]),
    ("too many sessions that ended", |image| {
        image.rooms[0].members[0].ended = (1..=9).collect();
    }),
    ("a point of time that has not come", |image| {
        let user = image.rooms[0].live[0].callee;
        let (present, ended, is_admin, gone_at) = (Vec::new(), vec![8], false, Some(99));
        image.rooms[0].members.push(MemberImage { user, is_admin, gone_at, present, ended });
    }),
    ("too many who are gone", |image| {
        image.limits[11] = 1;
        let users = [image.rooms[0].live[0].callee, image.rooms[0].ended[0].callee];
        for user in users {
            let (present, ended, is_admin, gone_at) = (Vec::new(), vec![8], false, Some(4));
            image.rooms[0].members.push(MemberImage { user, is_admin, gone_at, present, ended });
        }
    }),
    ("a member that is nothing", |image| image.rooms[0].members[1].is_admin = false),
    ("one attempt twice", |image| {
        image.rooms[0].live[0].attempt = image.rooms[0].ended[0].attempt;
    }),
    ("one attempt of two users", |image| {
        image.rooms[0].ended[2].attempt = image.rooms[0].ended[1].attempt;
    }),
    ("an attempt that was not made", |image| image.rooms[0].live[0].attempt = 99),
    ("a deadline that has passed", |image| image.rooms[0].live[0].deadline = Some(1)),
    ("a deadline that is too late", |image| image.rooms[0].live[0].deadline = Some(1 << 40)),
    ("never, which is not allowed", |image| image.rooms[0].live[0].deadline = None),
    ("a callee in the room", |image| {
        image.rooms[0].live[0].callee = image.rooms[0].members[0].user;
    }),
    ("an ending that is none", |image| image.rooms[0].ended[0].kind = 7),
    ("a call that is nothing", |image| {
        let call = &mut image.rooms[0].ended[0];
        (call.is_kept, call.device, call.remembered) = (false, None, None);
    }),
    ("a device of a call that is not kept", |image| image.rooms[0].ended[0].is_kept = false),
    ("a deadline at the beginning", |image| image.rooms[0].live[0].deadline = Some(0)),
    ("an attempt of nothing", |image| revoked(image).0[0] = 0),
    ("more revoked than in a page", |image| revoked(image).0.resize(101, 1)),
    ("an ending by nobody", |image| {
        image.rooms[0].ended[0].remembered = Some(ByImage { user: None, device: None });
    }),
    ("a reason of what was not rejected", |image| image.rooms[0].ended[1].reason = Some(0)),
    ("no reason of what was rejected", |image| image.rooms[0].ended[0].reason = None),
    ("a reason that is none", |image| image.rooms[0].ended[0].reason = Some(3)),
    ("a caller who is counted twice", |image| image.rates.push(image.rates[0])),
    ("callers who are not counted", |image| image.limits[16] = 0),
    ("more callers than are counted", |image| image.limits[17] = 0),
    ("a requester twice", |image| {
        image.requesters[1].actor = image.requesters[0].actor;
    }),
    ("a requester without requests", |image| image.requesters[0].requests.clear()),
    ("a refusal that is none", |image| {
        image.requesters[0].requests[0].answer = AnswerImage::Refused(15);
    }),
    ("a result that is none", |image| {
        image.requesters[0].requests[0].answer = AnswerImage::Called(vec![(9, None)]);
    }),
    ("too many requesters", |image| image.limits[15] = 1),
];

// S-02
#[test]
fn impossible_images() {
    for (name, change) in IMPOSSIBLE.iter().chain(log::IMPOSSIBLE).chain(expected::IMPOSSIBLE) {
        let refused = changed(change);
        let is_refused =
            matches!(refused, Err(RestoreError::Impossible { .. } | RestoreError::Broken(_)));
        assert!(is_refused, "{name}: {:?}", refused.err());
    }
}

// a forged snapshot may remember an answer that its request cannot have. A repeat is refused.
#[test]
fn a_request_is_not_answered_as_another_command() {
    type Forged = (&'static str, fn() -> AnswerImage);
    let answers: [Forged; 6] = [
        ("revokeUserCalls", || AnswerImage::UserCallsRevoked { attempts: vec![1], more: true }),
        ("callUserToRoom", || AnswerImage::Called(vec![(0, Some(1))])),
        ("cancelCall revokeCall", || AnswerImage::Withdrawn(vec![(0, Some(1))])),
        ("acceptCall", || AnswerImage::Accepted { attempt: 1, is_duplicate: false }),
        ("rejectCall", || AnswerImage::Rejected { attempt: 1, is_duplicate: true }),
        ("markCallsSeen", || AnswerImage::CallsSeen { seen: 1 }),
    ];
    for (verbs, answer) in answers {
        let mut board = changed(|image| {
            let requests = image.requesters.iter_mut().flat_map(|it| &mut it.requests);
            requests.for_each(|request| request.answer = answer());
        })
        .unwrap();
        for line in RICH.lines().filter(|line| line.contains("requestID")) {
            let record: Record = serde_json::from_str(line).unwrap();
            let said = board.apply_record(&record).answer.unwrap();
            let is_reused = said.as_ref().is_err_and(|refused| refused.rule == Rule::X03);
            let can_have = verbs.split(' ').any(|verb| line.contains(verb));
            assert_eq!(is_reused, !can_have, "{line} {said:?}");
        }
    }
}
