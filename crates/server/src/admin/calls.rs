//! What rings.

use axum::Json;
use axum::extract::Query;
use roomcall::protocol::{Actor, Body, Input, Query as Asked};
use serde::Deserialize;
use serde_json::Value;

use super::{About, Problem};
use crate::engine::Job;

/// Calls in one page, if the request does not say.
const USUAL: u32 = 20;

#[derive(Deserialize)]
pub(super) struct Which {
    user: Option<String>,
    room: Option<String>,
    cursor: Option<String>,
    count: Option<u32>,
}

impl Which {
    fn query(self) -> Result<Asked, Problem> {
        let Self { user, room, cursor, count } = self;
        let count = count.unwrap_or(USUAL);
        match (user, room) {
            (None, None) => Ok(Asked::GetLiveCalls { cursor, page_size: count }),
            (Some(user), None) => Ok(Asked::GetUserCalls { user, cursor, page_size: count }),
            (None, Some(room)) => Ok(Asked::GetPendingCalls { room, cursor, count, status: None }),
            (Some(_), Some(_)) => {
                Err(Problem::Malformed("give `user` or `room`, not both".to_owned()))
            }
        }
    }
}

pub(super) async fn list(about: About, Query(which): Query<Which>) -> Result<Json<Value>, Problem> {
    let input = Input::Query { by: Actor::Backend, query: which.query()? };
    let answer = about.ask(|answered| Job::Backend { request_id: None, input, answered }).await?;
    match answer.map(|it| it.body) {
        Some(Body::Answer(answer)) => {
            // The one field of it has the page.
            let answer = serde_json::to_value(answer).unwrap_or_default();
            let page = answer.as_object().and_then(|it| it.values().next().cloned());
            Ok(Json(page.unwrap_or_default()))
        }
        Some(Body::Refused(refused)) => Err(Problem::Malformed(refused.message)),
        _ => Err(Problem::Stopping),
    }
}
