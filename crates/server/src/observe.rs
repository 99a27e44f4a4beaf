//! A server that judges its own traffic by the rules (`--observe`).
//!
//! The engine and the hub tell a [`Tap`] what they are sent and what they send, in the order in which it is
//! applied; an [`Observer`] judges it on a thread of its own. Nothing waits for that thread: what it has no
//! room for is counted and left out, and the observer begins anew after the gap, with whoever connects then.

mod words;

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use roomcall::journal::Header;
use roomcall::protocol::{Actor, Frame, Input, Output, Record, Request};
use roomcall::switchboard::Switchboard;
use roomcall_testkit::observer::{Observer, Settings, Traffic, Violation, What};

use crate::hub::Number;
use crate::metrics::Observed;

/// How late a line may be, in milliseconds: whoever is later has stalled.
const SLACK: u64 = 5_000;

/// Lines that may wait for the observer.
const WAITING: usize = 16_384;

/// The newest lines, to be shown with what is wrong with them.
const REMEMBERED: usize = 4_096;

/// How often it is judged what has not come in time, when nothing comes.
const IDLE: Duration = Duration::from_secs(1);

/// What the thread is given.
#[derive(Debug)]
enum Fed {
    Line(Traffic),
    /// Lines are missing: it begins anew.
    Gap(Settings),
}

/// Where traffic is told.
#[derive(Debug)]
pub struct Tap {
    feed: SyncSender<Fed>,
    observed: Observed,
    /// Whether lines were left out since the observer was told.
    has_gap: bool,
}

impl Tap {
    /// Begins to observe a server before its first line: with these rules, and from the beginning of its
    /// log, if that is so.
    ///
    /// # Errors
    ///
    /// The system gives it no thread.
    pub fn start(rules: &Header, is_new: bool, observed: Observed) -> io::Result<Self> {
        let (feed, fed) = sync_channel(WAITING);
        let watch = Watch::new(settings(rules, is_new), observed.clone());
        thread::Builder::new().name("observer".to_owned()).spawn(move || watch.run(&fed))?;
        Ok(Self { feed, observed, has_gap: false })
    }

    /// A device has connected.
    pub(crate) fn opened(&mut self, connection: Number, user: &str, device: &str) {
        let (user, device) = (user.to_owned(), device.to_owned());
        self.see(0, What::Opened { connection, user, device });
    }

    /// A connection is gone.
    pub(crate) fn closed(&mut self, connection: Number) {
        self.see(0, What::Closed { connection });
    }

    /// An input is applied, of the connection that asked for it; what it brings about follows.
    pub(crate) fn asked(&mut self, board: &Switchboard, record: &Record, by: Option<Number>) {
        if self.has_gap {
            let rules = Header::new(*board.limits(), *board.policy());
            let gap = Fed::Gap(settings(&rules, false));
            self.has_gap = self.feed.try_send(gap).is_err();
        }
        let at = board.clock().as_millis();
        let request = match &record.input {
            Input::Ask { command, .. } => Some(Request::Command(command.clone())),
            Input::Query { query, .. } => Some(Request::Query(query.clone())),
            Input::Fact(_) | Input::Tick => None,
        };
        let is_of_backend = match &record.input {
            Input::Ask { by, .. } | Input::Query { by, .. } => *by == Actor::Backend,
            Input::Fact(_) => true,
            Input::Tick => false,
        };
        if let (Some(connection), Some(request)) = (by, request) {
            let frame = Frame { request_id: record.request_id, request };
            self.see(at, What::Sent { connection, frame });
        } else if is_of_backend {
            self.see(at, What::Backend(record.clone()));
        }
    }

    /// A connection is told something.
    pub(crate) fn received(&mut self, connection: Number, output: &Output) {
        self.see(output.at, What::Received { connection, output: output.clone() });
    }

    /// The backend is answered.
    pub(crate) fn answered(&mut self, output: &Output) {
        self.see(output.at, What::Answered(output.clone()));
    }

    fn see(&mut self, at: u64, what: What) {
        let line = Fed::Line(Traffic { at, what });
        if self.has_gap || self.feed.try_send(line).inspect_err(warn_once).is_err() {
            self.has_gap = true;
            self.observed.unobserved();
        }
    }
}

fn warn_once(why: &TrySendError<Fed>) {
    tracing::warn!(%why, "the observer is left behind: it begins anew after a gap");
}

/// What an observer at the authority goes by.
fn settings(rules: &Header, sees_backend: bool) -> Settings {
    let (policy, limits) = (rules.policy, rules.limits);
    Settings { policy, limits, slack: SLACK, sees_backend, ..Settings::default() }
}

/// The observer, and the lines that it may speak of.
struct Watch {
    observer: Observer,
    observed: Observed,
    lines: VecDeque<Traffic>,
    /// The number of the first of them.
    first: u64,
    /// The time of the newest line, in milliseconds, and when it came.
    last: (u64, Instant),
}

impl Watch {
    fn new(settings: Settings, observed: Observed) -> Self {
        let (observer, lines) = (Observer::new(settings), VecDeque::new());
        Self { observer, observed, lines, first: 1, last: (0, Instant::now()) }
    }

    /// Until nobody feeds it any more.
    fn run(mut self, fed: &Receiver<Fed>) {
        loop {
            match fed.recv_timeout(IDLE) {
                Ok(fed) => self.take(fed),
                Err(RecvTimeoutError::Timeout) => self.judge_idle(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, fed: Fed) {
        match fed {
            Fed::Gap(settings) => *self = Self::new(settings, self.observed.clone()),
            Fed::Line(line) => {
                let found = self.observer.see(&line);
                self.observed.line();
                self.last = (self.last.0.max(line.at), Instant::now());
                if self.lines.len() == REMEMBERED {
                    self.lines.pop_front();
                    self.first += 1;
                }
                self.lines.push_back(line);
                self.report(&found);
            }
        }
    }

    /// Nothing came for a while: what was due by now is missing.
    fn judge_idle(&mut self) {
        let (at, came) = self.last;
        let passed = u64::try_from(came.elapsed().as_millis()).unwrap_or(u64::MAX);
        let found = self.observer.finish(at.saturating_add(passed));
        self.report(&found);
    }

    fn report(&self, found: &[Violation]) {
        for violation in found {
            self.observed.violation(violation.rule);
            let lines: Vec<&Traffic> =
                violation.lines.iter().filter_map(|line| self.line(*line)).collect();
            let messages: Vec<String> = lines.iter().map(|line| words::describe(line)).collect();
            let (rule, title) = (violation.rule.id(), violation.rule.title());
            let connection = lines.iter().rev().find_map(|line| connection(line));
            let what = words::without_names(&violation.what, &lines);
            tracing::error!(rule, title, connection, what, ?messages, "a rule is violated");
        }
    }

    fn line(&self, number: u64) -> Option<&Traffic> {
        self.lines.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }
}

const fn connection(line: &Traffic) -> Option<u64> {
    match &line.what {
        What::Opened { connection, .. }
        | What::Closed { connection }
        | What::Sent { connection, .. }
        | What::Received { connection, .. } => Some(*connection),
        What::Backend(_) | What::Answered(_) | What::Lost {} => None,
    }
}

#[cfg(test)]
mod tests {
    use roomcall::switchboard::Capacity;
    use roomcall::{HashKey, Limits, Policy};

    use super::*;
    use crate::metrics::Metrics;

    fn watch() -> (Watch, crate::metrics::Counts) {
        let (metrics, counts) = Metrics::new();
        (Watch::new(Settings { slack: 0, ..Settings::default() }, metrics.observed()), counts)
    }

    fn feed(watch: &mut Watch, lines: &[&str]) {
        for line in lines {
            watch.take(Fed::Line(serde_json::from_str(line).unwrap()));
        }
    }

    const OPENED: &str = r#"{"at":0,"opened":{"connection":1,"user":"bo","device":"phone"}}"#;
    const RINGS: &str = concat!(
        r#"{"at":5,"received":{"connection":1,"output":{"at":5,"to":{"user":"bo"},"#,
        r#""event":{"onCallReceived":{"roomID":"standup","attempt":1,"call":{"caller":"ana","callee":"bo","#,
        r#""status":"calling"},"extensionInfo":"","timeLeft":30000}},"because":"C-01","wake":true}}}"#,
    );

    #[test]
    fn a_wrong_line_is_counted_by_its_rule() {
        let (mut watch, counts) = watch();
        feed(&mut watch, &[OPENED, RINGS]);
        assert!(!counts.text().contains("roomcall_violations_total{"), "{}", counts.text());
        // It rings twice on one device.
        feed(&mut watch, &[RINGS]);
        let text = counts.text();
        assert!(text.contains("roomcall_violations_total{rule=\""), "{text}");
        assert!(text.contains("roomcall_observed_lines_total 3"), "{text}");
    }

    #[test]
    fn what_never_comes_is_missed() {
        let (mut watch, counts) = watch();
        let other = OPENED.replace("connection\":1", "connection\":2").replace("phone", "tablet");
        feed(&mut watch, &[OPENED, &other, RINGS]);
        std::thread::sleep(Duration::from_millis(20));
        watch.judge_idle();
        assert!(counts.text().contains("roomcall_violations_total{rule=\"C-01\"} 1"));
    }

    #[test]
    fn what_there_is_no_room_for_is_counted_and_the_observer_begins_anew() {
        let (metrics, counts) = Metrics::new();
        let board = Switchboard::with_capacity(
            Limits::DEFAULT,
            Policy::DEFAULT,
            HashKey::new(1),
            Capacity::default(),
        );
        let (feed, fed) = sync_channel(1);
        let mut tap = Tap { feed, observed: metrics.observed(), has_gap: false };
        tap.opened(1, "bo", "phone");
        tap.opened(2, "bo", "tablet");
        tap.closed(2);
        assert!(counts.text().contains("roomcall_unobserved_lines_total 2"), "{}", counts.text());
        let tick = Record { at: 1, request_id: None, input: Input::Tick };
        tap.asked(&board, &tick, None);
        assert!(tap.has_gap, "there is no room yet");
        assert!(matches!(fed.recv(), Ok(Fed::Line(_))));
        tap.asked(&board, &tick, None);
        assert!(matches!(fed.recv(), Ok(Fed::Gap(_))));
        tap.closed(1);
        assert!(matches!(fed.recv(), Ok(Fed::Line(_))));
    }
}
