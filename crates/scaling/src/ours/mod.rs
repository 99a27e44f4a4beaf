//! The switchboard of this crate, asked in each of its forms. All forms of one size share one
//! board: a round leaves it as the next one needs it.

pub mod by_handle;
pub mod by_name;
pub mod desk;
pub mod lines;
pub mod tally;

pub mod batch;

use std::cell::RefCell;
use std::rc::Rc;

use desk::Desk;

/// A board that several forms use in turn.
pub type Shared = Rc<RefCell<Desk>>;
