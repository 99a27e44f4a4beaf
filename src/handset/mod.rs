//! One signed-in device: what its screen shows, and what it sends.
//!
//! A handset takes what the switchboard says, what a person taps, and time. It says what the screen
//! shows and what is to be sent. Messages may be dropped, duplicated, reordered and late: what it
//! knows of a call is the greatest that was said of its attempt, so it arrives at the same screen
//! whatever their order (D-04, D-28).
//!
//! # A step
//!
//! [`Handset::apply`] is one step. It has four phases; the second and third repeat for each of
//! several inputs that came together (D-26):
//!
//! 1. **The clock** goes to the time of the step; back only if the device's was set (D-02).
//! 2. **Elapse**: what is due by the clock happens, in the order of D-02.
//! 3. **Judge**: the input is merged into what is known. Then **normalize** puts every call at its
//!    stage, and evicts what exceeds the bounds of the [`Settings`].
//! 4. **Diff**: what differs from what the host shows makes the effects of the screen. They and the
//!    others are sorted by D-03.
//!
//! | Part | Holds | Rules |
//! |---|---|---|
//! | `calls` | the calls to this user, and what snapshots settled | D-04, D-06, D-13, D-14, D-19, D-24 |
//! | `screen` | the stage of each call; what a step ends | D-07 to D-10, D-26 |
//! | `outgoing` | the calls by this user | D-21 |
//! | `room_list` | the pending list of this device's room, and its pagination | D-22, D-23 |
//! | `requests` | unanswered requests, their numbers and retries | D-11, D-15 to D-18, D-20 |
//! | `quiet` | until when no call begins to ring | D-32 |
//! | `call_log` | up to where the user's call log was read and seen | D-35, D-36 |
//! | `saved` | the state as text | D-25 |
//!
//! Each of these parts owns its fields and keeps its own invariants. What one input does to several
//! of them stands in `events`, `pushes`, `replies`, `settings`, `signed_out`, `snapshot`, `taps` and
//! `timers`.
//!
//! # Snapshots
//!
//! A snapshot is what the switchboard knows of the calls to and by this user (Q-11). It lists every
//! live one. Of those that are over it *covers* the attempts above `since` and up to its
//! `lastAttempt`: how one of them ended stands in it, or the switchboard does not remember it. So
//! the handset concludes nothing from what a snapshot does not list and does not cover, and asks
//! since an attempt below everything whose end it has to learn: the known calls, and the **open**
//! calls by this user, which ring or of which it does not know by whom or why they ended. Where a
//! snapshot says that there is `more`, the next one goes on at its `lastAttempt` (D-16, D-24).
//!
//! # What is known of an attempt
//!
//! An attempt is unknown, known or over. A known call is on the screen unless it is silenced, hidden
//! or for the room that this device is in.
//!
//! ```text
//!            a ring (D-06), or            its deadline (D-13)
//!            a snapshot lists it           ┌─────────────┐
//!  unknown ───────────────────▶ known ─────┘   silenced  │
//!     │                         │  ▲                     │
//!     │ an ending               │  └─── a snapshot ──────┘
//!     │ (D-14)                  │          lists it
//!     ▼                         │ an ending, or a snapshot
//!  tombstone ◀──────────────────┘ covers it and does not list it
//!     │
//!     │ a snapshot settles it (D-24), or it is one too many and evicted (D-14)
//!     ▼
//!  forgotten: below `min_attempt`, where no ring makes it known again
//! ```
//!
//! Attempts are numbered upward, and three numbers say what a message about one can do:
//!
//! ```text
//!  attempt   1 ........... watermark │ ............... │ min_attempt ...........
//!                                    │                 │
//!            settled by snapshots    │ tombstones here │ not settled
//!                                    │ were evicted    │
//!  ──────────────────────────────────┼─────────────────┼────────────────────────
//!  a ring    is late, unless the     │ likewise        │ makes the call known,
//!            call is known           │                 │ unless it has a tombstone
//!  an ending leaves a tombstone if   │ leaves a        │ leaves a tombstone
//!            the last snapshot       │ tombstone       │
//!            listed it               │                 │
//!  a newer   makes a call known that it lists and that has no tombstone; a known
//!  snapshot  call that it covers and does not list is over; its `lastAttempt` becomes
//!            the watermark, if that is greater
//! ```
//!
//! * The **watermark** is the greatest `lastAttempt` of an applied snapshot. Together with the
//!   attempts that the last one *listed* it says which endings a snapshot on its way could
//!   contradict: those need a **tombstone**.
//! * **`min_attempt`** is the lowest attempt that a ring makes known. It is always above the
//!   watermark, and eviction of a tombstone raises it further. Then a snapshot on its way could
//!   revive the forgotten call, so all that were requested until then are rejected, by the number
//!   of the request (`minSnapshotID`), and a new one is requested.
//! * The **revision** orders snapshots: a lower one is stale.
//!
//! The room's list has a `min_attempt` of its own, below which an event does not count (D-23).
//!
//! # What is known of a call by this user
//!
//! ```text
//!  asking ──▶ calling ──▶ ringing ─────▶ unknown ─────▶ timed out, rejected, cancelled, revoked, accepted
//!                a phone shows it  a snapshot covers it    a notice, a cancel's result, or an ending in
//!                                  and does not name it    a snapshot; it may jump over what is between
//! ```
//!
//! It is followed wherever this device is: the room's list says only *that* such a call is over, so
//! then a snapshot is requested that says how (D-21).

mod call;
mod call_log;
mod calls;
mod dismissal;
mod effect;
mod events;
mod input;
mod outgoing;
mod platform;
mod progress;
mod pushes;
mod quiet;
mod replies;
mod requests;
mod restart;
mod room_list;
#[cfg(feature = "json")]
mod saved;
mod screen;
mod settings;
mod signed_out;
mod snapshot;
mod taps;
mod time;
mod timers;
mod unanswered;

use alloc::string::String;
use alloc::vec::Vec;

use call_log::Log;
use calls::Calls;
use outgoing::Outgoing;
use quiet::Quiet;
use requests::Requests;
use room_list::RoomList;
use screen::Step;
use taps::abandon_answers;
use unanswered::{Gate, Readiness};

pub use crate::protocol::Request;
pub use dismissal::Dismissal;
pub use effect::{Effect, Incoming, NotSentReason, ReportReason, Stage};
pub use input::{Input, Link, Tap};
pub use platform::{CallKitReason, SipReason, TelecomCause};
pub use progress::Progress;
#[cfg(feature = "json")]
pub use saved::SavedError;
pub use settings::{LateRing, Settings};
pub use time::DeviceTick;

/// One signed-in device of one user: a pure reducer.
///
/// | To | Use |
/// |---|---|
/// | make one | [`new`](Self::new), or [`restore`](Self::restore) after the process was killed |
/// | give it an input | [`apply`](Self::apply), or [`apply_all`](Self::apply_all) for several that came together |
/// | know when to call next | [`next_deadline`](Self::next_deadline) |
/// | draw its screen anew | [`redraw`](Self::redraw) |
/// | read its state | [`screen`](Self::screen), [`room`](Self::room), [`link`](Self::link), [`is_ready`](Self::is_ready), [`clock`](Self::clock) |
/// | read what it was made with | [`user`](Self::user), [`device`](Self::device), [`settings`](Self::settings) |
/// | keep it | [`save`](Self::save) after each step, before its effects are carried out |
///
/// ```
/// use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Request, Settings};
///
/// let mut phone = Handset::new("ana", "phone", Settings::DEFAULT);
/// // It requests a snapshot of what rings before it does anything else.
/// let effects = phone.apply(DeviceTick::START, Input::Link(Link::Up));
/// assert!(matches!(&effects[..], [Effect::Send { request_id: Some(1), request: Request::Query(_) }]));
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Handset {
    user: String,
    device: String,
    settings: Settings,
    /// The device's own time, which never goes back (D-02).
    clock: DeviceTick,
    /// How many milliseconds that is ahead of the host's, whose clock was set back.
    ahead: u64,
    link: Link,
    /// The room that this device is in.
    room: Option<String>,
    /// Whether something else has the device (D-31).
    is_occupied: bool,
    quiet: Quiet,
    /// Whether the user signed out: then nothing else is known (D-33).
    is_signed_out: bool,
    readiness: Readiness,
    calls: Calls,
    outgoing: Outgoing,
    list: RoomList,
    log: Log,
    requests: Requests,
}

impl Handset {
    /// A device that was never signed in before, not connected, its clock at [`DeviceTick::START`].
    ///
    /// A host that starts again restores the saved state instead: a new handset numbers its
    /// requests from 1, and the switchboard answers a number that it knows as it did before (X-02).
    pub fn new(user: &str, device: &str, settings: Settings) -> Self {
        Self {
            user: user.into(),
            device: device.into(),
            settings,
            clock: DeviceTick::START,
            ahead: 0,
            link: Link::Down,
            room: None,
            is_occupied: false,
            quiet: Quiet::default(),
            is_signed_out: false,
            readiness: Readiness::None,
            calls: Calls::new(),
            outgoing: Outgoing::default(),
            list: RoomList::new(),
            log: Log::default(),
            requests: Requests::new(),
        }
    }

    /// Applies one input at `at`, by the device's own clock, and gives what is to be done. Save
    /// the state before doing it (D-25).
    ///
    /// It costs some passes over the known calls, the calls by this user and the unanswered
    /// requests, of which there are at most as many as the [`Settings`] allow, but for calls that
    /// ring. A snapshot or a page costs a step for each of its entries, too.
    ///
    /// ```
    /// use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Settings};
    ///
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// let _ = phone.apply(DeviceTick::START, Input::Link(Link::Up));
    /// assert_eq!(phone.next_deadline(), Some(DeviceTick::from_millis(2_000)));
    /// let retry = phone.apply(DeviceTick::from_millis(2_000), Input::Tick);
    /// assert!(matches!(&retry[..], [Effect::Send { request_id: Some(1), .. }]), "the same number");
    /// ```
    #[must_use = "the effects are the only output"]
    pub fn apply(&mut self, at: DeviceTick, input: Input) -> Vec<Effect> {
        self.apply_all(at, [input])
    }

    /// As [`apply`](Self::apply), with several inputs that came together: a ring and its end make
    /// no sound (D-26). No input at all is a [`Tick`](Input::Tick).
    #[must_use = "the effects are the only output"]
    pub fn apply_all(
        &mut self,
        at: DeviceTick,
        inputs: impl IntoIterator<Item = Input>,
    ) -> Vec<Effect> {
        let mut step = Step::new();
        self.set_clock(at);
        let mut inputs = inputs.into_iter();
        let mut next = Some(inputs.next().unwrap_or(Input::Tick));
        while let Some(input) = next {
            if self.elapse(&mut step) {
                self.normalize(&mut step);
            }
            self.judge(input, &mut step);
            self.normalize(&mut step);
            next = inputs.next();
        }
        self.diff(step)
    }

    fn judge(&mut self, input: Input, step: &mut Step) {
        if self.is_signed_out {
            return self.judge_signed_out(input, step);
        }
        match input {
            Input::Tick => {}
            Input::Notice(event) => self.on_event(event, step),
            Input::Push { event, age } => self.on_push(event, age, step),
            Input::Reply(reply) => self.on_reply(reply, step),
            Input::Tap(tap) => self.on_tap(tap, step),
            Input::Link(Link::Up) => self.on_link_up(step),
            Input::Link(Link::Down) => {
                self.link = Link::Down;
                self.requests.abandon_snapshot();
            }
            Input::InRoom(room) => self.on_room(room, step),
            Input::JoinFailed => self.quiet.end_join(),
            Input::Occupied(is_occupied) => self.is_occupied = is_occupied,
            Input::Settings(settings) => self.on_settings(settings),
            Input::SignedOut => self.on_signed_out(step),
        }
    }

    /// What follows from whatever happened: the screen, and the bounds on what is remembered.
    fn normalize(&mut self, step: &mut Step) {
        self.arrange_screen();
        self.outgoing.prune(&self.requests, self.settings.outgoing);
        self.bound_list(step);
        // D-14
        if self.calls.evict_tombstones(self.settings.endings) {
            self.request_snapshot_anew(step);
        }
        self.request_log(step);
    }

    /// A new connection, which may be to another life of the switchboard (D-15, D-16).
    fn on_link_up(&mut self, step: &mut Step) {
        self.link = Link::Up;
        self.readiness = self.readiness.on_link_up();
        self.requests.abandon_snapshot();
        self.requests.send(|_| true, self.gate(), &mut step.effects);
        self.request_snapshot(step);
    }

    /// This device goes from one room to another (D-08, D-16, D-22).
    fn on_room(&mut self, room: Option<String>, step: &mut Step) {
        if self.room == room {
            return;
        }
        self.room = room;
        if self.room.is_some() {
            self.quiet.end_join();
        }
        // D-08: who is there need not answer.
        for (attempt, call) in self.calls.iter() {
            if self.room.as_deref() == Some(call.room()) {
                abandon_answers(&mut self.requests, attempt, step);
            }
        }
        self.abandon_pagination();
        self.list = RoomList::new();
        self.request_snapshot(step);
    }

    /// Whether requests can be sent now.
    const fn gate(&self) -> Gate {
        Gate { link: self.link, readiness: self.readiness, clock: self.clock }
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The device.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The settings that it was made with, or was last given (D-34).
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether there is a connection, by the last [`Input::Link`]; none once the user signed out.
    pub const fn link(&self) -> Link {
        self.link
    }

    /// The room that this device is in, by the last [`Input::InRoom`]; none once the user signed out.
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Whether a snapshot was applied since it was made or restarted: until then nothing new is
    /// shown but what a push names, and no command is sent (D-09, D-15, D-29). One that was never sent
    /// waits for a snapshot over the present connection, too.
    pub const fn is_ready(&self) -> bool {
        !matches!(self.readiness, Readiness::None)
    }

    /// The stages of what is on the screen, by attempt (D-09).
    /// [`redraw`](Self::redraw) gives all that a host presents.
    pub fn screen(&self) -> impl Iterator<Item = (u64, Stage)> + '_ {
        self.calls.iter().filter_map(|(attempt, call)| Some((attempt, call.stage()?)))
    }
}
