//! What reading and writing a line allocates: the list of a call, and nothing else.

use roomcall::protocol::{Command, Input, Output, Record, Text};

fn allocations<T>(what: impl FnOnce() -> T) -> (T, u64) {
    let mut made = None;
    let info = allocation_counter::measure(|| made = Some(what()));
    (made.unwrap(), info.count_total)
}

#[test]
fn a_line_is_read_where_it_lies() {
    let by = r#""by":{"user":"user-0000000000042","device":"phone-000000017"}"#;
    for (command, times) in [
        (r#"{"acceptCall":{"roomID":"room-000000000000042","attempt":9}}"#, 0),
        (
            concat!(
                r#"{"callUserToRoom":{"roomID":"room-000000000000042","userIDList":["user-0000000000043"],"#,
                r#""timeout":30,"extensionInfo":"topic"}}"#
            ),
            1,
        ),
        // An escape is unescaped in memory of the reader, and copied from there.
        (r#"{"acceptCall":{"roomID":"caf\u00e9"}}"#, 2),
    ] {
        let line = format!(r#"{{"at":7,{by},"command":{command}}}"#);
        let (record, allocated) = allocations(|| Record::<Text<'_>>::read(&line).unwrap());
        assert_eq!(allocated, times, "{line}");
        assert!(matches!(
            record.input,
            Input::Ask { command: Command::AcceptCall { .. } | Command::CallUserToRoom { .. }, .. }
        ));
    }
}

#[test]
fn a_line_is_written_where_it_goes() {
    let line = concat!(
        r#"{"at":7,"to":{"user":"bo"},"event":{"onCallReceived":{"roomID":"standup","#,
        r#""call":{"caller":"ana","callee":"bo","status":"calling"},"attempt":9,"extensionInfo":"","#,
        r#""timeLeft":30000}},"because":"C-01","wake":true}"#
    );
    let (output, read) = allocations(|| Output::<&str>::read(line).unwrap());
    let mut bytes = Vec::with_capacity(1_024);
    let ((), written) = allocations(|| serde_json::to_writer(&mut bytes, &output).unwrap());
    assert_eq!((read, written), (0, 0));
    assert_eq!(bytes, line.as_bytes());
}
