//! The baseline of reading and writing lines: structs that borrow their texts, with derived serde
//! and no check but that of field names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::count::Wrong;

/// A line in.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record<'a> {
    at: u64,
    #[serde(rename = "requestID")]
    request_id: Option<u64>,
    #[serde(borrow)]
    by: Option<Device<'a>>,
    #[serde(borrow)]
    command: Option<Command<'a>>,
    #[serde(borrow)]
    fact: Option<Fact<'a>>,
    tick: Option<Tick>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Tick {}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Device<'a> {
    user: &'a str,
    device: &'a str,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Command<'a> {
    CallUserToRoom {
        #[serde(rename = "roomID")]
        room: &'a str,
        #[serde(rename = "userIDList", borrow)]
        users: Vec<&'a str>,
        timeout: u32,
        #[serde(rename = "extensionInfo", default)]
        extension: &'a str,
    },
    AcceptCall {
        #[serde(rename = "roomID")]
        room: &'a str,
        attempt: Option<u64>,
    },
    RejectCall {
        #[serde(rename = "roomID")]
        room: &'a str,
        attempt: Option<u64>,
        reason: &'a str,
    },
    CancelCall {
        #[serde(rename = "roomID")]
        room: &'a str,
        #[serde(rename = "userIDList", borrow)]
        users: Vec<&'a str>,
    },
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Fact<'a> {
    UserEntered {
        #[serde(rename = "roomID")]
        room: &'a str,
        #[serde(rename = "userID")]
        user: &'a str,
        #[serde(rename = "deviceID")]
        device: &'a str,
    },
    UserLeft {
        #[serde(rename = "roomID")]
        room: &'a str,
        #[serde(rename = "userID")]
        user: &'a str,
    },
}

/// A line out.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Output<'a> {
    at: u64,
    #[serde(rename = "requestID", skip_serializing_if = "Option::is_none")]
    request_id: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    attempts: Option<BTreeMap<&'a str, u64>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    to: Option<Audience<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    event: Option<Event<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wake: Option<bool>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Answer<'a> {
    Fact {
        opening: u64,
    },
    #[serde(borrow)]
    CallUserToRoom(BTreeMap<&'a str, &'a str>),
    CancelCall(BTreeMap<&'a str, &'a str>),
    AcceptCall {
        attempt: u64,
    },
    RejectCall {
        attempt: u64,
    },
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Audience<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    except_device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<&'a str>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
enum Event<'a> {
    #[serde(borrow)]
    #[serde(rename = "onCallReceived")]
    CallReceived(About<'a>),
    #[serde(rename = "onCallCancelled")]
    CallCancelled(About<'a>),
    #[serde(rename = "onCallTimeout")]
    CallTimeout(About<'a>),
    #[serde(rename = "onCallAccepted")]
    CallAccepted(About<'a>),
    #[serde(rename = "onCallRejected")]
    CallRejected(About<'a>),
    #[serde(rename = "onPendingCallChanged")]
    PendingCallChanged(About<'a>),
    #[serde(rename = "onPendingCallRemoved")]
    PendingCallRemoved(About<'a>),
    #[serde(rename = "onCallHandledByOtherDevice", rename_all = "camelCase")]
    CallHandledByOtherDevice {
        #[serde(rename = "roomID")]
        room: &'a str,
        is_accepted: bool,
        attempt: u64,
        #[serde(rename = "deviceID")]
        device: &'a str,
    },
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct About<'a> {
    #[serde(rename = "roomID")]
    room: &'a str,
    #[serde(borrow)]
    call: Call<'a>,
    attempt: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension_info: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_left: Option<u64>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Call<'a> {
    caller: &'a str,
    callee: &'a str,
    status: &'a str,
}

fn wrong(why: serde_json::Error) -> Wrong {
    Wrong::new("plain structs", why.to_string())
}

/// The outputs that lines consist of.
///
/// # Errors
///
/// A line is none.
pub fn outputs(lines: &str) -> Result<Vec<Output<'_>>, Wrong> {
    lines.lines().map(|line| serde_json::from_str(line).map_err(wrong)).collect()
}

/// Reads lines in, and writes outputs. This is timed.
///
/// # Errors
///
/// A line is malformed.
pub fn play(lines: &[String], outputs: &[Output<'_>], out: &mut Vec<u8>) -> Result<(), Wrong> {
    out.clear();
    for line in lines {
        std::hint::black_box(serde_json::from_str::<Record<'_>>(line).map_err(wrong)?);
    }
    for output in outputs {
        serde_json::to_writer(&mut *out, output).map_err(wrong)?;
        out.push(b'\n');
    }
    Ok(())
}
