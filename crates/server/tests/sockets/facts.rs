//! What the backend states: one fact or a list of them, each answered with the opening of its room, the rule that
//! ignores it, or the limit that it is over (F-17).

use roomcall::protocol::Input;
use roomcall::{Limits, Policy};
use roomcall_server::log::Store;
use serde_json::{Value, json};

use crate::rig::{Rig, lines, memory, parts, parts_with};

fn stored(store: &dyn Store) -> Vec<Value> {
    let facts = lines(store).into_iter().filter_map(|line| match line.input {
        Input::Fact(fact) => Some(json!(fact)),
        Input::Tick | Input::Ask { .. } | Input::Query { .. } => None,
    });
    facts.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_stored_fact_by_fact_and_answered_one_by_one() {
    let store = memory();
    let rig = Rig::start(parts(store.clone())).await;
    let entered = |session: &str| {
        let (user, device) = ("bo", "phone");
        json!({"userEntered": {"roomID": "a", "userID": user, "deviceID": device, "sessionID": session}})
    };
    let opened = json!({"roomOpened": {"roomID": "a", "owner": "ana"}});
    let facts = [
        opened.clone(),
        entered("s1"),
        entered("s2"),
        entered("s1"),
        json!({"presenceListed": {"roomID": "a", "present": [{"userID": "cy"}], "opening": 1}}),
        json!({"userRemoved": {"roomID": "b", "userID": "cy", "by": "backend"}}),
    ];
    let (status, said) = rig.post("/v1/facts", &json!(facts)).await;
    assert_eq!(status, 200, "{said}");
    let said = said.as_array().expect("a list is answered by a list").clone();
    let answers: Vec<_> = said.iter().map(|output| &output["answer"]["fact"]).collect();
    let expected = [
        json!({"opening": 1}),
        json!({"opening": 1}),
        json!({"opening": 1}),
        json!({"opening": 1, "ignored": "F-13"}),
        json!({"opening": 1}),
        json!({"ignored": "F-01"}),
    ];
    assert_eq!(answers, expected.iter().collect::<Vec<_>>());
    assert!(said.iter().all(|output| output["at"] == said[0]["at"]), "at one moment: {said:?}");
    assert_eq!(stored(&store), facts, "one record a fact, in their order");
    // By itself a fact is answered by itself.
    let alone = rig.fact(opened).await;
    assert_eq!(alone["answer"]["fact"], json!({"opening": 1, "ignored": "F-03"}));
    // Nothing of a list that is malformed is applied, and the error says where.
    let (status, said) = rig.post("/v1/facts", &json!([facts[1], {"userLeft": ["a", "bo"]}])).await;
    assert_eq!(status, 400);
    assert!(said["error"].as_str().is_some_and(|why| why.contains("column")), "{said}");
    let many = vec![entered("s3"); 1_001];
    let (status, said) = rig.post("/v1/facts", &json!(many)).await;
    assert_eq!(status, 400);
    assert!(said["error"].as_str().is_some_and(|why| why.contains("at most 1000")), "{said}");
    assert_eq!(stored(&store).len(), 7);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_over_a_limit_says_which() {
    let limits = Limits { rooms: 0, ..Limits::DEFAULT };
    let rig = Rig::start(parts_with(limits, Policy::DEFAULT)).await;
    let said = rig.fact(json!({"roomOpened": {"roomID": "a", "owner": "ana"}})).await;
    let limit = json!({"name": "rooms", "value": 0});
    assert_eq!(said["answer"]["fact"], json!({"ignored": "L-09", "limit": limit}));
    rig.stop().await;
}
