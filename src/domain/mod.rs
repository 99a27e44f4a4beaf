//! The vocabulary of calls, in handles: everything that the layers above agree on. It imports
//! nothing of them.

pub(crate) mod call;
pub(crate) mod id;
pub(crate) mod input;
pub(crate) mod limits;
pub(crate) mod numbers;
pub(crate) mod output;
pub(crate) mod policy;
pub(crate) mod refusal;
pub(crate) mod rule;
pub(crate) mod session;
pub(crate) mod time;
pub(crate) mod word;
