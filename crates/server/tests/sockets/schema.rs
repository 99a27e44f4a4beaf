//! The server prints the schema of the wire form.

#[test]
fn it_is_printed() {
    let printed = std::process::Command::new(crate::child::PROGRAM).arg("schema").output();
    let wire = format!("{:#}\n", roomcall_schema::wire());
    assert_eq!(printed.expect("the program starts").stdout, wire.as_bytes());
}
