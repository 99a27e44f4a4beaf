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
    /// The switchboard lost its state, and is set back to what it was after so many happenings (F-18).
    Lost { kept: usize },
}

/// The first attempt of the switchboard's second life, which is counted from a base (F-18).
pub const FIRST_OF_SECOND_LIFE: u64 = BASE + 1;
const BASE: u64 = 1 << 32;

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

/// The number of a request for a snapshot, and after which attempt it asks.
type Asked = (u64, u64);

/// The switchboard, as far as this user's calls go.
#[derive(Clone, Debug, Default)]
struct Board {
    /// From where the numbers of its present life are counted.
    base: u64,
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
    /// The user's call log; none where state is lost. What only a lost life logged is lacked by who heard of it in time and
    /// by nobody else (D-35), so there the order would matter.
    log: Option<LogState>,
}

impl Board {
    fn revision(&self) -> u64 {
        self.base + self.made + self.over + self.marks + self.rung
    }

    fn last_attempt(&self) -> u64 {
        self.base + self.made
    }

    /// State was lost: what rings in what is left of it is revoked, and that is not logged (F-18).
    fn recover(&mut self, messages: &mut Vec<Input>) {
        for call in std::mem::take(&mut self.live) {
            let ended = ended_by(call.attempt, EndingKind::Revoked, None);
            messages.push(Input::Notice(stop(&call, &ended)));
            let LiveCall { room, caller, callee, .. } = call;
            self.ended.push(MyEnding { room, caller, callee, ended, reason: None });
        }
        self.ended.sort_by_key(|over| over.ended.attempt);
        self.base = BASE;
        (self.made, self.over, self.marks, self.rung) = (0, 0, 0, 0);
    }

    fn snapshot(&self, (request_id, since): Asked) -> Input {
        let endings = self.ended.iter().filter(|ending| ending.ended.attempt > since);
        let snapshot = MyCalls {
            incoming: self.live.clone(),
            outgoing: Vec::new(),
            endings: endings.cloned().collect(),
            more: false,
            since,
            last_attempt: self.last_attempt(),
            revision: self.revision(),
            log: self.log,
        };
        reply(request_id, Ok(Answer::GetMyCalls(snapshot)))
    }

    fn a_second_passes(&mut self) {
        let left = self.live.iter_mut().filter_map(|call| call.time_left.as_mut());
        left.for_each(|left| *left -= 1_000);
    }

    fn is_nothing(&self, happening: &Happening) -> bool {
        match happening {
            Happening::Seen => self.log.is_none_or(|log| log.seen == log.last_logged),
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
                    attempt: self.last_attempt(),
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
                let last_logged = self.revision();
                self.log = self.log.map(|log| LogState { last_logged, ..log });
                let ended = ended_by(*attempt, *how, *device);
                let heard = stop(&call, &ended);
                let LiveCall { room, caller, callee, .. } = call;
                self.rooms.push((*attempt, room.clone()));
                self.logged.extend(self.log.and(Some(ended.clone())));
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
                let log = self.log.as_mut()?;
                log.seen = log.last_logged;
                Some(Event::CallsSeen { up_to: log.seen })
            }
            // It is several endings, see `recover`.
            Happening::Lost { .. } => None,
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

/// A history as it goes on: the switchboard after each happening, and what the device may hear of it.
#[derive(Debug)]
struct History {
    boards: Vec<Board>,
    board: Board,
    messages: Vec<Input>,
    asked: Asked,
}

impl History {
    /// A happening: a notice, and a snapshot that is given then.
    fn add(&mut self, happening: &Happening) {
        let is_nothing = self.board.is_nothing(happening);
        match happening {
            // Two snapshots of one revision would differ in the time left.
            _ if is_nothing => {}
            Happening::Lost { kept } => {
                self.board = self.boards[*kept].clone();
                self.board.recover(&mut self.messages);
            }
            _ => {
                if matches!(happening, Happening::Forgotten { .. }) {
                    // There is no moment between an ending and what is forgotten for it.
                    self.messages.pop();
                } else {
                    self.board.a_second_passes();
                }
                self.messages.extend(self.board.happen(happening).map(Input::Notice));
            }
        }
        if !is_nothing {
            self.messages.push(self.board.snapshot(self.asked));
        }
        self.boards.push(self.board.clone());
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
/// a push, brings the messages. Its process may have been killed before that: then it has asked
/// anew, and what answers the request of its first life is late.
pub fn messages(
    happenings: &[Happening],
    ready: usize,
    tapped: Tapped,
    is_killed: bool,
) -> Messages {
    let mut handset = Handset::new(CALLEE, HERE, SETTINGS);
    let asked = ask(&mut handset);
    let is_lost = |happening: &Happening| matches!(happening, Happening::Lost { .. });
    let log = (!happenings.iter().any(is_lost)).then(LogState::default);
    let board = Board { log, ..Board::default() };
    let boards = vec![board.clone()];
    let mut history = History { boards, board, messages: Vec::new(), asked };
    let is_one_moment = matches!(happenings.get(ready), Some(Happening::Forgotten { .. }));
    let (before, after) = happenings.split_at(ready + usize::from(is_one_moment));
    before.iter().for_each(|happening| history.add(happening));
    let _ = handset.apply(DeviceTick::START, history.board.snapshot(asked));
    let first = history.board.live.first().map(|call| call.attempt);
    let tap = first.and_then(|attempt| match tapped {
        Tapped::Nothing => None,
        Tapped::Accept => Some(Tap::Accept { attempt }),
        Tapped::Reject => Some(Tap::Reject { attempt, reason: Default::default() }),
    });
    let sent = tap.map(|tap| handset.apply(DeviceTick::START, Input::Tap(tap)));
    let request_id = sent.unwrap_or_default().iter().find_map(|effect| match effect {
        Effect::Send { request_id, .. } => *request_id,
        _ => None,
    });
    if is_killed {
        handset = Handset::restore(&handset.save(), Some(0)).expect("what it saved");
        history.asked = ask(&mut handset);
    }
    let _ = handset.apply(DeviceTick::START, Input::Link(Link::Down));
    let mut judged = None;
    for happening in after {
        history.add(happening);
        // The request is judged once, just after the end.
        let answer = first.and_then(|first| history.board.answer(first, tapped)).zip(request_id);
        if let Some((answer, request_id)) = answer.filter(|_| judged.is_none()) {
            judged = Some(reply(request_id, answer));
        }
    }
    let mut messages = history.messages;
    messages.extend(judged);
    Messages { handset, messages }
}

/// Its link comes up, and it asks for a snapshot.
fn ask(handset: &mut Handset) -> Asked {
    let sent = handset.apply(DeviceTick::START, Input::Link(Link::Up));
    let asked = sent.iter().find_map(|effect| match effect {
        Effect::Send { request_id, request: Request::Query(Query::GetMyCalls { since }) } => {
            request_id.map(|number| (number, *since))
        }
        _ => None,
    });
    asked.unwrap_or_else(|| panic!("it does not ask: {sent:?}"))
}
