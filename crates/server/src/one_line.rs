//! Logs of which each event is one line: whatever is in it, it makes no other lines and moves no cursor.

use std::io::{self, Write};

/// A writer that gets an event at a time, and writes it as one line.
#[derive(Debug)]
pub struct OneLine<W>(pub W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let (line, end) = text.strip_suffix('\n').map_or((&text[..], ""), |line| (line, "\n"));
        let mut escaped = String::with_capacity(text.len());
        for each in line.chars() {
            if is_harmless(each) {
                escaped.push(each)
            } else {
                escaped.extend(each.escape_unicode())
            }
        }
        escaped.push_str(end);
        self.0.write_all(escaped.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a character neither ends a line, as some programs see it, nor is obeyed by a terminal, nor turns
/// text around.
fn is_harmless(each: char) -> bool {
    !each.is_control()
        && !matches!(each, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::redact::Redacted;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, event: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(event)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Whatever anybody chooses, in whatever way it is logged.
    #[test]
    fn nobody_writes_lines_of_their_own() {
        let chosen = "bo\nERROR roomcall_server: the keys\r\u{1b}[2K\u{9b}1A\u{2028}\u{202e}é";
        let log = Log::default();
        let to = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || OneLine(to.clone())).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(chosen, "as a value");
            tracing::info!(%chosen, "as it is shown");
            tracing::info!(?chosen, "as it is debugged");
            tracing::info!(user = %Redacted(chosen), "as an id");
            tracing::info!("{chosen}");
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.contains("as it is shown") && text.contains('é'), "{text}");
        assert!(text.chars().all(|it| it == '\n' || is_harmless(it)), "{text:?}");
    }
}
