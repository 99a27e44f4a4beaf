//! A round of long lists: hundreds of records in one room, of which most are kept.

use roomcall::protocol::{Command, Fact};
use roomcall::{CallRejectionReason, Limits};

use super::{HOST, LOBBY, PHONE, Script, calling, on};

/// Room for hundreds of records.
pub(crate) const LONG: Limits = Limits {
    kept_per_room: 150,
    ended_per_room: 120,
    held_names: 1_000,
    page_size: 20,
    logged_per_user: 2,
    logged_calls: 200,
    ..Limits::DEFAULT
};

/// Lengths of texts, from none to the longest.
const LENGTHS: [usize; 7] = [10, 2_048, 64, 300, 0, 1_000, 150];

impl Script {
    /// Calls with texts of very different lengths, of which some ring while others end.
    pub(crate) fn of_long_texts(round: u32) -> Self {
        let mut script = Self::empty(round);
        let host = on(HOST, PHONE);
        for nth in 0..42 {
            let length = LENGTHS[nth as usize % LENGTHS.len()];
            let call = calling(LOBBY, &script.guests(nth..nth + 1), 30 + nth % 5, length);
            script.ask("a call with a text", &host, call);
            if nth % 4 == 1 {
                let users = script.guests(nth / 2..nth / 2 + 1);
                let cancel = Command::CancelCall { room: LOBBY.into(), users };
                script.ask("a cancel of a call with a text", &host, cancel);
            }
        }
        script.tick("a tick that ends calls with texts", 32);
        script.tick("a tick that ends calls with texts", 10);
        script
    }

    /// 240 calls, of which every third is rejected, some are cancelled, and the rest time out; and
    /// a room that goes with as many.
    pub(crate) fn of_long_lists(round: u32) -> Self {
        let mut script = Self::empty(round);
        let (host, room) = (on(HOST, PHONE), script.room());
        script.fact("a room opens", Fact::RoomOpened { room: room.clone(), owner: HOST.into() });
        let entered = Fact::user_entered(room.clone(), HOST.into(), PHONE.into());
        script.fact("somebody enters", entered);
        for (room, first) in [(LOBBY, 0), (room.as_str(), 300)] {
            for nth in 0..3 {
                let from = first + nth * 80;
                let call = calling(room, &script.guests(from..from + 80), 30 + nth, 10);
                script.ask("a call to a long list", &host, call);
            }
            for nth in (first..first + 240).step_by(3) {
                let reason = CallRejectionReason::ALL[nth as usize % 2];
                let reject = Command::RejectCall { room: room.into(), attempt: None, reason };
                script.ask("a reject in a long list", &script.actor(nth), reject);
            }
            let users: Vec<String> =
                (first..first + 240).step_by(7).map(|nth| script.guest(nth)).collect();
            let cancel = Command::CancelCall { room: room.into(), users };
            script.ask("a cancel in a long list", &host, cancel);
        }
        let gone = Fact::room_dissolved(room, host);
        script.fact("a room of a long list is dissolved", gone);
        script.tick("a tick that ends many", 31);
        script.tick("a tick that ends many", 2);
        script
    }
}
