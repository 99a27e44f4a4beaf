//! Outputs by name: what one input brings about, and the lines in which it is written.

use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::form::{ByUser, by_user, present};
use super::{Answer, Audience, Effect, Event, Refused};
use crate::Rule;

/// Everything that one input brings about.
///
/// ```
/// use roomcall::protocol::{Answer, Outcome};
///
/// let answer = Some(Ok(Answer::AcceptCall { attempt: 9 }));
/// let outcome: Outcome<&str> = Outcome { at: 2500, request_id: Some(7), answer, ..Outcome::default() };
/// let lines: Vec<String> =
///     outcome.outputs().map(|output| serde_json::to_string(&output).unwrap()).collect();
/// assert_eq!(lines, [r#"{"at":2500,"requestID":7,"answer":{"acceptCall":{"attempt":9}}}"#]);
/// ```
#[must_use = "nobody is notified of the effects unless the host delivers them"]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Outcome<S = String> {
    /// The clock after the input (T-02), in milliseconds since the host's zero.
    pub at: u64,
    /// The number of the ask or query, if it has one (X-01).
    pub request_id: Option<u64>,
    /// The answer; `None` for a tick.
    pub answer: Option<Result<Answer<S>, Refused<S>>>,
    /// With the answer to a numbered call, cancel or revoke: the attempt of each result that is
    /// about one, in first-seen order (X-01).
    pub attempts: Vec<(S, u64)>,
    /// With the answer to a numbered `getIncomingCalls` or `getMyCalls`: the lowest number that a new
    /// request of the device may have (X-06).
    pub next_request_id: Option<u64>,
    /// Whom to notify of what, in order (O-01).
    pub effects: Vec<Effect<S>>,
    /// For an ignored fact, a repeated answer (E-08) and a repeated request (X-02): the rule by
    /// which nothing changed.
    pub unchanged: Option<Rule>,
}

/// Nothing at all, at 0 ms.
impl<S> Default for Outcome<S> {
    fn default() -> Self {
        Self {
            at: 0,
            request_id: None,
            answer: None,
            attempts: Vec::new(),
            next_request_id: None,
            effects: Vec::new(),
            unchanged: None,
        }
    }
}

impl<S> Outcome<S> {
    /// The reply to the device that asked, for its numbered request (X-01); `None` without a number or
    /// an answer.
    pub fn reply(&self) -> Option<Reply<S>>
    where
        S: Clone,
    {
        let (request_id, answer) = (self.request_id?, self.answer.clone()?);
        let (attempts, next_request_id) = (self.attempts.clone(), self.next_request_id);
        let repeated = self.is_repeated();
        Some(Reply { request_id, answer, attempts, next_request_id, repeated })
    }

    /// Whether a request was judged before, and this is the answer that it had (X-02).
    pub fn is_repeated(&self) -> bool {
        self.unchanged == Some(Rule::X02)
    }

    /// The lines that are written for it: the answer, then the effects (J-05).
    pub fn outputs(self) -> impl Iterator<Item = Output<S>> {
        let repeated = self.is_repeated();
        let Self { at, request_id, attempts, next_request_id, .. } = self;
        let answer = self.answer.map(|answer| match (request_id, answer) {
            (Some(request_id), answer) => {
                Body::Reply(Reply { request_id, answer, attempts, next_request_id, repeated })
            }
            (None, Ok(answer)) => Body::Answer(answer),
            (None, Err(refused)) => Body::Refused(refused),
        });
        answer
            .into_iter()
            .chain(self.effects.into_iter().map(Body::Effect))
            .map(move |body| Output { at, body })
    }
}

/// One line of output (J-05).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "Fields<S>", bound(deserialize = "S: Deserialize<'de> + AsRef<str>"))]
pub struct Output<S = String> {
    /// The clock, in milliseconds since the host's zero.
    pub at: u64,
    /// The body.
    pub body: Body<S>,
}

/// The kinds of output.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Body<S = String> {
    /// To whoever asked without a number.
    Answer(Answer<S>),
    /// To whoever asked without a number.
    Refused(Refused<S>),
    /// To whoever asked with a number (X-01).
    Reply(Reply<S>),
    /// To an audience.
    Effect(Effect<S>),
}

/// The answer to one numbered request of a device (X-01).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "ReplyFields<S>", bound(deserialize = "S: Deserialize<'de> + AsRef<str>"))]
pub struct Reply<S = String> {
    /// The number of the request.
    pub request_id: u64,
    /// The answer.
    pub answer: Result<Answer<S>, Refused<S>>,
    /// The attempt of each `success` of a call, and of each result of a cancel or revoke that is
    /// about one (X-01).
    pub attempts: Vec<(S, u64)>,
    /// For `getIncomingCalls` and `getMyCalls`: the lowest number that the device may give a new
    /// request (X-06).
    pub next_request_id: Option<u64>,
    /// Whether the request was judged before, and this is the answer that it had (X-02).
    pub repeated: bool,
}

impl<S: Serialize> Serialize for Output<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("at", &self.at)?;
        match &self.body {
            Body::Answer(answer) => line.serialize_entry("answer", answer)?,
            Body::Refused(refused) => line.serialize_entry("refused", refused)?,
            Body::Reply(reply) => reply.entries(&mut line)?,
            Body::Effect(effect) => {
                line.serialize_entry("to", &effect.to)?;
                line.serialize_entry("event", &effect.event)?;
                line.serialize_entry("because", &effect.because)?;
                if effect.wakes() {
                    line.serialize_entry("wake", &true)?;
                }
            }
        }
        line.end()
    }
}

impl<S> Reply<S> {
    /// An answer that is given for the first time, with nothing besides.
    ///
    /// ```
    /// use roomcall::protocol::{Answer, Reply};
    ///
    /// let reply: Reply = Reply::new(7, Ok(Answer::AcceptCall { attempt: 9 }));
    /// assert!(!reply.repeated && reply.attempts.is_empty());
    /// ```
    pub const fn new(request_id: u64, answer: Result<Answer<S>, Refused<S>>) -> Self {
        let attempts = Vec::new();
        Self { request_id, answer, attempts, next_request_id: None, repeated: false }
    }
}

impl<S: Serialize> Serialize for Reply<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let mut reply = serializer.serialize_map(None)?;
        self.entries(&mut reply)?;
        reply.end()
    }
}

impl<S: Serialize> Reply<S> {
    /// X-01, X-02, X-06
    fn entries<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        object.serialize_entry("requestID", &self.request_id)?;
        match &self.answer {
            Ok(answer) => object.serialize_entry("answer", answer)?,
            Err(refused) => object.serialize_entry("refused", refused)?,
        }
        if !self.attempts.is_empty() {
            object.serialize_entry("attempts", &ByUser(&self.attempts))?;
        }
        if let Some(next) = self.next_request_id {
            object.serialize_entry("nextRequestID", &next)?;
        }
        if self.repeated { object.serialize_entry("repeated", &true) } else { Ok(()) }
    }
}

/// An output as the object that it is in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `at` and an output")]
#[serde(bound(deserialize = "S: Deserialize<'de> + AsRef<str>"))]
struct Fields<S> {
    at: u64,
    #[serde(rename = "requestID", default, deserialize_with = "present")]
    request_id: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    answer: Option<Answer<S>>,
    #[serde(default, deserialize_with = "present")]
    refused: Option<Refused<S>>,
    #[serde(default, deserialize_with = "by_user::present")]
    attempts: Option<Vec<(S, u64)>>,
    #[serde(rename = "nextRequestID", default, deserialize_with = "present")]
    next_request_id: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    repeated: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    to: Option<Audience<S>>,
    #[serde(default, deserialize_with = "present")]
    event: Option<Event<S>>,
    #[serde(default, deserialize_with = "present")]
    because: Option<Rule>,
    #[serde(default, deserialize_with = "present")]
    wake: Option<bool>,
}

/// A reply as the object that it is in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `requestID` and an answer")]
#[serde(bound(deserialize = "S: Deserialize<'de> + AsRef<str>"))]
struct ReplyFields<S> {
    #[serde(rename = "requestID")]
    request_id: u64,
    #[serde(default, deserialize_with = "present")]
    answer: Option<Answer<S>>,
    #[serde(default, deserialize_with = "present")]
    refused: Option<Refused<S>>,
    #[serde(default, deserialize_with = "by_user::present")]
    attempts: Option<Vec<(S, u64)>>,
    #[serde(rename = "nextRequestID", default, deserialize_with = "present")]
    next_request_id: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    repeated: Option<bool>,
}

impl<S> TryFrom<Fields<S>> for Output<S> {
    type Error = &'static str;

    fn try_from(fields: Fields<S>) -> Result<Self, &'static str> {
        let Fields { at, request_id, answer, refused, attempts, next_request_id, repeated, .. } =
            fields;
        let is_bare = request_id.is_none()
            && attempts.is_none()
            && next_request_id.is_none()
            && repeated.is_none();
        let body = match (answer, refused, fields.to, fields.event, fields.because) {
            (Some(answer), None, None, None, None) if is_bare => Body::Answer(answer),
            (None, Some(refused), None, None, None) if is_bare => Body::Refused(refused),
            (None, None, Some(to), Some(event), Some(because)) if is_bare => {
                Body::Effect(Effect { to, event, because })
            }
            (answer, refused, None, None, None) if answer.is_some() != refused.is_some() => {
                let request_id = request_id.ok_or(
                    "expected `attempts`, `nextRequestID`, `repeated` with `requestID` only",
                )?;
                let fields = ReplyFields {
                    request_id,
                    answer,
                    refused,
                    attempts,
                    next_request_id,
                    repeated,
                };
                Body::Reply(fields.try_into()?)
            }
            _ => {
                return Err("expected `at` with one of `answer`, `refused`, `to` and `event` and \
                     `because`");
            }
        };
        let wakes = matches!(&body, Body::Effect(effect) if effect.wakes());
        if fields.wake.is_some_and(|wake| wake != wakes) {
            return Err("expected `\"wake\":true` with `onCallReceived`, and nowhere else");
        }
        Ok(Self { at, body })
    }
}

impl<S> TryFrom<ReplyFields<S>> for Reply<S> {
    type Error = &'static str;

    fn try_from(fields: ReplyFields<S>) -> Result<Self, &'static str> {
        let ReplyFields { request_id, answer, refused, attempts, next_request_id, repeated } =
            fields;
        let answer = match (answer, refused) {
            (Some(answer), None) => Ok(answer),
            (None, Some(refused)) => Err(refused),
            (None, None) | (Some(_), Some(_)) => {
                return Err("expected `requestID` with one of `answer`, `refused`");
            }
        };
        // X-01
        let is_by_user = matches!(
            answer,
            Ok(Answer::CallUserToRoom(_) | Answer::CancelCall(_) | Answer::RevokeCall(_))
        );
        if attempts.is_some() && !is_by_user {
            return Err("expected `attempts` with an answer to a call, cancel or revoke only");
        }
        // X-06
        let is_of_calls =
            matches!(answer, Ok(Answer::GetIncomingCalls { .. } | Answer::GetMyCalls(_)));
        if next_request_id.is_some() && !is_of_calls {
            return Err(
                "expected `nextRequestID` with an answer to `getIncomingCalls` or `getMyCalls` only",
            );
        }
        // X-02
        if repeated == Some(false) {
            return Err("expected `\"repeated\":true`, or nothing");
        }
        let (attempts, repeated) = (attempts.unwrap_or_default(), repeated.is_some());
        Ok(Self { request_id, answer, attempts, next_request_id, repeated })
    }
}

impl<S> Output<S> {
    /// The arrays of its wire form.
    #[cfg(feature = "json")]
    pub(super) fn lists(&self) -> usize {
        match &self.body {
            Body::Answer(answer) | Body::Reply(Reply { answer: Ok(answer), .. }) => answer.lists(),
            Body::Refused(_) | Body::Effect(_) | Body::Reply(Reply { answer: Err(_), .. }) => 0,
        }
    }
}
