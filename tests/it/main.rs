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
mod director;
mod edges;
mod exchange;
mod forge;
mod handset;
mod journals;
mod laws;
mod layers;
mod meeting;
mod model;
mod network;
mod numbered;
mod picture;
mod plain;
mod play;
mod precedence;
mod races;
mod random;
mod reach;
mod refine;
mod refine_long;
mod scenarios;
mod search;
mod small_scopes;
mod tables;
mod tidy;
mod traceability;
mod wire;
