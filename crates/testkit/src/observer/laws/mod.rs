//! The laws: each looks at what it needs, and is silent where that is not known.

mod deadline;
mod endings;
mod everybody;
mod identity;
mod joining;
mod listing;
mod numbers;
mod privacy;
pub(super) mod retries;
mod single;
mod stopping;
