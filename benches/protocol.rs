//! What reading and writing a line costs, beside structs of the same fields that derive serde and
//! are no stricter than that.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench that goes wrong should stop")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use roomcall::protocol::{Output, Record, Text};
use serde::{Deserialize, Serialize};

const ACCEPT: &str = concat!(
    r#"{"at":1722430800000,"by":{"user":"user-0000000000000042","device":"phone-00000000017"},"#,
    r#""command":{"acceptCall":{"roomID":"room-00000000000042","attempt":9}}}"#
);
const CALL: &str = concat!(
    r#"{"at":1722430800000,"by":{"user":"user-0000000000000042","device":"phone-00000000017"},"#,
    r#""command":{"callUserToRoom":{"roomID":"room-00000000000042","#,
    r#""userIDList":["user-0000000000000043"],"timeout":30}}}"#
);
const EVENT: &str = concat!(
    r#"{"at":1722430800000,"to":{"room":"room-000000000042"},"#,
    r#""event":{"onPendingCallChanged":{"roomID":"room-000000000042","#,
    r#""call":{"caller":"user-00000000042","callee":"user-00000000043","status":"calling"},"#,
    r#""attempt":9}},"because":"C-02"}"#
);

/// The fields of a record, with nothing checked but their names.
mod plain {
    use super::{Deserialize, Serialize};

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "they are read for their own sake")]
    pub(super) struct Record<'a> {
        pub(super) at: u64,
        #[serde(rename = "requestID")]
        pub(super) request_id: Option<u64>,
        #[serde(borrow)]
        pub(super) by: Device<'a>,
        #[serde(borrow)]
        pub(super) command: Command<'a>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "they are read for their own sake")]
    pub(super) struct Device<'a> {
        pub(super) user: &'a str,
        pub(super) device: &'a str,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "they are read for their own sake")]
    pub(super) enum Command<'a> {
        CallUserToRoom {
            #[serde(rename = "roomID", alias = "roomId")]
            room: &'a str,
            #[serde(rename = "userIDList", alias = "userIdList", borrow)]
            users: Vec<&'a str>,
            timeout: u32,
            #[serde(rename = "extensionInfo", default)]
            extension: &'a str,
        },
        AcceptCall {
            #[serde(rename = "roomID", alias = "roomId")]
            room: &'a str,
            attempt: Option<u64>,
        },
    }

    #[derive(Serialize)]
    pub(super) struct Output<'a> {
        pub(super) at: u64,
        pub(super) to: Room<'a>,
        pub(super) event: Event<'a>,
        pub(super) because: &'a str,
    }

    #[derive(Serialize)]
    pub(super) struct Room<'a> {
        pub(super) room: &'a str,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) enum Event<'a> {
        OnPendingCallChanged(About<'a>),
    }

    #[derive(Serialize)]
    pub(super) struct About<'a> {
        #[serde(rename = "roomID")]
        pub(super) room: &'a str,
        pub(super) call: RoomCall<'a>,
        pub(super) attempt: u64,
    }

    #[derive(Serialize)]
    pub(super) struct RoomCall<'a> {
        pub(super) caller: &'a str,
        pub(super) callee: &'a str,
        pub(super) status: &'a str,
    }
}

const PLAIN: plain::Output<'_> = plain::Output {
    at: 1_722_430_800_000,
    to: plain::Room { room: "room-000000000042" },
    event: plain::Event::OnPendingCallChanged(plain::About {
        room: "room-000000000042",
        call: plain::RoomCall {
            caller: "user-00000000042",
            callee: "user-00000000043",
            status: "calling",
        },
        attempt: 9,
    }),
    because: "C-02",
};

fn reading(criterion: &mut Criterion) {
    for (name, line) in [("accept", ACCEPT), ("call", CALL)] {
        let mut group = criterion.benchmark_group(format!("read {name}"));
        group.throughput(Throughput::Bytes(line.len().try_into().unwrap()));
        group.bench_function("strict", |bench| {
            bench.iter(|| Record::<Text<'_>>::read(black_box(line)).unwrap());
        });
        group.bench_function("strict, owned", |bench| {
            bench.iter(|| Record::<String>::read(black_box(line)).unwrap());
        });
        group.bench_function("plain", |bench| {
            bench.iter(|| {
                serde_json::from_slice::<plain::Record<'_>>(black_box(line).as_bytes()).unwrap()
            });
        });
        group.finish();
    }
}

fn writing(criterion: &mut Criterion) {
    let output = Output::<&str>::read(EVENT).unwrap();
    assert_eq!(serde_json::to_string(&output).unwrap(), EVENT);
    assert_eq!(serde_json::to_string(&PLAIN).unwrap(), EVENT);
    let mut group = criterion.benchmark_group("write event");
    group.throughput(Throughput::Bytes(EVENT.len().try_into().unwrap()));
    let mut bytes = Vec::with_capacity(1_024);
    group.bench_function("output", |bench| {
        bench.iter(|| {
            bytes.clear();
            serde_json::to_writer(&mut bytes, black_box(&output)).unwrap();
            bytes.len()
        });
    });
    group.bench_function("plain", |bench| {
        bench.iter(|| {
            bytes.clear();
            serde_json::to_writer(&mut bytes, black_box(&PLAIN)).unwrap();
            bytes.len()
        });
    });
    group.finish();
}

criterion_group!(benches, reading, writing);
criterion_main!(benches);
