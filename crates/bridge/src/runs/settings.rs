//! The policy and limits of a run.

use roomcall::{ActiveCalls, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy};

use super::rng::Rng;

/// One of the 48 policies, in turn, with a `joinGrace` of at most so many seconds.
pub(super) fn policy(number: u64, grace: u32) -> Policy {
    let mut left = number;
    let join_grace = u32::try_from(number % (u64::from(grace) + 1)).unwrap_or(0);
    Policy {
        active_calls: digit(&mut left, ActiveCalls::ALL),
        in_other_room: digit(&mut left, InOtherRoom::ALL),
        caller_left: digit(&mut left, CallerLeft::ALL),
        may_call: digit(&mut left, MayCall::ALL),
        outcomes_to: digit(&mut left, OutcomesTo::ALL),
        join_grace,
    }
}

/// The last digit of `left`, in a base of as many digits as there are choices.
fn digit<T: Copy>(left: &mut u64, choices: &[T]) -> T {
    let base = choices.len() as u64;
    let choice = choices[usize::try_from(*left % base).expect("a small number")];
    *left /= base;
    choice
}

/// Each limit that can be met is tight in every third run, else as it is by default.
pub(super) fn limits(rng: &mut Rng) -> Limits {
    let mut tight = |from, to, usual| {
        if rng.one_in(3) { u32::try_from(rng.between(from, to)).unwrap_or(usual) } else { usual }
    };
    // The specifications have no call logs (H).
    let usual = Limits { logged_per_user: 0, ..Limits::DEFAULT };
    Limits {
        callees: tight(1, 3, usual.callees),
        timeout_max: tight(0, 10, usual.timeout_max),
        live_calls_per_room: tight(0, 3, usual.live_calls_per_room),
        kept_per_room: tight(0, 3, usual.kept_per_room),
        ended_per_room: tight(0, 3, usual.ended_per_room),
        live_calls: tight(0, 4, usual.live_calls),
        rooms: tight(1, 3, usual.rooms),
        participants_per_room: tight(1, 3, usual.participants_per_room),
        admins_per_room: tight(0, 2, usual.admins_per_room),
        never: !rng.one_in(3),
        ..usual
    }
}
