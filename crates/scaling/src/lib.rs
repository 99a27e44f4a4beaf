//! Measures the switchboard side by side with others that do the same work, from a thousand pending
//! calls to ten million, and holds it to goals.
#![allow(
    clippy::disallowed_types,
    reason = "this measures time, and what others do with hash maps"
)]

pub mod chart;
pub mod clock;
pub mod count;
pub mod effort;
pub mod engine;
pub mod floor;
pub mod goals;
pub mod machine;
pub mod naive;
pub mod names;
pub mod ours;
pub mod progress;
pub mod record;
pub mod report;
pub mod run;
pub mod side;
pub mod tokio_tasks;
pub mod workload;
