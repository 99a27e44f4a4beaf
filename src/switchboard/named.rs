//! The switchboard by name: one input by name in, everything it brings about by name out.

mod apply;
mod naming;
mod resolve;
