//! Random plans: small worlds, each odd in its own way.

use roomcall::handset::{LateRing, Settings};
use roomcall::{ActiveCalls, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy};

use super::media_server::{MediaServer, Names};
use super::{DevicePlan, Plan};
use crate::dice::Dice;

const USERS: [&str; 4] = ["ana", "bo", "cy", "dee"];
const DEVICES: [&str; 3] = ["phone", "tablet", "desk"];

/// A plan.
pub fn random_plan(dice: &mut Dice) -> Plan {
    let policy = Policy {
        active_calls: dice.pick(ActiveCalls::ALL),
        in_other_room: dice.pick(InOtherRoom::ALL),
        caller_left: dice.pick(CallerLeft::ALL),
        may_call: if dice.one_in(6) { MayCall::Admins } else { MayCall::Anyone },
        outcomes_to: dice.pick(OutcomesTo::ALL),
        join_grace: dice.pick(&[0, 0, 0, 1, 3, 8]),
    };
    let mut plan = Plan::new(policy, limits(dice));
    plan.push = dice.one_in(3);
    plan.is_timeless = dice.one_in(4);
    plan.media_server = media_server(dice);
    let usual = settings(dice);
    let odd = dice.one_in(3);
    let skewed = dice.one_in(2);
    for user in USERS.iter().take(2 + dice.below(3)) {
        for device in DEVICES.iter().take(1 + dice.weighted(&[3, 5, 2])) {
            let settings = if odd { settings(dice) } else { usual };
            let rate = if skewed {
                dice.pick(&[1_000, 900, 990, 1_010, 1_100, 2_000, 500])
            } else {
                1_000
            };
            // A name of its own, so that nothing that names it can mean the device of somebody else (P-08).
            let (user, device) = (user.to_string(), format!("{user}-{device}"));
            let clock = dice.pick(&[0, 1_000_000]);
            plan.devices.push(DevicePlan { user, device, rate, clock, settings });
        }
    }
    plan
}

/// Mostly one whose facts say all there is to say.
fn media_server(dice: &mut Dice) -> Option<MediaServer> {
    if dice.one_in(6) {
        return None;
    }
    let names = [Names::Both, Names::Session, Names::Device][dice.weighted(&[5, 3, 1])];
    Some(MediaServer { is_slow: dice.one_in(3), names, names_openings: !dice.one_in(5) })
}

fn limits(dice: &mut Dice) -> Limits {
    let usual = Limits { never: true, ..logged(dice) };
    if !dice.one_in(3) {
        return usual;
    }
    Limits {
        kept_per_room: dice.pick(&[usual.kept_per_room, 0, 1, 2]),
        ended_per_room: dice.pick(&[usual.ended_per_room, 0, 1, 2]),
        requesters: dice.pick(&[usual.requesters, usual.requesters, 1, 2]),
        ..usual
    }
}

/// Mostly as usual; else logs that are short, or of what was just now.
fn logged(dice: &mut Dice) -> Limits {
    let usual = Limits::DEFAULT;
    Limits {
        logged_per_user: if dice.one_in(4) { dice.pick(&[0, 1, 3]) } else { usual.logged_per_user },
        logged_calls: if dice.one_in(12) { 2 } else { usual.logged_calls },
        logged_for: if dice.one_in(6) { dice.pick(&[2, 5, 20]) } else { usual.logged_for },
        ..usual
    }
}

/// Intervals and bounds, odd ones as often as not.
pub fn settings(dice: &mut Dice) -> Settings {
    let usual = Settings::DEFAULT;
    let small = dice.one_in(2);
    let mut size = |usual: u32| if small { dice.pick(&[usual, 1, 2, 4]) } else { usual };
    let sizes = Settings {
        calls: size(usual.calls),
        endings: size(usual.endings),
        requests: size(usual.requests),
        outgoing: size(usual.outgoing),
        page: size(usual.page),
        ..usual
    };
    Settings {
        retry_interval: dice.pick(&[usual.retry_interval, 500, 300]),
        refresh: dice.pick(&[usual.refresh, None, Some(5_000), Some(900)]),
        answer_grace: dice.pick(&[usual.answer_grace, 0, 1_000]),
        min_ring: dice.pick(&[usual.min_ring, 0, 1, 2_500]),
        valid_for: dice.pick(&[usual.valid_for, usual.valid_for, 0, 500, 3_000]),
        join_quiet: dice.pick(&[usual.join_quiet, 5_000, 1_000, 0]),
        settle: dice.pick(&[usual.settle, 5_000, 500, 0]),
        late_ring: dice.pick(&[LateRing::Ignore, LateRing::Report]),
        ..sizes
    }
}
