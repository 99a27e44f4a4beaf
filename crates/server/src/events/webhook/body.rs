//! The body of a webhook: Standard Webhooks' type, timestamp and data.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::events::event::{Event, Kind};
use crate::events::push::push;

/// The end of the year 9999, after which no RFC 3339 goes.
const LAST_MILLISECOND: u64 = 253_402_300_799_999;

/// What an endpoint is sent at `now`, in milliseconds since 1970: the event, and for phones that are not
/// connected what is pushed to them.
pub(super) fn body(
    event: &Event,
    connected: Option<Vec<String>>,
    is_over: bool,
    now: u64,
) -> Vec<u8> {
    let mut data = json!(event);
    let is_obsolete = event.kind() == Kind::Ring && is_over;
    if let Value::Object(data) = &mut data {
        if let Some(connected) = connected {
            data.insert("connected".to_owned(), json!(connected));
        }
        if is_obsolete {
            data.insert("over".to_owned(), json!(true));
        } else if let Some(push) = push(event, now) {
            data.insert("push".to_owned(), push);
        }
    }
    let at = UNIX_EPOCH + Duration::from_millis(event.at.min(LAST_MILLISECOND));
    let timestamp = humantime::format_rfc3339_millis(at).to_string();
    let body = json!({ "type": event.kind().name(), "timestamp": timestamp, "data": data });
    body.to_string().into_bytes()
}
