//! What people mean to do: acts of steps that wait for something to be so.

use roomcall::handset::Tap;
use roomcall::protocol::Fact;
use roomcall::{EndingKind, Role, Rule};

use crate::roster::{
    ANA_LAPTOP, ANA_PHONE, BO_PHONE, BO_TABLET, CY_PHONE, CY_TABLET, DEE, EVE_PHONE, EVE_TABLET,
    RETRO, ROSTER, STANDUP,
};
use crate::world::{Checked, Happening, World};
use roomcall_testkit::dice::Dice;
use roomcall_testkit::world::Body;
use roomcall_testkit::world::truth::Attempt;

#[derive(Clone, Copy)]
enum When {
    Start,
    /// A call into that room is on the screen of that device.
    Rings(usize, &'static str),
    /// A call was missed, as that device told.
    Missed(usize),
    /// Another step of the act was done.
    Done(usize),
}

#[derive(Clone, Copy)]
enum What {
    Call {
        room: &'static str,
        users: &'static [&'static str],
        seconds: u32,
    },
    Cancel(&'static [&'static str]),
    Revoke(&'static [&'static str]),
    Yes(&'static str),
    No(&'static str),
    Enter(&'static str),
    Leave(&'static str),
    /// Looks at the list of calls.
    Look,
    /// Puts somebody out of the room.
    Remove(&'static str),
    Cut(u64),
    Kill(u64),
    Crash(u64),
    Heal,
}

struct Step {
    when: When,
    wait: u64,
    who: usize,
    what: What,
    is_due: bool,
    is_done: bool,
}

const fn step(when: When, wait: u64, who: usize, what: What) -> Step {
    Step { when, wait, who, what, is_due: false, is_done: false }
}

struct Act {
    title: &'static str,
    wants: &'static [EndingKind],
    steps: Vec<Step>,
}

use What::{Call, Cancel, Crash, Cut, Enter, Heal, Kill, Leave, Look, No, Remove, Revoke, Yes};
use When::{Done, Missed, Rings, Start};

/// The title of an act, the endings that it is for, and its steps.
type Parts = (&'static str, &'static [EndingKind], Vec<Step>);

/// The acts in their order. One whose endings did not come about is tried again.
fn act(number: usize) -> Option<Act> {
    let (title, wants, steps) = early(number).or_else(|| late(number))?;
    Some(Act { title, wants, steps })
}

const fn call(users: &'static [&'static str], seconds: u32) -> What {
    Call { room: STANDUP, users, seconds }
}

/// The acts in which people answer.
fn early(number: usize) -> Option<Parts> {
    Some(match number {
        0 => (
            "ana calls everybody: bo says yes on both devices at once, cy says no, eve is silent, and looks later",
            &[EndingKind::Accepted, EndingKind::Rejected, EndingKind::TimedOut],
            vec![
                step(Start, 600, ANA_LAPTOP, call(&["bo", "cy", "eve"], 15)),
                step(Rings(BO_PHONE, STANDUP), 1_200, BO_PHONE, Yes(STANDUP)),
                step(Done(1), 40, BO_TABLET, Yes(STANDUP)),
                step(Rings(CY_TABLET, STANDUP), 2_400, CY_TABLET, No(STANDUP)),
                step(Done(0), 3_600, EVE_PHONE, Cut(14_500)),
                step(Missed(EVE_TABLET), 2_500, EVE_TABLET, Look),
            ],
        ),
        1 => (
            "bo has left; ana calls him to standup, dee to retro; his tablet dies meanwhile",
            &[EndingKind::InOtherRoom],
            vec![
                step(Start, 0, BO_PHONE, Leave(STANDUP)),
                step(Start, 200, DEE, Leave(STANDUP)),
                step(Start, 900, DEE, Enter(RETRO)),
                step(Start, 2_000, ANA_LAPTOP, call(&["bo"], 30)),
                step(Done(3), 700, DEE, Call { room: RETRO, users: &["bo"], seconds: 30 }),
                step(Done(3), 1_900, BO_TABLET, Kill(3_000)),
                step(Rings(BO_PHONE, RETRO), 4_000, BO_PHONE, Yes(STANDUP)),
            ],
        ),
        2 => (
            "ana calls cy and gives up on her phone, just as he says yes",
            &[EndingKind::Cancelled],
            vec![
                step(Start, 0, CY_PHONE, Leave(STANDUP)),
                step(Start, 600, ANA_LAPTOP, call(&["cy"], 25)),
                step(Rings(CY_PHONE, STANDUP), 1_800, ANA_PHONE, Cancel(&["cy"])),
                step(Done(2), 60, CY_PHONE, Yes(STANDUP)),
            ],
        ),
        _ => return None,
    })
}

/// The acts in which others decide.
fn late(number: usize) -> Option<Parts> {
    Some(match number {
        3 => (
            "eve's phone is dead; ana calls, and a push wakes it; dee, an admin, revokes the call",
            &[EndingKind::Revoked],
            vec![
                step(Start, 0, EVE_PHONE, Kill(30_000)),
                step(Start, 600, ANA_LAPTOP, call(&["eve"], 25)),
                step(Rings(EVE_PHONE, STANDUP), 4_000, DEE, Revoke(&["eve"])),
            ],
        ),
        4 => (
            "ana calls eve again; the switchboard dies; eve comes in by a link",
            &[EndingKind::Entered],
            vec![
                step(Start, 0, EVE_TABLET, Leave(STANDUP)),
                step(Start, 600, ANA_LAPTOP, call(&["eve"], 25)),
                step(Done(1), 2_000, EVE_TABLET, Crash(1_500)),
                step(Done(2), 4_500, EVE_TABLET, Enter(STANDUP)),
            ],
        ),
        5 => (
            "ana calls bo, who is out; before he answers, dee puts him out for good",
            &[EndingKind::Revoked],
            vec![
                step(Start, 0, BO_PHONE, Leave(STANDUP)),
                step(Start, 600, ANA_LAPTOP, call(&["bo"], 25)),
                step(Rings(BO_PHONE, STANDUP), 1_800, DEE, Remove("bo")),
            ],
        ),
        6 => (
            "the network heals; ana calls cy, who lets it ring, while every screen is compared",
            &[],
            vec![
                step(Start, 300, ANA_LAPTOP, Heal),
                step(Start, 400, CY_PHONE, Leave(STANDUP)),
                step(Start, 900, ANA_LAPTOP, call(&["cy"], 600)),
            ],
        ),
        _ => return None,
    })
}

/// The last act, in which something still rings.
const FINALE: usize = 6;

pub(crate) struct Script {
    number: usize,
    tries: u64,
    act: Act,
    /// The last attempt before the act, and when that began.
    floor: u64,
    began: u64,
    pub(crate) healed: Option<u64>,
}

impl Script {
    pub(crate) fn new(world: &mut World) -> Checked<Self> {
        let (ana, dee) = ("ana".to_owned(), "dee".to_owned());
        let open = |room: &str, owner: &String| Fact::RoomOpened {
            room: room.to_owned(),
            owner: owner.clone(),
        };
        let admin = Fact::role_set(STANDUP.to_owned(), dee.clone(), Role::Admin);
        for fact in [open(STANDUP, &ana), open(RETRO, &dee), admin] {
            world.world.fact(fact)?;
            world.follow();
        }
        for at in 0..ROSTER.len() {
            world.world.heal(at)?;
            world.follow();
        }
        for at in [ANA_LAPTOP, DEE] {
            world.world.enter(at, STANDUP.to_owned())?;
            world.follow();
        }
        let act = Act { title: "", wants: &[], steps: Vec::new() };
        Ok(Self { number: 0, tries: 0, act, floor: 0, began: 0, healed: None })
    }

    /// What comes next: steps whose time has come, or another act; whether there is more.
    pub(crate) fn look(&mut self, world: &mut World) -> bool {
        if self.act.title.is_empty() {
            self.begin(world);
        }
        for at in 0..self.act.steps.len() {
            let is_so = |when: When| match when {
                Start => true,
                Rings(who, room) => world.answerable(who, room, self.floor).is_some(),
                Missed(who) => world.missed(who).is_some(),
                Done(other) => self.act.steps.get(other).is_some_and(|step| step.is_done),
            };
            let step = &self.act.steps[at];
            if !step.is_due && is_so(step.when) {
                // All but the first steps are taken when people feel like it.
                let wait = about(&mut world.dice, step.wait);
                self.act.steps[at].is_due = true;
                world.after(wait, Happening::Step(at));
            }
        }
        if self.number == FINALE {
            return !self.is_quiet(world);
        }
        if self.is_over(world) {
            let is_there = |how: &EndingKind| {
                let mut calls = world.calls().values();
                calls.any(|call| call.ended.as_ref().is_some_and(|ended| ended.how == *how))
            };
            if self.act.wants.iter().all(is_there) {
                (self.number, self.tries) = (self.number + 1, 0);
            } else {
                self.tries += 1;
                self.number += usize::from(self.tries > 5);
            }
            self.begin(world);
        }
        true
    }

    fn begin(&mut self, world: &mut World) {
        let Some(mut act) = act(self.number) else {
            return;
        };
        if self.tries > 0 && act.wants == [EndingKind::Cancelled] {
            // This time nobody says yes.
            act.steps.retain(|step| !matches!(step.what, Yes(_)));
        }
        let duplicate = if self.tries > 0 { " (once more)" } else { "" };
        let (number, title) = (self.number + 1, act.title);
        world.timeline.heading(&format!("{number}. {title}{duplicate}"));
        if number > 1 {
            world.timeline.columns();
        }
        world.world.save();
        (self.act, self.floor, self.began) = (act, world.last_attempt(), world.now());
    }

    /// Whether all calls of the act are over, and what follows from them too.
    fn is_over(&self, world: &World) -> bool {
        let called = self.act.steps.iter().filter(|step| matches!(step.what, Call { .. }));
        let has_looked = |step: &Step| step.is_done || !matches!(step.what, Look);
        let is_called = called.clone().all(|step| step.is_done)
            && self.act.steps.iter().all(has_looked)
            && world.last_attempt() >= self.floor + u64::try_from(called.count()).unwrap_or(0);
        let is_coming = world.is_coming(|happening| match happening {
            Happening::Enters(_, _)
            | Happening::Leaves(_, _)
            | Happening::Step(_)
            | Happening::Restart(_)
            | Happening::Connect { .. }
            | Happening::Restore => true,
            Happening::Arrives(packet) => matches!(packet.body, Body::Enter { .. }),
        });
        let is_joined = |call: &Attempt| {
            let ended = call.ended.as_ref();
            call.joined || ended.is_none_or(|ended| ended.how != EndingKind::Accepted)
        };
        let all_joined = world.calls().values().all(is_joined);
        let none_live = world.calls().values().all(|call| call.ended.is_some());
        let no_screens = world.world.devices.iter().all(|device| device.screen.calls.is_empty());
        let is_done = is_called && none_live && !is_coming && all_joined && no_screens;
        is_done || world.now() > self.began + 90_000
    }

    /// Whether the network has been well for so long that every device has asked once more, and
    /// nothing is on its way.
    fn is_quiet(&self, world: &World) -> bool {
        let rest = crate::world::REFRESH + 8_000;
        let is_on_its_way = world.is_coming(|_| true);
        self.healed.is_some_and(|at| world.now() > at + rest) && !is_on_its_way
    }

    /// A person does something.
    pub(crate) fn play(&mut self, at: usize, world: &mut World) -> Checked {
        let Some(step) = self.act.steps.get_mut(at) else {
            return Ok(());
        };
        step.is_done = true;
        let (who, what, floor) = (step.who, step.what, self.floor);
        let names = |users: &[&str]| users.iter().map(|user| (*user).to_owned()).collect();
        match what {
            Call { room, users, seconds } => {
                let (room, extension) = (room.to_owned(), String::new());
                let text = format!("calls {}", users.join(", "));
                let users = names(users);
                let tap = Tap::Call { room, users, timeout: seconds, extension };
                world.tap(who, &text, Rule::D20, tap)?;
            }
            Cancel(users) => {
                let tap = Tap::Cancel { room: STANDUP.to_owned(), users: names(users) };
                world.tap(who, &format!("cancels {}", users.join(", ")), Rule::D20, tap)?;
            }
            Revoke(users) => {
                let tap = Tap::Revoke { room: STANDUP.to_owned(), users: names(users) };
                world.tap(who, &format!("revokes {}", users.join(", ")), Rule::D20, tap)?;
            }
            Yes(room) => {
                if let Some(attempt) = world.answerable(who, room, floor) {
                    world.tap(who, "taps yes", Rule::D11, Tap::Accept { attempt })?;
                }
            }
            No(room) => {
                if let Some(attempt) = world.answerable(who, room, floor) {
                    let reason = Default::default();
                    world.tap(who, "taps no", Rule::D11, Tap::Reject { attempt, reason })?;
                }
            }
            Enter(room) => {
                world.say(who, &format!("opens {room}"), Default::default(), &[]);
                world.enter(who, room.to_owned());
            }
            Leave(room) => world.leave(who, room),
            Look => {
                if let Some(up_to) = world.missed(who) {
                    let tap = Tap::MarkSeen { up_to };
                    world.tap(who, "looks what was missed", Rule::D36, tap)?;
                }
            }
            Remove(user) => world.remove(who, user)?,
            Cut(millis) => world.cut(who, millis)?,
            Kill(millis) => world.kill(who, millis),
            Crash(millis) => world.crash(millis)?,
            Heal => {
                world.is_healed = true;
                self.healed = Some(world.now());
                world.timeline.note(world.now(), "no message is lost or doubled any more", &[]);
            }
        }
        world.follow();
        Ok(())
    }
}

/// About as long, as people are. A wait this short is meant exactly.
fn about(dice: &mut Dice, millis: u64) -> u64 {
    if millis < 500 { millis } else { dice.between(millis / 4 * 3, millis / 4 * 5) }
}
