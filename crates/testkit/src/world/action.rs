//! What can happen. Every action is total: an index means one of what there is, and what cannot
//! be done now does nothing.

use roomcall::handset::Settings;
use roomcall::protocol::{LimitsChange, PolicyChange};
use roomcall::{CallRejectionReason, Role, Which};
use serde::{Deserialize, Serialize};

/// One thing that happens. Devices are numbered as in the plan, rooms as in
/// [`ROOMS`](super::ROOMS), users in the order in which the plan names them, packets in flight and
/// calls on a screen from 0.
#[allow(missing_docs, reason = "what the numbers in the fields mean is said above, once")]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Action {
    /// A packet arrives.
    Deliver { packet: usize },
    /// Several packets to one device arrive, and are applied together (D-26).
    Together { device: usize, packets: usize },
    /// Packets arrive, in order and stray ones to devices last, until none is in flight.
    Flush {},
    /// A packet is lost.
    Drop { packet: usize },
    /// A packet is in flight twice; the copy is a stray.
    Duplicate { packet: usize },
    /// A request arrives, and the host refuses it because of its load.
    Refuse { packet: usize, retry_after: u64 },
    /// Time passes; whoever has something due does it.
    Pass { ms: u64 },
    /// A connection breaks. What is in flight on it is lost, or arrives some time.
    Cut { device: usize, late: bool },
    /// A connection is there, a new one if there was one.
    Heal { device: usize },
    /// A device's process ends without warning.
    Kill { device: usize },
    /// It starts again, from the state that it saved.
    Restart { device: usize },
    /// The app is installed anew, and remembers nothing.
    Reinstall { device: usize },
    /// A device's clock is set.
    ClockJump { device: usize, ms: i64 },
    /// A device is given other settings.
    Settings { device: usize, settings: Settings },
    /// Another application takes a device, or no other one has it any more.
    Occupied { device: usize, is_occupied: bool },
    /// A user signs out of a device. What is in flight on its connection is lost, or arrives some time.
    SignOut { device: usize, late: bool },
    /// Who signed out of a device signs in again, as another device.
    SignIn { device: usize },
    /// A user is erased, and is signed out of all devices before. What is in flight on their connections is lost, or arrives some
    /// time, but no request does.
    Erase { user: usize, late: bool },
    /// A device that is on its way into a room cannot go in.
    JoinFails { device: usize },
    /// The switchboard writes a snapshot.
    Snapshot {},
    /// The switchboard is restored from its last snapshot and the journal since.
    KillSwitchboard {},
    /// The switchboard is set back to one of its snapshots, or to nothing, which is the first of them; all
    /// connections close. What is in flight to devices is lost, or arrives some time.
    LoseState { copy: usize, late: bool },
    /// The policy and limits of the switchboard are others from now on.
    ChangeRules { policy: PolicyChange, limits: LimitsChange },
    /// Somebody taps yes.
    Accept { device: usize, call: usize },
    /// Somebody taps no.
    Reject { device: usize, call: usize, reason: CallRejectionReason },
    /// Somebody mutes a call on this device.
    Silence { device: usize, call: usize },
    /// Somebody rejects a call on this device alone.
    RejectHere { device: usize, call: usize },
    /// Somebody looks at the call log on a device, up to an entry that so many of those that it told are newer than.
    MarkSeen { device: usize, back: usize },
    /// Somebody calls.
    Call { device: usize, room: usize, users: Vec<usize>, timeout: u32 },
    /// Somebody withdraws calls.
    Cancel { device: usize, room: usize, users: Vec<usize> },
    /// Somebody ends calls by force.
    Revoke { device: usize, room: usize, users: Vec<usize> },
    /// The backend ends calls by force.
    BackendRevoke { room: usize, users: Vec<usize> },
    /// A room is opened.
    Open { room: usize, owner: usize },
    /// A room is dissolved, by the backend.
    Dissolve { room: usize },
    /// A device goes into a room.
    Enter { device: usize, room: usize },
    /// A user leaves a room, on all devices.
    Leave { user: usize, room: usize },
    /// A device leaves the room that it is in.
    Depart { device: usize },
    /// The host states everybody who is in a room.
    List { room: usize },
    /// A user is put out of a room, by somebody on a device or by the backend.
    Remove { user: usize, room: usize, by: Option<usize> },
    /// The backend calls on behalf of a user.
    CallFor { user: usize, room: usize, users: Vec<usize>, timeout: u32 },
    /// The backend ends the calls of a user, in whatever room.
    RevokeAll { user: usize, which: Which },
    /// A user's role changes.
    SetRole { user: usize, room: usize, role: Role },
}
