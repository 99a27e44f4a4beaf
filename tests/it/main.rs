//! All integration tests, in one binary.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that goes wrong should stop"
)]

mod agreement;
mod cli;
mod documents;
mod edges;
mod exchange;
mod handset;
mod journals;
mod laws;
mod layers;
mod meeting;
mod precedence;
mod races;
mod reach;
mod refine;
mod refine_long;
mod scenarios;
mod small_scopes;
mod tables;
mod tidy;
mod traceability;
mod wire;
