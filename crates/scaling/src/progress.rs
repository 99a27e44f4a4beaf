//! How far it is, on standard error, for a person who waits.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that nobody sees unless standard error is a terminal.
#[derive(Clone, Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar of so many parts, which are milliseconds as far as that can be foretold.
    pub fn new(parts: u64) -> Self {
        let bar = ProgressBar::new(parts);
        let template = "{elapsed_precise} {bar:40} {percent:>3} %  {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Says what is being done.
    pub fn say(&self, what: impl Into<String>) {
        self.0.set_message(what.into());
        self.0.tick();
    }

    /// So many parts are done.
    pub fn done(&self, parts: u64) {
        self.0.inc(parts);
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
