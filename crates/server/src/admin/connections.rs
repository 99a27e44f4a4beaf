//! Who is connected, and who is to connect anew.

use axum::Json;
use axum::extract::Query;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{About, Problem};
use crate::engine::Job;
use crate::hub::{Connections, Cursor};

/// Connections in one page, if the request does not say.
const USUAL: usize = 100;

/// Connections in one page at most.
const MOST: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Which {
    user: Option<String>,
    cursor: Option<String>,
    count: Option<usize>,
}

pub(super) async fn list(
    about: About,
    Query(Which { user, cursor, count }): Query<Which>,
) -> Result<Json<Connections>, Problem> {
    let after = cursor.map(|it| it.parse::<Cursor>()).transpose();
    let after = after.map_err(|why| Problem::Malformed(why.to_string()))?;
    let count = count.unwrap_or(USUAL);
    if !(1..=MOST).contains(&count) {
        let why = format!("`count` is {count}, and has to be from 1 to {MOST}");
        return Err(Problem::Malformed(why));
    }
    let page = about.ask(|answered| Job::Connections { user, after, count, answered }).await?;
    Ok(Json(page))
}

#[derive(Deserialize)]
pub(super) struct Whom {
    user: String,
    device: Option<String>,
}

pub(super) async fn kick(
    about: About,
    Query(Whom { user, device }): Query<Whom>,
) -> Result<Json<Value>, Problem> {
    let closed = about.ask(|answered| Job::Kick { user, device, answered }).await?;
    Ok(Json(json!({ "closed": closed })))
}
