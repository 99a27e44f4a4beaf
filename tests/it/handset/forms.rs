//! The JSON of what a host stores or sends: an example of each variant, which is read and written
//! for ever as it stands here, and read strictly.

use roomcall::handset::{
    Dismissal, Effect, Handset, Input, LateRing, Link, NotSentReason, Progress, ReportReason,
    Request, Settings, Stage, Tap,
};
use serde_json::Value;

/// A value in Rust's and in its own form, or why a text is none.
type Read = Result<(String, String), String>;

macro_rules! read {
    ($type:ty) => {
        |text: &str| -> Read {
            let value: $type = serde_json::from_str(text).map_err(|error| error.to_string())?;
            Ok((format!("{value:?}"), serde_json::to_string(&value).unwrap()))
        }
    };
}

/// Every example is read and written as it stands, and there is one of each variant.
fn all_variants(examples: &str, read: impl Fn(&str) -> Read) {
    let mut seen = Vec::new();
    for text in examples.lines() {
        let (value, written) = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(written, text);
        let tag = text.split('"').nth(1).unwrap();
        let name = format!("{}{}", tag[..1].to_uppercase(), &tag[1..]);
        assert!(value.starts_with(&name), "{text} is {value}");
        seen.push(tag);
    }
    // serde names all variants to whoever asks for another one.
    let error = read(r#""?""#).unwrap_err();
    let expected = error.split_once("expected").unwrap().1;
    let variants: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    assert!(variants.len() > 1, "{error}");
    for variant in variants {
        assert!(seen.contains(&variant), "no example of {variant}");
    }
}

/// A field that is not known is an error, in whichever object.
fn is_strict(examples: &str, read: impl Fn(&str) -> Read) {
    for text in examples.lines() {
        for (at, _) in text.match_indices('{') {
            let more = format!("{}{{\"more\":1,{}", &text[..at], &text[at + 1..]);
            assert!(read(&more).is_err(), "{more}");
        }
    }
}

fn check(examples: &str, read: impl Fn(&str) -> Read) {
    all_variants(examples, &read);
    is_strict(examples, &read);
}

#[test]
fn stored_forms_are_read_and_written_as_they_stand() {
    check(include_str!("forms/dismissals.ndjson"), read!(Dismissal));
    check(include_str!("forms/progress.ndjson"), read!(Progress));
    check(include_str!("forms/stages.ndjson"), read!(Stage));
    check(include_str!("forms/links.ndjson"), read!(Link));
    check(include_str!("forms/late_rings.ndjson"), read!(LateRing));
    check(include_str!("forms/report_reasons.ndjson"), read!(ReportReason));
    check(include_str!("forms/not_sent_reasons.ndjson"), read!(NotSentReason));
    check(include_str!("forms/taps.ndjson"), read!(Tap));
    check(include_str!("forms/requests.ndjson"), read!(Request));
    check(include_str!("forms/inputs.ndjson"), read!(Input));
    check(include_str!("forms/effects.ndjson"), read!(Effect));
}

#[test]
fn stored_settings_are_read_and_written_as_they_stand() {
    let text = include_str!("forms/settings.json").trim_end();
    assert_eq!(serde_json::from_str::<Settings>(text).unwrap(), Settings::DEFAULT);
    assert_eq!(serde_json::to_string(&Settings::DEFAULT).unwrap(), text);
    assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::DEFAULT);
    is_strict(text, read!(Settings));
}

/// A saved handset with something in each of its parts (D-25).
const SAVED: &str = include_str!("forms/saved.json");

/// SAVED with some of its text replaced.
fn saved_but(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(SAVED.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} in {text}");
        text.replace(from, to)
    })
}

/// Its life begins at 0, and deadlines stay as far away as they were.
#[test]
fn a_stored_handset_is_read_and_written_as_it_stands() {
    let phone = Handset::restore(SAVED, Some(0)).unwrap();
    let saved = saved_but(&[
        (r#""clock":5000"#, r#""clock":0"#),
        (r#""quiet":{"join":19000,"settle":6000}"#, r#""quiet":{"join":14000,"settle":1000}"#),
        (r#""deadline":35000"#, r#""deadline":30000"#),
    ]);
    assert_eq!(phone.save(), saved);
    assert!(phone.screen().eq([(7, Stage::Accepting)]));
}

/// What is optional may be absent: so a later release can add such fields, and read this text.
#[test]
fn optional_fields_of_a_stored_handset_may_be_absent() {
    let brief = saved_but(&[
        (r#","stage":null"#, ""),
        (r#""deadline":null,"#, ""),
        (r#","tapResult":null"#, ""),
        (r#""expiresAt":null,"sentAt":null,"#, ""),
        (r#","page":20"#, ""),
    ]);
    assert_eq!(Handset::restore(&brief, Some(0)), Handset::restore(SAVED, Some(0)));
}

/// What texts of before lack means what it meant to them: nothing is muted, hidden or quiet, and nothing is known to have rung.
#[test]
fn a_stored_handset_of_before_knows_no_quiet() {
    let before = saved_but(&[
        (r#","joinQuiet":15000,"settle":2000"#, ""),
        (r#","quiet":{"join":19000,"settle":6000}"#, ""),
        (r#","isMuted":true"#, ""),
        (r#","isHidden":true"#, ""),
        (r#","hasRung":true"#, ""),
    ]);
    let phone = Handset::restore(&before, Some(0)).unwrap();
    for word in ["quiet", "isMuted", "isHidden", "isSignedOut", "hasRung"] {
        assert!(!phone.save().contains(&format!("\"{word}\"")), "{word}: {}", phone.save());
    }
}

/// Handsets of before asked for the incoming calls alone. That request is abandoned like any other
/// for a snapshot, and its number is not used again (D-25).
#[test]
fn an_unanswered_request_for_the_incoming_calls_is_read() {
    let asks = r#""unanswered":{"2":{"request":{"query":{"getIncomingCalls":{"since":5}}},"expiresAt":null,"sentAt":4000,"wasSent":true,"attempts":[]},"#;
    let before = saved_but(&[(r#""unanswered":{"#, asks)]);
    assert_eq!(Handset::restore(&before, Some(0)), Handset::restore(SAVED, Some(0)));
}

/// The value with each of its objects, in turn, as the array of its fields: serde takes that for a struct.
fn with_arrays(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(fields) => {
            all.push(Value::Array(fields.values().cloned().collect()));
            for (key, inner) in fields {
                for inner in with_arrays(inner) {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), inner);
                    all.push(Value::Object(fields));
                }
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                for inner in with_arrays(inner) {
                    let mut items = items.clone();
                    items[at] = inner;
                    all.push(Value::Array(items));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all
}

#[test]
fn no_array_stands_for_an_object() {
    type IsRead = fn(&str) -> bool;
    let forms: [(&str, IsRead); 3] = [
        (include_str!("forms/inputs.ndjson"), |text| Input::read(text).is_ok()),
        (include_str!("forms/effects.ndjson"), |text| Effect::read(text).is_ok()),
        (SAVED.trim_end(), |text| Handset::restore(text, Some(0)).is_ok()),
    ];
    let mut count = 0;
    for (examples, is_read) in forms {
        for text in examples.lines() {
            assert!(is_read(text), "{text}");
            for changed in with_arrays(&serde_json::from_str(text).unwrap()) {
                let changed = changed.to_string();
                assert!(!is_read(&changed), "{changed}");
                count += 1;
            }
        }
    }
    assert!(count > 70, "only {count} objects");
}
