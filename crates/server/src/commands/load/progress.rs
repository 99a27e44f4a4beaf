//! How far something is: a bar where somebody looks, plain lines where not.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

/// How often a plain line is printed.
const EVERY: Duration = Duration::from_secs(5);

/// How far something is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    length: u64,
    start: Instant,
    printed: Instant,
}

impl Progress {
    pub(crate) fn new(length: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(length));
        let style = ProgressStyle::with_template("  [{bar:30}] {percent:>3} %  {msg}");
        if let (Some(bar), Ok(style)) = (&bar, style) {
            bar.set_style(style.progress_chars("=> "));
        }
        let now = Instant::now();
        Self { bar, length, start: now, printed: now }
    }

    /// It is so far.
    pub(crate) fn show(&mut self, position: u64, message: String) {
        if let Some(bar) = &self.bar {
            bar.set_position(position.min(self.length));
            bar.set_message(message);
        } else if self.printed.elapsed() >= EVERY {
            self.printed = Instant::now();
            let percent = position.min(self.length) * 100 / self.length.max(1);
            println!("  {:>5.0} s  {percent:>3} %  {message}", self.start.elapsed().as_secs_f64());
        }
    }

    /// A line that stays.
    pub(crate) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| println!("{line}")),
            None => println!("{line}"),
        }
    }

    /// It is done.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
