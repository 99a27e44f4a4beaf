//! What the languages see has all that the library has: nothing is lost on the way there and back, and no
//! kind was forgotten.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod samples;

use std::collections::BTreeSet;

use roomcall::handset as library;
use roomcall_mobile::convert::convert;
use roomcall_mobile::{platform, push, types};
use roomcall_testkit::conformance::case::{Begin, Case, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use samples::{Kind, Samples};

/// The JSON of a value of the library that went to the types of the languages and came back.
fn there_and_back<L: DeserializeOwned + Serialize, T: DeserializeOwned + Serialize>(
    value: &L,
) -> Value {
    let mirrored: T = convert(value).unwrap();
    let back: L = convert(&mirrored).unwrap();
    serde_json::to_value(back).unwrap()
}

/// Holds a value to pass without loss; an error if the library does not read it.
type Check = fn(&Value) -> Result<(), String>;

fn check_input(json: &Value) -> Result<(), String> {
    let read = serde_json::from_value::<library::Input>(json.clone());
    let input = read.map_err(|error| error.to_string())?;
    let back = there_and_back::<_, types::Input>(&input);
    assert_eq!(back, serde_json::to_value(&input).unwrap(), "{json}");
    Ok(())
}

fn check_effect(json: &Value) -> Result<(), String> {
    let read = serde_json::from_value::<library::Effect>(json.clone());
    let effect = read.map_err(|error| error.to_string())?;
    let back = there_and_back::<_, types::Effect>(&effect);
    assert_eq!(back, serde_json::to_value(&effect).unwrap(), "{json}");
    Ok(())
}

fn check_settings(json: &Value) -> Result<(), String> {
    let read = serde_json::from_value::<library::Settings>(json.clone());
    let settings = read.map_err(|error| error.to_string())?;
    let back = there_and_back::<_, types::Settings>(&settings);
    assert_eq!(back, serde_json::to_value(settings).unwrap(), "{json}");
    Ok(())
}

#[test]
fn all_cases_pass_through_the_types_without_loss() {
    let cases = Case::all(Role::Handset);
    let (mut inputs, mut effects) = (0, 0);
    for case in &cases {
        let Begin::Handset { settings, .. } = &case.setup.begin else { panic!("no handset") };
        check_settings(&json!(settings)).unwrap();
        for step in &case.steps {
            let sent: Value = serde_json::from_str(step.send.get()).unwrap();
            let expected: Value = serde_json::from_str(step.expect.get()).unwrap();
            for input in sent["inputs"].as_array().into_iter().flatten() {
                check_input(input).unwrap();
                inputs += 1;
            }
            for effect in expected["effects"].as_array().unwrap() {
                check_effect(effect).unwrap();
                effects += 1;
            }
        }
    }
    assert!(cases.len() > 200 && inputs > 2_000 && effects > 2_000, "{inputs} {effects}");
}

/// A value of each kind, with whatever it may hold, passes: the schema lists the kinds of all enums of the
/// library, and its own tests hold it to the library.
#[test]
fn every_kind_of_the_schema_passes_through_the_types() {
    let text = include_str!("../../../../spec/schema/handset.json");
    let samples = Samples::new(serde_json::from_str(text).unwrap());
    let mut seen: BTreeSet<Kind> = BTreeSet::new();
    let mut refused = Vec::new();
    let checks: [(&str, Check); 3] =
        [("Input", check_input), ("Effect", check_effect), ("Settings", check_settings)];
    for (name, check) in checks {
        let all = samples.of(name);
        assert!(!all.is_empty(), "{name}");
        for sample in all {
            // The library may know that two fields exclude each other.
            match check(&sample.value) {
                Ok(()) => seen.extend(sample.kinds),
                Err(why) => refused.push((sample, why)),
            }
        }
    }
    let missing: Vec<_> = samples.kinds().difference(&seen).cloned().collect();
    refused.retain(|(sample, _)| missing.iter().any(|kind| sample.kinds.contains(kind)));
    assert!(missing.is_empty(), "the library reads no sample of {missing:?}: {refused:#?}");
    assert!(seen.len() > 150, "{}", seen.len());
}

#[test]
fn every_dismissal_and_report_has_the_words_of_the_platforms() {
    let text = include_str!("../../../../spec/schema/handset.json");
    let samples = Samples::new(serde_json::from_str(text).unwrap());
    for sample in samples.of("Dismissal") {
        let known: library::Dismissal = serde_json::from_value(sample.value.clone()).unwrap();
        let why: types::Dismissal = serde_json::from_value(sample.value).unwrap();
        let number = platform::callkit_reason(why.clone()).map(|it| it as u8);
        assert_eq!(number, known.callkit().map(|it| it as u8), "{why:?}");
        let cause = platform::telecom_cause(why.clone());
        assert_eq!(cause as u8, known.telecom() as u8, "{why:?}");
        let core = platform::core_telecom_cause(cause);
        assert_eq!(core as u8, known.telecom().in_core_telecom() as u8, "{why:?}");
        let (sip, expected) = (platform::sip_reason(why), known.sip());
        assert_eq!((sip.status, sip.q850), (expected.status, expected.q850));
    }
    for sample in samples.of("ReportReason") {
        let known: library::ReportReason = serde_json::from_value(sample.value.clone()).unwrap();
        let why: types::ReportReason = serde_json::from_value(sample.value).unwrap();
        let number = platform::report_callkit_reason(why.clone()).map(|it| it as u8);
        assert_eq!(number, known.callkit().map(|it| it as u8), "{why:?}");
        let cause = platform::report_telecom_cause(why.clone()).map(|it| it as u8);
        assert_eq!(cause, known.telecom().map(|it| it as u8), "{why:?}");
    }
}

fn fields(pairs: &[(&str, &str)]) -> std::collections::HashMap<String, String> {
    let common = [("roomID", "standup"), ("caller", "ana"), ("callee", "bo"), ("attempt", "9")];
    let all = common.iter().chain(pairs);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

// docs/events.md: the events that the server pushes.
#[test]
fn every_push_is_an_event_that_the_library_reads() {
    for kind in ["ring", "accepted", "rejected", "missed", "cancelled", "revoked"] {
        let pairs = [("event", kind), ("id", "6-0"), ("timeLeft", "30000"), ("deviceID", "tablet")];
        let event = push::push_event(fields(&pairs)).unwrap().unwrap();
        let input = types::Input::Push { event, age: 0 };
        let _: library::Input = convert(&input).unwrap();
    }
    let ring = push::push_event(fields(&[("event", "ring"), ("extensionInfoLeftOut", "true")]));
    let types::Event::OnCallReceived { extension_info, time_left, .. } = ring.unwrap().unwrap()
    else {
        panic!("a ring is a call");
    };
    assert_eq!((extension_info.as_str(), time_left), ("", None));
    assert_eq!(push::push_event(fields(&[("event", "aLaterOne")])), Ok(None));
    assert!(push::push_event(fields(&[])).is_err());
    assert!(push::push_event(fields(&[("event", "ring"), ("timeLeft", "soon")])).is_err());
}

/// The runtimes of the languages carry out every effect. Kotlin's compiler sees that itself, and the tests
/// of Python ask its table; there is no compiler of Swift here, so its text is read.
#[test]
fn the_swift_sources_name_every_effect_and_reason() {
    let text = include_str!("../../../../spec/schema/handset.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    let client = include_str!("../../swift/RoomcallClient.swift");
    for kind in Samples::new(schema).kinds_of("Effect") {
        assert!(client.contains(&format!("case .{kind}")), "RoomcallClient.swift lacks {kind}");
    }
    let adapter = include_str!("../../swift/CallKitAdapter.swift");
    for kind in ["failed", "remoteEnded", "unanswered", "answeredElsewhere", "declinedElsewhere"] {
        assert!(adapter.contains(&format!("case .{kind}")), "CallKitAdapter.swift lacks {kind}");
    }
}
