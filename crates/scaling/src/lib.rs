//! Measures the switchboard side by side with other engines that do the same work, and compares the
//! figures with goals.
#![allow(
    clippy::disallowed_types,
    reason = "this measures time, and what others do with hash maps"
)]

pub mod baseline;
pub mod board;
pub mod clock;
pub mod count;
pub mod engine;
pub mod machine;
pub mod measure;
pub mod naive;
pub mod names;
pub mod plain;
pub mod record;
pub mod report;
pub mod task_per_call;
pub mod workload;
