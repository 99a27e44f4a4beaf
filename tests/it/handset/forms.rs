//! The JSON of what a host stores or sends: an example of each variant, which is read and written
//! for ever as it stands here, and read strictly.

use std::fmt::Debug;

use roomcall::handset::{
    Dismissal, Effect, Handset, Input, LateRing, Link, Progress, Request, Settings, Stage, Tap,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const DISMISSALS: &[&str] = &[
    r#""silenced""#,
    r#""gone""#,
    r#""timedOut""#,
    r#""cancelled""#,
    r#"{"revoked":{"operator":"ana"}}"#,
    r#"{"revoked":{"operator":null}}"#,
    r#""inOtherRoom""#,
    r#"{"rejectedElsewhere":{"deviceID":"tablet"}}"#,
    r#"{"answeredElsewhere":{"deviceID":null}}"#,
    r#""rejectedHere""#,
    r#""answeredHere""#,
];

const PROGRESS: &[&str] = &[
    r#""asking""#,
    r#""alreadyInRoom""#,
    r#""alreadyInCalling""#,
    r#"{"refused":{"code":-2311}}"#,
    r#""ringing""#,
    r#""unknown""#,
    r#""timedOut""#,
    r#"{"rejected":{"reason":"inOtherRoom"}}"#,
    r#"{"rejected":{"reason":null}}"#,
    r#""cancelled""#,
    r#"{"revoked":{"operator":"ana"}}"#,
    r#""accepted""#,
];

const STAGES: &[&str] = &[r#""ringing""#, r#""waiting""#, r#""accepting""#, r#""rejecting""#];

const LINKS: &[&str] = &[r#""down""#, r#""up""#];

const LATE_RINGS: &[&str] = &[r#""ignore""#, r#""report""#];

const TAPS: &[&str] = &[
    r#"{"accept":{"attempt":7}}"#,
    r#"{"reject":{"attempt":7,"reason":"rejected"}}"#,
    r#"{"call":{"roomID":"standup","userIDList":["bo","cy"],"timeout":30,"extensionInfo":"v"}}"#,
    r#"{"cancel":{"roomID":"standup","userIDList":["bo"]}}"#,
    r#"{"revoke":{"roomID":"standup","userIDList":["bo"]}}"#,
];

const REQUESTS: &[&str] = &[
    r#"{"command":{"acceptCall":{"roomID":"standup","attempt":7}}}"#,
    r#"{"query":{"getIncomingCalls":{"since":6}}}"#,
];

const INPUTS: &[&str] = &[
    r#""tick""#,
    r#"{"notice":{"onCallCancelled":{"roomID":"standup","call":{"caller":"ana","callee":"bo","status":"none"},"attempt":7}}}"#,
    r#"{"reply":{"requestID":3,"answer":{"acceptCall":{"attempt":7}}}}"#,
    r#"{"reply":{"requestID":3,"refused":{"code":-2311,"rule":"E-09","message":"no such call"}}}"#,
    r#"{"tap":{"accept":{"attempt":7}}}"#,
    r#"{"link":"up"}"#,
    r#"{"inRoom":"standup"}"#,
    r#"{"inRoom":null}"#,
];

const EFFECTS: &[&str] = &[
    r#"{"dismiss":{"attempt":7,"why":{"answeredElsewhere":{"deviceID":"tablet"}}}}"#,
    r#"{"update":{"attempt":7,"stage":"accepting"}}"#,
    r#"{"show":{"call":{"attempt":7,"roomID":"standup","caller":"ana","extensionInfo":"v"},"stage":"ringing","timeLeft":30000}}"#,
    r#"{"show":{"call":{"attempt":7,"roomID":"standup","caller":"ana","extensionInfo":""},"stage":"waiting","timeLeft":null}}"#,
    r#"{"report":{"call":{"attempt":7,"roomID":"standup","caller":"ana","extensionInfo":""},"why":"gone"}}"#,
    r#"{"learned":{"attempt":7,"roomID":"standup","caller":"ana","why":"timedOut"}}"#,
    r#"{"join":{"roomID":"standup"}}"#,
    r#"{"progress":{"roomID":"standup","callee":"bo","attempt":null,"progress":"asking"}}"#,
    r#"{"listed":{"callee":"bo","caller":"ana","attempt":7,"status":"calling"}}"#,
    r#"{"unlisted":{"callee":"bo","attempt":7}}"#,
    r#"{"answered":{"requestID":3,"result":{"answer":{"callUserToRoom":{"bo":"success"}}}}}"#,
    r#"{"answered":{"requestID":3,"result":{"refused":{"code":-2311,"rule":"E-09","message":"no such call"}}}}"#,
    r#"{"notSent":{"command":{"cancelCall":{"roomID":"standup","userIDList":["bo"]}}}}"#,
    r#"{"send":{"requestID":3,"request":{"query":{"getIncomingCalls":{"since":6}}}}}"#,
];

/// Every example is read and written as it stands, and there is one of each variant.
fn all_variants<T: Debug + DeserializeOwned + Serialize>(examples: &[&str]) {
    let mut seen = Vec::new();
    for text in examples {
        let value: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(serde_json::to_string(&value).unwrap(), *text);
        let tag = text.split('"').nth(1).unwrap();
        let name = format!("{}{}", tag[..1].to_uppercase(), &tag[1..]);
        assert!(format!("{value:?}").starts_with(&name), "{text} is {value:?}");
        seen.push(tag);
    }
    // serde names all variants to whoever asks for another one.
    let error = serde_json::from_str::<T>(r#""?""#).unwrap_err().to_string();
    let expected = error.split_once("expected").unwrap().1;
    let variants: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    assert!(variants.len() > 1, "{error}");
    for variant in variants {
        assert!(seen.contains(&variant), "no example of {variant}");
    }
}

/// A field that is not known is an error, in whichever object.
fn is_strict<T: Debug + DeserializeOwned>(examples: &[&str]) {
    for text in examples {
        for (at, _) in text.match_indices('{') {
            let more = format!("{}{{\"more\":1,{}", &text[..at], &text[at + 1..]);
            assert!(serde_json::from_str::<T>(&more).is_err(), "{more}");
        }
    }
}

fn check<T: Debug + DeserializeOwned + Serialize>(examples: &[&str]) {
    all_variants::<T>(examples);
    is_strict::<T>(examples);
}

#[test]
fn stored_forms_are_read_and_written_as_they_stand() {
    check::<Dismissal>(DISMISSALS);
    check::<Progress>(PROGRESS);
    check::<Stage>(STAGES);
    check::<Link>(LINKS);
    check::<LateRing>(LATE_RINGS);
    check::<Tap>(TAPS);
    check::<Request>(REQUESTS);
    check::<Input>(INPUTS);
    check::<Effect>(EFFECTS);
}

#[test]
fn stored_settings_are_read_and_written_as_they_stand() {
    let text = r#"{"retryInterval":2000,"refresh":60000,"answerGrace":10000,"minRing":1000,"lateRing":"ignore","calls":32,"endings":64,"requests":16,"outgoing":200,"page":20}"#;
    assert_eq!(serde_json::from_str::<Settings>(text).unwrap(), Settings::DEFAULT);
    assert_eq!(serde_json::to_string(&Settings::DEFAULT).unwrap(), text);
    assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::DEFAULT);
    is_strict::<Settings>(&[text]);
}

/// A saved handset with something in each of its parts (D-25).
const SAVED: &str = r#"{"handset":1,"user":"bo","device":"phone","settings":{"retryInterval":2000,"refresh":60000,"answerGrace":10000,"minRing":1000,"lateRing":"ignore","calls":32,"endings":64,"requests":16,"outgoing":200,"page":20},"clock":5000,"calls":{"known":{"7":{"roomID":"standup","caller":"ana","extensionInfo":"v","deadline":35000,"isSilenced":false,"stage":"accepting"},"8":{"roomID":"retro","caller":"cy","extensionInfo":"","deadline":null,"isSilenced":true,"stage":null}},"tombstones":{"6":"cancelled"},"listed":[7],"watermark":5,"minAttempt":6,"revision":4},"outgoing":{"rooms":{"standup":{"dee":{"attempt":3,"progress":"ringing","tapResult":null}}}},"requests":{"nextRequestID":4,"minSnapshotID":0,"unanswered":{"3":{"request":{"command":{"acceptCall":{"roomID":"standup","attempt":7}}},"expiresAt":null,"sentAt":null,"wasSent":true,"attempts":[]}}}}"#;

/// As one that begins its life at 5 s would have saved it: deadlines are relative to the clock.
#[test]
fn a_stored_handset_is_read_and_written_as_it_stands() {
    let phone = Handset::restore(SAVED).unwrap();
    let expected = SAVED
        .replace(r#""clock":5000"#, r#""clock":0"#)
        .replace(r#""deadline":35000"#, r#""deadline":30000"#);
    assert_eq!(phone.save(), expected);
    assert!(phone.screen().eq([(7, Stage::Accepting)]));
}

/// What is optional may be absent: so a later release can add such fields, and read this text.
#[test]
fn optional_fields_of_a_stored_handset_may_be_absent() {
    let brief = SAVED
        .replace(r#","stage":null"#, "")
        .replace(r#""deadline":null,"#, "")
        .replace(r#","tapResult":null"#, "")
        .replace(r#""expiresAt":null,"sentAt":null,"#, "")
        .replace(r#","page":20"#, "");
    assert!(brief.len() < SAVED.len() - 100);
    assert_eq!(Handset::restore(&brief), Handset::restore(SAVED));
}
