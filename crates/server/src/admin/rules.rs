//! Other rules in mid-life (F-19).

use axum::Json;
use roomcall::protocol::{Fact, Output};

use super::{About, Problem};
use crate::engine::Job;

pub(super) async fn change(about: About, body: String) -> Result<Json<Output>, Problem> {
    let fact = Fact::read(&format!("{{\"rulesChanged\":{body}}}"));
    let fact: Fact = fact.map_err(|why| Problem::Malformed(why.to_string()))?;
    let facts = Vec::from([fact]);
    let mut answers = about.ask(|answered| Job::Facts { facts, answered }).await?;
    answers.pop().map(Json).ok_or(Problem::Stopping)
}
