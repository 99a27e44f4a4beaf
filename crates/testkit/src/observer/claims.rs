//! What messages say about attempts, whatever their form.

use roomcall::protocol::{
    Answer, Ending, Event, LiveCall, LoggedCall, MyEnding, NamedCall, PendingCall,
    Withdrawn as Result,
};
use roomcall::{CallRejectionReason as Reason, CallStatus, EndingKind, Rule};

use super::attempt::Kinds;

/// What a message says about one attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    pub(super) attempt: u64,
    pub(super) room: Option<&'a str>,
    pub(super) caller: Option<&'a str>,
    pub(super) callee: Option<&'a str>,
    /// The rule that is violated if it is another's.
    pub(super) of: Rule,
    pub(super) extension: Option<&'a str>,
    pub(super) says: Says<'a>,
}

/// What it says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Says<'a> {
    /// Only whose it is.
    Nothing,
    /// It rings, so long, if that is said.
    Rings(Option<Option<u64>>),
    /// It is over.
    Over(How<'a>),
}

/// How it is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'a> {
    pub(super) kinds: Kinds,
    pub(super) device: Option<&'a str>,
    pub(super) operator: Option<Option<&'a str>>,
    /// Whether that device is answered that it accepted.
    pub(super) has_joined: bool,
}

impl How<'_> {
    pub(super) const fn of(kinds: &[EndingKind]) -> Self {
        Self { kinds: Kinds::of(kinds), device: None, operator: None, has_joined: false }
    }

    pub(super) const SOMEHOW: Self =
        Self { kinds: Kinds::ALL, device: None, operator: None, has_joined: false };
}

const ANSWERED: [EndingKind; 2] = [EndingKind::Accepted, EndingKind::Entered];
const REFUSED: [EndingKind; 2] = [EndingKind::Rejected, EndingKind::InOtherRoom];
const GONE: [EndingKind; 4] =
    [EndingKind::Accepted, EndingKind::Entered, EndingKind::Cancelled, EndingKind::Revoked];
const KEPT: [EndingKind; 3] = [EndingKind::TimedOut, EndingKind::Rejected, EndingKind::InOtherRoom];
/// What leaves a list by F-20: what rang until then, and what was kept.
const ERASED: [EndingKind; 4] =
    [EndingKind::Revoked, EndingKind::TimedOut, EndingKind::Rejected, EndingKind::InOtherRoom];

impl<'a> Claim<'a> {
    pub(super) const fn new(attempt: u64, says: Says<'a>) -> Self {
        let (room, caller, callee, extension) = (None, None, None, None);
        Self { attempt, room, caller, callee, of: Rule::C06, extension, says }
    }

    fn named(call: &'a NamedCall, says: Says<'a>) -> Self {
        Self {
            room: Some(&call.room),
            caller: Some(&call.caller),
            callee: Some(&call.callee),
            ..Self::new(call.attempt, says)
        }
    }

    /// An event, by a rule.
    pub(super) fn of_event(event: &'a Event, because: Rule) -> Option<Self> {
        let over = |kinds: &[EndingKind]| Says::Over(How::of(kinds));
        let says = match event {
            Event::CallReceived { call, extension, time_left } => {
                let claim = Self::named(call, Says::Rings(Some(*time_left)));
                return Some(Self { extension: Some(extension), ..claim });
            }
            Event::CallCancelled(_) => over(&[EndingKind::Cancelled]),
            Event::CallRevokedByAdmin { operator, .. } => Says::Over(How {
                operator: Some(operator.as_deref()),
                ..How::of(&[EndingKind::Revoked])
            }),
            Event::CallTimeout(_) => over(&[EndingKind::TimedOut]),
            Event::CallRinging(_) => Says::Rings(None),
            Event::CallNotJoined(_) => over(&[EndingKind::Accepted]),
            Event::CallAccepted(_) => over(&ANSWERED),
            Event::CallRejected { reason: Reason::InOtherRoom, .. } => over(&REFUSED),
            Event::CallRejected { .. } => over(&[EndingKind::Rejected]),
            Event::CallHandledByOtherDevice { room, is_accepted, attempt, device } => {
                let kinds: &[EndingKind] = match (is_accepted, device) {
                    (true, Some(_)) => &ANSWERED,
                    (true, None) => &[EndingKind::Entered],
                    (false, Some(_)) => &[EndingKind::Rejected],
                    (false, None) => &[EndingKind::InOtherRoom],
                };
                let how = How { device: device.as_deref(), ..How::of(kinds) };
                return Some(Self { room: Some(room), ..Self::new(*attempt, Says::Over(how)) });
            }
            Event::PendingCallChanged(call) => status(call.status),
            Event::PendingCallRemoved(_) => match because {
                Rule::K02 | Rule::K03 => over(&KEPT),
                Rule::F20 => over(&ERASED),
                _ => over(&GONE),
            },
            _ => return None,
        };
        event.call().map(|call| Self::named(call, says))
    }

    fn of_live(call: &'a LiveCall) -> Self {
        Self {
            room: Some(&call.room),
            caller: Some(&call.caller),
            callee: Some(&call.callee),
            extension: Some(&call.extension),
            ..Self::new(call.attempt, Says::Rings(Some(call.time_left)))
        }
    }

    fn of_pending(room: Option<&'a str>, call: &'a PendingCall) -> Self {
        let says = match (call.status, call.time_left) {
            (CallStatus::Calling, left) => Says::Rings(Some(left)),
            (other, _) => status(other),
        };
        let (caller, callee) = (Some(&*call.caller), Some(&*call.callee));
        let extension = call.extension.as_deref();
        Self { room, caller, callee, extension, ..Self::new(call.attempt, says) }
    }

    /// An ending, as it is told to a loser (E-09).
    pub(super) fn of_ending(ending: &'a Ending) -> Self {
        let user = ending.user.as_deref();
        let operator = (ending.how == EndingKind::Revoked).then_some(user);
        let how = How { device: ending.device.as_deref(), operator, ..How::of(&[ending.how]) };
        let claim = Self { of: Rule::E09, ..Self::new(ending.attempt, Says::Over(how)) };
        match ending.how {
            EndingKind::Cancelled => Self { caller: user, ..claim },
            EndingKind::TimedOut | EndingKind::Revoked => claim,
            _ => Self { callee: user, ..claim },
        }
    }

    fn of_my_ending(ending: &'a MyEnding) -> impl Iterator<Item = Self> {
        let names = Self {
            room: Some(&ending.room),
            caller: Some(&ending.caller),
            callee: Some(&ending.callee),
            ..Self::new(ending.ended.attempt, Says::Nothing)
        };
        [names, Self::of_ending(&ending.ended)].into_iter()
    }

    /// A result of a cancel or revoke.
    pub(super) const fn of_result(attempt: u64, result: Result) -> Self {
        let how = match result {
            Result::Cancelled | Result::Already(EndingKind::Cancelled) => {
                How::of(&[EndingKind::Cancelled])
            }
            Result::Revoked | Result::Already(EndingKind::Revoked) => {
                How::of(&[EndingKind::Revoked])
            }
            Result::Already(EndingKind::Accepted | EndingKind::Entered) => How::of(&ANSWERED),
            Result::Already(EndingKind::Rejected | EndingKind::InOtherRoom) => How::of(&REFUSED),
            Result::Already(EndingKind::TimedOut) => How::of(&[EndingKind::TimedOut]),
            Result::NotCalling | Result::NotYours => return Self::new(attempt, Says::Nothing),
        };
        Self::new(attempt, Says::Over(how))
    }

    /// What the answer to a question says; `room` is that of the question, `user` who asked it.
    pub(super) fn of_look(
        answer: &'a Answer,
        room: Option<&'a str>,
        user: Option<&'a str>,
    ) -> Vec<Self> {
        match answer {
            Answer::GetPendingCalls { calls, .. } => {
                calls.iter().map(|call| Self::of_pending(room, call)).collect()
            }
            Answer::GetIncomingCalls { calls, endings, .. } => {
                let ended = endings.iter().flat_map(|endings| &endings.calls).flat_map(|call| {
                    let names = Self {
                        room: Some(&call.room),
                        caller: Some(&call.caller),
                        callee: user,
                        ..Self::new(call.ended.attempt, Says::Nothing)
                    };
                    [names, Self::of_ending(&call.ended)]
                });
                calls.iter().map(Self::of_live).chain(ended).collect()
            }
            Answer::GetMyCalls(mine) => {
                let live = mine.incoming.iter().chain(&mine.outgoing).map(Self::of_live);
                live.chain(mine.endings.iter().flat_map(Self::of_my_ending)).collect()
            }
            Answer::GetCallLog(log) => log
                .entries
                .iter()
                .filter_map(|entry| match &entry.what {
                    LoggedCall::Ended(ending) => Some((entry, ending)),
                    LoggedCall::Tried { .. } => None,
                })
                .flat_map(|(entry, ending)| {
                    let names = Self {
                        room: Some(&entry.room),
                        caller: Some(&entry.caller),
                        callee: user,
                        ..Self::new(ending.attempt, Says::Nothing)
                    };
                    [names, Self::of_ending(ending)]
                })
                .collect(),
            Answer::Ringing { attempt, rung: true } => {
                let claim = Self::new(*attempt, Says::Rings(None));
                vec![Self { callee: user, of: Rule::C14, ..claim }]
            }
            Answer::GetUserCalls { calls, .. } | Answer::GetLiveCalls { calls, .. } => {
                calls.iter().map(Self::of_live).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What a status in a room's list says.
const fn status(status: CallStatus) -> Says<'static> {
    match status {
        CallStatus::Calling => Says::Rings(None),
        CallStatus::Timeout => Says::Over(How::of(&[EndingKind::TimedOut])),
        CallStatus::Rejected => Says::Over(How::of(&REFUSED)),
        CallStatus::None => Says::Over(How::SOMEHOW),
    }
}

/// The endings of which an effect of this rule tells.
pub(super) const fn kinds_because(because: Rule) -> Option<Kinds> {
    Some(match because {
        Rule::E01 => Kinds::of(&[EndingKind::Accepted]),
        Rule::E02 => Kinds::of(&[EndingKind::Rejected]),
        Rule::E03 | Rule::C08 => Kinds::of(&[EndingKind::InOtherRoom]),
        Rule::E04 => Kinds::of(&[EndingKind::TimedOut]),
        Rule::E05 | Rule::F07 | Rule::F08 => Kinds::of(&[EndingKind::Cancelled]),
        Rule::E06 | Rule::E19 | Rule::F11 | Rule::F16 | Rule::F18 | Rule::F19 => {
            Kinds::of(&[EndingKind::Revoked])
        }
        Rule::F20 => Kinds::of(&ERASED),
        Rule::E07 => Kinds::of(&[EndingKind::Entered]),
        _ => return None,
    })
}
