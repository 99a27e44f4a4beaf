//! What a push message carries, as `docs/events.md` has it.

use std::collections::HashMap;
use std::str::FromStr;

use crate::convert::InvalidValueError;
use crate::types::{CallStatus, Event, Operator, RoomCall};

/// The event of a push message, for the input `push`. `fields` are the `data` of a message of FCM, or the object `roomcall` in the payload of
/// APNs with its values as texts and without those that are null. None for an event of a later version, which
/// rings nothing.
///
/// A text that was left out because it was too long (`extensionInfoLeftOut`) is empty here. The snapshot has it.
/// A push does not say by whom a call was revoked: the operator is the backend here.
///
/// # Errors
///
/// A field is missing, or a number is none.
#[uniffi::export]
pub fn push_event(fields: HashMap<String, String>) -> Result<Option<Event>, InvalidValueError> {
    let kind = text(&fields, "event")?;
    let room_id = text(&fields, "roomID")?;
    let attempt = number(&fields, "attempt")?.ok_or_else(|| missing("attempt"))?;
    let call = |status| -> Result<RoomCall, InvalidValueError> {
        let (caller, callee) = (text(&fields, "caller")?, text(&fields, "callee")?);
        Ok(RoomCall { caller, callee, status })
    };
    let handled = |is_accepted| Event::OnCallHandledByOtherDevice {
        room_id: room_id.clone(),
        is_accepted,
        attempt,
        device_id: fields.get("deviceID").cloned(),
    };
    let event = match kind.as_str() {
        "ring" => Event::OnCallReceived {
            call: call(CallStatus::Calling)?,
            extension_info: fields.get("extensionInfo").cloned().unwrap_or_default(),
            time_left: number(&fields, "timeLeft")?,
            room_id,
            attempt,
        },
        "accepted" => handled(true),
        "rejected" => handled(false),
        "missed" => Event::OnCallTimeout { call: call(CallStatus::Timeout)?, room_id, attempt },
        "cancelled" => Event::OnCallCancelled { call: call(CallStatus::None)?, room_id, attempt },
        "revoked" => {
            let operator = Operator::Backend;
            Event::OnCallRevokedByAdmin {
                call: call(CallStatus::None)?,
                room_id,
                attempt,
                operator,
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}

fn text(fields: &HashMap<String, String>, name: &str) -> Result<String, InvalidValueError> {
    fields.get(name).cloned().ok_or_else(|| missing(name))
}

fn number(fields: &HashMap<String, String>, name: &str) -> Result<Option<u64>, InvalidValueError> {
    let read = |text: &String| {
        let reason = || format!("the push's field {name} is {text:?}, which is no number");
        u64::from_str(text).map_err(|_| InvalidValueError::Invalid { reason: reason() })
    };
    fields.get(name).map(read).transpose()
}

fn missing(name: &str) -> InvalidValueError {
    InvalidValueError::Invalid { reason: format!("the push has no field {name}") }
}
