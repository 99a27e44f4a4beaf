//! The ending: what every screen shows, what the switchboard says, and whether they agree.

use std::collections::BTreeMap;

use roomcall::handset::{Progress, Stage};
use roomcall::{CallStatus, EndingKind, Rule};

use crate::device::Device;
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
    for at in 0..ROSTER.len() {
        let checked = Checked::new(world, at);
        let verdict = if checked.problems.is_empty() { "yes" } else { "NO" };
        let name = format!("{} {}", checked.device.user, checked.device.name);
        let screen = or_dash(&checked.screen);
        let said = or_dash(&checked.said);
        row(&mut page, &[&name, &screen, &said, &checked.list, &checked.calls, verdict]);
        wrong.extend(checked.problems.iter().map(|problem| format!("{name}: {problem}")));
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

/// What one device shows and believes, in words, and where that is not so.
struct Checked<'a> {
    device: &'a Device,
    screen: String,
    /// What the switchboard says of that.
    said: String,
    list: String,
    calls: String,
    problems: Vec<String>,
}

impl<'a> Checked<'a> {
    fn new(world: &'a World, at: usize) -> Self {
        let device = &world.devices[at];
        let [screen, said, list, calls] = [const { String::new() }; 4];
        let mut checked = Self { device, screen, said, list, calls, problems: Vec::new() };
        checked.check_screen(world);
        checked.check_list(world);
        checked.check_calls(world);
        checked
    }

    fn wrong(&mut self, problem: String) {
        self.problems.push(problem);
    }

    fn check_screen(&mut self, world: &World) {
        let device = self.device;
        let drawn: BTreeMap<u64, Stage> =
            device.screen.iter().map(|(attempt, (_, stage))| (*attempt, *stage)).collect();
        let known: BTreeMap<u64, Stage> = device.handset.screen().collect();
        if drawn != known {
            self.wrong(format!("D-09: the effects drew {drawn:?}, the handset says {known:?}"));
        }
        let rings = world.board.rings(device.user, device.name);
        let here = device.handset.room();
        let outside = rings.iter().filter(|call| Some(call.room.as_str()) != here);
        let expected: Vec<u64> = outside.map(|call| call.attempt).collect();
        let said: Vec<String> = rings
            .iter()
            .map(|call| format!("#{} rings for {}", call.attempt, call.callee))
            .collect();
        self.said = said.join(", ");
        let shown: Vec<u64> = drawn.keys().copied().collect();
        if shown != expected {
            self.wrong(format!("the screen shows {shown:?}, and {expected:?} ring"));
        }
        let texts: Vec<String> = device
            .screen
            .iter()
            .map(|(attempt, (call, stage))| {
                let how = match stage {
                    Stage::Ringing => "rings",
                    Stage::Waiting => "waits",
                    Stage::Accepting | Stage::Rejecting => "is being answered",
                };
                format!("#{attempt} by {} {how}", call.caller)
            })
            .collect();
        self.screen = texts.join(", ");
    }

    fn check_list(&mut self, world: &World) {
        let device = self.device;
        let Some(room) = device.handset.room() else {
            self.list = "(in no room)".to_owned();
            return;
        };
        let word = |status: CallStatus| match status {
            CallStatus::Calling => "calling",
            CallStatus::Timeout => "timeout",
            CallStatus::Rejected => "rejected",
            CallStatus::None => "none",
        };
        let shown: BTreeMap<u64, String> = device
            .list
            .iter()
            .map(|(callee, (attempt, caller, status))| {
                (*attempt, format!("#{attempt} {callee} {} (by {caller})", word(*status)))
            })
            .collect();
        let said: BTreeMap<u64, String> = world
            .board
            .list(room)
            .iter()
            .map(|call| {
                let (attempt, callee) = (call.attempt, &call.callee);
                let (caller, status) = (&call.caller, word(call.status));
                (attempt, format!("#{attempt} {callee} {status} (by {caller})"))
            })
            .collect();
        if shown != said {
            self.wrong(format!("its list of {room} is {shown:?}, the switchboard's {said:?}"));
        }
        let texts: Vec<String> = shown.into_values().collect();
        self.list = format!("{room}: {}", or_dash(&texts.join(", ")));
    }

    fn check_calls(&mut self, world: &World) {
        let mut texts = Vec::new();
        for ((room, callee), (attempt, progress)) in &self.device.calls {
            let number = attempt.map_or(String::new(), |attempt| format!("#{attempt} "));
            texts.push(format!("{number}{callee}: {}", stands(progress)));
            let call = attempt.and_then(|attempt| world.board.calls.get(&attempt));
            let became = call.map(|call| call.ended.as_ref().map(|(how, _)| *how));
            let is_of = call.is_none_or(|call| {
                call.room == *room && call.callee == *callee && call.caller == self.device.user
            });
            if !is_of || !is_true(progress, became) {
                self.wrong(format!("{callee} into {room}: {progress:?}, but it was {became:?}"));
            }
        }
        self.calls = or_dash(&texts.join(", "));
    }
}

/// Whether a belief is true of a call that has ended so; `None` for no call, `Some(None)` for one
/// that rings (D-21).
fn is_true(progress: &Progress, became: Option<Option<EndingKind>>) -> bool {
    let Some(became) = became else {
        return !matches!(progress, Progress::Asking | Progress::Ringing);
    };
    match progress {
        Progress::Asking => false,
        Progress::AlreadyInRoom | Progress::AlreadyInCalling | Progress::Refused { .. } => true,
        Progress::Ringing => became.is_none(),
        Progress::Unknown => became.is_some(),
        Progress::TimedOut => became == Some(EndingKind::TimedOut),
        Progress::Rejected { .. } => {
            matches!(became, Some(EndingKind::Rejected | EndingKind::InOtherRoom))
        }
        Progress::Cancelled => became == Some(EndingKind::Cancelled),
        Progress::Revoked { .. } => became == Some(EndingKind::Revoked),
        Progress::Accepted => matches!(became, Some(EndingKind::Accepted | EndingKind::Entered)),
        _ => false,
    }
}

/// Each ending, of which calls and by whom; one that is missing is wrong.
fn endings(world: &World, page: &mut Timeline, wrong: &mut Vec<String>) {
    page.line("", Tone::Plain);
    for how in EndingKind::ALL {
        let mut texts = Vec::new();
        for (attempt, call) in &world.board.calls {
            if let Some((_, by)) = call.ended.as_ref().filter(|(ended, _)| *ended == how) {
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
        page.line(&format!("{:<14}{}", how_word(how), or_dash(&texts.join("; "))), Tone::Plain);
    }
}

/// D-12, D-28: exactly the device whose accept stood went in, once.
fn joins(world: &World, wrong: &mut Vec<String>) {
    for (attempt, call) in &world.board.calls {
        let Some((EndingKind::Accepted, by)) = &call.ended else {
            continue;
        };
        let went = world.joins.iter().filter(|(_, of)| of == attempt).map(|(at, _)| *at);
        let went: Vec<String> = went
            .filter_map(|at| world.devices.get(at))
            .map(|device| format!("{}'s {}", device.user, device.name))
            .collect();
        if went != [by.clone()] {
            let rule = Rule::D12.id();
            wrong.push(format!("{rule}: #{attempt} was accepted by {by}, and in went {went:?}"));
        }
    }
    if world.joins.iter().any(|(_, attempt)| *attempt == 0) {
        wrong.push("D-12: somebody went in without having accepted".to_owned());
    }
}

fn counts(world: &World, page: &mut Timeline) {
    let counts = &world.counts;
    page.line("", Tone::Plain);
    let (time, lines) = (seconds(world.now), world.board.lines);
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
