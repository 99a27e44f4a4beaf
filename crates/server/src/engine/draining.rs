//! What an engine does on its way out: it begins no call, and says when nothing rings.

use roomcall::protocol::{Command, Input};
use tokio::sync::oneshot;

/// After so many milliseconds a call that was refused may be asked for again: over another connection it is
/// asked for at once, and until then each device that calls asks this often.
pub(super) const RETRY_AFTER: u64 = 2_000;

/// Whether an engine drains. It is not in the log: the next process does not.
#[derive(Debug, Default)]
pub(super) struct Draining {
    has_begun: bool,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Draining {
    /// It drains; `quiet` is told once nothing rings.
    pub(super) fn begin(&mut self, quiet: oneshot::Sender<()>) {
        self.has_begun = true;
        self.waiting.push(quiet);
    }

    /// Whether an input is not taken any more.
    pub(super) fn refuses(&self, input: &Input) -> bool {
        let is_call = matches!(input, Input::Ask { command: Command::CallUserToRoom { .. }, .. });
        self.has_begun && is_call
    }

    /// So many calls ring after a turn.
    pub(super) fn ring(&mut self, count: u32) {
        if count == 0 {
            for waiting in self.waiting.drain(..) {
                // Who does not wait any more has stopped for another reason.
                let _ = waiting.send(());
            }
        }
    }
}
