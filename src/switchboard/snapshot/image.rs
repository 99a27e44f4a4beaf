//! The state as a snapshot has it. A name is a place in a table; tables are in the order in which
//! names are first used.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::domain::call::{CallResult, EndingKind};
use crate::domain::id::Attempt;
use crate::domain::limits::{LIMITS, Limits};
use crate::domain::output::WithdrawResult;
use crate::domain::policy::{ActiveCalls, CallerLeft, InOtherRoom, MayCall, OutcomesTo, Policy};
use crate::domain::refusal::Refusal;
use crate::switchboard::requests::Remembered;

/// A name, by its place in the table of its kind.
pub(super) type Name = u32;

#[derive(Deserialize, Serialize)]
pub(in crate::switchboard) struct Image<'a> {
    pub(super) limits: [u32; LIMITS],
    /// The greatest that each was (F-19).
    pub(super) greatest: [u32; LIMITS],
    pub(super) policy: [u8; 5],
    /// Of the policy, in seconds (E-20).
    pub(super) join_grace: u32,
    pub(super) key: u128,
    pub(super) clock: u64,
    pub(super) is_behind: bool,
    /// From where this life counts (F-18).
    pub(super) base: u64,
    pub(super) attempts_made: u64,
    pub(super) attempts_ended: u64,
    /// Attempts that have rung in this life (C-14).
    pub(super) attempts_rung: u64,
    /// What else the revision counts in this life.
    pub(super) noted: u64,
    pub(super) openings: u64,
    #[serde(borrow)]
    pub(super) users: Vec<&'a str>,
    #[serde(borrow)]
    pub(super) devices: Vec<&'a str>,
    /// By opening.
    #[serde(borrow)]
    pub(super) rooms: Vec<RoomImage<'a>>,
    pub(super) passed: Option<u64>,
    /// By their last request.
    pub(super) requesters: Vec<RequesterImage>,
    /// Users and their arrival times, by their last call (L-14).
    pub(super) rates: Vec<(Name, u64)>,
    /// The names of rooms that are not open, which the log has.
    #[serde(borrow)]
    pub(super) closed_rooms: Vec<&'a str>,
    /// The entries of all call logs, by number (H-01).
    pub(super) log: Vec<EntryImage>,
    /// The marks of users, by the first entries of their logs (H-04).
    pub(super) marks: Vec<(Name, u64)>,
}

/// An entry of a call log.
#[derive(Deserialize, Serialize)]
pub(super) struct EntryImage {
    pub(super) number: u64,
    pub(super) user: Name,
    pub(super) caller: Name,
    /// A place among the open rooms, by opening, and then those that are not.
    pub(super) room: Name,
    pub(super) at: u64,
    pub(super) what: WhatImage,
}

#[derive(Deserialize, Serialize)]
pub(super) enum WhatImage {
    Ended { attempt: u64, kind: u8, by: ByImage, reason: Option<u8> },
    Tried { count: u64 },
}

#[derive(Deserialize, Serialize)]
pub(super) struct RoomImage<'a> {
    pub(super) name: &'a str,
    pub(super) opening: u64,
    pub(super) owner: Option<Name>,
    /// Those who are in the room or admins of it, by name; then those of whom only sessions are remembered,
    /// by when they became so, and by name.
    pub(super) members: Vec<MemberImage>,
    /// By attempt.
    #[serde(borrow)]
    pub(super) live: Vec<LiveImage<'a>>,
    /// By the order of their endings.
    pub(super) ended: Vec<EndedImage>,
    /// Who is expected (E-20), by attempt.
    pub(super) expected: Vec<ExpectedImage>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct MemberImage {
    pub(super) user: Name,
    pub(super) is_admin: bool,
    /// When the user became somebody of whom only sessions are remembered.
    pub(super) gone_at: Option<u64>,
    /// By when they began.
    pub(super) present: Vec<PresentImage>,
    /// The digests of sessions, by when they ended.
    pub(super) ended: Vec<u64>,
}

/// A presence: its device, and the digest of its session.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(super) struct PresentImage {
    pub(super) device: Option<Name>,
    pub(super) session: Option<u64>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct LiveImage<'a> {
    pub(super) attempt: u64,
    pub(super) callee: Name,
    pub(super) caller: Name,
    /// The device that called, if one did (P-11).
    pub(super) device: Option<Name>,
    pub(super) deadline: Option<u64>,
    pub(super) extension: &'a str,
    pub(super) has_rung: bool,
}

#[derive(Deserialize, Serialize)]
pub(super) struct ExpectedImage {
    pub(super) attempt: u64,
    pub(super) callee: Name,
    pub(super) caller: Name,
    /// The device that called, if one did (P-11).
    pub(super) device: Option<Name>,
    pub(super) deadline: u64,
}

#[derive(Deserialize, Serialize)]
pub(super) struct EndedImage {
    pub(super) attempt: u64,
    pub(super) callee: Name,
    pub(super) caller: Name,
    pub(super) kind: u8,
    pub(super) is_kept: bool,
    /// The device that called, of a kept call, if one did.
    pub(super) device: Option<Name>,
    pub(super) remembered: Option<ByImage>,
    /// Of a rejected call whose ending is remembered.
    pub(super) reason: Option<u8>,
}

/// Who ended a call, on which device.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(super) struct ByImage {
    pub(super) user: Option<Name>,
    pub(super) device: Option<Name>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct RequesterImage {
    /// User and device; none of the backend.
    pub(super) actor: Option<(Name, Name)>,
    pub(super) since: Option<u64>,
    /// By number.
    pub(super) requests: Vec<RequestImage>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct RequestImage {
    pub(super) id: u64,
    pub(super) digest: u128,
    pub(super) answer: AnswerImage,
}

#[derive(Deserialize, Serialize)]
pub(super) enum AnswerImage {
    Called(Vec<(u8, Option<u64>)>),
    Withdrawn(Vec<(u8, Option<u64>)>),
    Accepted {
        attempt: u64,
        is_duplicate: bool,
    },
    Rejected {
        attempt: u64,
        is_duplicate: bool,
    },
    /// A place in [`refusals`].
    Refused(u8),
    AlreadyHandled(EndingImage),
    TooManyCalls {
        retry_after: Option<u64>,
    },
    UserCallsRevoked {
        attempts: Vec<u64>,
        more: bool,
    },
    NoSuchRoom(EndingImage),
    NoSuchCall(EndingImage),
    CallsSeen {
        seen: u64,
    },
}

/// The ending that a refusal tells of (E-09, H-05).
#[derive(Deserialize, Serialize)]
pub(super) struct EndingImage {
    pub(super) kind: u8,
    pub(super) attempt: u64,
    pub(super) by: ByImage,
}

/// The refusals that are remembered of a request, but those that say more.
pub(super) const fn refusals(limits: &Limits) -> [Refusal; 15] {
    [
        Refusal::EmptyList,
        Refusal::TooManyCallees { limit: limits.callees },
        Refusal::TimeoutTooLong { limit: limits.timeout_max },
        Refusal::NeverNotAllowed,
        Refusal::ExtensionTooLong { limit: limits.extension_bytes },
        Refusal::NoSuchRoom { ended: None },
        Refusal::CallerNotInRoom,
        Refusal::NeedAdminToCall,
        Refusal::NeedAdminToRevoke,
        Refusal::NotYours,
        Refusal::NoSuchCall { ended: None },
        Refusal::RoomCallLimit { limit: limits.live_calls_per_room },
        Refusal::CallLimit { limit: limits.live_calls },
        Refusal::BackendOnly,
        Refusal::NoNumbersLeft,
    ]
}

/// Every result of a cancel or a revoke.
pub(super) const WITHDRAW_RESULTS: [WithdrawResult; 11] = [
    WithdrawResult::Cancelled,
    WithdrawResult::Revoked,
    WithdrawResult::NotCalling,
    WithdrawResult::NotYours,
    WithdrawResult::Already(EndingKind::Accepted),
    WithdrawResult::Already(EndingKind::Rejected),
    WithdrawResult::Already(EndingKind::InOtherRoom),
    WithdrawResult::Already(EndingKind::TimedOut),
    WithdrawResult::Already(EndingKind::Cancelled),
    WithdrawResult::Already(EndingKind::Revoked),
    WithdrawResult::Already(EndingKind::Entered),
];

/// Results with their attempts, by their places among all results.
pub(super) fn result_images<R: Copy + PartialEq>(
    all: &[R],
    results: &[Remembered<R>],
) -> Vec<(u8, Option<u64>)> {
    let image = |it: &Remembered<R>| (place(all, &it.result()), it.attempt().map(Attempt::get));
    results.iter().map(image).collect()
}

/// Results from their places; `None` if one is none.
pub(super) fn results<R: Copy>(
    all: &[R],
    images: &[(u8, Option<u64>)],
) -> Option<Vec<Remembered<R>>> {
    let result = |&(place, attempt): &(u8, Option<u64>)| {
        let result = *all.get(usize::from(place))?;
        (attempt != Some(0)).then(|| Remembered::new(result, attempt.map(Attempt::new)))
    };
    images.iter().map(result).collect()
}

/// Every result of a call.
pub(super) const CALL_RESULTS: [CallResult; 3] = CallResult::ALL;

/// The place of a value among all of its kind.
pub(super) fn place<T: PartialEq>(all: &[T], value: &T) -> u8 {
    let place = all.iter().position(|one| one == value);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

/// The choices of the policy, in the order of its declaration.
pub(super) fn policy_numbers(policy: &Policy) -> [u8; 5] {
    // A new field must not be left out.
    let Policy { active_calls, in_other_room, caller_left, may_call, outcomes_to, join_grace: _ } =
        policy;
    [
        place(ActiveCalls::ALL, active_calls),
        place(InOtherRoom::ALL, in_other_room),
        place(CallerLeft::ALL, caller_left),
        place(MayCall::ALL, may_call),
        place(OutcomesTo::ALL, outcomes_to),
    ]
}

/// The policy of these choices; `None` if one cannot be.
pub(super) fn policy(numbers: [u8; 5], join_grace: u32) -> Option<Policy> {
    let [active_calls, in_other_room, caller_left, may_call, outcomes_to] =
        numbers.map(usize::from);
    Some(Policy {
        active_calls: *ActiveCalls::ALL.get(active_calls)?,
        in_other_room: *InOtherRoom::ALL.get(in_other_room)?,
        caller_left: *CallerLeft::ALL.get(caller_left)?,
        may_call: *MayCall::ALL.get(may_call)?,
        outcomes_to: *OutcomesTo::ALL.get(outcomes_to)?,
        join_grace,
    })
}
