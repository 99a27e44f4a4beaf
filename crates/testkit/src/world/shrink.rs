//! Makes a failing run small: fewer actions, then simpler ones, as long as the same thing is wrong.

use super::{Action, Run, Violation, play};

/// The smallest run found that breaks the same invariant, and how. `None` if the run is fine.
pub fn shrink(run: &Run) -> Option<(Run, Violation)> {
    let mut wrong = play(run).err()?;
    let mut run = run.clone();
    run.actions.truncate(wrong.after);
    let mut chunk = run.actions.len().max(1);
    loop {
        let mut smaller = false;
        let mut at = 0;
        while at < run.actions.len() {
            let mut actions = run.actions.clone();
            actions.drain(at..(at + chunk).min(run.actions.len()));
            if let Some(found) = still(&run, &actions, &wrong) {
                wrong = found;
                actions.truncate(wrong.after);
                run.actions = actions;
                smaller = true;
            } else {
                at += chunk;
            }
        }
        smaller |= chunk == 1 && simplify(&mut run, &mut wrong);
        if !smaller && chunk == 1 {
            return Some((run, wrong));
        }
        chunk = if smaller { chunk } else { chunk / 2 }.max(1);
    }
}

fn still(run: &Run, actions: &[Action], wrong: &Violation) -> Option<Violation> {
    let run = Run { plan: run.plan.clone(), actions: actions.to_vec() };
    play(&run).err().filter(|found| found.name == wrong.name)
}

/// One simpler action at a time.
fn simplify(run: &mut Run, wrong: &mut Violation) -> bool {
    let mut simpler = false;
    for at in 0..run.actions.len() {
        let choices = run.actions.get(at).map(simpler_than).unwrap_or_default();
        for choice in choices {
            let mut actions = run.actions.clone();
            let Some(place) = actions.get_mut(at) else { continue };
            *place = choice;
            if let Some(found) = still(run, &actions, wrong) {
                *wrong = found;
                run.actions = actions;
                simpler = true;
                break;
            }
        }
    }
    simpler
}

/// What could stand in the place of an action. Each is simpler in one order, so that this ends.
fn simpler_than(action: &Action) -> Vec<Action> {
    match action {
        Action::Deliver { packet } if *packet > 0 => vec![Action::Deliver { packet: packet / 2 }],
        Action::Drop { packet } if *packet > 0 => vec![Action::Drop { packet: packet / 2 }],
        Action::Refuse { packet, retry_after } if *packet > 0 => {
            vec![Action::Refuse { packet: packet / 2, retry_after: *retry_after }]
        }
        Action::Duplicate { packet } if *packet > 0 => {
            vec![Action::Duplicate { packet: packet / 2 }]
        }
        Action::Pass { ms } if *ms > 1 => vec![Action::Pass { ms: ms / 2 }],
        Action::SignOut { device, late: true } => {
            vec![Action::SignOut { device: *device, late: false }]
        }
        Action::Erase { user, late: true } => vec![Action::Erase { user: *user, late: false }],
        Action::Restart { device } => vec![Action::Heal { device: *device }],
        Action::Reinstall { device } => vec![Action::Restart { device: *device }],
        Action::Cut { device, late: true } => vec![Action::Cut { device: *device, late: false }],
        Action::Call { device, room, users, timeout } => {
            let call = |users: &[usize], timeout| {
                let (device, room, users) = (*device, *room, users.to_vec());
                Action::Call { device, room, users, timeout }
            };
            let mut all = Vec::new();
            if users.len() > 1 {
                all.extend(users.iter().map(|user| call(&[*user], *timeout)));
            }
            if *timeout != 30 && *timeout != 0 {
                all.push(call(users, 30));
            }
            all
        }
        _ => Vec::new(),
    }
}
