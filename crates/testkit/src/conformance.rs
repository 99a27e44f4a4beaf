//! Cases that an implementation in any language is held to, and the runner that does it.
//!
//! A *testee* is a program that answers lines by lines; `conformance/README.md` is the page that its authors read.
//!
//! * [`case`](mod@case): the cases, `conformance/v1/*.ndjson`, which are in the program.
//! * [`transport`]: how lines come to a testee and back.
//! * [`compare`]: what makes two answers the same.
//! * [`rules`]: which rules a step shows.
//! * [`runner`]: one case, or all of them.
//! * [`known`], [`report`]: failures that are expected, and what is printed.
//! * [`testee`]: this crate as a testee.

pub mod case;
pub mod compare;
pub mod known;
pub mod needs;
pub mod report;
pub mod rules;
pub mod runner;
pub mod testee;
pub mod transport;
