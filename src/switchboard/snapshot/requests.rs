//! The memory of requests of an image.

use alloc::vec::Vec;

use super::RestoreError;
use super::image::{
    self, AnswerImage, CALL_RESULTS, EndingImage, RequestImage, RequesterImage, WITHDRAW_RESULTS,
};
use super::read::{Names, ending_kind, impossible};
use crate::domain::call::Ending;
use crate::domain::id::Attempt;
use crate::domain::input::Actor;
use crate::domain::limits::Limits;
use crate::domain::output::{Answer, Duplicate, WithdrawResult};
use crate::domain::refusal::Refusal;
use crate::switchboard::requests::{Remembered, Request, Results};
use crate::switchboard::state::By;

impl Names {
    fn ending(&self, image: &EndingImage) -> Result<Ending, RestoreError> {
        let By { user, device, .. } = self.by(image.by)?;
        let (how, attempt) = (ending_kind(image.kind)?, Attempt::new(image.attempt));
        Ok(Ending { how, attempt, user, device })
    }

    pub(super) fn requester(
        &self,
        image: &RequesterImage,
        limits: &Limits,
    ) -> Result<(Actor, Vec<Request>), RestoreError> {
        let actor = match image.actor {
            None => Actor::Backend,
            Some((user, device)) => {
                Actor::Device { user: self.user(user)?, device: self.device(device)? }
            }
        };
        let requests = image.requests.iter().map(|request| self.request(request, limits));
        Ok((actor, requests.collect::<Result<_, _>>()?))
    }

    fn request(&self, image: &RequestImage, limits: &Limits) -> Result<Request, RestoreError> {
        let duplicate = |is: bool| if is { Duplicate::Yes } else { Duplicate::No };
        let bad = impossible("answer to a request");
        let (answer, results) = match &image.answer {
            AnswerImage::Called(results) => {
                let results = image::results(&CALL_RESULTS, results).ok_or(bad)?;
                (Ok(Answer::Called), Results::Called(results))
            }
            AnswerImage::Withdrawn(results) => {
                let results = image::results(&WITHDRAW_RESULTS, results).ok_or(bad)?;
                (Ok(Answer::Withdrawn), Results::Withdrawn(results))
            }
            AnswerImage::UserCallsRevoked { attempts, more } => {
                let revoked = |attempt: &u64| {
                    let attempt = Some(Attempt::new(*attempt)).filter(|it| it.get() > 0)?;
                    Some(Remembered::new(WithdrawResult::Revoked, Some(attempt)))
                };
                let results: Option<Vec<_>> = attempts.iter().map(revoked).collect();
                let answer = Answer::UserCallsRevoked { more: *more };
                (Ok(answer), Results::Withdrawn(results.ok_or(bad)?))
            }
            AnswerImage::Accepted { attempt, is_duplicate } => {
                let (attempt, duplicate) = (Attempt::new(*attempt), duplicate(*is_duplicate));
                (Ok(Answer::Accepted { attempt, duplicate }), Results::None)
            }
            AnswerImage::Rejected { attempt, is_duplicate } => {
                let (attempt, duplicate) = (Attempt::new(*attempt), duplicate(*is_duplicate));
                (Ok(Answer::Rejected { attempt, duplicate }), Results::None)
            }
            AnswerImage::Refused(place) => {
                let refusal = image::refusals(limits).get(usize::from(*place)).copied();
                (Err(refusal.ok_or(bad)?), Results::None)
            }
            AnswerImage::TooManyCalls { retry_after } => {
                let (limit, retry_after) = (limits.calls_per_minute, *retry_after);
                (Err(Refusal::TooManyCalls { limit, retry_after }), Results::None)
            }
            AnswerImage::AlreadyHandled(ending) => {
                (Err(Refusal::AlreadyHandled { ended: self.ending(ending)? }), Results::None)
            }
            AnswerImage::NoSuchRoom(ending) => {
                let ended = Some(self.ending(ending)?);
                (Err(Refusal::NoSuchRoom { ended }), Results::None)
            }
            AnswerImage::NoSuchCall(ending) => {
                let ended = Some(self.ending(ending)?);
                (Err(Refusal::NoSuchCall { ended }), Results::None)
            }
            AnswerImage::CallsSeen { seen } => {
                (Ok(Answer::CallsSeen { seen: *seen }), Results::None)
            }
        };
        Ok(Request::restored(image.id, image.digest, answer, results))
    }
}
