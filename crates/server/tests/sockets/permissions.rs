//! What a device may not do, however it asks.

use roomcall::journal::Header;
use roomcall::{Limits, Policy};
use serde_json::{Value, json};

use crate::client::{accept, call, cancel};
use crate::rig::{Manual, Rig, memory, parts, parts_at};

async fn ringing() -> Rig {
    let rig = Rig::start(parts(memory())).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let reply = ana.reply(call("standup", &["bo"], 30)).await;
    assert_eq!(reply["answer"]["callUserToRoom"]["bo"], "success", "{reply}");
    rig
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_as_somebody_else() {
    let rig = ringing().await;
    let mut bo = rig.connect("bo", "phone").await;
    for by in [json!({"user": "bo", "device": "phone"}), json!("backend"), Value::Null] {
        let mut eve = rig.connect("eve", "phone").await;
        let mut frame = accept("standup");
        (frame["requestID"], frame["by"]) = (json!(1), by);
        eve.send(frame.to_string()).await;
        let said = eve.hear().await;
        assert_eq!((&said["requestID"], &said["refused"]["rule"]), (&json!(1), &json!("J-02")));
    }
    // Without it she acts as herself, who has no call.
    let mut eve = rig.connect("eve", "phone").await;
    let reply = eve.reply(accept("standup")).await;
    assert_eq!(reply["refused"]["code"], -2311, "{reply}");
    let reply = eve.reply(cancel("standup", &["bo"])).await;
    assert_eq!(reply["answer"]["cancelCall"]["bo"], "notYours", "{reply}");
    // Somebody who is not in the room calls nobody into it.
    let reply = eve.reply(call("standup", &["dee"], 30)).await;
    assert_eq!(reply["refused"]["code"], -2101, "{reply}");
    // Nothing of it reached bo, whose call rings on.
    assert_eq!(bo.settle().await, Vec::<Value>::new());
    let rings = bo.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    let rings = &rings["answer"]["getIncomingCalls"]["calls"];
    assert_eq!(rings.as_array().map(Vec::len), Some(1), "{rings}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_outside_reads_no_list() {
    let rig = ringing().await;
    let list = json!({"query": {"getPendingCalls": {"roomID": "standup"}}});
    let reply = rig.connect("eve", "phone").await.reply(list.clone()).await;
    assert_eq!(reply["refused"]["code"], -2101, "{reply}");
    assert_eq!(reply["refused"]["rule"], "P-05", "{reply}");
    // Who is called reads what is about them, as long as they are outside.
    for (user, scope) in [("ana", Value::Null), ("bo", json!("own"))] {
        let reply = rig.connect(user, "laptop").await.reply(list.clone()).await;
        let page = &reply["answer"]["getPendingCalls"];
        assert_eq!(
            (&page["calls"][0]["callee"], &page["scope"]),
            (&json!("bo"), &scope),
            "{reply}"
        );
    }
    // What rings for others, and what became of it, is not told either.
    let mut eve = rig.connect("eve", "phone").await;
    rig.connect("bo", "laptop").await.reply(accept("standup")).await;
    let reply = eve.reply(json!({"query": {"getIncomingCalls": {"since": 0}}})).await;
    let answer = &reply["answer"]["getIncomingCalls"];
    assert_eq!((&answer["calls"], &answer["ended"]), (&json!([]), &json!([])), "{reply}");
    let reply = eve.reply(json!({"query": {"getMyCalls": {}}})).await;
    let answer = &reply["answer"]["getMyCalls"];
    for list in ["incoming", "outgoing", "endings"] {
        assert_eq!(answer[list], json!([]), "{list}: {reply}");
    }
    rig.stop().await;
}

/// P-08, P-09: texts are between the two and the backend, and devices are their user's own.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_of_texts_and_devices_of_others() {
    let rig = Rig::start(parts(memory())).await;
    rig.open("standup", "ana", "phone").await;
    rig.enter("standup", "cy", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let mut frame = call("standup", &["bo"], 30);
    frame["command"]["callUserToRoom"]["extensionInfo"] = json!("about lunch");
    ana.reply(frame).await;
    let list = json!({"query": {"getPendingCalls": {"roomID": "standup"}}});
    let entry = |answer: &Value| answer["answer"]["getPendingCalls"]["calls"][0].clone();
    for user in ["ana", "bo", "cy"] {
        let reply = rig.connect(user, "desk").await.reply(list.clone()).await;
        assert_eq!(entry(&reply)["callee"], "bo", "{user}: {reply}");
        assert_eq!(entry(&reply)["extensionInfo"], Value::Null, "{user}: {reply}");
    }
    let (_, answer) = rig.post("/v1/requests", &list).await;
    assert_eq!(entry(&answer)["extensionInfo"], "about lunch", "{answer}");
    let mine = json!({"query": {"getMyCalls": {}}});
    for (user, direction) in [("ana", "outgoing"), ("bo", "incoming")] {
        let reply = rig.connect(user, "desk").await.reply(mine.clone()).await;
        let calls = &reply["answer"]["getMyCalls"][direction];
        assert_eq!(calls[0]["extensionInfo"], "about lunch", "{user}: {reply}");
    }
    rig.connect("bo", "tablet").await.reply(accept("standup")).await;
    for (user, device) in [("ana", Value::Null), ("bo", json!("tablet"))] {
        let reply = rig.connect(user, "desk").await.reply(mine.clone()).await;
        let ending = &reply["answer"]["getMyCalls"]["endings"][0];
        assert_eq!(
            (&ending["how"], &ending["user"]),
            (&json!("accepted"), &json!("bo")),
            "{reply}"
        );
        assert_eq!(ending["deviceID"], device, "{user}: {reply}");
    }
    rig.stop().await;
}

/// E-05: a call that is cancelled on another device does not ring on for the one that called.
#[tokio::test(flavor = "multi_thread")]
async fn the_caller_hears_of_a_cancel_on_another_device() {
    let rig = ringing().await;
    let (mut phone, mut laptop) =
        (rig.connect("ana", "phone").await, rig.connect("ana", "laptop").await);
    let (heard, reply) = laptop.ask(cancel("standup", &["bo"])).await;
    assert_eq!(reply["answer"]["cancelCall"]["bo"], "cancelled", "{reply}");
    let heard = [heard, laptop.settle().await].concat();
    let is_told = |told: &Value| told["event"]["onCallCancelled"].is_object();
    assert!(!heard.iter().any(is_told), "the answer says it: {heard:?}");
    let heard = phone.settle().await;
    assert!(heard.iter().any(is_told), "{heard:?}");
    rig.stop().await;
}

/// L-14: the refusal of who calls too many says when to call again.
#[tokio::test(flavor = "multi_thread")]
async fn who_calls_too_many_is_told_when_to_call_again() {
    let time = Manual::at(1_700_000_000_000);
    let limits = Limits { calls_per_minute: 2, ..Limits::DEFAULT };
    let mut parts = parts_at(memory(), &time);
    parts.tenants[0].rules = Header::new(limits, Policy::DEFAULT);
    let rig = Rig::start(parts).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    ana.reply(call("standup", &["bo", "cy"], 300)).await;
    let reply = ana.reply(call("standup", &["dee"], 300)).await;
    assert_eq!(reply["refused"]["rule"], "L-14", "{reply}");
    assert_eq!(reply["refused"]["retryAfter"], 30_000, "{reply}");
    time.pass(30_000);
    let reply = ana.reply(call("standup", &["dee"], 300)).await;
    assert_eq!(reply["answer"]["callUserToRoom"]["dee"], "success", "{reply}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_needs_the_role() {
    let rig = ringing().await;
    let revoke = json!({"command": {"revokeCall": {"roomID": "standup", "userIDList": ["bo"]}}});
    let mut cy = rig.connect("cy", "phone").await;
    let reply = cy.reply(revoke.clone()).await;
    assert_eq!(reply["refused"]["code"], -2301, "from outside: {reply}");
    rig.enter("standup", "cy", "phone").await;
    let reply = cy.reply(revoke.clone()).await;
    assert_eq!(reply["refused"]["rule"], "P-03", "from inside: {reply}");
    assert_eq!(reply["refused"]["code"], -2301, "{reply}");
    rig.fact(json!({"roleSet": {"roomID": "standup", "userID": "cy", "role": "admin"}})).await;
    let reply = cy.reply(revoke.clone()).await;
    assert_eq!(reply["answer"]["revokeCall"]["bo"], "revoked", "with the role: {reply}");
    // The backend may always; this time there is nothing left.
    let mut numbered = revoke;
    numbered["requestID"] = json!(1);
    let (status, answer) = rig.post("/v1/requests", &numbered).await;
    assert_eq!(status, 200);
    assert_eq!(answer["answer"]["revokeCall"]["bo"], "alreadyRevoked", "{answer}");
    rig.stop().await;
}
