//! What a random world is made of. Actions are data, and total: any list of them is a run.

use roomcall::handset::Settings;
use roomcall::protocol::{LimitsChange, PolicyChange};
use roomcall::{CallRejectionReason, Which};
use serde::{Deserialize, Serialize};

/// The devices of a random world; two users have two each.
pub const DEVICES: [(&str, &str); 5] =
    [("ana", "mac"), ("ana", "phone"), ("bo", "phone"), ("bo", "tablet"), ("cy", "phone")];
/// Its users.
pub const USERS: [&str; 3] = ["ana", "bo", "cy"];
/// Its rooms. Ana is in the first one when it begins.
pub const ROOMS: [&str; 2] = ["standup", "retro"];

/// Something that happens. Devices, users and rooms are places in the lists above.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// A device connects; one that is connected connects anew, and its old connection ends after that.
    Connect(usize),
    /// A device connects anew, and its old connection stays for a while.
    ConnectBeside(usize),
    /// The connection of a device ends.
    Disconnect(usize),
    /// The connection of a device ends as soon as the device has sent something on it.
    CutNext(usize),
    /// A device hears what was sent to it.
    Hear(usize),
    /// A device is suspended: its connection stays, and it neither reads nor does anything.
    Suspend {
        /// Which.
        device: usize,
        /// So many questions were on their way, whose answers wait.
        asked: usize,
    },
    /// A device that is suspended goes on.
    Resume(usize),
    /// What a device sent last arrives once more.
    Again(usize),
    /// What a device sends next is lost on the way.
    LoseNext(usize),
    /// The first message that a device has not heard yet is lost on the way.
    Lose(usize),
    /// It comes twice.
    Repeat(usize),
    /// What a device has not heard yet comes in the opposite order.
    Reorder(usize),
    /// Somebody calls.
    Call {
        /// On which device.
        device: usize,
        /// Whom: the first from each on who is not in the room.
        users: Vec<usize>,
        /// For how many seconds.
        timeout: u32,
    },
    /// Somebody accepts what is first on the screen.
    Accept(usize),
    /// Somebody rejects it.
    Reject(usize, CallRejectionReason),
    /// Somebody cancels calls to a user.
    Cancel(usize, usize),
    /// Somebody revokes a call to a user.
    Revoke(usize, usize),
    /// Somebody silences on this device what is first on its screen.
    Silence(usize),
    /// Somebody rejects it on this device alone.
    RejectHere(usize),
    /// Another application takes a device, or lets it go.
    Occupied(usize, bool),
    /// A device is given other settings.
    Settings(usize, Settings),
    /// A user signs out of a device. Its connection stays.
    SignOut(usize),
    /// A push comes to a device.
    Push(Push),
    /// A device leaves the room that it is in.
    Leave(usize),
    /// A device comes into a room without being called.
    Enter(usize, usize),
    /// A room is dissolved, and opened again.
    Dissolve(usize),
    /// The backend calls for somebody.
    CallFor {
        /// The user: the first from this one on who is in a room.
        caller: usize,
        /// Whom: the first from each on who is not in that room.
        users: Vec<usize>,
        /// For how many seconds.
        timeout: u32,
    },
    /// The backend revokes a call into a room to a user.
    BackendRevoke(usize, usize),
    /// The backend revokes the calls of a user, into whatever room.
    RevokeAll(usize, Which),
    /// The backend cancels calls to a user, which it must not.
    BackendCancel(usize, usize),
    /// A user signs out of all devices, and is erased.
    Erase(usize),
    /// The host has other rules from now on.
    ChangeRules {
        /// Of the policy.
        policy: PolicyChange,
        /// Of the limits.
        limits: LimitsChange,
    },
    /// The process of a device is killed and started again.
    RestartDevice(usize),
    /// The host is killed and started again.
    Restart,
    /// The host is killed as soon as a device has sent something to it, and started again.
    KillNext,
    /// The clock of the host is set back, by milliseconds: by 1,500 at most in all.
    SetBack(u64),
    /// Milliseconds pass.
    Advance(u64),
}

/// A push, of whatever call the host has told somebody of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Push {
    /// To which device.
    pub device: usize,
    /// What it says.
    pub what: Pushed,
    /// Of which call: so many before the last one of that kind.
    pub back: usize,
    /// How often it comes, at once.
    pub times: usize,
    /// Whether the application knows how old it is.
    pub is_dated: bool,
    /// What becomes of the application.
    pub app: App,
}

/// What a push says.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Pushed {
    /// That a call to the user rings.
    Ring,
    /// That it is over.
    End,
    /// That a call to another user rings: that one was signed in here.
    Stray,
}

/// The application that a push is for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum App {
    /// It runs.
    Runs,
    /// It was killed, and the push starts it.
    Starts,
    /// It is killed once it has stored what came of the push, and started again.
    Dies,
}

impl Action {
    /// The same with places that are in the lists.
    pub(super) fn within(&self) -> Self {
        let mut action = self.clone();
        match &mut action {
            Self::Connect(device)
            | Self::ConnectBeside(device)
            | Self::Disconnect(device)
            | Self::CutNext(device)
            | Self::Hear(device)
            | Self::Suspend { device, .. }
            | Self::Resume(device)
            | Self::Again(device)
            | Self::LoseNext(device)
            | Self::Lose(device)
            | Self::Repeat(device)
            | Self::Reorder(device)
            | Self::Accept(device)
            | Self::Reject(device, _)
            | Self::Silence(device)
            | Self::RejectHere(device)
            | Self::Occupied(device, _)
            | Self::Settings(device, _)
            | Self::SignOut(device)
            | Self::Push(Push { device, .. })
            | Self::Leave(device)
            | Self::RestartDevice(device) => *device %= DEVICES.len(),
            Self::Call { device, users, .. } => {
                *device %= DEVICES.len();
                users.iter_mut().for_each(|user| *user %= USERS.len());
            }
            Self::CallFor { caller, users, .. } => {
                *caller %= USERS.len();
                users.iter_mut().for_each(|user| *user %= USERS.len());
            }
            Self::BackendRevoke(room, user) | Self::BackendCancel(room, user) => {
                *room %= ROOMS.len();
                *user %= USERS.len();
            }
            Self::RevokeAll(user, _) | Self::Erase(user) => *user %= USERS.len(),
            Self::Cancel(device, user) | Self::Revoke(device, user) => {
                *device %= DEVICES.len();
                *user %= USERS.len();
            }
            Self::Enter(device, room) => {
                *device %= DEVICES.len();
                *room %= ROOMS.len();
            }
            Self::Dissolve(room) => *room %= ROOMS.len(),
            Self::ChangeRules { .. }
            | Self::Restart
            | Self::KillNext
            | Self::SetBack(_)
            | Self::Advance(_) => {}
        }
        action
    }
}

/// What could stand in the place of an action, and is simpler.
pub(super) fn simpler(action: &Action) -> Option<Action> {
    Some(match action {
        Action::Call { device, users, timeout } if users.len() > 1 => {
            let users = users.iter().take(1).copied().collect();
            Action::Call { device: *device, users, timeout: *timeout }
        }
        Action::Advance(millis) if *millis > 1 => Action::Advance(millis / 2),
        Action::Suspend { device, asked } if *asked > 0 => {
            Action::Suspend { device: *device, asked: asked / 2 }
        }
        Action::SetBack(millis) if *millis > 1 => Action::SetBack(millis / 2),
        Action::ConnectBeside(device) => Action::Connect(*device),
        Action::KillNext => Action::Restart,
        Action::CallFor { caller, users, timeout } if users.len() > 1 => {
            let users = users.iter().take(1).copied().collect();
            Action::CallFor { caller: *caller, users, timeout: *timeout }
        }
        Action::RevokeAll(user, Which::Both) => Action::RevokeAll(*user, Which::To),
        Action::Settings(device, settings) if *settings != Settings::DEFAULT => {
            Action::Settings(*device, Settings::DEFAULT)
        }
        Action::ChangeRules { policy, limits } if *limits != LimitsChange::default() => {
            Action::ChangeRules { policy: *policy, limits: LimitsChange::default() }
        }
        Action::Push(push) => Action::Push(simpler_push(*push)?),
        _ => return None,
    })
}

fn simpler_push(push: Push) -> Option<Push> {
    match push {
        Push { app: App::Starts | App::Dies, .. } => Some(Push { app: App::Runs, ..push }),
        Push { times: 2.., .. } => Some(Push { times: 1, ..push }),
        Push { back: 1.., .. } => Some(Push { back: push.back - 1, ..push }),
        _ => None,
    }
}
