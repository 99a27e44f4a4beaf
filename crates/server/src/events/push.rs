//! What a backend passes on to Apple's and Google's push services, for devices that are not connected.
//!
//! The server knows no push token and no app: the backend adds `apns-topic` and the tokens. A ring is a VoIP
//! push and a high-priority message; the ending of a call that rang is one in the background, which closes
//! the screen. Times are lengths at the moment of sending, because the clocks of phones disagree (T-10).

use serde_json::{Map, Value, json};

use super::event::{Event, What};

/// The most bytes of the payload of a VoIP push.
pub const VOIP_BYTES: usize = 5_120;
/// The most bytes of a message of Google's.
pub const FCM_BYTES: usize = 4_096;

/// The longest that the services are asked to keep a push, in milliseconds: 28 days, as Google allows.
const LONGEST: u64 = 28 * 86_400_000;

/// The field that says that the extension text was left out: there is no room for it. A device has it from
/// the server when it connects.
pub const LEFT_OUT: &str = "extensionInfoLeftOut";

/// What is to be pushed at `now`, in milliseconds since 1970, because of an event; `None` if no screen
/// changes by it, or the call that rang is over by its own deadline.
pub fn push(event: &Event, now: u64) -> Option<Value> {
    match &event.what {
        What::Ring { extension_info, time_left } => {
            // The clock of the log may be ahead, after the wall clock was set back.
            let left = event.deadline().zip(*time_left);
            let left = left.map(|(deadline, most)| deadline.saturating_sub(now).min(most));
            (left != Some(0)).then(|| ring(event, extension_info, left, now))
        }
        // C-08: it did not ring.
        What::Rejected { .. } if event.because == roomcall::Rule::C08 => None,
        What::Accepted { .. }
        | What::Rejected { .. }
        | What::Missed
        | What::Cancelled
        | What::Revoked { .. } => Some(ending(event, now)),
        What::Joined { .. } | What::NotJoined => None,
    }
}

fn ring(event: &Event, extension_info: &str, left: Option<u64>, now: u64) -> Value {
    let mut fields = fields(event);
    fields.insert("timeLeft".to_owned(), json!(left));
    let kept = left.unwrap_or(LONGEST).min(LONGEST);
    let headers = json!({
        "apns-push-type": "voip",
        "apns-priority": "10",
        "apns-expiration": seconds(now.saturating_add(kept)).to_string(),
        "apns-collapse-id": collapse_id(event),
    });
    let with = |extended: &Map<String, Value>| payload(&json!({}), extended);
    let payload = with(&fitting(&fields, extension_info, VOIP_BYTES, &with));
    let data = fitting(&fields, extension_info, FCM_BYTES, &|it| texts(it));
    json!({
        "apns": { "headers": headers, "payload": payload },
        "fcm": { "message": {
            "data": texts(&data),
            "android": { "priority": "HIGH", "ttl": format!("{}s", seconds(kept)) },
        } },
    })
}

fn ending(event: &Event, now: u64) -> Value {
    let mut fields = fields(event);
    if let What::Accepted { device: Some(device) } | What::Rejected { device: Some(device), .. } =
        &event.what
    {
        fields.insert("deviceID".to_owned(), json!(device));
    }
    // A phone that was off so long has no screen to close.
    let kept = 60_000;
    let headers = json!({
        "apns-push-type": "background",
        "apns-priority": "5",
        "apns-expiration": seconds(now.saturating_add(kept)).to_string(),
        "apns-collapse-id": collapse_id(event),
    });
    json!({
        "apns": {
            "headers": headers,
            "payload": payload(&json!({ "content-available": 1 }), &fields),
        },
        "fcm": { "message": {
            "data": texts(&fields),
            "android": { "priority": "NORMAL", "ttl": format!("{}s", seconds(kept)) },
        } },
    })
}

/// What every push says.
fn fields(event: &Event) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in [
        ("event", json!(event.kind().name())),
        ("id", json!(event.id)),
        ("roomID", json!(event.room)),
        ("caller", json!(event.caller)),
        ("callee", json!(event.callee)),
        ("attempt", json!(event.attempt)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    fields
}

/// The fields with the extension text, or, where that is more than so many bytes in a form, with a flag.
fn fitting(
    fields: &Map<String, Value>,
    extension_info: &str,
    bytes: usize,
    form: &dyn Fn(&Map<String, Value>) -> Value,
) -> Map<String, Value> {
    let mut extended = fields.clone();
    extended.insert("extensionInfo".to_owned(), json!(extension_info));
    if form(&extended).to_string().len() > bytes {
        extended.remove("extensionInfo");
        extended.insert(LEFT_OUT.to_owned(), json!(true));
    }
    extended
}

/// A payload of Apple's.
fn payload(aps: &Value, fields: &Map<String, Value>) -> Value {
    json!({ "aps": aps, "roomcall": fields })
}

/// Google takes texts only; what is null is left out.
fn texts(fields: &Map<String, Value>) -> Value {
    let text = |(name, value): (&String, &Value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name.clone(), Value::String(text.clone()))),
        value => Some((name.clone(), Value::String(value.to_string()))),
    };
    Value::Object(fields.iter().filter_map(text).collect())
}

/// Pushes of one call take each other's place. At most 64 bytes.
fn collapse_id(event: &Event) -> String {
    format!("call-{}", event.attempt)
}

/// Whole seconds, upward: a push must not be gone while it still rings.
const fn seconds(millis: u64) -> u64 {
    millis.div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use roomcall::{CallRejectionReason, Rule};

    use super::*;
    use crate::events::event::EventId;

    const AT: u64 = 1_700_000_000_000;

    fn event(what: What) -> Event {
        let names = ["standup", "ana", "bo"].map(str::to_owned);
        let [room, caller, callee] = names;
        let id = EventId { sequence: 12, index: 0 };
        Event { id, at: AT, what, room, caller, callee, attempt: 9, because: Rule::C01 }
    }

    fn ring(extension_info: &str, time_left: Option<u64>) -> Event {
        event(What::Ring { extension_info: extension_info.to_owned(), time_left })
    }

    fn sizes(push: &Value) -> (usize, usize) {
        let size = |pointer| push.pointer(pointer).unwrap().to_string().len();
        (size("/apns/payload"), size("/fcm/message/data"))
    }

    #[test]
    fn a_ring_wakes_with_the_time_that_is_left() {
        let push = push(&ring("hi", Some(30_000)), AT + 12_500).unwrap();
        let expected = json!({
            "apns": {
                "headers": {
                    "apns-push-type": "voip",
                    "apns-priority": "10",
                    "apns-expiration": "1700000030",
                    "apns-collapse-id": "call-9",
                },
                "payload": { "aps": {}, "roomcall": {
                    "event": "ring", "id": "12-0", "roomID": "standup", "caller": "ana",
                    "callee": "bo", "attempt": 9, "timeLeft": 17_500, "extensionInfo": "hi",
                } },
            },
            "fcm": { "message": {
                "data": {
                    "event": "ring", "id": "12-0", "roomID": "standup", "caller": "ana",
                    "callee": "bo", "attempt": "9", "timeLeft": "17500", "extensionInfo": "hi",
                },
                "android": { "priority": "HIGH", "ttl": "18s" },
            } },
        });
        assert_eq!(push, expected);
    }

    #[test]
    fn a_ring_for_ever_is_kept_as_long_as_may_be_and_one_that_is_over_not_at_all() {
        let for_ever = push(&ring("", None), AT).unwrap();
        assert_eq!(for_ever["fcm"]["message"]["android"]["ttl"], "2419200s");
        assert_eq!(for_ever["fcm"]["message"]["data"].get("timeLeft"), None);
        assert_eq!(for_ever["apns"]["payload"]["roomcall"]["timeLeft"], Value::Null);
        assert!(push(&ring("", Some(30_000)), AT + 29_999).is_some());
        assert_eq!(push(&ring("", Some(30_000)), AT + 30_000), None);
        let set_back = push(&ring("", Some(30_000)), AT - 3_600_000).unwrap();
        assert_eq!(set_back["apns"]["payload"]["roomcall"]["timeLeft"], 30_000);
    }

    #[test]
    fn an_extension_text_that_does_not_fit_is_left_out_and_said_to_be() {
        // A quote is two bytes in JSON.
        for (text, in_apns, in_fcm) in [
            ("x".repeat(3_900), true, true),
            ("x".repeat(4_900), true, false),
            ("x".repeat(5_120), false, false),
            ("\"".repeat(2_048), true, false),
            ("\u{1}".repeat(2_048), false, false),
        ] {
            let push = push(&ring(&text, Some(30_000)), AT).unwrap();
            let (apns, fcm) = sizes(&push);
            assert!(apns <= VOIP_BYTES && fcm <= FCM_BYTES, "{apns} {fcm}");
            for (is_there, pointer) in
                [(in_apns, "/apns/payload/roomcall"), (in_fcm, "/fcm/message/data")]
            {
                let fields = push.pointer(pointer).unwrap();
                assert_eq!(fields.get("extensionInfo").is_some(), is_there, "{pointer}");
                assert_eq!(fields.get(LEFT_OUT).is_some(), !is_there, "{pointer}");
            }
        }
    }

    #[test]
    fn an_ending_closes_the_screen_in_the_background() {
        let device = Some("tablet".to_owned());
        let accepted = push(&event(What::Accepted { device }), AT + 500).unwrap();
        assert_eq!(accepted["apns"]["headers"]["apns-push-type"], "background");
        assert_eq!(accepted["apns"]["headers"]["apns-priority"], "5");
        assert_eq!(accepted["apns"]["payload"]["aps"], json!({ "content-available": 1 }));
        assert_eq!(accepted["fcm"]["message"]["android"]["priority"], "NORMAL");
        assert_eq!(accepted["fcm"]["message"]["data"]["deviceID"], "tablet");
        for what in [What::Missed, What::Cancelled] {
            assert!(push(&event(what), AT).is_some());
        }
        assert_eq!(push(&event(What::NotJoined), AT), None);
        let silent = What::Rejected { reason: CallRejectionReason::InOtherRoom, device: None };
        assert_eq!(push(&Event { because: Rule::C08, ..event(silent) }, AT), None);
    }
}
