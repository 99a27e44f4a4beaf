//! A store that is new, or a backup, knows less than devices were told (F-18).

use roomcall::journal::Header;
use roomcall::protocol::{Fact, Input};
use roomcall::{Limits, Policy};
use roomcall_server::log::Store;
use serde_json::json;

use crate::child::{self, PROGRAM};
use crate::client::{Client, call};
use crate::rig::{self, Manual, Rig, device_token, lines, memory, parts, parts_at};

/// 2027, in milliseconds since 1970.
const NOW: u64 = 1_800_000_000_000;

fn floors(store: &dyn Store) -> Vec<u64> {
    let floor =
        |input| if let Input::Fact(Fact::Recovered { floor }) = input { Some(floor) } else { None };
    lines(store).into_iter().filter_map(|line| floor(line.input)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_store_says_so_first_and_counts_on_from_the_time() {
    let (store, time) = (memory(), Manual::at(NOW));
    let opened = json!({"roomOpened": {"roomID": "a", "owner": "ana"}});
    let rig = Rig::start(parts_at(store.clone(), &time)).await;
    assert_eq!(rig.fact(opened.clone()).await["answer"]["fact"], json!({"opening": 1}));
    rig.stop().await;
    assert!(floors(&store).is_empty());
    let rules = Header::new(Limits { rooms: 9, ..Limits::DEFAULT }, Policy::DEFAULT);
    let mut parts = parts_at(store.clone(), &time);
    (parts.tenants[0].is_old, parts.tenants[0].rules) = (true, rules);
    let rig = Rig::start(parts).await;
    assert_eq!(floors(&store), [NOW << 10]);
    let last = lines(&store).pop().map(|line| line.input);
    assert!(matches!(last, Some(Input::Fact(Fact::RulesChanged { .. }))), "after it: {last:?}");
    let opening = (NOW << 10) + 1;
    let said = rig.fact(opened).await;
    assert_eq!(said["answer"]["fact"], json!({"opening": opening, "ignored": "F-03"}));
    rig.stop().await;
}

/// How a call went on in what was lost is not known: that it was overdue is in nobody's log.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_overdue_in_an_old_store_is_not_logged() {
    let (store, time) = (memory(), Manual::at(NOW));
    let rig = Rig::start(parts_at(store.clone(), &time)).await;
    rig.open("a", "ana", "mac").await;
    rig.connect("ana", "mac").await.reply(call("a", &["bo"], 30)).await;
    rig.stop().await;
    time.restart(NOW + 60_000);
    let mut parts = parts_at(store.clone(), &time);
    parts.tenants[0].is_old = true;
    let rig = Rig::start(parts).await;
    let log = json!({"query": {"getCallLog": {"since": 0}}});
    let log = rig.connect("bo", "phone").await.reply(log).await;
    assert_eq!(log["answer"]["getCallLog"]["entries"], json!([]), "{log}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_connected_connects_again() {
    let rig = Rig::start(parts(memory())).await;
    let token = device_token("bo", "phone");
    let mut bo = Client::connect(rig.address, &token).await.expect("it connects");
    let ignored = rig.fact(json!({"recovered": {"floor": (1_u64 << 53) - 1}})).await;
    assert_eq!(ignored["answer"]["fact"], json!({"ignored": "F-18"}));
    let mine = json!({"query": {"getMyCalls": {"since": 0}}});
    assert_eq!(bo.ask(mine.clone()).await.1["answer"]["getMyCalls"]["lastAttempt"], 0);
    assert_eq!(rig.fact(json!({"recovered": {"floor": 900}})).await["answer"]["fact"], json!({}));
    assert_eq!(bo.closes().await, Some(1001));
    let mut bo = Client::connect(rig.address, &token).await.expect("it connects again");
    assert_eq!(bo.ask(mine).await.1["answer"]["getMyCalls"]["lastAttempt"], 900);
    rig.stop().await;
}

/// A program without a store of its own counts from the time, and one whose store is a backup, if it is told.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_is_told_that_its_store_is_a_backup() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("backup.redb");
    let mut openings = Vec::new();
    for more in [&[][..], &[], &["--old-store"], &[]] {
        let server = child::Server::start(&mut child::serve(PROGRAM, &path, more));
        let opened = json!({"roomOpened": {"roomID": "a", "owner": "ana"}});
        let said = rig::fact(server.address, &opened).await;
        openings.push(said["answer"]["fact"]["opening"].as_u64().expect("it is open"));
        server.stop();
        let _ = server.ends();
    }
    assert!(openings[0] > NOW << 10 >> 1, "{openings:?}");
    assert_eq!(openings[0], openings[1]);
    assert!(openings[2] > openings[1] + 1, "{openings:?}");
    assert_eq!(openings[2], openings[3]);
}
