//! One signed-in device: what its screen shows, and what it asks for.
//!
//! A handset is fed what the switchboard says, what the person taps, and time; it says what the
//! screen shows and what is to be sent. What it knows of a call is the greatest that was said of
//! its attempt, so messages may be lost, doubled, reordered and late: it comes to rest at the same
//! screen (D-04, D-28).
//!
//! Every input goes through three phases: what is due by the clock happens, the input is merged
//! into what is known, and the difference to what was on the screen makes the effects (D-09).

mod because;
mod elapse;
mod incoming;
mod input;
mod list;
mod notices;
mod outgoing;
mod output;
mod platform;
mod replies;
mod requests;
#[cfg(feature = "json")]
mod saved;
mod screen;
mod settings;
mod snapshot;
mod taps;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::protocol::Ending;
use crate::{EndingKind, Tick};
use incoming::Calls;
use list::List;
use outgoing::Outgoing;
use requests::Requests;

pub use input::{Input, Link, Tap};
pub use output::{Dismissal, Effect, Incoming, Progress, Request, Stage};
pub use platform::{CallKitReason, SipReason, TelecomCause};
#[cfg(feature = "json")]
pub use saved::SavedError;
pub use settings::{LateRing, Settings};

/// One signed-in device of one user: a pure reducer.
///
/// ```
/// use roomcall::handset::{Effect, Handset, Input, Link, Request, Settings, Tap};
/// use roomcall::protocol::Command;
/// use roomcall::Tick;
///
/// let mut phone = Handset::new("ana", "phone", Settings::DEFAULT);
/// // It asks what rings before it does anything else.
/// let effects = phone.apply(Tick::START, Input::Link(Link::Up));
/// assert!(matches!(&effects[..], [Effect::Send { request_id: 1, request: Request::Query(_) }]));
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Handset {
    user: String,
    device: String,
    settings: Settings,
    clock: Tick,
    link: Link,
    /// The room that this device is in.
    room: Option<String>,
    /// Whether a snapshot was applied in this life (D-15).
    is_ready: bool,
    /// Replies to requests for snapshots below this number are too old (D-14).
    fresh_from: u64,
    /// When a snapshot was last asked for, for the first time (D-16).
    refreshed: Tick,
    calls: Calls,
    outgoing: Outgoing,
    list: List,
    requests: Requests,
}

/// What one step brings about.
struct Step {
    effects: Vec<Effect>,
    /// Why calls are over of which the step tells: the greatest ending counts (D-04).
    why: BTreeMap<u64, Dismissal>,
    /// Of those that were not on the screen (D-10): room, caller, and whether it was silenced.
    learned: BTreeMap<u64, (String, String, bool)>,
    /// What was on the screen before it.
    before: BTreeMap<u64, Stage>,
}

impl Handset {
    /// A device that was never signed in before, not connected, its clock at [`Tick::START`].
    pub fn new(user: &str, device: &str, settings: Settings) -> Self {
        Self {
            user: user.into(),
            device: device.into(),
            settings,
            clock: Tick::START,
            link: Link::Down,
            room: None,
            is_ready: false,
            fresh_from: 0,
            refreshed: Tick::START,
            calls: Calls::new(),
            outgoing: Outgoing::new(),
            list: List::new(),
            requests: Requests::new(),
        }
    }

    /// Applies one input at `at`, by the device's own clock, and gives what is to be done. Save
    /// the state before doing it (D-25).
    ///
    /// ```
    /// use roomcall::handset::{Effect, Handset, Input, Link, Settings};
    /// use roomcall::Tick;
    ///
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// let _ = phone.apply(Tick::START, Input::Link(Link::Up));
    /// assert_eq!(phone.next_deadline(), Some(Tick::from_millis(2_000)));
    /// let duplicate = phone.apply(Tick::from_millis(2_000), Input::Tick);
    /// assert!(matches!(&duplicate[..], [Effect::Send { request_id: 1, .. }]), "the same number");
    /// ```
    #[must_use = "the screen and the switchboard hear of nothing else"]
    pub fn apply(&mut self, at: Tick, input: Input) -> Vec<Effect> {
        self.apply_all(at, [input])
    }

    /// As [`apply`](Self::apply), with several inputs that came together: a ring and its end make
    /// no sound (D-26).
    #[must_use = "the screen and the switchboard hear of nothing else"]
    pub fn apply_all(&mut self, at: Tick, inputs: impl IntoIterator<Item = Input>) -> Vec<Effect> {
        let before = self.calls.screen.clone();
        let mut step =
            Step { effects: Vec::new(), why: BTreeMap::new(), learned: BTreeMap::new(), before };
        self.clock = self.clock.max(at);
        let mut inputs = inputs.into_iter().peekable();
        // Nothing applied together is a look at the clock.
        if inputs.peek().is_none() {
            self.look(Input::Tick, &mut step);
        }
        for input in inputs {
            self.look(input, &mut step);
        }
        self.draw(step)
    }

    /// One input at the present time, and the screen after it.
    fn look(&mut self, input: Input, step: &mut Step) {
        self.elapse(step);
        self.rest(step);
        self.judge(input, step);
        self.rest(step);
    }

    /// What follows from whatever happened: the screen, and the bounds on what is remembered.
    fn rest(&mut self, step: &mut Step) {
        self.calls.screen = self.stages();
        self.forget_outcomes();
        if self.list.forget_removed(self.settings.endings) {
            self.give_up_walk();
            self.ask_anew(step);
        }
        if self.calls.forget_endings(self.settings.endings) {
            self.ask_anew(step);
        }
    }

    fn judge(&mut self, input: Input, step: &mut Step) {
        match input {
            Input::Tick => {}
            Input::Notice(notice) => self.hear(notice, step),
            Input::Reply(reply) => self.take_reply(reply, step),
            Input::Tap(tap) => self.tap(tap, step),
            Input::Link(Link::Up) => self.connect(step),
            Input::Link(Link::Down) => self.disconnect(),
            Input::InRoom(room) => self.go_to(room, step),
        }
    }

    /// A call to this user is over (D-10, D-11, D-12, D-14).
    fn end(&mut self, attempt: u64, why: Dismissal, step: &mut Step) {
        if let Some(call) = self.calls.known.remove(&attempt) {
            let said = self.requests.said(attempt);
            self.requests.give_up_answers(attempt);
            let is_outside = self.room.as_ref() != Some(&call.room);
            let is_mine = why == Dismissal::AnsweredHere && said == Some(requests::Said::Yes);
            if is_mine && is_outside {
                step.effects.push(Effect::Join { room: call.room.clone() });
            }
            if !step.before.contains_key(&attempt) {
                step.learned.insert(attempt, (call.room, call.caller, call.is_silenced));
            }
            step.why.insert(attempt, why.clone());
        } else if let Some(said) =
            step.why.get_mut(&attempt).filter(|_| self.calls.remembers(attempt))
        {
            *said = why.clone().max(said.clone());
        }
        self.calls.remember(attempt, why);
    }

    /// As [`end`](Self::end), by the account of a refusal or a snapshot. Having entered is no
    /// accept: there is nothing to join (D-12).
    fn end_as(&mut self, attempt: u64, ended: &Ending, step: &mut Step) {
        if ended.how == EndingKind::Entered {
            self.requests.give_up_answers(attempt);
        }
        self.end(attempt, Dismissal::of(ended, &self.device), step);
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The device.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The settings that it was made with.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The latest time that was seen (D-02).
    pub const fn clock(&self) -> Tick {
        self.clock
    }

    /// Whether there is a connection.
    pub const fn link(&self) -> Link {
        self.link
    }

    /// The room that this device is in.
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Whether a snapshot was applied since it was made or restarted (D-15).
    pub const fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// What is on the screen, by attempt (D-09).
    pub fn screen(&self) -> impl Iterator<Item = (u64, Stage)> + '_ {
        self.calls.screen.iter().map(|(attempt, stage)| (*attempt, *stage))
    }

    /// The handset after its process was killed and started again (D-25).
    ///
    /// ```
    /// use roomcall::handset::{Handset, Input, Link, Settings};
    /// use roomcall::Tick;
    ///
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// let _ = phone.apply(Tick::from_millis(9_000), Input::Link(Link::Up));
    /// let phone = phone.restart();
    /// assert_eq!((phone.link(), phone.clock()), (Link::Down, Tick::START));
    /// ```
    #[must_use = "the old one is gone"]
    pub fn restart(mut self) -> Self {
        let clock = core::mem::take(&mut self.clock);
        for call in self.calls.known.values_mut() {
            call.deadline = call.deadline.map(|deadline| Tick::START.plus(clock.until(deadline)));
        }
        self.requests.restart(clock);
        self.link = Link::Down;
        self.room = None;
        self.is_ready = false;
        self.refreshed = Tick::START;
        self.list = List::new();
        self
    }
}
