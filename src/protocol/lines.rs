//! The lines of a frame or of a journal (J-02).

/// The lines of one frame of a socket or one read of a pipe, which holds one or more of them, each
/// without its line end.
///
/// A line end is LF or CR LF, and the last line needs none. A blank line is given out like any
/// other, so that whoever reads it refuses it (J-02); a frame without bytes is one.
///
/// ```
/// use roomcall::protocol::lines;
///
/// let lines: Vec<&[u8]> = lines(b"{\"at\":1,\"tick\":{}}\r\n{\"at\":2,\"tick\":{}}").collect();
/// assert_eq!(lines, [&b"{\"at\":1,\"tick\":{}}"[..], b"{\"at\":2,\"tick\":{}}"]);
/// ```
pub fn lines(frame: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(frame);
    core::iter::from_fn(move || {
        let bytes = rest?;
        let (line, others) = split_line(bytes).unwrap_or((bytes, b""));
        rest = (!others.is_empty()).then_some(others);
        Some(without_return(line))
    })
}

/// What is before the first LF, and what is after it.
pub(crate) fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.get(1..)?))
}

/// A line end may be two bytes, and they may come in two reads.
pub(crate) fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::lines;

    #[test]
    fn a_line_end_ends_a_line_and_begins_none() {
        for (frame, expected) in [
            (&b""[..], &[&b""[..]][..]),
            (b"\n", &[b""]),
            (b"a", &[b"a"]),
            (b"a\n", &[b"a"]),
            (b"a\r\nb\n", &[b"a", b"b"]),
            (b"a\n\nb", &[b"a", b"", b"b"]),
            (b"a\rb\n\r\n", &[b"a\rb", b""]),
        ] {
            assert_eq!(lines(frame).collect::<Vec<_>>(), expected, "{frame:?}");
        }
    }
}
