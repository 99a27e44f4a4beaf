//! What is answered to a line that is no request.

use roomcall::Rule;
use roomcall::protocol::{FrameError, Refused};
use serde::Deserialize;

use crate::refusal::refusal;

/// What of a message is repeated at most, in bytes: it names the field, which may be long.
const LONGEST: usize = 512;

/// The refusal of such a line.
#[derive(Debug)]
pub(crate) struct Malformed {
    request_id: Option<u64>,
    refused: Refused,
}

/// What of a request is read, whatever else is there.
#[derive(Deserialize)]
struct Numbered {
    #[serde(rename = "requestID")]
    request_id: u64,
}

impl Malformed {
    /// What is wrong with the line. If its number can be read, the answer has it.
    pub(crate) fn new(line: &[u8], why: &FrameError) -> Self {
        let numbered: Option<Numbered> = serde_json::from_slice(line).ok();
        let mut message = why.to_string();
        if message.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|end| message.is_char_boundary(*end));
            message.truncate(end.unwrap_or(0));
            message = format!("{message}… at column {}", why.column());
        }
        let refused = Refused::new(Rule::J02, -1001, message);
        Self { request_id: numbered.map(|it| it.request_id), refused }
    }

    /// Its line, at a time in milliseconds.
    pub(crate) fn output(self, at: u64) -> String {
        serde_json::to_string(&refusal(at, self.request_id, self.refused)).unwrap_or_default()
    }
}
