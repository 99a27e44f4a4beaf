//! Whether two commands are the same: a digest of the canonical encoding of a command by
//! name. Its key is fixed, so that equal requests have equal digests in every process (S-03); it is
//! never compared across requesters, so a collision affects only the requester that finds it.

use siphasher::sip128::{Hasher128, SipHasher13};

use core::hash::Hasher;

use crate::domain::call::CallRejectionReason;
use crate::domain::id::{RoomId, UserId};
use crate::domain::input::{Command, Which};
use crate::domain::output::Answer;
use crate::domain::refusal::Refusal;
use crate::switchboard::state::Names;

/// What a command asks for, and 128 bits that stand for all of it by name.
#[derive(Clone, Copy, Debug)]
pub(in crate::switchboard) struct Digest {
    verb: Verb,
    hash: u128,
}

impl Digest {
    /// The digest of a command in handles; `None` if one of them stands for no name, and of one that is not
    /// remembered (C-14).
    pub(in crate::switchboard) fn of(names: &Names, command: &Command<'_>) -> Option<Self> {
        let room = |room: RoomId| names.rooms.name(room);
        let callees = |encoding: Encoding, callees: &[UserId]| {
            let encoding = encoding.number(u64::try_from(callees.len()).unwrap_or(u64::MAX));
            callees
                .iter()
                .try_fold(encoding, |encoding, user| Some(encoding.text(names.users.name(*user)?)))
        };
        let encoding = match *command {
            Command::CallUserToRoom { room: id, callees: users, timeout, extension, caller } => {
                let encoding = callees(Encoding::new(Verb::Call).text(room(id)?), users)?;
                let encoding = encoding.number(u64::from(timeout.as_seconds())).text(extension);
                match caller {
                    Some(caller) => encoding.text(names.users.name(caller)?),
                    None => encoding,
                }
            }
            Command::CancelCall { room: id, callees: users } => {
                callees(Encoding::new(Verb::Cancel).text(room(id)?), users)?
            }
            Command::RevokeCall { room: id, callees: users } => {
                callees(Encoding::new(Verb::Revoke).text(room(id)?), users)?
            }
            Command::AcceptCall { room: id, attempt } => {
                let attempt = attempt.map(crate::Attempt::get);
                Encoding::new(Verb::Accept).text(room(id)?).option(attempt)
            }
            Command::RejectCall { room: id, attempt, reason } => {
                let attempt = attempt.map(crate::Attempt::get);
                Encoding::new(Verb::Reject).text(room(id)?).option(attempt).reason(reason)
            }
            Command::RevokeUserCalls { user, which } => {
                Encoding::new(Verb::RevokeUser).text(names.users.name(user)?).which(which)
            }
            Command::MarkCallsSeen { up_to } => Encoding::new(Verb::MarkSeen).number(up_to),
            Command::Ringing { .. } => return None,
        };
        Some(encoding.finish())
    }

    /// The digest of a command by name; `None` of one that is not remembered (C-14).
    pub(in crate::switchboard) fn of_named<S: AsRef<str>>(
        command: &crate::protocol::Command<S>,
    ) -> Option<Self> {
        use crate::protocol::Command as Named;
        let users = |encoding: Encoding, users: &[S]| {
            let encoding = encoding.number(u64::try_from(users.len()).unwrap_or(u64::MAX));
            users.iter().fold(encoding, |encoding, user| encoding.text(user.as_ref()))
        };
        let encoding = match command {
            Named::CallUserToRoom { room, users: callees, timeout, extension, caller } => {
                let encoding = users(Encoding::new(Verb::Call).text(room.as_ref()), callees);
                let encoding = encoding.number(u64::from(*timeout)).text(extension.as_ref());
                caller.iter().fold(encoding, |encoding, caller| encoding.text(caller.as_ref()))
            }
            Named::CancelCall { room, users: callees } => {
                users(Encoding::new(Verb::Cancel).text(room.as_ref()), callees)
            }
            Named::RevokeCall { room, users: callees } => {
                users(Encoding::new(Verb::Revoke).text(room.as_ref()), callees)
            }
            Named::AcceptCall { room, attempt } => {
                Encoding::new(Verb::Accept).text(room.as_ref()).option(*attempt)
            }
            Named::RejectCall { room, attempt, reason } => {
                Encoding::new(Verb::Reject).text(room.as_ref()).option(*attempt).reason(*reason)
            }
            Named::RevokeUserCalls { user, which } => {
                Encoding::new(Verb::RevokeUser).text(user.as_ref()).which(*which)
            }
            Named::MarkCallsSeen { up_to } => Encoding::new(Verb::MarkSeen).number(*up_to),
            Named::Ringing { .. } => return None,
        };
        Some(encoding.finish())
    }

    pub(in crate::switchboard) const fn hash(self) -> u128 {
        self.hash
    }

    /// Whether a command that asks for the same can have this answer. Another one is remembered only
    /// in a snapshot that no switchboard wrote.
    pub(in crate::switchboard) const fn can_have(self, answer: Result<Answer, Refusal>) -> bool {
        match answer {
            Ok(Answer::Called) => matches!(self.verb, Verb::Call),
            Ok(Answer::Withdrawn) => matches!(self.verb, Verb::Cancel | Verb::Revoke),
            Ok(Answer::UserCallsRevoked { .. }) => matches!(self.verb, Verb::RevokeUser),
            Ok(Answer::Accepted { .. }) => matches!(self.verb, Verb::Accept),
            Ok(Answer::Rejected { .. }) => matches!(self.verb, Verb::Reject),
            Ok(Answer::CallsSeen { .. }) => matches!(self.verb, Verb::MarkSeen),
            Ok(Answer::Applied | Answer::Ignored(_) | Answer::Ringing { .. }) => false,
            Err(_) => true,
        }
    }
}

/// What a command asks for.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Call,
    Cancel,
    Revoke,
    Accept,
    Reject,
    RevokeUser,
    MarkSeen,
}

/// The canonical encoding of a command, hashed as it is written.
#[derive(Clone, Copy)]
struct Encoding {
    verb: Verb,
    hasher: SipHasher13,
}

impl Encoding {
    fn new(verb: Verb) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write_u8(match verb {
            Verb::Call => 0,
            Verb::Cancel => 1,
            Verb::Revoke => 2,
            Verb::Accept => 3,
            Verb::Reject => 4,
            Verb::RevokeUser => 5,
            Verb::MarkSeen => 6,
        });
        Self { verb, hasher }
    }

    fn number(mut self, number: u64) -> Self {
        self.hasher.write(&number.to_le_bytes());
        self
    }

    /// The length keeps neighbouring texts apart.
    fn text(self, text: &str) -> Self {
        let mut encoding = self.number(u64::try_from(text.len()).unwrap_or(u64::MAX));
        encoding.hasher.write(text.as_bytes());
        encoding
    }

    fn option(mut self, number: Option<u64>) -> Self {
        self.hasher.write_u8(u8::from(number.is_some()));
        self.number(number.unwrap_or_default())
    }

    fn reason(mut self, reason: CallRejectionReason) -> Self {
        self.hasher.write_u8(match reason {
            CallRejectionReason::Rejected => 0,
            CallRejectionReason::InOtherRoom => 1,
            CallRejectionReason::Busy => 2,
        });
        self
    }

    fn which(mut self, which: Which) -> Self {
        self.hasher.write_u8(match which {
            Which::To => 0,
            Which::By => 1,
            Which::Both => 2,
        });
        self
    }

    fn finish(self) -> Digest {
        Digest { verb: self.verb, hash: self.hasher.finish128().as_u128() }
    }
}
