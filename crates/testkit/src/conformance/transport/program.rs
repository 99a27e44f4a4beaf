//! A testee that is a command. Pipes have no time limits, so each is served by a thread that may block.
#![allow(clippy::disallowed_types, reason = "a testee that hangs is noticed by a real clock")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Deadline, Failure, LONGEST, TOO_LONG};

/// A program with pipes. It is killed when this is dropped, which ends the threads, too.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// The lines to write.
    input: Sender<String>,
    /// That a line was written.
    written: Receiver<()>,
    /// The lines that were read.
    output: Receiver<Result<String, Failure>>,
}

impl Program {
    pub(super) fn open(command: &str) -> Result<Self, Failure> {
        let unreachable =
            |error: &dyn std::fmt::Display| Failure::Unreachable(format!("{command}: {error}"));
        let mut words = command.split_whitespace();
        let mut program = Command::new(words.next().unwrap_or_default());
        program.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().map_err(|error| unreachable(&error))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unreachable(&"it has no pipes"));
        };
        let (input, lines) = channel();
        let (sign, written) = channel();
        thread::spawn(move || write(stdin, &lines, &sign));
        // A testee that says more than it was asked waits, and does not fill the memory.
        let (sender, output) = sync_channel(1);
        thread::spawn(move || read(stdout, &sender));
        Ok(Self { child, input, written, output })
    }

    pub(super) fn send(&mut self, line: &str, deadline: Deadline) -> Result<(), Failure> {
        if self.input.send(format!("{line}\n")).is_err() {
            return Err(self.died());
        }
        match self.written.recv_timeout(deadline.left()?) {
            Ok(()) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(self.died()),
            Err(RecvTimeoutError::Timeout) => Err(deadline.missed()),
        }
    }

    pub(super) fn receive(&mut self, deadline: Deadline) -> Result<String, Failure> {
        match self.output.recv_timeout(deadline.left()?) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => Err(self.died()),
            Err(RecvTimeoutError::Timeout) => Err(deadline.missed()),
        }
    }

    /// A pipe has ended, so its status comes soon.
    fn died(&mut self) -> Failure {
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Failure::Died(format!(": {status}"));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Failure::Died(", or closed a pipe".to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes lines until the program or its owner is gone.
fn write(mut stdin: ChildStdin, lines: &Receiver<String>, sign: &Sender<()>) {
    for line in lines {
        let is_written = stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_ok();
        if !is_written || sign.send(()).is_err() {
            break;
        }
    }
}

/// Reads lines until the program or its owner is gone, or one is malformed.
fn read(stdout: ChildStdout, lines: &SyncSender<Result<String, Failure>>) {
    let mut stdout = BufReader::new(stdout);
    while let Some(line) = next(&mut stdout) {
        let is_last = line.is_err();
        if lines.send(line).is_err() || is_last {
            break;
        }
    }
}

/// The next line; none at the end.
fn next(stdout: &mut impl BufRead) -> Option<Result<String, Failure>> {
    let mut line = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    let read = stdout.take(most.saturating_add(1)).read_until(b'\n', &mut line).ok()?;
    match read {
        0 => None,
        _ if read > LONGEST => Some(Err(TOO_LONG)),
        _ => {
            let line = String::from_utf8(line).map(|line| line.trim_end().to_owned());
            Some(line.map_err(|_| Failure::Malformed("is not in UTF-8")))
        }
    }
}
