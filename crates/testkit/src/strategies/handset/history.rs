//! What befell the calls to one user, and every message of it that one of the user's devices may
//! hear. The messages of one history are consistent: they may come in any order, any number of
//! times.

use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Request, Settings, Tap};
use roomcall::protocol::{
    Answer, Ending, Event, LiveCall, LogState, MyCalls, MyEnding, NamedCall, Query, Refused, Reply,
};
use roomcall::{CallRejectionReason, CallStatus, EndingKind, Rule};

/// Whose handset it is.
pub const CALLEE: &str = "bo";
/// Its device.
pub const HERE: &str = "phone";

/// One thing that happened at the switchboard.
#[allow(missing_docs, reason = "the variants say what their fields are")]
#[derive(Clone, Debug)]
pub enum Happening {
    /// An attempt to somebody else was made, and ended.
    Elsewhere,
    /// The next attempt, to this user, into a room. A second passes at each happening, and no
    /// time must run out.
    Called { room: &'static str, time_left: Option<u64> },
    /// An attempt to this user ended, on a device if on one.
    Ending { attempt: u64, how: EndingKind, device: Option<&'static str> },
    /// The ending just before took the place of this one's (E-18).
    Forgotten { attempt: u64 },
    /// Another device of the user has seen all that is in the log (H-04).
    Seen,
    /// A device of the user said that a call rings there (C-14).
    Rung { attempt: u64 },
}

/// What the device did before it heard the rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tapped {
    /// Nothing.
    Nothing,
    /// An accept of the first attempt is on its way.
    Accept,
    /// A reject of it is.
    Reject,
}

/// A history as it goes on.
#[derive(Clone, Debug, Default)]
struct Board {
    made: u64,
    over: u64,
    live: Vec<LiveCall>,
    ended: Vec<MyEnding>,
    /// The rooms of the attempts that are over.
    rooms: Vec<(u64, String)>,
    /// The endings that are logged.
    logged: Vec<Ending>,
    /// How many marks were moved.
    marks: u64,
    /// How many attempts have rung.
    rung: u64,
    log: LogState,
}

/// The number of each request for a snapshot: the link is down while messages arrive.
const SNAPSHOT_NO: u64 = 1;

impl Board {
    fn revision(&self) -> u64 {
        self.made + self.over + self.marks + self.rung
    }

    fn snapshot(&self) -> Input {
        let snapshot = MyCalls {
            incoming: self.live.clone(),
            outgoing: Vec::new(),
            endings: self.ended.clone(),
            more: false,
            since: 0,
            last_attempt: self.made,
            revision: self.revision(),
            log: Some(self.log),
        };
        reply(SNAPSHOT_NO, Ok(Answer::GetMyCalls(snapshot)))
    }

    /// What the device may hear of a happening: a notice, and a snapshot that is given then.
    fn add(&mut self, happening: &Happening, messages: &mut Vec<Input>) {
        if self.is_nothing(happening) {
            // Two snapshots of one revision would differ in the time left.
            return;
        }
        if matches!(happening, Happening::Forgotten { .. }) {
            // There is no moment between an ending and what is forgotten for it.
            messages.pop();
        } else {
            let left = self.live.iter_mut().filter_map(|call| call.time_left.as_mut());
            left.for_each(|left| *left -= 1_000);
        }
        messages.extend(self.happen(happening).map(Input::Notice));
        messages.push(self.snapshot());
    }

    fn is_nothing(&self, happening: &Happening) -> bool {
        match happening {
            Happening::Seen => self.log.seen == self.log.last_logged,
            Happening::Rung { attempt } => {
                let is_silent = |call: &LiveCall| call.attempt == *attempt && !call.rung;
                !self.live.iter().any(is_silent)
            }
            _ => false,
        }
    }

    /// What the device hears of a happening.
    fn happen(&mut self, happening: &Happening) -> Option<Event> {
        match happening {
            Happening::Elsewhere => {
                self.made += 1;
                self.over += 1;
                None
            }
            Happening::Called { room, time_left } => {
                self.made += 1;
                let call = LiveCall {
                    room: (*room).to_owned(),
                    caller: "ana".to_owned(),
                    callee: CALLEE.to_owned(),
                    attempt: self.made,
                    time_left: *time_left,
                    extension: "hello".to_owned(),
                    rung: false,
                };
                self.live.push(call.clone());
                let (extension, time_left) = (call.extension.clone(), call.time_left);
                let call = named(&call, CallStatus::Calling);
                Some(Event::CallReceived { call, extension, time_left })
            }
            Happening::Ending { attempt, how, device } => {
                let at = self.live.iter().position(|call| call.attempt == *attempt)?;
                let call = self.live.remove(at);
                self.over += 1;
                self.log.last_logged = self.revision();
                let ended = ended_by(*attempt, *how, *device);
                let heard = stop(&call, &ended);
                let LiveCall { room, caller, callee, .. } = call;
                self.rooms.push((*attempt, room.clone()));
                self.logged.push(ended.clone());
                let is_rejected = *how == EndingKind::Rejected;
                let reason = is_rejected.then_some(CallRejectionReason::Rejected);
                self.ended.push(MyEnding { room, caller, callee, ended, reason });
                self.ended.sort_by_key(|over| over.ended.attempt);
                Some(heard)
            }
            Happening::Forgotten { attempt } => {
                self.ended.retain(|ended| ended.ended.attempt != *attempt);
                None
            }
            Happening::Seen => {
                self.marks += 1;
                self.log.seen = self.log.last_logged;
                Some(Event::CallsSeen { up_to: self.log.seen })
            }
            // Only the caller is told.
            Happening::Rung { attempt } => {
                let call = self.live.iter_mut().find(|call| call.attempt == *attempt)?;
                call.rung = true;
                self.rung += 1;
                None
            }
        }
    }

    /// How the switchboard answers an answer to the first attempt that comes now.
    fn answer(&self, first: u64, tapped: Tapped) -> Option<Result<Answer, Refused>> {
        let (how, success) = match tapped {
            Tapped::Nothing => return None,
            Tapped::Accept => (EndingKind::Accepted, Answer::AcceptCall { attempt: first }),
            Tapped::Reject => (EndingKind::Rejected, Answer::RejectCall { attempt: first }),
        };
        if self.live.iter().any(|call| call.attempt == first) {
            return None;
        }
        let ended = self.ended.iter().find(|ended| ended.ended.attempt == first);
        let ended = ended.map(|ended| ended.ended.clone());
        if ended.as_ref().is_some_and(|e| e.how == how && e.device.as_deref() == Some(HERE)) {
            return Some(Ok(success));
        }
        let rule = if ended.is_some() { Rule::E09 } else { Rule::E10 };
        // H-05
        let logged = self.logged.iter().find(|ended| ended.attempt == first);
        let ended = ended.or(logged.cloned());
        Some(Err(Refused { ended, ..Refused::new(rule, -2311, "it is over") }))
    }
}

fn reply(request_id: u64, answer: Result<Answer, Refused>) -> Input {
    Input::Reply(Reply::new(request_id, answer))
}

fn named(call: &LiveCall, status: CallStatus) -> NamedCall {
    let (room, caller, callee) = (call.room.clone(), call.caller.clone(), call.callee.clone());
    NamedCall { room, caller, callee, status, attempt: call.attempt }
}

/// The user is told of a device if it is one of the user's (P-08).
fn ended_by(attempt: u64, how: EndingKind, device: Option<&str>) -> Ending {
    let user = match how {
        EndingKind::TimedOut => None,
        EndingKind::Cancelled => Some("ana"),
        EndingKind::Revoked => device.map(|_| "cy"),
        EndingKind::Accepted
        | EndingKind::Rejected
        | EndingKind::InOtherRoom
        | EndingKind::Entered => Some(CALLEE),
    };
    let device = device.filter(|_| user == Some(CALLEE));
    Ending { how, attempt, user: user.map(str::to_owned), device: device.map(str::to_owned) }
}

/// What the callee hears of an ending, the device that acted included: a host may deliver too
/// widely.
fn stop(call: &LiveCall, ended: &Ending) -> Event {
    let (room, attempt, device) = (call.room.clone(), call.attempt, ended.device.clone());
    let call = |status| named(call, status);
    match ended.how {
        EndingKind::Accepted | EndingKind::Entered => {
            Event::CallHandledByOtherDevice { room, is_accepted: true, attempt, device }
        }
        EndingKind::Rejected => {
            Event::CallHandledByOtherDevice { room, is_accepted: false, attempt, device }
        }
        EndingKind::InOtherRoom => {
            Event::CallHandledByOtherDevice { room, is_accepted: false, attempt, device: None }
        }
        EndingKind::TimedOut => Event::CallTimeout(call(CallStatus::Timeout)),
        EndingKind::Cancelled => Event::CallCancelled(call(CallStatus::None)),
        EndingKind::Revoked => {
            let operator = ended.user.clone();
            Event::CallRevokedByAdmin { call: call(CallStatus::None), operator }
        }
    }
}

/// A handset before the messages of a history reach it, and these messages.
#[derive(Debug)]
pub struct Messages {
    /// The handset before it hears of the rest.
    pub handset: Handset,
    /// All that it may hear, in the order in which it happened.
    pub messages: Vec<Input>,
}

/// Settings under which nothing but the messages matters: nothing is left out, nothing is due, and
/// when something was heard plays no part (D-32).
const SETTINGS: Settings =
    Settings { refresh: None, min_ring: 0, join_quiet: 0, settle: 0, ..Settings::DEFAULT };

/// The device has its first snapshot, of `ready` happenings, and has tapped if it shall. Then its
/// link goes down, so that how often it asks plays no part, and a host that has other ways, such as
/// a push, brings the messages.
pub fn messages(happenings: &[Happening], ready: usize, tapped: Tapped) -> Messages {
    let mut board = Board::default();
    let mut handset = Handset::new(CALLEE, HERE, SETTINGS);
    let mut apply = |input| handset.apply(DeviceTick::START, input);
    let sent = apply(Input::Link(Link::Up));
    let asks = |effect: &Effect| {
        let Effect::Send { request_id: Some(SNAPSHOT_NO), request: Request::Query(query) } = effect
        else {
            return false;
        };
        matches!(query, Query::GetMyCalls { since: 0 })
    };
    assert!(sent.iter().any(asks), "{sent:?}");
    let mut messages = Vec::new();
    let is_one_moment = matches!(happenings.get(ready), Some(Happening::Forgotten { .. }));
    let (before, after) = happenings.split_at(ready + usize::from(is_one_moment));
    for happening in before {
        board.add(happening, &mut messages);
    }
    let _ = apply(board.snapshot());
    let first = board.live.first().map(|call| call.attempt);
    let tap = first.and_then(|attempt| match tapped {
        Tapped::Nothing => None,
        Tapped::Accept => Some(Tap::Accept { attempt }),
        Tapped::Reject => Some(Tap::Reject { attempt, reason: Default::default() }),
    });
    let sent = tap.map(|tap| apply(Input::Tap(tap))).unwrap_or_default();
    let request_id = sent.iter().find_map(|effect| match effect {
        Effect::Send { request_id, .. } => *request_id,
        _ => None,
    });
    let _ = apply(Input::Link(Link::Down));
    let mut judged = None;
    for happening in after {
        board.add(happening, &mut messages);
        // The request is judged once, just after the end.
        let answer = first.and_then(|first| board.answer(first, tapped)).zip(request_id);
        if let Some((answer, request_id)) = answer.filter(|_| judged.is_none()) {
            judged = Some(reply(request_id, answer));
        }
    }
    messages.extend(judged);
    Messages { handset, messages }
}
