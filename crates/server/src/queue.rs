//! What waits to be sent on one connection: whole steps, in order, bounded in bytes.
//!
//! The hub adds lines and ends the step; the task of the connection takes what waits, as one frame, when
//! the frame before is sent. A line for many connections is there once, and so it is counted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::close_code::CloseCode;
use crate::progress::Progress;
use crate::sink::Sink;
use crate::text::{All, Counted, Text};

/// Steps that wait are joined to a frame of at most so many bytes.
const JOINED_BYTES: usize = 1 << 16;

/// One step is one frame, unless it has more bytes than this: clients bound their messages, the
/// smallest usual bound is 1 MiB.
const STEP_BYTES: usize = 3 << 18;

/// Requests of one connection that the engine has at once. Each may have a long answer.
const ASKED: usize = 8;

/// What a line costs besides its text, once for each connection that it waits for.
const ENTRY_BYTES: usize = size_of::<Entry>();

#[derive(Debug)]
struct Entry {
    text: Text,
    /// Whether it is the last line of its step.
    is_last: bool,
}

/// The queue of one connection.
#[derive(Debug)]
pub struct Queue {
    state: Mutex<State>,
    /// There is more to send, less to wait for, or it is to be closed. Only the connection's task listens.
    news: Notify,
    /// How what is sent moves; nothing before there is a socket.
    progress: OnceLock<Progress>,
    /// Above so many bytes a device has less time to take some, and may ask for nothing.
    limit: usize,
    all: All,
}

#[derive(Debug)]
struct State {
    entries: VecDeque<Entry>,
    /// How many of them are of steps that have ended.
    whole: usize,
    /// The bytes of all of them.
    bytes: usize,
    /// What the entries cost besides their texts.
    overhead: Counted,
    /// The frame that is being sent.
    sending: Counted,
    /// When something began to wait, or was last taken to be sent.
    since: Instant,
    /// Requests that are not answered; and of those the ones whose answer is in the present step.
    asked: usize,
    answered: usize,
    close_code: Option<CloseCode>,
    /// Whether nobody will take anything any more.
    is_over: bool,
}

impl State {
    fn is_gone(&self) -> bool {
        self.is_over || self.close_code.is_some()
    }

    fn insert(&mut self, index: usize, text: &Text, is_last: bool) {
        if self.entries.is_empty() && self.sending.bytes() == 0 {
            self.since = Instant::now();
        }
        self.bytes += text.as_str().len();
        self.entries.insert(index, Entry { text: text.clone(), is_last });
        self.overhead.set(self.entries.len() * ENTRY_BYTES);
    }

    fn clear(&mut self) {
        self.entries = VecDeque::new();
        (self.whole, self.bytes) = (0, 0);
        self.overhead.set(0);
        self.sending.set(0);
    }

    /// How many of the entries that wait come to one frame: whole steps, or, of a step that is too
    /// long for one, as many lines as fit; at least one.
    fn fitting(&self) -> usize {
        let (mut bytes, mut steps, mut lines) = (0, 0, 0);
        for (count, entry) in (1..).zip(self.entries.range(..self.whole)) {
            // With a line end before all but the first.
            bytes += entry.text.as_str().len() + 1;
            let most = if steps == 0 { STEP_BYTES } else { JOINED_BYTES };
            if bytes > most + 1 {
                break;
            }
            lines = count;
            if entry.is_last {
                steps = count;
            }
        }
        if steps > 0 { steps } else { lines.max(1) }
    }

    /// The next frame, which is being sent from now on.
    fn take(&mut self) -> Option<Utf8Bytes> {
        if self.whole == 0 {
            return None;
        }
        let count = self.fitting();
        let texts = self.entries.range(..count).map(|entry| entry.text.as_str().len() + 1);
        let mut frame = String::with_capacity(texts.sum());
        for entry in self.entries.drain(..count) {
            if !frame.is_empty() {
                frame.push('\n');
            }
            frame.push_str(entry.text.as_str());
            self.bytes -= entry.text.as_str().len();
        }
        if self.entries.is_empty() {
            // One long step should not cost memory for ever.
            self.entries = VecDeque::new();
        }
        self.whole -= count;
        self.since = Instant::now();
        self.overhead.set(self.entries.len() * ENTRY_BYTES);
        self.sending.set(frame.len());
        Some(frame.into())
    }
}

impl Queue {
    fn new(all: &All, limit: usize) -> Self {
        let state = State {
            entries: VecDeque::new(),
            whole: 0,
            bytes: 0,
            overhead: Counted::new(all, 0),
            sending: Counted::new(all, 0),
            since: Instant::now(),
            asked: 0,
            answered: 0,
            close_code: None,
            is_over: false,
        };
        let (state, news) = (Mutex::new(state), Notify::new());
        Self { state, news, progress: OnceLock::new(), limit, all: all.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Queue {
    fn add(&self, text: &Text) -> bool {
        let mut state = self.state();
        if state.is_gone() {
            return false;
        }
        let index = state.entries.len();
        state.insert(index, text, false);
        index == state.whole
    }

    fn answer(&self, text: &Text, _: Option<u64>) -> bool {
        self.state().answered += 1;
        self.add(text)
    }

    fn end_step(&self) {
        let mut state = self.state();
        if let Some(last) = state.entries.back_mut() {
            last.is_last = true;
        }
        state.whole = state.entries.len();
        state.asked = state.asked.saturating_sub(state.answered);
        state.answered = 0;
        drop(state);
        self.news.notify_one();
    }

    /// What waits is still sent where the server goes away, and else forgotten.
    fn cut(&self, why: CloseCode) {
        let mut state = self.state();
        state.close_code.get_or_insert(why);
        if why != CloseCode::GoingAway {
            state.clear();
        }
        drop(state);
        self.news.notify_one();
    }

    fn is_gone(&self) -> bool {
        self.state().is_gone()
    }

    fn pressure(&self) -> Option<(Duration, usize)> {
        let state = self.state();
        let bytes = state.bytes + state.sending.bytes();
        let taken = self.progress.get().map(Progress::taken);
        let since = taken.map_or(state.since, |taken| taken.max(state.since));
        (bytes > 0).then(|| (since.elapsed(), bytes))
    }
}

/// The end of a connection that the server's task of that connection has.
#[derive(Debug)]
pub struct Outgoing(Arc<Queue>);

/// What a connection has to do.
#[derive(Debug)]
pub(crate) enum Next {
    /// To send this, and to say so.
    Send(Utf8Bytes),
    /// To close.
    Close(CloseCode),
}

/// A queue, which may have `limit` bytes while nothing of it is taken, and its other end.
pub fn queue(all: &All, limit: usize) -> (Arc<Queue>, Outgoing) {
    let queue = Arc::new(Queue::new(all, limit));
    (queue.clone(), Outgoing(queue))
}

impl Outgoing {
    /// The socket is there, which says how what is sent moves.
    pub(crate) fn attach(&self, progress: &Progress) {
        // It has one socket.
        let _ = self.0.progress.set(progress.clone());
    }

    /// Waits for something to do. What is to be sent is not given out again, so it is asked for when
    /// everything before is sent.
    pub(crate) async fn next(&self) -> Next {
        loop {
            if let Some(why) = self.close_code() {
                return Next::Close(why);
            }
            if let Some(frame) = self.take() {
                return Next::Send(frame);
            }
            self.news().await;
        }
    }

    /// What waits, as much as comes to one frame.
    pub fn take(&self) -> Option<Utf8Bytes> {
        self.0.state().take()
    }

    /// Waits until something may be different.
    pub(crate) async fn news(&self) {
        self.0.news.notified().await;
    }

    /// Why it is to be closed, if it is.
    pub fn close_code(&self) -> Option<CloseCode> {
        self.0.state().close_code
    }

    /// The frame is sent.
    pub(crate) fn sent(&self) {
        self.0.state().sending.set(0);
    }

    /// How much of `stall` a device may take nothing: all of it, but a quarter where much waits.
    pub(crate) fn patience(&self, stall: Duration) -> Duration {
        let state = self.0.state();
        if state.bytes + state.sending.bytes() > self.0.limit { stall / 4 } else { stall }
    }

    /// Whether the engine may be given a request: few are not answered, and little waits.
    pub(crate) fn may_ask(&self) -> bool {
        let state = self.0.state();
        state.asked < ASKED && state.bytes + state.sending.bytes() <= self.0.limit / 2
    }

    /// A request is given to the engine.
    pub(crate) fn submitted(&self) {
        self.0.state().asked += 1;
    }

    /// Whether all requests are answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.0.state().asked == 0
    }

    /// The clock of the switchboard, in milliseconds; 0 before it had anything to do.
    pub(crate) fn clock(&self) -> u64 {
        self.0.all.clock()
    }

    /// Adds a line that is of no step of the engine, after all steps that have ended.
    pub(crate) fn add_line(&self, text: String) {
        let text = Text::new(&self.0.all, text, None);
        let mut state = self.0.state();
        if !state.is_gone() {
            let index = state.whole;
            state.insert(index, &text, true);
            state.whole += 1;
        }
        drop(state);
        self.0.news.notify_one();
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_over = true;
        state.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add_all(queue: &Queue, all: &All, lines: &[&str]) {
        for line in lines {
            queue.add(&Text::new(all, (*line).to_owned(), None));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn steps_are_sent_whole_and_in_order() {
        let all = All::default();
        let (queue, outgoing) = queue(&all, 1_000);
        add_all(&queue, &all, &["a", "b"]);
        assert!(outgoing.take().is_none(), "the step is not over");
        outgoing.add_line("between".to_owned());
        queue.end_step();
        add_all(&queue, &all, &["c"]);
        assert_eq!(outgoing.take().as_deref(), Some("between\na\nb"));
        queue.end_step();
        assert_eq!(outgoing.take().as_deref(), Some("c"));
        outgoing.sent();
        assert!(outgoing.take().is_none());
        assert_eq!(all.bytes(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_too_long_for_a_frame_is_in_several() {
        let all = All::default();
        let (queue, outgoing) = queue(&all, 1_000);
        let long = "x".repeat(JOINED_BYTES);
        for lines in [vec!["a"; 3], vec![&*long, &*long], vec!["b"; 2], vec![&*long; 20]] {
            add_all(&queue, &all, &lines);
            queue.end_step();
        }
        let frames = || std::iter::from_fn(|| outgoing.take());
        let lines: Vec<usize> = frames().map(|it| it.lines().count()).collect();
        // Twelve lines less their ends would be too long for one.
        assert_eq!(lines, [3, 2, 2, 11, 9]);
        let huge = "x".repeat(2 * STEP_BYTES);
        add_all(&queue, &all, &["a", &huge, "b"]);
        queue.end_step();
        let bytes: Vec<usize> = frames().map(|it| it.len()).collect();
        assert_eq!(bytes, [1, huge.len(), 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_to_many_is_counted_once() {
        let all = All::default();
        let queues: Vec<_> = (0..100).map(|_| queue(&all, 1_000)).collect();
        let text = Text::new(&all, "x".repeat(6_000), None);
        for (queue, _) in &queues {
            queue.add(&text);
            queue.end_step();
        }
        assert_eq!(all.bytes(), 6_000 + 100 * ENTRY_BYTES);
        drop(text);
        // Who is cut, is gone or has taken it costs nothing any more.
        for (number, (queue, outgoing)) in queues.into_iter().enumerate() {
            assert!(all.bytes() >= 6_000);
            match number % 3 {
                0 => queue.cut(CloseCode::TooSlow),
                1 => drop(outgoing),
                _ => {
                    assert_eq!(outgoing.take().map(|it| it.len()), Some(6_000));
                    outgoing.sent();
                }
            }
        }
        assert_eq!(all.bytes(), 0);
    }
}
