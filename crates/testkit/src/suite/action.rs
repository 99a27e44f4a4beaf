//! What a random world is made of. Actions are data, and total: any list of them is a run.

use roomcall::CallRejectionReason;
use serde::{Deserialize, Serialize};

use super::transport::Capabilities;
use crate::dice::Dice;

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
    /// A device leaves the room that it is in.
    Leave(usize),
    /// A device comes into a room without being called.
    Enter(usize, usize),
    /// A room is dissolved, and opened again.
    Dissolve(usize),
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
            | Self::Leave(device)
            | Self::RestartDevice(device) => *device %= DEVICES.len(),
            Self::Call { device, users, .. } => {
                *device %= DEVICES.len();
                users.iter_mut().for_each(|user| *user %= USERS.len());
            }
            Self::Cancel(device, user) | Self::Revoke(device, user) => {
                *device %= DEVICES.len();
                *user %= USERS.len();
            }
            Self::Enter(device, room) => {
                *device %= DEVICES.len();
                *room %= ROOMS.len();
            }
            Self::Dissolve(room) => *room %= ROOMS.len(),
            Self::Restart | Self::KillNext | Self::SetBack(_) | Self::Advance(_) => {}
        }
        action
    }
}

/// One that a host that can do this may meet.
pub(super) fn random(dice: &mut Dice, can: Capabilities) -> Action {
    // In the order of the match below.
    let (restart, set_back) = (if can.durable { 2 } else { 0 }, if can.clock { 2 } else { 0 });
    let (suspend, resume) = if can.slow_reader { (2, 3) } else { (0, 0) };
    let lossy = if can.lossy { 3 } else { 0 };
    let weights = [
        30, 3, 3, 4, 70, 4, 24, 24, 5, 4, 2, 10, 2, 1, 3, restart, set_back, suspend, resume,
        restart, lossy, lossy, lossy, lossy, 20,
    ];
    let device = dice.below(DEVICES.len());
    let user = dice.below(USERS.len());
    match dice.weighted(&weights) {
        0 => Action::Connect(device),
        1 => Action::ConnectBeside(device),
        2 => Action::Disconnect(device),
        3 => Action::CutNext(device),
        4 => Action::Hear(device),
        5 => Action::Again(device),
        6 => {
            let users = (0..=dice.below(2)).map(|_| dice.below(USERS.len())).collect();
            // A real clock has no time for long ones.
            let timeout = if can.virtual_time { dice.pick(&[1, 2, 30]) } else { 30 };
            Action::Call { device, users, timeout }
        }
        7 => Action::Accept(device),
        8 => Action::Reject(device, dice.pick(&CallRejectionReason::ALL[..])),
        9 => Action::Cancel(device, user),
        10 => Action::Revoke(device, user),
        11 => Action::Leave(device),
        12 => Action::Enter(device, dice.below(ROOMS.len())),
        13 => Action::Dissolve(dice.below(ROOMS.len())),
        14 => Action::RestartDevice(device),
        15 => Action::Restart,
        16 => Action::SetBack(dice.between(1, 1_000)),
        17 => Action::Suspend { device, asked: dice.pick(&[0, 8, 40]) },
        18 => Action::Resume(device),
        19 => Action::KillNext,
        20 => Action::LoseNext(device),
        21 => Action::Lose(device),
        22 => Action::Repeat(device),
        23 => Action::Reorder(device),
        _ if can.virtual_time => Action::Advance(dice.between(1, 2_500)),
        _ => Action::Advance(dice.between(1, 20)),
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
        _ => return None,
    })
}
