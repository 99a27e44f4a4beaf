//! The laws: each looks at what it needs, and is silent where that is not known.

mod deadline;
mod endings;
mod everybody;
mod expected;
mod identity;
mod joining;
mod listing;
mod log;
mod numbers;
mod privacy;
mod refusals;
mod remembered;
pub(super) mod retries;
mod single;
mod stopping;
