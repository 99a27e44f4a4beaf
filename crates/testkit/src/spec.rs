//! The form in which the specifications under `spec/` speak: outcomes as plain data, and states as what queries say of them.

pub mod diagram;
pub mod plain;
