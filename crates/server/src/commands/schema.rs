//! `schema`: the JSON Schema of the wire form.

use std::process::ExitCode;

use roomcall_schema::wire;

use super::Done;

pub(crate) fn run() -> Done {
    println!("{:#}", wire());
    Ok(ExitCode::SUCCESS)
}
