//! Small stories of who rings, of who is expected, of lost state, of other rules, of the erased and of the last
//! numbers, as this model reads the rules: inputs after `> `, and
//! below each what it comes to.

use roomcall::protocol::{Audience, Record};
use roomcall::{Limits, Policy};

use super::LAST_NUMBER;
use super::numbered::NumberedModel;

mod erased;
mod expected;
mod last_numbers;
mod log;
mod recovered;
mod requests;
mod ringing;
mod rules_changed;
mod rules_changed_requests;

/// Two rooms with somebody in each: ana's, where dee is an admin, and cy's.
const MEETING: &str = r#"
> {"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}
{"at":0,"answer":{"fact":{"opening":1}}}
> {"at":0,"fact":{"roomOpened":{"roomID":"lounge","owner":"cy"}}}
{"at":0,"answer":{"fact":{"opening":2}}}
> {"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"phone","sessionID":"a1"}}}
{"at":0,"answer":{"fact":{"opening":1}}}
> {"at":0,"fact":{"userEntered":{"roomID":"lounge","userID":"cy","deviceID":"phone","sessionID":"c1"}}}
{"at":0,"answer":{"fact":{"opening":2}}}
> {"at":0,"fact":{"roleSet":{"roomID":"standup","userID":"dee","role":"admin"}}}
{"at":0,"answer":{"fact":{"opening":1}}}
"#;

fn meeting() -> NumberedModel {
    let mut model = NumberedModel::new(Limits::DEFAULT, Policy::DEFAULT);
    tell(&mut model, MEETING);
    model
}

/// Applies the inputs of a story, and compares what they come to.
fn tell(model: &mut NumberedModel, story: &str) {
    let mut told = String::new();
    for line in story.lines().filter_map(|line| line.strip_prefix("> ")) {
        let record: Record = serde_json::from_str(line).unwrap();
        told += &format!("> {line}\n");
        for output in model.apply(&record).outputs() {
            told += &format!("{}\n", serde_json::to_string(&output).unwrap());
        }
    }
    assert_eq!(told.trim(), story.trim(), "left is the model, right the story");
}

/// Applies the inputs of a story whose outputs another one tells.
fn play(model: &mut NumberedModel, story: &str) {
    for line in story.lines().filter(|line| !line.is_empty()) {
        let _ = model.apply(&serde_json::from_str(line).unwrap());
    }
}

/// Of ana's calls the first is answered, the second ends as cy is elsewhere, and two ring when the state is lost; the third was
/// made by the later of the two rooms.
const CALLS: &str = r#"
{"at":0,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo","cy"],"timeout":30}}}
{"at":0,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"standup"}}}
{"at":0,"by":{"user":"cy","device":"phone"},"command":{"callUserToRoom":{"roomID":"lounge","userIDList":["eve"],"timeout":30}}}
{"at":0,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":20}}}
"#;

/// The meeting, and an attic with nobody in it.
fn begun(limits: Limits, policy: Policy) -> NumberedModel {
    let mut model = NumberedModel::new(limits, policy);
    tell(&mut model, MEETING);
    play(&mut model, r#"{"at":0,"fact":{"roomOpened":{"roomID":"attic","owner":"zoe"}}}"#);
    model
}

/// What an input after its time comes to: the answer, then rule, attempt and audience of each effect.
fn said(model: &mut NumberedModel, at: u64, input: &str) -> Vec<String> {
    let outcome = model.apply(&serde_json::from_str(&format!(r#"{{"at":{at},{input}}}"#)).unwrap());
    let answer = match outcome.answer.unwrap() {
        Ok(answer) => serde_json::to_string(&answer).unwrap(),
        Err(refused) => refused.rule.id().to_owned(),
    };
    let effects = outcome.effects.iter().map(|effect| {
        let to = match &effect.to {
            Audience::Room(room) => format!("room {room}"),
            Audience::User(user) => user.clone(),
            Audience::Device { user, device } => format!("{user} {device}"),
            Audience::OtherDevices { user, than } => format!("{user} but {than}"),
        };
        format!("{} {} {to}", effect.because.id(), effect.event.attempt())
    });
    std::iter::once(answer).chain(effects).collect()
}

fn changed(model: &mut NumberedModel, change: &str) -> Vec<String> {
    said(model, 0, &format!(r#""fact":{{"rulesChanged":{{{change}}}}}"#))
}

fn calls(model: &mut NumberedModel, user: &str, room: &str, callees: &str) -> Vec<String> {
    said(
        model,
        0,
        &format!(
            r#""by":{{"user":"{user}","device":"phone"}},"command":{{"callUserToRoom":{{"roomID":"{room}","userIDList":[{callees}],"timeout":30}}}}"#
        ),
    )
}

fn asks(model: &mut NumberedModel, user: &str, command: &str) -> Vec<String> {
    said(model, 0, &format!(r#""by":{{"user":"{user}","device":"phone"}},"command":{{{command}}}"#))
}

fn enters(model: &mut NumberedModel, user: &str, room: &str) -> Vec<String> {
    said(
        model,
        0,
        &format!(
            r#""fact":{{"userEntered":{{"roomID":"{room}","userID":"{user}","deviceID":"phone"}}}}"#
        ),
    )
}

/// What a change of rules is answered.
const DONE: &str = r#"{"fact":{}}"#;

/// One that changes nothing.
const IGNORED: &str = r#"{"fact":{"ignored":"F-19"}}"#;
