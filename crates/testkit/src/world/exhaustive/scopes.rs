//! The scopes: small enough to be searched to the end, large enough for every race between two.

use roomcall::handset::{Input, Settings, Tap};
use roomcall::protocol::{Actor, Command, Fact};
use roomcall::{ActiveCalls, InOtherRoom, Limits, Policy};

/// Who is there, and what may happen.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub name: &'static str,
    /// The policy of the switchboard.
    pub policy: Policy,
    /// Rooms, each with somebody in it who calls from there by script.
    pub rooms: Vec<(&'static str, &'static str)>,
    /// Handsets, connected when the search begins.
    pub devices: Vec<(&'static str, &'static str)>,
    /// The settings of all handsets.
    pub settings: Settings,
    /// Requests of users without a handset; each may be sent once, and then arrive at any time.
    pub scripts: Vec<(Actor, Command)>,
    /// What may happen outside, each once.
    pub facts: Vec<Fact>,
    /// Inputs besides messages and the taps that answer a call, each once where it changes something, of
    /// which device.
    pub inputs: Vec<(usize, Input)>,
    /// Seconds for which a call rings, and for which time passes.
    pub timeout: u32,
    /// How many seconds may pass.
    pub seconds: u64,
    /// How often a device may be restarted.
    pub restarts: u8,
    /// Whether a ring is pushed, too.
    pub pushes: bool,
}

impl Plan {
    /// The number of a room.
    pub fn room(&self, name: &str) -> u8 {
        self.rooms.iter().position(|(room, _)| *room == name).map_or(0, |at| at as u8)
    }
}

/// The most attempts and devices of a scope.
pub const ATTEMPTS: usize = 4;
/// The most devices of a scope.
pub const DEVICES: usize = 2;

/// The limits of the switchboard. Nothing is logged: the age of an entry makes each point of time another state.
pub const LIMITS: Limits = Limits { logged_per_user: 0, ..Limits::DEFAULT };

const SETTINGS: Settings = Settings {
    retry_interval: 1_000_000,
    refresh: None,
    answer_grace: 1_000_000,
    min_ring: 0,
    ..Settings::DEFAULT
};

fn on_phone(user: &str) -> Actor {
    Actor::Device { user: user.into(), device: "phone".into() }
}

fn call(room: &str, timeout: u32) -> Command {
    let (room, users, extension) = (room.into(), vec!["bo".into()], String::new());
    Command::CallUserToRoom { room, users, timeout, extension, caller: None }
}

fn cancel(room: &str) -> Command {
    Command::CancelCall { room: room.into(), users: vec!["bo".into()] }
}

fn entered(room: &str) -> Fact {
    Fact::user_entered(room.into(), "bo".into(), "tablet".into())
}

/// One room, one callee with two devices, two attempts.
pub fn answering() -> Plan {
    Plan {
        name: "answering",
        policy: Policy::DEFAULT,
        rooms: vec![("standup", "ana")],
        devices: vec![("bo", "phone"), ("bo", "tablet")],
        settings: SETTINGS,
        scripts: vec![
            (on_phone("ana"), call("standup", 2)),
            (on_phone("ana"), cancel("standup")),
            (on_phone("ana"), call("standup", 2)),
        ],
        facts: Vec::new(),
        inputs: Vec::new(),
        timeout: 2,
        seconds: 3,
        restarts: 0,
        pushes: false,
    }
}

/// One attempt only, searched to the end.
pub fn ringing() -> Plan {
    Plan {
        name: "ringing",
        scripts: vec![(on_phone("ana"), call("standup", 2)), (on_phone("ana"), cancel("standup"))],
        seconds: 2,
        ..answering()
    }
}

/// The same with one attempt, a device that is killed, and the callee entering by another way.
pub fn restarting() -> Plan {
    Plan {
        name: "restarting",
        scripts: vec![(on_phone("ana"), call("standup", 2)), (Actor::Backend, revoke("standup"))],
        facts: vec![entered("standup")],
        seconds: 2,
        restarts: 1,
        ..answering()
    }
}

/// A device that is killed, and rings that are pushed to it besides. It has no end: each push makes
/// the device ask anew.
pub fn waking() -> Plan {
    Plan {
        name: "waking",
        devices: vec![("bo", "phone")],
        scripts: vec![(on_phone("ana"), call("standup", 2)), (on_phone("ana"), cancel("standup"))],
        facts: vec![entered("standup")],
        pushes: true,
        ..restarting()
    }
}

fn revoke(room: &str) -> Command {
    Command::RevokeCall { room: room.into(), users: vec!["bo".into()] }
}

/// The caller has a handset that asks again when it hears nothing.
pub fn calling() -> Plan {
    let (room, users, extension) = ("standup".into(), vec!["bo".into()], String::new());
    let tap = Tap::Call { room, users, timeout: 2, extension };
    Plan {
        name: "calling",
        devices: vec![("bo", "phone"), ("ana", "phone")],
        settings: Settings { retry_interval: 1_000, ..SETTINGS },
        scripts: Vec::new(),
        inputs: vec![(1, Input::Tap(tap))],
        seconds: 3,
        ..answering()
    }
}

/// Two rooms call one callee: by default one call anywhere, none into another room.
pub fn busy() -> Plan {
    Plan {
        name: "busy",
        rooms: vec![("standup", "ana"), ("retro", "cy")],
        devices: vec![("bo", "phone")],
        scripts: vec![
            (on_phone("ana"), call("standup", 2)),
            (on_phone("cy"), call("retro", 2)),
            (on_phone("cy"), cancel("retro")),
        ],
        facts: vec![entered("retro"), Fact::user_left("retro".into(), "bo".into())],
        ..answering()
    }
}

/// The same where every room may ring: one call waits behind the other.
pub fn waiting() -> Plan {
    let policy = Policy {
        active_calls: ActiveCalls::PerRoom,
        in_other_room: InOtherRoom::Ring,
        ..Policy::DEFAULT
    };
    Plan { name: "waiting", policy, ..busy() }
}

fn may(device: usize, inputs: impl IntoIterator<Item = Input>) -> Vec<(usize, Input)> {
    inputs.into_iter().map(|input| (device, input)).collect()
}

fn silence(attempt: u64) -> Input {
    Input::Tap(Tap::Silence { attempt })
}

fn reject_here(attempt: u64) -> Input {
    Input::Tap(Tap::RejectHere { attempt })
}

/// One attempt, and what its person may want of one of two devices alone.
pub fn silencing() -> Plan {
    let inputs = [silence(1), reject_here(1), Input::Occupied(true), Input::Occupied(false)];
    Plan { name: "silencing", inputs: may(0, inputs), seconds: 1, ..ringing() }
}

/// A device that is killed and woken by pushes, on which the call is muted and hidden, and which is signed out.
pub fn signing_out() -> Plan {
    let inputs = [silence(1), reject_here(1), Input::Occupied(true), Input::SignedOut];
    Plan { name: "signing out", inputs: may(0, inputs), facts: Vec::new(), ..waking() }
}

/// Two calls, of which one waits behind the other, and quiet once one is answered, here or on the other
/// device, which may be restarted, fail to join, or be told to keep no quiet.
pub fn quieting() -> Plan {
    let quiet = Settings { join_quiet: 1_000, settle: 1_000, ..SETTINGS };
    let loud = Settings { join_quiet: 0, settle: 0, ..quiet };
    let inputs = [Input::JoinFailed, Input::Settings(loud)];
    Plan {
        name: "quieting",
        devices: vec![("bo", "phone"), ("bo", "tablet")],
        settings: quiet,
        scripts: vec![(on_phone("ana"), call("standup", 4)), (on_phone("cy"), call("retro", 4))],
        facts: Vec::new(),
        inputs: may(0, inputs),
        timeout: 4,
        restarts: 1,
        ..waiting()
    }
}

/// Who accepts is expected for a second: the callee comes, is put out, or does not come, the room is dissolved,
/// and other calls are made meanwhile.
pub fn expecting() -> Plan {
    let (room, by) = (String::from("standup"), Actor::Backend);
    let removed =
        Fact::UserRemoved { room: room.clone(), user: "bo".into(), by: by.clone(), opening: None };
    let dissolved = Fact::RoomDissolved { room, by, opening: None };
    let left = Fact::user_left("standup".into(), "bo".into());
    Plan {
        name: "expecting",
        policy: Policy { join_grace: 1, ..Policy::DEFAULT },
        rooms: vec![("standup", "ana"), ("retro", "cy")],
        scripts: vec![
            (on_phone("ana"), call("standup", 2)),
            (on_phone("ana"), call("standup", 2)),
            (on_phone("cy"), call("retro", 2)),
        ],
        facts: vec![entered("standup"), left, removed, dissolved],
        ..answering()
    }
}
