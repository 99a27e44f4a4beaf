//! From one kind of text to another, and so from borrowed to owned.
//!
//! It is written out for each type, because what it costs is to be seen: one call of `text` for
//! each text, and one list for each list.

mod call_log;
mod event;

use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Actor, Answer, Body, Command, EndedCall, Ending, Endings, Fact, Frame, Input, LiveCall,
    MyCalls, MyEnding, Outcome, Output, PendingCall, Present, Query, Record, Refused, Reply,
    Request,
};

fn by_user<S, T, V>(entries: Vec<(S, V)>, text: impl Fn(S) -> T) -> Vec<(T, V)> {
    entries.into_iter().map(|(user, value)| (text(user), value)).collect()
}

impl<S> Record<S> {
    /// The record with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Record<T> {
        Record { at: self.at, request_id: self.request_id, input: self.input.map(text) }
    }

    /// The record that owns its text.
    pub fn into_owned(self) -> Record
    where
        S: Into<String>,
    {
        self.map(Into::into)
    }
}

impl<S> Input<S> {
    /// The input with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Input<T> {
        match self {
            Self::Tick => Input::Tick,
            Self::Fact(fact) => Input::Fact(fact.map(text)),
            Self::Ask { by, command } => {
                Input::Ask { by: by.map(text), command: command.map(text) }
            }
            Self::Query { by, query } => Input::Query { by: by.map(text), query: query.map(text) },
        }
    }
}

impl<S> Actor<S> {
    /// The actor with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T) -> Actor<T> {
        match self {
            Self::Device { user, device } => {
                Actor::Device { user: text(user), device: text(device) }
            }
            Self::Backend => Actor::Backend,
        }
    }
}

impl<S> Fact<S> {
    /// The fact with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Fact<T> {
        match self {
            Self::RoomOpened { room, owner } => {
                Fact::RoomOpened { room: text(room), owner: text(owner) }
            }
            Self::RoomDissolved { room, by, opening } => {
                Fact::RoomDissolved { room: text(room), by: by.map(text), opening }
            }
            Self::UserEntered { room, user, device, session, opening } => {
                let (device, session) = (device.map(text), session.map(text));
                Fact::UserEntered { room: text(room), user: text(user), device, session, opening }
            }
            Self::UserLeft { room, user, device, session, opening } => {
                let (device, session) = (device.map(text), session.map(text));
                Fact::UserLeft { room: text(room), user: text(user), device, session, opening }
            }
            Self::PresenceListed { room, present, opening } => {
                let present = present.into_iter().map(|present| present.map(text)).collect();
                Fact::PresenceListed { room: text(room), present, opening }
            }
            Self::UserRemoved { room, user, by, opening } => {
                Fact::UserRemoved { room: text(room), user: text(user), by: by.map(text), opening }
            }
            Self::RoleSet { room, user, role, opening } => {
                Fact::RoleSet { room: text(room), user: text(user), role, opening }
            }
            Self::UserErased { user } => Fact::UserErased { user: text(user) },
            Fact::RulesChanged { policy, limits } => Fact::RulesChanged { policy, limits },
            Fact::Recovered { floor } => Fact::Recovered { floor },
        }
    }
}

impl<S> Present<S> {
    /// The presence with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Present<T> {
        let Self { user, device, session } = self;
        Present { user: text(user), device: device.map(text), session: session.map(text) }
    }
}

impl<S> Command<S> {
    /// The command with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Command<T> {
        let all = |users: Vec<S>| users.into_iter().map(text).collect();
        match self {
            Self::CallUserToRoom { room, users, timeout, extension, caller } => {
                Command::CallUserToRoom {
                    room: text(room),
                    users: all(users),
                    timeout,
                    extension: text(extension),
                    caller: caller.map(text),
                }
            }
            Self::CancelCall { room, users } => {
                Command::CancelCall { room: text(room), users: all(users) }
            }
            Self::RevokeCall { room, users } => {
                Command::RevokeCall { room: text(room), users: all(users) }
            }
            Self::AcceptCall { room, attempt } => Command::AcceptCall { room: text(room), attempt },
            Self::RejectCall { room, attempt, reason } => {
                Command::RejectCall { room: text(room), attempt, reason }
            }
            Self::RevokeUserCalls { user, which } => {
                Command::RevokeUserCalls { user: text(user), which }
            }
            Self::MarkCallsSeen { up_to } => Command::MarkCallsSeen { up_to },
            Self::Ringing { attempt } => Command::Ringing { attempt },
        }
    }
}

impl<S> Query<S> {
    /// The query with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Query<T> {
        match self {
            Self::GetPendingCalls { room, cursor, count, status } => {
                Query::GetPendingCalls { room: text(room), cursor: cursor.map(text), count, status }
            }
            Self::GetIncomingCalls { since } => Query::GetIncomingCalls { since },
            Self::GetMyCalls { since } => Query::GetMyCalls { since },
            Self::GetCallLog { since, count } => Query::GetCallLog { since, count },
            Self::GetUserCalls { user, cursor, page_size } => {
                Query::GetUserCalls { user: text(user), cursor: cursor.map(text), page_size }
            }
            Self::GetLiveCalls { cursor, page_size } => {
                Query::GetLiveCalls { cursor: cursor.map(text), page_size }
            }
        }
    }
}

impl<S> Frame<S> {
    /// The frame with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Frame<T> {
        let request = match self.request {
            Request::Command(command) => Request::Command(command.map(text)),
            Request::Query(query) => Request::Query(query.map(text)),
        };
        Frame { request_id: self.request_id, request }
    }

    /// The frame that owns its text.
    pub fn into_owned(self) -> Frame
    where
        S: Into<String>,
    {
        self.map(Into::into)
    }
}

impl<S> Outcome<S> {
    /// The outcome with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Outcome<T> {
        Outcome {
            at: self.at,
            request_id: self.request_id,
            answer: self.answer.map(|answer| either(answer, text)),
            attempts: by_user(self.attempts, text),
            next_request_id: self.next_request_id,
            effects: self.effects.into_iter().map(|effect| effect.map(text)).collect(),
            unchanged: self.unchanged,
        }
    }

    /// The outcome that owns its text.
    pub fn into_owned(self) -> Outcome
    where
        S: Into<String>,
    {
        self.map(Into::into)
    }
}

/// An answer or a refusal.
fn either<S, T>(
    answer: Result<Answer<S>, Refused<S>>,
    text: impl Fn(S) -> T + Copy,
) -> Result<Answer<T>, Refused<T>> {
    match answer {
        Ok(answer) => Ok(answer.map(text)),
        Err(refused) => Err(refused.map(text)),
    }
}

impl<S> Output<S> {
    /// The output with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Output<T> {
        let body = match self.body {
            Body::Answer(answer) => Body::Answer(answer.map(text)),
            Body::Refused(refused) => Body::Refused(refused.map(text)),
            Body::Reply(reply) => Body::Reply(reply.map(text)),
            Body::Effect(effect) => Body::Effect(effect.map(text)),
        };
        Output { at: self.at, body }
    }

    /// The output that owns its text.
    pub fn into_owned(self) -> Output
    where
        S: Into<String>,
    {
        self.map(Into::into)
    }
}

impl<S> Reply<S> {
    /// The reply with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Reply<T> {
        let Self { request_id, answer, attempts, next_request_id, repeated } = self;
        let (answer, attempts) = (either(answer, text), by_user(attempts, text));
        Reply { request_id, answer, attempts, next_request_id, repeated }
    }

    /// The reply that owns its text.
    pub fn into_owned(self) -> Reply
    where
        S: Into<String>,
    {
        self.map(Into::into)
    }
}

impl<S> Answer<S> {
    /// The answer with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Answer<T> {
        match self {
            Self::Fact(answer) => Answer::Fact(answer),
            Self::CallUserToRoom(results) => Answer::CallUserToRoom(by_user(results, text)),
            Self::CancelCall(results) => Answer::CancelCall(by_user(results, text)),
            Self::RevokeCall(results) => Answer::RevokeCall(by_user(results, text)),
            Self::AcceptCall { attempt } => Answer::AcceptCall { attempt },
            Self::RejectCall { attempt } => Answer::RejectCall { attempt },
            Self::GetPendingCalls { calls, next_cursor, scope } => Answer::GetPendingCalls {
                calls: calls.into_iter().map(|call| call.map(text)).collect(),
                next_cursor,
                scope,
            },
            Self::GetIncomingCalls { calls, revision, endings } => Answer::GetIncomingCalls {
                calls: calls.into_iter().map(|call| call.map(text)).collect(),
                revision,
                endings: endings.map(|endings| endings.map(text)),
            },
            Self::GetMyCalls(calls) => Answer::GetMyCalls(calls.map(text)),
            Self::GetCallLog(log) => Answer::GetCallLog(log.map(text)),
            Self::MarkCallsSeen { seen } => Answer::MarkCallsSeen { seen },
            Self::Ringing { attempt, rung } => Answer::Ringing { attempt, rung },
            Self::RevokeUserCalls { attempts, more } => Answer::RevokeUserCalls { attempts, more },
            Self::GetUserCalls { calls, next_cursor, revision } => Answer::GetUserCalls {
                calls: calls.into_iter().map(|call| call.map(text)).collect(),
                next_cursor,
                revision,
            },
            Self::GetLiveCalls { calls, next_cursor, revision } => Answer::GetLiveCalls {
                calls: calls.into_iter().map(|call| call.map(text)).collect(),
                next_cursor,
                revision,
            },
        }
    }
}

impl<S> MyCalls<S> {
    /// The calls with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> MyCalls<T> {
        let Self { incoming, outgoing, endings, more, since, last_attempt, revision, log } = self;
        MyCalls {
            incoming: incoming.into_iter().map(|call| call.map(text)).collect(),
            outgoing: outgoing.into_iter().map(|call| call.map(text)).collect(),
            endings: endings.into_iter().map(|ending| ending.map(text)).collect(),
            more,
            since,
            last_attempt,
            revision,
            log,
        }
    }
}

impl<S> MyEnding<S> {
    /// The ending with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> MyEnding<T> {
        MyEnding {
            room: text(self.room),
            caller: text(self.caller),
            callee: text(self.callee),
            ended: self.ended.map(text),
            reason: self.reason,
        }
    }
}

impl<S> PendingCall<S> {
    /// The call with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T) -> PendingCall<T> {
        PendingCall {
            caller: text(self.caller),
            callee: text(self.callee),
            status: self.status,
            attempt: self.attempt,
            time_left: self.time_left,
            extension: self.extension.map(text),
        }
    }
}

impl<S> LiveCall<S> {
    /// The call with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T) -> LiveCall<T> {
        LiveCall {
            room: text(self.room),
            caller: text(self.caller),
            callee: text(self.callee),
            attempt: self.attempt,
            time_left: self.time_left,
            extension: text(self.extension),
            rung: self.rung,
        }
    }
}

impl<S> Endings<S> {
    /// The endings with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Endings<T> {
        let calls = self.calls.into_iter().map(|call| call.map(text)).collect();
        Endings { calls, last_attempt: self.last_attempt }
    }
}

impl<S> EndedCall<S> {
    /// The call with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> EndedCall<T> {
        let Self { room, caller, ended } = self;
        EndedCall { room: text(room), caller: text(caller), ended: ended.map(text) }
    }
}

impl<S> Ending<S> {
    /// The ending with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Ending<T> {
        let Self { how, attempt, user, device } = self;
        Ending { how, attempt, user: user.map(text), device: device.map(text) }
    }
}

impl<S> Refused<S> {
    /// The refusal with each text made into another; its message is owned as it is.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Refused<T> {
        let Self { code, rule, message, ended, retry_after } = self;
        Refused { code, rule, message, ended: ended.map(|ended| ended.map(text)), retry_after }
    }
}
