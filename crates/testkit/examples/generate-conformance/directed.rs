//! Histories of a handset for what chance brings about too seldom: one thing while another is unanswered.

use roomcall::handset::{Input, Settings, Tap};
use roomcall::protocol::{Event, NamedCall, Refused, Reply};
use roomcall::{CallRejectionReason, CallStatus, Rule};
use roomcall_testkit::strategies::handset::{Journal, Move, USER};
use serde_json::json;

const ROOM: &str = "blue";
/// Who calls the user, and whom the user calls.
const FRIEND: &str = "ana";
const ATTEMPT: u64 = 7;

/// Each command with each event, and the answers with a tap that comes together with their refusals.
pub(crate) fn handset() -> Vec<Journal> {
    let mut all = Vec::new();
    let (mine, theirs) = (call(USER, FRIEND), call(FRIEND, USER));
    for tap in answers() {
        let begun = [Input::Notice(rings(theirs.clone())), Input::Tap(tap)];
        let refused = Refused::new(Rule::L01, -1001, "");
        let refusal = Reply {
            request_id: 2,
            answer: Err(refused),
            attempts: Vec::new(),
            next_request_id: None,
            repeated: false,
        };
        let hides = Input::Tap(Tap::RejectHere { attempt: ATTEMPT });
        all.push(history(&begun, vec![Input::Reply(refusal), hides]));
        all.extend(events(&theirs).into_iter().map(|event| history(&begun, vec![event])));
    }
    for tap in calls() {
        let begun = [Input::Tap(tap)];
        all.extend(events(&mine).into_iter().map(|event| history(&begun, vec![event])));
    }
    all
}

/// A handset that is ready, these inputs one by one, and then some together.
fn history(begun: &[Input], together: Vec<Input>) -> Journal {
    let inputs = ready().into_iter().chain(begun.iter().cloned()).map(|input| vec![input]);
    let inputs = inputs.chain([together]);
    let moves = (0..).zip(inputs).map(|(at, inputs)| Move::Apply { at, inputs }).collect();
    Journal { settings: Settings::DEFAULT, moves }
}

/// It is connected, and no call is there.
fn ready() -> Vec<Input> {
    let nothing = json!({
        "incoming": [], "outgoing": [], "endings": [], "more": false, "since": 0,
        "lastAttempt": 0, "revision": 0, "lastLogged": 0, "seen": 0,
    });
    let inputs = json!([
        {"link": "up"},
        {"reply": {"requestID": 1, "answer": {"getMyCalls": nothing}, "nextRequestID": 1}},
    ]);
    serde_json::from_value(inputs).unwrap()
}

fn answers() -> [Tap; 2] {
    let reason = CallRejectionReason::ALL[0];
    [Tap::Accept { attempt: ATTEMPT }, Tap::Reject { attempt: ATTEMPT, reason }]
}

fn calls() -> [Tap; 3] {
    let (room, users) = (ROOM.to_owned(), vec![FRIEND.to_owned()]);
    [
        Tap::Call {
            room: room.clone(),
            users: users.clone(),
            timeout: 30,
            extension: String::new(),
        },
        Tap::Cancel { room: room.clone(), users: users.clone() },
        Tap::Revoke { room, users },
    ]
}

fn call(caller: &str, callee: &str) -> NamedCall {
    NamedCall {
        room: ROOM.to_owned(),
        caller: caller.to_owned(),
        callee: callee.to_owned(),
        status: CallStatus::Calling,
        attempt: ATTEMPT,
    }
}

fn rings(call: NamedCall) -> Event {
    Event::CallReceived { call, extension: String::new(), time_left: Some(30_000) }
}

/// All that is said of a call by its name.
fn events(call: &NamedCall) -> Vec<Input> {
    let now = |status| NamedCall { status, ..call.clone() };
    let (calling, over) = (now(CallStatus::Calling), now(CallStatus::None));
    let events = [
        rings(calling.clone()),
        Event::CallRinging(calling.clone()),
        Event::CallCancelled(over.clone()),
        Event::CallRevokedByAdmin { call: over.clone(), operator: None },
        Event::CallTimeout(now(CallStatus::Timeout)),
        Event::CallNotJoined(over.clone()),
        Event::CallAccepted(over.clone()),
        Event::CallRejected {
            call: now(CallStatus::Rejected),
            reason: CallRejectionReason::ALL[0],
        },
        Event::PendingCallChanged(calling),
        Event::PendingCallRemoved(over),
    ];
    events.map(Input::Notice).into()
}
