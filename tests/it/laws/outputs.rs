//! A device reads what a switchboard writes.

use proptest::prelude::*;
use roomcall::protocol::{Output, Record, Reply};

use roomcall_testkit::play::board;

laws! {
    // J-04, X-01: with numbers and without.
    fn what_is_said_is_read_back(journal) {
        for is_numbered in [false, true] {
            let mut board = board(journal);
            for (line, request_id) in journal.lines.iter().zip(0..) {
                let turn = board.apply_record(&Record { request_id: is_numbered.then_some(request_id), ..line.clone() });
                if let Some(reply) = turn.reply() {
                    let written = serde_json::to_string(&reply).unwrap();
                    prop_assert_eq!(serde_json::from_str::<Reply>(&written).unwrap(), reply);
                }
                for output in turn.outputs() {
                    let written = serde_json::to_string(&output).unwrap();
                    prop_assert_eq!(Output::read(&written).unwrap(), output);
                }
            }
        }
    }
}
