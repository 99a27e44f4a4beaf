//! Effects counted by kind, as every engine must have them.

use std::fmt;
use std::process::ExitCode;

/// A kind of effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Kind {
    /// The callee's devices ring.
    Ring,
    /// An entry of the room's list is new or has another status.
    Changed,
    /// An entry has left the room's list.
    Removed,
    /// The callee's other devices stop ringing.
    Handled,
    /// The caller hears that the callee accepted.
    Accepted,
    /// The caller hears that the callee rejected.
    Rejected,
    /// The callee hears that the caller withdrew.
    Cancelled,
    /// The callee hears that nobody answered.
    TimeoutCallee,
    /// The caller hears that nobody answered.
    TimeoutCaller,
    /// Anything that does not belong here.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Ring,
        Self::Changed,
        Self::Removed,
        Self::Handled,
        Self::Accepted,
        Self::Rejected,
        Self::Cancelled,
        Self::TimeoutCallee,
        Self::TimeoutCaller,
        Self::Other,
    ];
}

/// How many effects of each kind there were. There is room for 16, so that no index is out of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts([u64; 16]);

impl Counts {
    /// Counts one.
    #[inline]
    pub const fn one(&mut self, kind: Kind) {
        self.0[kind as usize & 15] += 1;
    }

    /// Counts several.
    pub const fn add(&mut self, kind: Kind, count: u64) {
        self.0[kind as usize & 15] += count;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{kind:?} {}", self.0[kind as usize & 15])?;
        }
        Ok(())
    }
}

/// An engine that did not do what it must.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wrong {
    /// Which.
    pub engine: String,
    /// What is wrong.
    pub what: String,
}

impl Wrong {
    /// An engine, and what is wrong with it.
    pub fn new(engine: &str, what: impl Into<String>) -> Self {
        Self { engine: engine.to_owned(), what: what.into() }
    }

    /// The exit status of a program, which says what is wrong.
    #[allow(clippy::print_stderr, reason = "command-line programs end here")]
    pub fn exit(done: Result<(), Self>) -> ExitCode {
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(wrong) => {
                eprintln!("{wrong}");
                ExitCode::FAILURE
            }
        }
    }

    /// Holds the effects of a round to what they must be.
    ///
    /// # Errors
    ///
    /// They are not the same.
    pub fn unless_equal(engine: &str, found: &Counts, expected: &Counts) -> Result<(), Self> {
        if found == expected {
            return Ok(());
        }
        Err(Self::new(engine, format!("has the effects\n  {found}\nand must have\n  {expected}")))
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the engine `{}` is wrong: {}", self.engine, self.what)
    }
}

impl std::error::Error for Wrong {}
