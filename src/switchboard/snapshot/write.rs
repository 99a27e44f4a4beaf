//! The state to its image.

use alloc::vec::Vec;

use super::image::{
    AnswerImage, ByImage, CALL_RESULTS, EndedImage, EndingImage, EntryImage, ExpectedImage, Image,
    LiveImage, MemberImage, Name, PresentImage, RequestImage, RequesterImage, RoomImage,
    WITHDRAW_RESULTS, WhatImage, place, policy_numbers, refusals, result_images,
};
use crate::collections::{NONE, index};
use crate::domain::call::{CallRejectionReason, Ending, EndingKind};
use crate::domain::id::{Attempt, DeviceId, Id, RoomId, UserId};
use crate::domain::input::Actor;
use crate::domain::limits::Limits;
use crate::domain::output::{Answer, Duplicate};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Tick;
use crate::registry::Registry;
use crate::switchboard::Switchboard;
use crate::switchboard::requests::{Remembered, Request, Requester, Results};
use crate::switchboard::state::{By, Call, Entry, Expectation, Member, Phase, Room, State, What};

/// How times are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Times {
    /// As they are, with all that a restored switchboard needs.
    Absolute,
    /// As lengths since a point, without what nothing observable depends on.
    Since(Tick),
}

impl Times {
    const fn number(self, tick: Tick) -> u64 {
        match self {
            Self::Absolute => tick.as_millis(),
            // Of the two one is 0: a deadline is later than the clock, what was is earlier.
            Self::Since(origin) => origin.until(tick).saturating_add(tick.until(origin)),
        }
    }
}

/// A table of names, in the order in which they are first used.
struct Table<'a, I> {
    registry: &'a Registry<I>,
    names: Vec<&'a str>,
    /// By the slot of a name: its place in the table.
    places: Vec<u32>,
}

impl<'a, I: Id> Table<'a, I> {
    const fn new(registry: &'a Registry<I>) -> Self {
        Self { registry, names: Vec::new(), places: Vec::new() }
    }

    fn place(&mut self, id: I) -> Name {
        let slot = index(id.slot());
        if slot >= self.places.len() {
            self.places.resize(slot.saturating_add(1), NONE);
        }
        let Some(place) = self.places.get_mut(slot) else { return NONE };
        if *place == NONE {
            *place = u32::try_from(self.names.len()).unwrap_or(NONE);
            self.names.push(self.registry.name(id).unwrap_or_default());
        }
        *place
    }
}

/// Writes the parts of an image.
struct Writer<'a> {
    state: &'a State,
    times: Times,
    users: Table<'a, UserId>,
    devices: Table<'a, DeviceId>,
    /// Those that are open, by opening, then those that the log has, too.
    rooms: Table<'a, RoomId>,
}

impl Switchboard {
    /// The encoding of the image of the state.
    pub(super) fn encode(&self, times: Times) -> Vec<u8> {
        let state = &self.state;
        let mut writer = Writer {
            state,
            times,
            users: Table::new(&state.names.users),
            devices: Table::new(&state.names.devices),
            rooms: Table::new(&state.names.rooms),
        };
        let mut rooms: Vec<&Room> = state.rooms.iter().collect();
        rooms.sort_unstable_by_key(|room| room.opening);
        let open = rooms.len();
        let rooms = rooms.into_iter().map(|room| writer.room(room)).collect();
        let requesters =
            self.requests.requesters().map(|it| writer.requester(it, &state.limits)).collect();
        let rates = state.rates.iter();
        let rates = rates.map(|(user, at)| (writer.users.place(user), times.number(at))).collect();
        let log = state.log.iter().map(|entry| writer.entry(entry)).collect();
        let marks =
            state.log.marks().map(|(user, mark)| (writer.users.place(user), mark)).collect();
        let is_absolute = matches!(times, Times::Absolute);
        let Writer { users, devices, rooms: named_rooms, .. } = writer;
        let image = Image {
            limits: state.limits.numbers(),
            greatest: state.greatest.numbers(),
            policy: policy_numbers(&state.policy),
            join_grace: state.policy.join_grace,
            key: if is_absolute { state.names.users.key().get() } else { 0 },
            clock: times.number(state.clock),
            is_behind: is_absolute && state.is_behind,
            base: state.calls.base(),
            attempts_made: state.calls.last_attempt().get(),
            attempts_ended: state.calls.attempts_ended(),
            attempts_rung: state.calls.attempts_rung(),
            noted: state.calls.noted(),
            openings: state.rooms.openings(),
            users: users.names,
            devices: devices.names,
            rooms,
            passed: self.requests.passed(),
            requesters,
            rates,
            closed_rooms: named_rooms.names.into_iter().skip(open).collect(),
            log,
            marks,
        };
        let encoded = postcard::to_allocvec(&image);
        debug_assert!(encoded.is_ok(), "an image can be encoded");
        encoded.unwrap_or_default()
    }
}

impl<'a> Writer<'a> {
    fn room(&mut self, room: &Room) -> RoomImage<'a> {
        let (state, users) = (self.state, &self.state.names.users);
        let _ = self.rooms.place(room.id);
        let name = state.names.rooms.name(room.id).unwrap_or_default();
        let owner = room.owner.map(|owner| self.users.place(owner));
        let mut members: Vec<_> = state.members.all_members(room.id).collect();
        members.sort_unstable_by_key(|member| (member.gone_at(), users.name(member.user)));
        let members = members.into_iter().map(|member| self.member(member)).collect();
        let live = state.calls.list_of(room.id).map(|(_, call)| call);
        let live = live.filter(|call| call.is_live()).map(|call| self.live(call)).collect();
        let ended = state.calls.endings_of(room.id).map(|(_, call)| call);
        let ended = ended.filter_map(|call| self.ended(call)).collect();
        let mut expected: Vec<_> = state.expected.of(room.id).collect();
        expected.sort_unstable_by_key(|one| one.attempt);
        let expected = expected.into_iter().map(|one| self.expectation(one)).collect();
        RoomImage { name, opening: room.opening, owner, members, live, ended, expected }
    }

    fn member(&mut self, member: &Member) -> MemberImage {
        let members = &self.state.members;
        let present = members.presences(member).map(|presence| PresentImage {
            device: presence.device.map(|device| self.devices.place(device)),
            session: presence.session.map(Session::digest),
        });
        let present = present.collect();
        MemberImage {
            user: self.users.place(member.user),
            is_admin: member.is_admin,
            gone_at: member.gone_at().map(|at| self.times.number(at)),
            present,
            ended: members.ended_sessions(member).map(Session::digest).collect(),
        }
    }

    fn live(&mut self, call: &Call) -> LiveImage<'a> {
        LiveImage {
            attempt: call.attempt.get(),
            callee: self.users.place(call.callee),
            caller: self.users.place(call.caller),
            device: call.device.map(|device| self.devices.place(device)),
            deadline: call.deadline().map(|deadline| self.times.number(deadline)),
            extension: self.state.calls.extension(call),
            has_rung: call.has_rung(),
        }
    }

    fn expectation(&mut self, expectation: &Expectation) -> ExpectedImage {
        let &Expectation { attempt, callee, caller, device, deadline, .. } = expectation;
        ExpectedImage {
            attempt: attempt.get(),
            callee: self.users.place(callee),
            caller: self.users.place(caller),
            device: device.map(|device| self.devices.place(device)),
            deadline: self.times.number(deadline),
        }
    }

    fn ended(&mut self, call: &Call) -> Option<EndedImage> {
        let Phase::Ended { kind, is_kept, remembered } = *call.phase() else { return None };
        Some(EndedImage {
            attempt: call.attempt.get(),
            callee: self.users.place(call.callee),
            caller: self.users.place(call.caller),
            kind: place(&EndingKind::ALL, &kind),
            is_kept,
            device: call.device.filter(|_| is_kept).map(|device| self.devices.place(device)),
            remembered: remembered.map(|by| self.by(by)),
            reason: call.reason().map(|reason| place(&CallRejectionReason::ALL, &reason)),
        })
    }

    fn by(&mut self, by: By) -> ByImage {
        ByImage {
            user: by.user.map(|user| self.users.place(user)),
            device: by.device.map(|device| self.devices.place(device)),
        }
    }

    fn ending(&mut self, ended: &Ending) -> EndingImage {
        let by = By { user: ended.user, device: ended.device, reason: None };
        let kind = place(&EndingKind::ALL, &ended.how);
        EndingImage { kind, attempt: ended.attempt.get(), by: self.by(by) }
    }

    fn entry(&mut self, entry: &Entry) -> EntryImage {
        let what = match entry.what {
            What::Ended { attempt, kind, by } => WhatImage::Ended {
                attempt: attempt.get(),
                kind: place(&EndingKind::ALL, &kind),
                by: self.by(by),
                reason: by.reason.map(|reason| place(&CallRejectionReason::ALL, &reason)),
            },
            What::Tried { count } => WhatImage::Tried { count },
        };
        EntryImage {
            number: entry.number,
            user: self.users.place(entry.user),
            caller: self.users.place(entry.caller),
            room: self.rooms.place(entry.room),
            at: self.times.number(entry.at),
            what,
        }
    }

    fn requester(&mut self, requester: &Requester, limits: &Limits) -> RequesterImage {
        let actor = match requester.actor() {
            Actor::Backend => None,
            Actor::Device { user, device } => {
                Some((self.users.place(user), self.devices.place(device)))
            }
        };
        let requests = requester.requests().map(|request| self.request(request, limits)).collect();
        RequesterImage { actor, since: requester.since(), requests }
    }

    fn request(&mut self, request: &Request, limits: &Limits) -> RequestImage {
        let answer = match (request.answer(), request.results()) {
            (Ok(Answer::Accepted { attempt, duplicate }), _) => AnswerImage::Accepted {
                attempt: attempt.get(),
                is_duplicate: duplicate == Duplicate::Yes,
            },
            (Ok(Answer::Rejected { attempt, duplicate }), _) => AnswerImage::Rejected {
                attempt: attempt.get(),
                is_duplicate: duplicate == Duplicate::Yes,
            },
            (Err(Refusal::AlreadyHandled { ended }), _) => {
                AnswerImage::AlreadyHandled(self.ending(&ended))
            }
            (Err(Refusal::NoSuchRoom { ended: Some(ended) }), _) => {
                AnswerImage::NoSuchRoom(self.ending(&ended))
            }
            (Err(Refusal::NoSuchCall { ended: Some(ended) }), _) => {
                AnswerImage::NoSuchCall(self.ending(&ended))
            }
            (Ok(Answer::CallsSeen { seen }), _) => AnswerImage::CallsSeen { seen },
            (Err(Refusal::TooManyCalls { retry_after, .. }), _) => {
                AnswerImage::TooManyCalls { retry_after }
            }
            (Err(refusal), _) => AnswerImage::Refused(place(&refusals(limits), &refusal)),
            (Ok(Answer::UserCallsRevoked { more }), results) => {
                let attempts = results.withdrawn().iter().filter_map(Remembered::attempt);
                let attempts = attempts.map(Attempt::get).collect();
                AnswerImage::UserCallsRevoked { attempts, more }
            }
            (Ok(_), Results::Withdrawn(results)) => {
                AnswerImage::Withdrawn(result_images(&WITHDRAW_RESULTS, results))
            }
            (Ok(_), Results::Called(results)) => {
                AnswerImage::Called(result_images(&CALL_RESULTS, results))
            }
            (Ok(_), Results::None) => AnswerImage::Called(Vec::new()),
        };
        RequestImage { id: request.id(), digest: request.digest(), answer }
    }
}
