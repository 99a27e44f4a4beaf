//! The goals, and what was measured of them.

pub mod growth;
pub mod instructions;
pub mod latency;
pub mod memory;
pub mod page;
pub mod pending;
pub mod ratios;
pub mod same;
pub mod snapshot;
pub mod tick;
