//! JSON lines in, JSON lines out: what a host does with a journal or with the frames of its clients.

use std::collections::HashMap;

use roomcall::protocol::{Actor, Input, Record, Text};

use super::fixture::Fixture;
use super::records::{opening, record};
use crate::count::Wrong;
use crate::names::Names;
use crate::workload::Act;

/// A switchboard that reads and writes lines.
#[derive(Debug)]
pub struct JsonLines {
    fixture: Fixture,
    /// By device, if requests are numbered: the last number.
    numbers: Option<HashMap<String, u64>>,
    lines: Vec<String>,
    out: Vec<u8>,
}

/// What is wrong with a line or with what came of it.
fn wrong(why: impl std::fmt::Display) -> Wrong {
    Wrong::new("roomcall as JSON", why.to_string())
}

impl JsonLines {
    /// With the rooms of so many callees open, and their hosts inside.
    pub fn new(callees: u32, is_numbered: bool) -> Self {
        let mut fixture = Fixture::grown();
        for record in opening(callees, Names::USUAL) {
            fixture.board.apply_record_into(&record, &mut fixture.outcome);
        }
        let numbers = is_numbered.then(HashMap::new);
        Self { fixture, numbers, lines: Vec::new(), out: Vec::new() }
    }

    /// Writes the lines of a chunk.
    ///
    /// # Errors
    ///
    /// A record cannot be written.
    pub fn stage(&mut self, acts: &[Act]) -> Result<(), Wrong> {
        self.lines.clear();
        for act in acts {
            let mut record = record(act, Names::USUAL);
            if let (Some(numbers), Input::Ask { by: Actor::Device { device, .. }, .. }) =
                (&mut self.numbers, &record.input)
            {
                let last = numbers.entry(device.clone()).or_default();
                *last += 1;
                record.request_id = Some(*last);
            }
            self.lines.push(serde_json::to_string(&record).map_err(wrong)?);
        }
        Ok(())
    }

    /// Stages one tick.
    pub fn stage_tick(&mut self, at: u64) {
        self.lines.clear();
        self.lines.push(format!(r#"{{"at":{at},"tick":{{}}}}"#));
    }

    /// Reads the staged lines, applies them, and writes what comes of them. This is timed.
    ///
    /// # Errors
    ///
    /// A line is malformed.
    pub fn play(&mut self) -> Result<(), Wrong> {
        let Self { fixture: Fixture { board, outcome }, lines, out, .. } = self;
        out.clear();
        for line in lines {
            let record = Record::<Text<'_>>::read(line).map_err(wrong)?;
            board.apply_record_into(&record, outcome);
            for output in board.name(&record, outcome).outputs() {
                serde_json::to_writer(&mut *out, &output).map_err(wrong)?;
                out.push(b'\n');
            }
        }
        Ok(())
    }

    /// The staged lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// What came of them, in lines.
    ///
    /// # Errors
    ///
    /// Something was refused.
    pub fn output(&self) -> Result<&str, Wrong> {
        let text = std::str::from_utf8(&self.out).map_err(wrong)?;
        if text.contains(r#""refused""#) {
            return Err(wrong("a request of the workload was refused"));
        }
        Ok(text)
    }
}
