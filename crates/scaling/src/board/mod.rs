//! The switchboard of this crate, by handle and by name. Both forms of one size share one board: a
//! round leaves it as the next one needs it.

pub mod by_handle;
pub mod by_name;
pub mod fixture;
pub mod handles;
pub mod lines;
pub mod records;
mod tally;

use std::cell::RefCell;
use std::rc::Rc;

use fixture::Fixture;

/// A board that several forms use in turn.
pub type Shared = Rc<RefCell<Fixture>>;
