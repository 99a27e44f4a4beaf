//! Bytes of each unit that is stored, measured at a thousandth of what the default limits admit, and
//! multiplied up to the default limits.

use roomcall::protocol::{Actor, Command, Fact, Input, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{CallRejectionReason, Limits, Policy, Role};
use roomcall_scaling::board::handles::refused;
use roomcall_scaling::count::Wrong;
use roomcall_scaling::names::{Names, named};
use roomcall_scaling::report::commas;

use crate::{heap_of, requests};

const LIMITS: Limits = Limits::DEFAULT;
/// Those without logs, which would be counted with each call.
const WITHOUT_LOGS: Limits = Limits { logged_per_user: 0, ..LIMITS };
/// Who accepts is expected.
const POLICY: Policy = Policy { join_grace: 60, ..Policy::DEFAULT };
/// A thousandth of the rooms.
const ROOMS: u32 = LIMITS.rooms / 1_000;
/// Names are as long as the limits admit.
const NAMES: Names = Names::LONGEST;

/// A unit, its bytes, and how many of it the default limits admit.
struct Unit {
    what: &'static str,
    bytes: f64,
    formula: &'static str,
    number: u64,
}

pub(crate) fn print() -> Result<(), Wrong> {
    let units = units()?;
    println!("| unit | bytes of one unit | number at the default limits | product |");
    println!("|---|---|---|---|");
    let mut sum = 0.0;
    for Unit { what, bytes, formula, number } in &units {
        let product = bytes.ceil() * *number as f64;
        sum += product;
        let number = commas(*number);
        let bytes = commas(bytes.ceil() as u64);
        println!("| {what} | {bytes} | {formula}: {number} | {} |", size(product));
    }
    println!("| **in total** | | | **{}** |", size(sum));
    Ok(())
}

/// Bytes in the unit that suits them.
fn size(bytes: f64) -> String {
    match bytes {
        bytes if bytes < 1e9 => format!("{:.0} MB", bytes / 1e6),
        bytes if bytes < 1e12 => format!("{:.1} GB", bytes / 1e9),
        bytes => format!("{:.1} TB", bytes / 1e12),
    }
}

fn units() -> Result<Vec<Unit>, Wrong> {
    let Limits { rooms, held_names, live_calls, requesters, requests_per_requester, .. } = LIMITS;
    let rooms = u64::from(rooms);
    let unit = |what, bytes, formula, number| Unit { what, bytes, formula, number };
    let of_room = |number: u32| rooms * u64::from(number);
    let live = live_call("")?;
    let text = live_call(&"x".repeat(LIMITS.extension_bytes as usize))? - live;
    let (kept, remembered) = (LIMITS.kept_per_room, LIMITS.ended_per_room);
    // Rejected calls are kept; cancelled ones leave nothing but their endings.
    let (rejected, cancelled) = (ended(kept, Host::reject)?, ended(remembered, Host::cancel)?);
    let present = LIMITS.participants_per_room;
    let request = requests::remembered(LIMITS.callees, requesters / 1_000, requests_per_requester)?;
    Ok(vec![
        unit("an open room and its owner", room()?, "`rooms`", rooms),
        unit("a live call", live, "`live_calls`", live_calls.into()),
        unit("somebody who is expected", expected()?, "each in the place of a live call", 0),
        unit("an extension text of 2,048 bytes", text, "`live_calls`", live_calls.into()),
        unit("a kept call", rejected, "`rooms` x `kept_per_room`", of_room(kept)),
        unit("a remembered ending", cancelled, "`rooms` x `ended_per_room`", of_room(remembered)),
        unit("a participant", entered()?, "`rooms` x `participants_per_room`", of_room(present)),
        unit("an admin", admin()?, "`rooms` x `admins_per_room`", of_room(LIMITS.admins_per_room)),
        unit("an interned name", interned()?, "3 kinds x `held_names`", 3 * u64::from(held_names)),
        unit(
            "a numbered request with 100 callees",
            request,
            "`requesters` x `requests_per_requester`",
            u64::from(requesters) * u64::from(requests_per_requester),
        ),
        unit("a counted user", counted()?, "`rated_users`", LIMITS.rated_users.into()),
        unit("an entry of a call log", logged()?, "`logged_calls`", LIMITS.logged_calls.into()),
    ])
}

/// A board by name; every input must be applied.
struct Host(Switchboard);

impl Host {
    /// With so many rooms open, and their hosts inside.
    fn new(rooms: u32) -> Result<Self, Wrong> {
        Self::with(WITHOUT_LOGS, rooms)
    }

    fn with(limits: Limits, rooms: u32) -> Result<Self, Wrong> {
        let mut host = Self(Switchboard::new(limits, POLICY));
        for number in 0..rooms {
            let (room, owner) = (name(Names::room, number), name(Names::host, number));
            let (user, device) = (owner.clone(), name(Names::desktop, number));
            host.apply(Input::Fact(Fact::RoomOpened { room: room.clone(), owner }))?;
            host.apply(Input::Fact(Fact::user_entered(room, user, device)))?;
        }
        Ok(host)
    }

    fn apply(&mut self, input: Input) -> Result<(), Wrong> {
        let outcome = self.0.apply_record(&Record { at: 0, request_id: None, input });
        match (outcome.answer, outcome.unchanged) {
            (Some(Err(refused)), _) => Err(Wrong::new("roomcall", refused.message)),
            (_, Some(rule)) => Err(Wrong::new("roomcall", format!("{rule:?} changes nothing"))),
            (Some(Ok(_)) | None, None) => Ok(()),
        }
    }

    /// What the host of a room asks about a user.
    fn ask(&mut self, room: u32, command: Command) -> Result<(), Wrong> {
        let (user, device) = (name(Names::host, room), name(Names::desktop, room));
        self.apply(Input::Ask { by: Actor::Device { user, device }, command })
    }

    fn call(&mut self, number: u32, user: u32, extension: &str) -> Result<(), Wrong> {
        let (room, users) = (name(Names::room, number), vec![name(Names::user, user)]);
        let extension = extension.to_owned();
        self.ask(
            number,
            Command::CallUserToRoom { room, users, timeout: 30, extension, caller: None },
        )
    }

    fn cancel(&mut self, number: u32, user: u32) -> Result<(), Wrong> {
        let (room, users) = (name(Names::room, number), vec![name(Names::user, user)]);
        self.ask(number, Command::CancelCall { room, users })
    }

    fn accept(&mut self, room: u32, user: u32) -> Result<(), Wrong> {
        let (room, device) = (name(Names::room, room), name(Names::phone, user));
        let by = Actor::Device { user: name(Names::user, user), device };
        self.apply(Input::Ask { by, command: Command::AcceptCall { room, attempt: None } })
    }

    fn reject(&mut self, room: u32, user: u32) -> Result<(), Wrong> {
        let (room, device) = (name(Names::room, room), name(Names::phone, user));
        let by = Actor::Device { user: name(Names::user, user), device };
        let (attempt, reason) = (None, CallRejectionReason::Rejected);
        self.apply(Input::Ask { by, command: Command::RejectCall { room, attempt, reason } })
    }

    /// A user enters the first room, calls the owner, cancels, and leaves.
    fn call_and_leave(&mut self, number: u32) -> Result<(), Wrong> {
        let (room, users) = (name(Names::room, 0), vec![name(Names::host, 0)]);
        let (user, device) = (name(Names::user, number), name(Names::phone, number));
        let entered = Fact::user_entered(room.clone(), user.clone(), device.clone());
        self.apply(Input::Fact(entered))?;
        let by = Actor::Device { user: user.clone(), device };
        let (timeout, extension) = (30, String::new());
        let command = Command::CallUserToRoom {
            room: room.clone(),
            users: users.clone(),
            timeout,
            extension,
            caller: None,
        };
        self.apply(Input::Ask { by: by.clone(), command })?;
        self.apply(Input::Ask { by, command: Command::CancelCall { room: room.clone(), users } })?;
        self.apply(Input::Fact(Fact::user_left(room, user)))
    }
}

fn name(write: roomcall_scaling::names::Write, number: u32) -> String {
    named(write, NAMES, number)
}

/// The bytes of a unit, of which `add` adds so many to boards with all rooms open. Names that only
/// this unit refers to are part of it.
fn bytes(count: u32, add: impl Fn(&mut Host) -> Result<(), Wrong>) -> Result<f64, Wrong> {
    let (empty, _) = heap_of(|| Host::new(ROOMS))?;
    let (full, _) = heap_of(|| {
        let mut host = Host::new(ROOMS)?;
        add(&mut host)?;
        Ok(host)
    })?;
    Ok((full - empty) / f64::from(count))
}

fn room() -> Result<f64, Wrong> {
    let (heap, _) = heap_of(|| Host::new(ROOMS))?;
    Ok(heap / f64::from(ROOMS))
}

fn live_call(extension: &str) -> Result<f64, Wrong> {
    let count = LIMITS.live_calls / 1_000;
    let call = |host: &mut Host, user| host.call(user % ROOMS, user, extension);
    bytes(count, |host| (0..count).try_for_each(|user| call(host, user)))
}

/// Calls of each room that end in this way.
fn ended(
    of_a_room: u32,
    end: impl Fn(&mut Host, u32, u32) -> Result<(), Wrong>,
) -> Result<f64, Wrong> {
    let count = ROOMS * of_a_room;
    bytes(count, |host| {
        (0..count).try_for_each(|user| {
            host.call(user % ROOMS, user, "")?;
            end(host, user % ROOMS, user)
        })
    })
}

/// Users of each room that have this fact.
fn members(of_a_room: u32, fact: impl Fn(String, String, u32) -> Fact) -> Result<f64, Wrong> {
    let count = ROOMS * of_a_room;
    bytes(count, |host| {
        (0..count).try_for_each(|number| {
            let (room, user) = (name(Names::room, number % ROOMS), name(Names::user, number));
            host.apply(Input::Fact(fact(room, user, number)))
        })
    })
}

/// A hundred participants of each room: a thousandth of what is admitted.
fn entered() -> Result<f64, Wrong> {
    members(LIMITS.participants_per_room / 1_000, |room, user, number| {
        Fact::user_entered(room, user, name(Names::phone, number))
    })
}

/// A hundred admins of each room.
fn admin() -> Result<f64, Wrong> {
    members(100, |room, user, _| Fact::role_set(room, user, Role::Admin))
}

fn interned() -> Result<f64, Wrong> {
    let count = LIMITS.held_names / 1_000;
    let (heap, _) = heap_of(|| {
        let mut board = Switchboard::new(LIMITS, Policy::DEFAULT);
        for number in 0..count {
            board.intern_user(&name(Names::user, number)).map_err(refused)?;
        }
        Ok(board)
    })?;
    Ok(heap / f64::from(count))
}

/// Users who called, and of whom nothing else is left.
fn counted() -> Result<f64, Wrong> {
    let limits = Limits { calls_per_minute: 60, ended_per_room: 0, ..WITHOUT_LOGS };
    let count = LIMITS.rated_users / 1_000;
    let heap = |users: u32| {
        heap_of(|| {
            let mut host = Host(Switchboard::new(limits, Policy::DEFAULT));
            let (room, owner) = (name(Names::room, 0), name(Names::host, 0));
            host.apply(Input::Fact(Fact::RoomOpened { room, owner }))?;
            (0..users).try_for_each(|number| host.call_and_leave(number))?;
            Ok(host)
        })
    };
    Ok((heap(count)?.0 - heap(0)?.0) / f64::from(count))
}

/// Calls of which nothing but the entry is left, each to another user.
fn logged() -> Result<f64, Wrong> {
    over(LIMITS, LIMITS.logged_calls / 1_000, Host::cancel)
}

/// Calls of which nothing is left but that their callees are expected.
fn expected() -> Result<f64, Wrong> {
    over(WITHOUT_LOGS, LIMITS.live_calls / 1_000, Host::accept)
}

/// What is left of a call that ends in this way, where no ending is remembered.
fn over(
    limits: Limits,
    count: u32,
    end: impl Fn(&mut Host, u32, u32) -> Result<(), Wrong>,
) -> Result<f64, Wrong> {
    let limits = Limits { ended_per_room: 0, ..limits };
    let heap = |users: u32| {
        heap_of(|| {
            let mut host = Host::with(limits, ROOMS)?;
            for user in 0..users {
                host.call(user % ROOMS, user, "")?;
                end(&mut host, user % ROOMS, user)?;
            }
            Ok(host)
        })
    };
    Ok((heap(count)?.0 - heap(0)?.0) / f64::from(count))
}
