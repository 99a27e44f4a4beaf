//! What happened in a world, in order.

use std::fmt;

use roomcall::handset::{Effect, Input};
use roomcall::protocol::{Answer, LiveCall, MyCalls, Outcome, Record, Reply};

use super::Action;
use super::simulation::Packet;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Happened {
    /// A scheduler chose an action.
    Action(Action),
    /// Something else began.
    Note(&'static str),
    /// The switchboard applied a record.
    Outcome(Record, Box<Outcome>),
    /// A device applied inputs.
    Inputs(usize, Vec<Input>),
    /// A handset asked its host for something.
    Effect(usize, Effect),
    /// A packet is in flight.
    Sent(Packet),
}

/// What happened, with its time and the names of the devices: what a person reads of a run.
#[derive(Clone, Debug, Default)]
pub struct Log {
    names: Vec<String>,
    /// Each with its time.
    pub entries: Vec<(u64, Happened)>,
}

impl Log {
    pub(super) fn new(names: Vec<String>) -> Self {
        Self { names, entries: Vec::new() }
    }

    /// There is another device.
    pub(super) fn names(&mut self, device: String) {
        self.names.push(device);
    }

    /// A line for each thing that happened.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let line =
            |(now, happened): &(u64, Happened)| Some(format!("{now:>7}  {}", self.line(happened)?));
        self.entries.iter().filter_map(line)
    }

    fn line(&self, happened: &Happened) -> Option<String> {
        Some(match happened {
            Happened::Action(action) => format!("{action:?}"),
            Happened::Note(text) => (*text).to_owned(),
            Happened::Outcome(record, outcome) => {
                format!("    switchboard: {:?} -> {:?}", record.input, outcome.answer)
            }
            Happened::Inputs(device, inputs) => {
                let inputs: Vec<_> = inputs.iter().map(brief).collect();
                format!("    {}: {}", self.names[*device], inputs.join(" + "))
            }
            Happened::Effect(device, effect) => {
                format!("      {}: {effect:?}", self.names[*device])
            }
            Happened::Sent(_) => return None,
        })
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// An input in few words.
fn brief(input: &Input) -> String {
    match input {
        Input::Reply(Reply {
            request_id,
            answer: Ok(Answer::GetMyCalls(mine)),
            next_request_id,
            ..
        }) => {
            let MyCalls { incoming, outgoing, endings, more, since, last_attempt, revision, log } =
                mine;
            let rings = |calls: &[LiveCall]| -> Vec<_> {
                calls.iter().map(|call| (call.attempt, call.time_left)).collect()
            };
            let (to, by) = (rings(incoming), rings(outgoing));
            format!(
                "snapshot {request_id}, revision {revision}, since {since} to {last_attempt}: to {to:?}, \
                 by {by:?}, {endings:?}, more {more}, log {log:?}, next {next_request_id:?}"
            )
        }
        other => format!("{other:?}"),
    }
}
