//! The ending: what every screen shows, what the switchboard says, and whether they agree.

use std::collections::BTreeMap;

use roomcall::handset::Stage;
use roomcall::{CallStatus, EndingKind, Rule};
use roomcall_testkit::world::Device;
use roomcall_testkit::world::screen::Entry;

use crate::roster::ROSTER;
use crate::timeline::{Timeline, Tone, seconds, wrap};
use crate::words::{how_word, stands};
use crate::world::World;

/// A table: the widths of its columns.
const WIDTHS: [usize; 6] = [11, 18, 18, 34, 50, 6];

/// Prints the ending; what is wrong, if anything is.
pub(crate) fn report(world: &mut World) -> Vec<String> {
    let mut wrong = Vec::new();
    world.timeline.heading("the end: everybody is asked");
    let mut page = Timeline::new(false, false);
    let heads = [
        "device",
        "its screen",
        "the switchboard",
        "the list of its room",
        "calls it made",
        "agrees",
    ];
    row(&mut page, &heads);
    for (at, (user, name)) in ROSTER.into_iter().enumerate() {
        let device = &world.world.devices[at];
        let agrees = world.world.agrees(at);
        let verdict = if agrees.is_ok() { "yes" } else { "NO" };
        let cells = [screen(device), rings(world, user), list(device), calls(device)];
        let [screen, said, list, calls] = &cells;
        row(&mut page, &[&format!("{user} {name}"), screen, said, list, calls, verdict]);
        wrong.extend(agrees.err().map(|violation| violation.to_string()));
    }
    endings(world, &mut page, &mut wrong);
    joins(world, &mut wrong);
    counts(world, &mut page);
    world.timeline.text.push_str(&page.text);
    wrong
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}

fn row(page: &mut Timeline, cells: &[&str]) {
    let wrapped: Vec<Vec<String>> =
        cells.iter().zip(WIDTHS).map(|(cell, width)| wrap(cell, width)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..height {
        let mut line = String::new();
        for (lines, width) in wrapped.iter().zip(WIDTHS) {
            let text = lines.get(at).map_or("", String::as_str);
            line.push_str(&format!("{text:<width$}  "));
        }
        page.line(&line, Tone::Plain);
    }
}

/// What one device shows.
fn screen(device: &Device) -> String {
    let calls = device.screen.calls.iter().map(|(attempt, (call, stage))| {
        let how = match stage {
            Stage::Ringing => "rings",
            Stage::Waiting => "waits",
            Stage::Accepting | Stage::Rejecting => "is being answered",
        };
        format!("#{attempt} by {} {how}", call.caller)
    });
    or_dash(&calls.collect::<Vec<_>>().join(", "))
}

/// What rings for a user, by the switchboard's account.
fn rings(world: &World, user: &str) -> String {
    let rings = world.world.rings(user);
    let calls = rings.keys().map(|attempt| format!("#{attempt} rings for {user}"));
    or_dash(&calls.collect::<Vec<_>>().join(", "))
}

/// The list of the room that a device is in.
fn list(device: &Device) -> String {
    let Some(room) = &device.room else { return "(in no room)".to_owned() };
    let word = |status: CallStatus| match status {
        CallStatus::Calling => "calling",
        CallStatus::Timeout => "timeout",
        CallStatus::Rejected => "rejected",
        CallStatus::None => "none",
    };
    let calls: BTreeMap<u64, String> = device
        .screen
        .list
        .iter()
        .map(|(callee, Entry { attempt, caller, status })| {
            (*attempt, format!("#{attempt} {callee} {} (by {caller})", word(*status)))
        })
        .collect();
    let calls: Vec<String> = calls.into_values().collect();
    format!("{room}: {}", or_dash(&calls.join(", ")))
}

/// What a device believes of the calls that it made.
fn calls(device: &Device) -> String {
    let calls = device.screen.progress.iter().map(|((_, callee), (attempt, progress))| {
        let number = attempt.map_or(String::new(), |attempt| format!("#{attempt} "));
        format!("{number}{callee}: {}", stands(progress))
    });
    or_dash(&calls.collect::<Vec<_>>().join(", "))
}

/// Each ending, of which calls and by whom; one that is missing is wrong.
fn endings(world: &World, page: &mut Timeline, wrong: &mut Vec<String>) {
    page.line("", Tone::Plain);
    for how in EndingKind::ALL {
        let mut texts = Vec::new();
        for (attempt, call) in world.calls() {
            let by = world.ended_by.get(attempt);
            if let Some(by) = by.filter(|_| call.ended.as_ref().is_some_and(|it| it.how == how)) {
                let room = &call.room;
                texts.push(format!(
                    "#{attempt} {} to {}, to {room}, by {by}",
                    call.caller, call.callee
                ));
            }
        }
        if texts.is_empty() {
            wrong.push(format!("no call ended as {}", how_word(how)));
        }
        // Three a line, or the line is wider than the page.
        let mut lines = texts.chunks(3).map(|texts| texts.join("; "));
        let first = lines.next().unwrap_or_default();
        page.line(&format!("{:<14}{}", how_word(how), or_dash(&first)), Tone::Plain);
        for more in lines {
            page.line(&format!("{:<14}{more}", ""), Tone::Plain);
        }
    }
}

/// D-12, D-28: whoever's accept stood went in. That nobody else did, and once, the world has seen to.
fn joins(world: &World, wrong: &mut Vec<String>) {
    for (attempt, call) in world.calls() {
        let is_accepted = call.ended.as_ref().is_some_and(|it| it.how == EndingKind::Accepted);
        if is_accepted && !call.joined {
            let rule = Rule::D12.id();
            wrong.push(format!("{rule}: #{attempt} was accepted, and nobody went in"));
        }
    }
}

fn counts(world: &World, page: &mut Timeline) {
    let counts = &world.counts;
    page.line("", Tone::Plain);
    let (time, lines) = (seconds(world.now()), counts.lines);
    let text = format!(
        "{} messages in {} s: {} lost, {} doubled, {} that overtook another; \
         {} requests sent again; {lines} lines of journal",
        counts.sent,
        time.trim(),
        counts.lost,
        counts.doubled,
        counts.late,
        counts.repeated,
    );
    page.line(&text, Tone::Plain);
    let text = format!(
        "connections cut: {}; devices killed and restarted: {}; switchboard killed and restored: {}",
        counts.cuts, counts.restarts, counts.restores,
    );
    page.line(&text, Tone::Plain);
    page.line("", Tone::Plain);
}
