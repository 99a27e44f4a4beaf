//! What a device may not do, however it asks.

use serde_json::{Value, json};

use crate::client::{accept, call, cancel};
use crate::rig::{Rig, memory, parts};

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
        assert_eq!(eve.closes().await, Some(4400));
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
    for user in ["ana", "bo"] {
        let reply = rig.connect(user, "laptop").await.reply(list.clone()).await;
        let calls = &reply["answer"]["getPendingCalls"]["calls"];
        assert_eq!(calls[0]["callee"], "bo", "{user}: {reply}");
    }
    // What rings for others is not told either.
    let mut eve = rig.connect("eve", "phone").await;
    let reply = eve.reply(json!({"query": {"getIncomingCalls": {"since": 0}}})).await;
    let answer = &reply["answer"]["getIncomingCalls"];
    assert_eq!((&answer["calls"], &answer["ended"]), (&json!([]), &json!([])), "{reply}");
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
