//! What is answered to a request that the switchboard is not given, and so does not remember.

use roomcall::protocol::{Body, Output, Refused, Reply};

/// The answer to a request, which has the number of it if there is one, at a time in milliseconds.
pub(crate) fn refusal(at: u64, request_id: Option<u64>, refused: Refused) -> Output {
    let body = match request_id {
        Some(request_id) => Body::Reply(Reply::new(request_id, Err(refused))),
        None => Body::Refused(refused),
    };
    Output { at, body }
}
