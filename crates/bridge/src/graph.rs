//! `graph`: what TLC prints of a scope, as the compact text that `tests/it/edges` replays.
//!
//! States are numbered breadth first from the initial ones, inputs in the order of their texts, and
//! everything else where it first occurs, so that equal graphs are equal texts, in whatever order
//! TLC found them. Each value is said once:
//!
//! ```text
//! roomcall graph 1
//! inputs N        then N lines, each an input
//! outputs N       then N lines, each {"answer":..,"effects":[..]}
//! pictures N      then N lines: what queries say of a state
//! initial N       then N lines, each a state and its setup
//! states N        then N lines: the picture, and per input in order, if it can arrive there,
//!                 the output and how much further the next state's number is; "-" if it can not
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::tla;

/// Values, each once, by number.
#[derive(Default)]
struct Values {
    /// As TLC prints them: it may print one value in several ways.
    printed: BTreeMap<String, usize>,
    numbers: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Values {
    fn number(&mut self, text: String) -> usize {
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = self.texts.len();
        self.numbers.insert(text.clone(), number);
        self.texts.push(text);
        number
    }

    fn read(
        &mut self,
        printed: &str,
        value: impl Fn(&str) -> Result<String, String>,
    ) -> Result<usize, String> {
        if let Some(number) = self.printed.get(printed) {
            return Ok(*number);
        }
        let number = self.number(value(printed)?);
        self.printed.insert(printed.to_owned(), number);
        Ok(number)
    }
}

/// What TLC printed: everything by number, in its order.
#[derive(Default)]
struct Printed {
    states: Values,
    inputs: Values,
    outputs: Values,
    pictures: Values,
    /// The picture of each state.
    seen: BTreeMap<usize, usize>,
    /// From a state by an input: the output and the next state.
    steps: BTreeMap<usize, BTreeMap<usize, (usize, usize)>>,
    /// States that were printed before any step.
    initial: Vec<usize>,
}

/// Reads what TLC prints of a scope, and writes its graph.
#[derive(Args, Debug)]
pub(crate) struct Graph {
    /// The file to write, compressed.
    file: PathBuf,
    /// Compares with that file, and writes nothing.
    #[arg(long)]
    check: bool,
}

/// A graph as text.
struct Written {
    states: usize,
    edges: usize,
    text: String,
}

/// From standard input.
///
/// # Errors
///
/// TLC reported an error, or the graph is not the one in the file.
pub(crate) fn graph(args: &Graph) -> Result<(), String> {
    let Written { states, edges, text } = convert(io::stdin().lock())?;
    let bytes = if args.check { differs(&args.file, &text)? } else { write(&args.file, &text)? };
    println!("{states} states, {edges} edges, {} kB", bytes / 1024);
    Ok(())
}

fn differs(file: &Path, text: &str) -> Result<usize, String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut kept = String::new();
    GzDecoder::new(&*bytes).read_to_string(&mut kept).map_err(|error| error.to_string())?;
    let line = kept.lines().zip(text.lines()).position(|(kept, new)| kept != new);
    match line {
        _ if kept == text => Ok(bytes.len()),
        Some(line) => Err(format!("{} is not current, from line {} on", file.display(), line + 1)),
        None => Err(format!("{} is not current: one is longer", file.display())),
    }
}

fn write(file: &Path, text: &str) -> Result<usize, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let done = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    let bytes = done.map_err(|error| error.to_string())?;
    fs::write(file, &bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(bytes.len())
}

/// Reads what TLC prints and writes the graph.
///
/// # Errors
///
/// TLC reported an error, or a line cannot be read.
fn convert(from: impl BufRead) -> Result<Written, String> {
    let mut printed = Printed::default();
    for record in records(from) {
        printed.take(&record?)?;
    }
    printed.in_order()
}

/// What TLC prints, one tuple a record; an error if TLC reports one or does not come to its end.
pub(crate) fn records(from: impl BufRead) -> impl Iterator<Item = Result<String, String>> {
    let mut lines = from.lines();
    let mut is_whole = false;
    std::iter::from_fn(move || {
        for line in lines.by_ref() {
            let line = match line {
                Ok(line) => line,
                Err(error) => return Some(Err(error.to_string())),
            };
            if let Some(record) = line.strip_prefix("\"<<").and_then(|rest| rest.strip_suffix('"'))
            {
                return Some(Ok(format!("<<{record}").replace("\\\"", "\"")));
            }
            is_whole |= line.contains("No error has been found");
            if line.starts_with("Error") {
                return Some(Err(format!("TLC says: {line}")));
            }
        }
        let is_broken = !std::mem::replace(&mut is_whole, true);
        is_broken.then(|| Err("TLC did not come to its end".to_owned()))
    })
}

impl Printed {
    fn take(&mut self, record: &str) -> Result<(), String> {
        match tla::parts(record)[..] {
            ["\"STATE\"", state, picture] => {
                let state = self.states.read(state, plain)?;
                let picture = self.pictures.read(picture, wire)?;
                if self.steps.is_empty() {
                    self.initial.push(state);
                }
                self.seen.insert(state, picture);
            }
            ["\"STEP\"", from, came, brought, to] => {
                let (from, to) = (self.states.read(from, plain)?, self.states.read(to, plain)?);
                let step = (self.outputs.read(brought, output)?, to);
                let came = self.inputs.read(came, input)?;
                let before = self.steps.entry(from).or_default().insert(came, step);
                if before.is_some_and(|before| before != step) {
                    return Err(format!("two outcomes of one input: {record}"));
                }
            }
            _ => return Err(format!("neither a state nor a step: {record}")),
        }
        Ok(())
    }

    /// The graph with its numbers in order.
    fn in_order(&self) -> Result<Written, String> {
        let mut inputs: Vec<(String, usize)> = self.inputs.texts.iter().cloned().zip(0..).collect();
        inputs.sort();
        let setup = |state: &usize| -> Result<(String, usize), String> {
            let value: Value = serde_json::from_str(&self.states.texts[*state])
                .map_err(|error| error.to_string())?;
            Ok((value[0].as_str().unwrap_or_default().to_owned(), *state))
        };
        let mut initial = self.initial.iter().map(setup).collect::<Result<Vec<_>, _>>()?;
        initial.sort();
        let mut place = BTreeMap::new();
        let mut order = VecDeque::new();
        let mut queue: VecDeque<usize> = initial.iter().map(|(_, state)| *state).collect();
        for (number, (_, state)) in initial.iter().enumerate() {
            place.insert(*state, number);
        }
        while let Some(state) = queue.pop_front() {
            order.push_back(state);
            for (_, input) in &inputs {
                let Some((_, to)) = self.steps.get(&state).and_then(|steps| steps.get(input))
                else {
                    continue;
                };
                let next = place.len();
                place.entry(*to).or_insert_with(|| {
                    queue.push_back(*to);
                    next
                });
            }
        }
        self.write(&inputs, &initial, &order, &place)
    }

    fn write(
        &self,
        inputs: &[(String, usize)],
        initial: &[(String, usize)],
        order: &VecDeque<usize>,
        place: &BTreeMap<usize, usize>,
    ) -> Result<Written, String> {
        let (mut outputs, mut pictures, mut states) =
            (Values::default(), Values::default(), String::new());
        let mut edges = 0;
        for (number, state) in order.iter().enumerate() {
            let seen = self.seen.get(state).ok_or("a state without a picture")?;
            let mut line = pictures.number(self.pictures.texts[*seen].clone()).to_string();
            for (_, input) in inputs {
                match self.steps.get(state).and_then(|steps| steps.get(input)) {
                    Some((output, to)) => {
                        edges += 1;
                        let output = outputs.number(self.outputs.texts[*output].clone());
                        let further = place[to] as i64 - number as i64;
                        write!(line, " {output},{further}").map_err(|error| error.to_string())?;
                    }
                    None => line.push_str(" -"),
                }
            }
            states.push_str(&line);
            states.push('\n');
        }
        let starts: Vec<String> =
            initial.iter().map(|(setup, state)| format!("{} {setup}", place[state])).collect();
        let inputs: Vec<String> = inputs.iter().map(|(text, _)| text.clone()).collect();
        let text = format!(
            "roomcall graph 1\n{}{}{}{}states {}\n{states}",
            section("inputs", &inputs),
            section("outputs", &outputs.texts),
            section("pictures", &pictures.texts),
            section("initial", &starts),
            order.len(),
        );
        Ok(Written { states: order.len(), edges, text })
    }
}

fn section(name: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    format!("{name} {}\n{lines}", lines.lines().count())
}

/// `<<dt, input>>` as one object.
fn input(text: &str) -> Result<String, String> {
    let [dt, input] = tla::parts(text)[..] else {
        return Err(format!("not an input: {text}"));
    };
    let mut input = tla::to_wire(tla::read(input)?);
    input["dt"] = tla::read(dt)?;
    Ok(input.to_string())
}

/// `<<answer, effects>>` as one object.
pub(crate) fn output(text: &str) -> Result<String, String> {
    let [answer, effects] = tla::parts(text)[..] else {
        return Err(format!("not an output: {text}"));
    };
    let said = json!({ "answer": tla::read(answer)?, "effects": tla::read(effects)? });
    Ok(tla::to_wire(said).to_string())
}

fn wire(text: &str) -> Result<String, String> {
    Ok(tla::to_wire(tla::read(text)?).to_string())
}

fn plain(text: &str) -> Result<String, String> {
    Ok(tla::read(text)?.to_string())
}
