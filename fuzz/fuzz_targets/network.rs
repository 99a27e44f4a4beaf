//! A switchboard and its handsets agree after any network (D-28): the bytes choose a plan by seed,
//! and then what happens, action by action.
#![no_main]

use std::fmt;

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use roomcall::{CallRejectionReason, Role, Which};
use roomcall_testkit::world::{self, Action, Run};

fuzz_target!(|input: Input| {
    if let Err(violation) = world::play(&input.0) {
        panic!("{violation}\n{input:?}");
    }
});

/// Its `Debug` form is the run itself, so that a failure can be kept in `tests/networks`.
struct Input(Run);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0.text().map_err(|_| fmt::Error)?)
    }
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut run = world::random_run(u64::from(u16::arbitrary(bytes)?));
        // A meeting that has begun, or there is nothing to be found.
        let devices = run.plan.devices.len();
        run.actions = vec![Action::Open { room: 0, owner: 0 }];
        run.actions.extend((0..devices).map(|device| Action::Heal { device }));
        run.actions.push(Action::Enter { device: 0, room: 0 });
        run.actions.push(Action::Flush {});
        while !bytes.is_empty() && run.actions.len() < 200 {
            run.actions.push(action(bytes)?);
        }
        Ok(Self(run))
    }
}

fn action(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Action> {
    let [kind, a, b, c] = <[u8; 4]>::arbitrary(bytes)?;
    let (device, room, packet, user) =
        (usize::from(a), usize::from(b), usize::from(a), usize::from(a));
    let users = (0..4_usize).filter(|bit| c >> bit & 1 == 1).collect();
    let reason =
        if c % 2 == 0 { CallRejectionReason::Rejected } else { CallRejectionReason::InOtherRoom };
    let timeout = u32::from(c >> 4) * 2;
    let by = (c % 2 == 0).then_some(device);
    Ok(match kind % 46 {
        0..=7 => Action::Deliver { packet },
        8 => Action::Together { device, packets: usize::from(b % 5) },
        9..=11 => Action::Flush {},
        12 | 13 => Action::Drop { packet },
        14 | 15 => Action::Duplicate { packet },
        16 | 17 => Action::Pass { ms: u64::from(a) * 100 + u64::from(b) },
        18 => Action::Cut { device, late: b % 2 == 0 },
        19 => Action::Heal { device },
        20 => Action::Kill { device },
        21 => Action::Restart { device },
        22 => Action::Reinstall { device },
        23 => Action::ClockJump { device, ms: (i64::from(b) - 128) * 500 },
        24 => Action::Snapshot {},
        25 => Action::KillSwitchboard {},
        26..=28 => Action::Accept { device, call: usize::from(b) },
        29 => Action::Reject { device, call: usize::from(b), reason },
        30..=32 => Action::Call { device, room, users, timeout },
        33 => Action::Cancel { device, room, users },
        34 => Action::Revoke { device, room, users },
        35 => Action::BackendRevoke { room, users },
        36 => match b % 8 {
            0 => Action::Dissolve { room: usize::from(c) },
            1 | 2 => Action::Open { room: usize::from(c), owner: user },
            3 => {
                let role = if c % 2 == 0 { Role::Admin } else { Role::Owner };
                Action::SetRole { user, room: usize::from(c), role }
            }
            _ => Action::Leave { user, room: usize::from(c) },
        },
        37 => Action::Depart { device },
        38 | 39 => Action::List { room },
        40 => Action::Remove { user: usize::from(b), room: usize::from(c >> 1), by },
        41 | 42 => Action::CallFor { user, room, users, timeout },
        43 => Action::RevokeAll { user, which: Which::ALL[usize::from(b) % Which::ALL.len()] },
        44 => Action::Refuse { packet, retry_after: u64::from(b) * 20 },
        _ => Action::Enter { device, room },
    })
}
