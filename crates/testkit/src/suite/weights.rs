//! Which actions random worlds are made of, and how often each comes.

use roomcall::handset::{LateRing, Settings};
use roomcall::protocol::{LimitsChange, PolicyChange};
use roomcall::{
    ActiveCalls, CallRejectionReason, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy,
    Which,
};

use super::action::{Action, App, DEVICES, Push, Pushed, ROOMS, USERS};
use super::transport::Capabilities;
use crate::dice::Dice;

/// How often an action comes, what a host has to be able to do for it, and how it is made.
type Kind = (usize, fn(Capabilities) -> bool, fn(&mut Dice, Capabilities) -> Action);

const ALL: &[Kind] = &[
    (30, any, |dice, _| Action::Connect(device(dice))),
    (3, any, |dice, _| Action::ConnectBeside(device(dice))),
    (3, any, |dice, _| Action::Disconnect(device(dice))),
    (4, any, |dice, _| Action::CutNext(device(dice))),
    (70, any, |dice, _| Action::Hear(device(dice))),
    (4, any, |dice, _| Action::Again(device(dice))),
    (24, any, |dice, can| {
        let device = device(dice);
        Action::Call { device, users: callees(dice), timeout: timeout(dice, can) }
    }),
    (24, any, |dice, _| Action::Accept(device(dice))),
    (5, any, |dice, _| Action::Reject(device(dice), dice.pick(&CallRejectionReason::ALL[..]))),
    (4, any, |dice, _| Action::Cancel(device(dice), user(dice))),
    (2, any, |dice, _| Action::Revoke(device(dice), user(dice))),
    (4, any, |dice, _| Action::Silence(device(dice))),
    (3, any, |dice, _| Action::RejectHere(device(dice))),
    (5, any, |dice, _| Action::Occupied(device(dice), !dice.one_in(3))),
    (3, any, |dice, can| Action::Settings(device(dice), settings(dice, can))),
    (1, any, |dice, _| Action::SignOut(device(dice))),
    (30, any, |dice, _| Action::Push(push(dice))),
    (10, any, |dice, _| Action::Leave(device(dice))),
    (2, any, |dice, _| Action::Enter(device(dice), room(dice))),
    (1, any, |dice, _| Action::Dissolve(room(dice))),
    (
        4,
        |can| can.backend,
        |dice, can| {
            let caller = user(dice);
            Action::CallFor { caller, users: callees(dice), timeout: timeout(dice, can) }
        },
    ),
    (1, |can| can.backend, |dice, _| Action::BackendRevoke(room(dice), user(dice))),
    (1, |can| can.backend, |dice, _| Action::RevokeAll(user(dice), dice.pick(&Which::ALL[..]))),
    (1, |can| can.backend, |dice, _| Action::BackendCancel(room(dice), user(dice))),
    (1, |can| can.erasure, |dice, _| Action::Erase(user(dice))),
    (
        2,
        |can| can.rules,
        |dice, _| {
            let policy = PolicyChange::between(&Policy::DEFAULT, &policy(dice));
            Action::ChangeRules {
                policy,
                limits: LimitsChange::between(&Limits::DEFAULT, &limits(dice)),
            }
        },
    ),
    (3, any, |dice, _| Action::RestartDevice(device(dice))),
    (2, |can| can.durable, |_, _| Action::Restart),
    (2, |can| can.durable, |_, _| Action::KillNext),
    (2, |can| can.clock, |dice, _| Action::SetBack(dice.between(1, 1_000))),
    (
        2,
        |can| can.slow_reader,
        |dice, _| Action::Suspend { device: device(dice), asked: dice.pick(&[0, 8, 40]) },
    ),
    (3, |can| can.slow_reader, |dice, _| Action::Resume(device(dice))),
    (3, |can| can.lossy, |dice, _| Action::LoseNext(device(dice))),
    (3, |can| can.lossy, |dice, _| Action::Lose(device(dice))),
    (3, |can| can.lossy, |dice, _| Action::Repeat(device(dice))),
    (3, |can| can.lossy, |dice, _| Action::Reorder(device(dice))),
    (20, any, |dice, can| {
        Action::Advance(dice.between(1, if can.virtual_time { 2_500 } else { 20 }))
    }),
];

/// One that a host that can do this may meet.
pub(super) fn action(dice: &mut Dice, can: Capabilities) -> Action {
    let weight = |kind: &Kind| if kind.1(can) { kind.0 } else { 0 };
    let weights: Vec<usize> = ALL.iter().map(weight).collect();
    ALL[dice.weighted(&weights)].2(dice, can)
}

const fn any(_: Capabilities) -> bool {
    true
}

fn device(dice: &mut Dice) -> usize {
    dice.below(DEVICES.len())
}

fn user(dice: &mut Dice) -> usize {
    dice.below(USERS.len())
}

fn room(dice: &mut Dice) -> usize {
    dice.below(ROOMS.len())
}

fn callees(dice: &mut Dice) -> Vec<usize> {
    (0..=dice.below(2)).map(|_| user(dice)).collect()
}

fn timeout(dice: &mut Dice, can: Capabilities) -> u32 {
    // A real clock has no time for long ones. 0 is never, which most hosts refuse.
    if can.virtual_time { dice.pick(&[1, 1, 1, 2, 2, 2, 30, 30, 30, 0]) } else { 30 }
}

/// Mostly of the last call.
fn push(dice: &mut Dice) -> Push {
    Push {
        device: device(dice),
        what: [Pushed::Ring, Pushed::End, Pushed::Stray][dice.weighted(&[10, 2, 1])],
        back: dice.pick(&[0, 0, 0, 1, 2]),
        times: dice.pick(&[1, 1, 1, 2]),
        is_dated: !dice.one_in(3),
        app: [App::Runs, App::Starts, App::Dies][dice.weighted(&[4, 2, 1])],
    }
}

/// Intervals and bounds: the usual ones, or a few that are odd.
fn settings(dice: &mut Dice, can: Capabilities) -> Settings {
    let usual = Settings::DEFAULT;
    if dice.one_in(4) {
        return usual;
    }
    // Where time is real, how long a call still rings is not known by the millisecond.
    let min_ring =
        if can.virtual_time { dice.pick(&[usual.min_ring, 0, 2_500]) } else { usual.min_ring };
    Settings {
        retry_interval: dice.pick(&[usual.retry_interval, 500]),
        // Not so often that there is always something new.
        refresh: dice.pick(&[usual.refresh, None, Some(30_000)]),
        answer_grace: dice.pick(&[usual.answer_grace, 0, 1_000]),
        min_ring,
        valid_for: dice.pick(&[usual.valid_for, 0, 500]),
        join_quiet: dice.pick(&[usual.join_quiet, 1_000, 0]),
        settle: dice.pick(&[usual.settle, 5_000, 0]),
        late_ring: dice.pick(&[LateRing::Ignore, LateRing::Report]),
        calls: dice.pick(&[usual.calls, usual.calls, 1, 0]),
        endings: dice.pick(&[usual.endings, usual.endings, 1, 0]),
        requests: dice.pick(&[usual.requests, usual.requests, 1, 0]),
        outgoing: dice.pick(&[usual.outgoing, 1]),
        page: dice.pick(&[usual.page, 1]),
    }
}

/// Any policy.
pub(super) fn policy(dice: &mut Dice) -> Policy {
    Policy {
        active_calls: dice.pick(ActiveCalls::ALL),
        in_other_room: dice.pick(InOtherRoom::ALL),
        caller_left: dice.pick(CallerLeft::ALL),
        may_call: dice.pick(MayCall::ALL),
        outcomes_to: dice.pick(OutcomesTo::ALL),
        join_grace: dice.pick(&[0, 5]),
    }
}

/// The usual limits, but for one or two that are so small that they are reached.
pub(super) fn limits(dice: &mut Dice) -> Limits {
    let mut limits = Limits { never: dice.one_in(2), ..Limits::DEFAULT };
    for _ in 0..=dice.below(2) {
        match dice.below(10) {
            0 => limits.callees = 1,
            1 => limits.timeout_max = 10,
            2 => limits.live_calls_per_room = dice.pick(&[0, 1]),
            3 => limits.live_calls = 1,
            4 => limits.kept_per_room = dice.pick(&[0, 1]),
            5 => limits.ended_per_room = dice.pick(&[0, 1]),
            6 => limits.requesters = dice.pick(&[1, 2]),
            7 => limits.calls_per_minute = dice.pick(&[1, 3]),
            8 => limits.logged_per_user = dice.pick(&[0, 1]),
            _ => limits.logged_for = dice.pick(&[2, 20]),
        }
    }
    limits
}
