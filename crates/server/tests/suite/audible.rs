//! What of a case can be heard over sockets: an effect that reaches nobody is not there, and where no device hears two
//! effects, nobody knows which came first.

use roomcall::protocol::{Actor, Body, Fact, Input, Output, Record};
use roomcall::switchboard::Switchboard;
use roomcall_testkit::conformance::case::{Begin, Case};
use roomcall_testkit::conformance::compare::Answer;
use roomcall_testkit::hosting::is_recipient;
use serde_json::value::RawValue;

use crate::merged::{Heard, merged};
use crate::names::Names;
use crate::testee::said;

/// A case as its devices hear it.
#[derive(Debug)]
pub(crate) struct Audible {
    /// What it is.
    pub(crate) case: Case,
    /// How many effects reach nobody.
    pub(crate) unheard: usize,
    /// In how many steps the effects come in an order that differs where nobody knows it.
    pub(crate) reordered: usize,
}

impl Audible {
    /// What is heard of a case.
    pub(crate) fn new(case: &Case) -> Self {
        let Begin::Switchboard { policy, limits } = &case.setup.begin else {
            panic!("{} is of no switchboard", case.setup.case)
        };
        let (mut board, mut names) = (Switchboard::new(*limits, *policy), Names::new());
        let mut audible = Self { case: case.clone(), unheard: 0, reordered: 0 };
        for step in &mut audible.case.steps {
            names.meet(&serde_json::from_str(step.send.get()).expect("it is JSON"));
            let record = Record::read(step.send.get()).expect("it is a line of a journal");
            let expected = Answer::read(case.setup.role, step.expect.get());
            let expected = expected.expect("it is an answer");
            let lines: Vec<String> = expected.lines().into_iter().map(str::to_owned).collect();
            let heard = heard(&mut board, &names, &record, &lines);
            audible.unheard += lines.len() - heard.len();
            let is_heard = |line: &&String| heard.iter().any(|it| it.line == **line);
            let unchanged = lines.iter().filter(is_heard).eq(heard.iter().map(|it| &it.line));
            audible.reordered += usize::from(!unchanged);
            step.expect = RawValue::from_string(said(&heard)).expect("it is JSON");
        }
        audible
    }
}

/// What is heard of the outputs of a line. A server ticks first, unless state was lost (F-18): what that ends is told to
/// whoever is there then, and the rest to whoever is there when all is over, but for a user who is erased and cut off.
fn heard(
    board: &mut Switchboard,
    names: &Names,
    record: &Record,
    outputs: &[String],
) -> Vec<Heard> {
    let (answer, effects) = outputs.split_at(usize::from(record.input != Input::Tick));
    let asker = match &record.input {
        Input::Ask { by: Actor::Device { user, device }, .. }
        | Input::Query { by: Actor::Device { user, device }, .. } => {
            vec![(user.clone(), device.clone())]
        }
        _ => Vec::new(),
    };
    let answer = answer.iter().map(|line| Heard { line: line.clone(), by: asker.clone() });
    let mut heard: Vec<Heard> = answer.collect();
    let mut ended = 0;
    if !matches!(record.input, Input::Fact(Fact::Recovered { .. })) {
        let tick = Record { input: Input::Tick, request_id: None, ..record.clone() };
        ended = board.apply_record(&tick).outputs().count();
        heard.extend(told(board, names, &effects[..ended], None));
    }
    let _ = board.apply_record(record);
    let erased = match &record.input {
        Input::Fact(Fact::UserErased { user }) => Some(&user[..]),
        _ => None,
    };
    heard.extend(told(board, names, &effects[ended..], erased));
    heard
}

/// The effects that devices hear, but for those of one user.
fn told(board: &Switchboard, names: &Names, effects: &[String], but: Option<&str>) -> Vec<Heard> {
    let is_told = |effect: &str, who: (&str, &str)| {
        let output = Output::read(effect).expect("it is an output");
        matches!(output.body, Body::Effect(effect) if is_recipient(board, &effect.to, who))
    };
    let heard = |who: (&str, &str)| {
        let lines = effects.iter().filter(|effect| is_told(effect, who)).cloned().collect();
        ((who.0.to_owned(), who.1.to_owned()), lines)
    };
    let devices = names.everybody().filter(|(user, _)| Some(*user) != but);
    merged(devices.map(heard).collect())
}
