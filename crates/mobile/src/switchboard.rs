//! The switchboard, by name: for tests and small hosts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roomcall::protocol::{Actor, Frame, LimitsChange, PolicyChange, Record, lines};
use roomcall::switchboard as library;
use roomcall::{Limits, Policy};

use crate::convert::{InvalidValueError, convert, invalid, known};
use crate::types;

/// A snapshot that cannot be restored (S-01).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum SnapshotError {
    /// It is no snapshot, a damaged one, or one of another version.
    #[error("{reason}")]
    Unreadable {
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// The state machine of a server, in one process and by name. A server for many users is `roomcall-server`.
///
/// Its clock is in its snapshot and goes on from there, unlike that of a handset.
#[derive(Debug, uniffi::Object)]
pub struct Switchboard(Mutex<library::Switchboard>);

impl Switchboard {
    fn lock(&self) -> MutexGuard<'_, library::Switchboard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, record: &Record) -> Vec<types::Output> {
        let outputs: Vec<_> = self.lock().apply_record(record).outputs().collect();
        known(&outputs)
    }
}

#[uniffi::export]
impl Switchboard {
    /// A switchboard without rooms. What is left out of the policy and the limits is the default.
    ///
    /// # Errors
    ///
    /// The library refuses a value of them.
    #[uniffi::constructor(default(policy = None, limits = None))]
    pub fn new(
        policy: Option<types::PolicyChange>,
        limits: Option<types::LimitsChange>,
    ) -> Result<Arc<Self>, InvalidValueError> {
        let policy: Option<PolicyChange> = policy.as_ref().map(convert).transpose()?;
        let limits: Option<LimitsChange> = limits.as_ref().map(convert).transpose()?;
        let policy = policy.unwrap_or_default().of(Policy::DEFAULT);
        let limits = limits.unwrap_or_default().of(Limits::DEFAULT);
        Ok(Arc::new(Self(Mutex::new(library::Switchboard::new(limits, policy)))))
    }

    /// The switchboard of a snapshot (S-01).
    ///
    /// # Errors
    ///
    /// It is not what [`snapshot`](Self::snapshot) gave, or was changed since.
    #[uniffi::constructor]
    pub fn restore(snapshot: Vec<u8>) -> Result<Arc<Self>, SnapshotError> {
        let board = library::Switchboard::restore(&snapshot)
            .map_err(|error| SnapshotError::Unreadable { reason: error.to_string() })?;
        Ok(Arc::new(Self(Mutex::new(board))))
    }

    /// All that it knows.
    pub fn snapshot(&self) -> Vec<u8> {
        self.lock().snapshot()
    }

    /// Applies one input: the answer to who asked comes first, then the effects, each with its audience (J-05).
    ///
    /// # Errors
    ///
    /// The library refuses the input. Nothing was applied. A request that a rule refuses is no error: its
    /// output says so.
    pub fn apply(&self, line: types::Line) -> Result<Vec<types::Output>, InvalidValueError> {
        let json = serde_json::to_vec(&line).map_err(invalid)?;
        Ok(self.step(&Record::read(&json).map_err(invalid)?))
    }

    /// Applies a text message of a device that came at `at`, in milliseconds: one request or several, one a line. The outputs are those
    /// of all of them.
    ///
    /// # Errors
    ///
    /// A line is no request (J-02). None of them was applied.
    pub fn receive(
        &self,
        at: u64,
        user: String,
        device: String,
        message: String,
    ) -> Result<Vec<types::Output>, InvalidValueError> {
        let frames = lines(message.as_bytes())
            .map(|line| Frame::read(line).map_err(invalid))
            .collect::<Result<Vec<Frame>, _>>()?;
        let apply = |frame: Frame| {
            let by = Actor::Device { user: user.clone(), device: device.clone() };
            let record =
                Record { at, request_id: frame.request_id, input: frame.request.input(by) };
            self.step(&record)
        };
        Ok(frames.into_iter().flat_map(apply).collect())
    }

    /// When it wants a tick, in milliseconds of its clock. Any input may change it.
    pub fn next_deadline(&self) -> Option<u64> {
        self.lock().next_deadline().map(|at| at.as_millis())
    }

    /// Its clock, in milliseconds.
    pub fn clock(&self) -> u64 {
        self.lock().clock().as_millis()
    }
}

/// Outputs as a text message for a device: one a line.
///
/// # Errors
///
/// An output has no form in JSON.
#[uniffi::export]
pub fn message(outputs: Vec<types::Output>) -> Result<String, InvalidValueError> {
    let lines = outputs.iter().map(|output| serde_json::to_string(output).map_err(invalid));
    Ok(lines.collect::<Result<Vec<_>, _>>()?.join("\n"))
}
