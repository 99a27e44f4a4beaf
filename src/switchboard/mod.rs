//! The switchboard: the authority that decides every call.
//!
//! Every input goes through three phases, in this order (`elapse`, `decide`, `commit`):
//!
//! 1. *elapse*: the clock moves and the deadlines that it passes end their attempts (T-03);
//! 2. *decide*: pure, `&self`; it gives the changes to make, or a refusal (R-03);
//! 3. *commit*: the only code that changes calls, and the only place that makes effects.

mod ahead;
mod budget;
mod check;
mod commit;
mod cursor;
mod decide;
mod directory;
mod due;
mod facts;
mod fences;
mod find;
mod hash;
mod named;
mod names;
mod outcome;
mod query;
mod same;
mod scout;
mod scratch;
mod snapshot;
mod state;
mod tell;
mod ties;

pub(crate) use crate::domain::limits::is_within;
use crate::store::{HashKey, Texts};
use crate::{Actor, Answer, Attempt, Input, Limits, Policy, Refusal, RoomId, Rule, Tick};
use commit::Told;
pub(crate) use directory::Directory;
use due::Due;
use scratch::Scratch;
use state::{Call, Cause, Seat};
use ties::Bonds;

#[cfg(feature = "json")]
pub(crate) use snapshot::VERSION as SNAPSHOT_VERSION;

pub use budget::Work;
pub use check::Broken;
pub use cursor::Cursor;
pub use directory::Capacity;
pub use outcome::Outcome;
pub use query::{
    EndedCall, EndedCalls, IncomingCall, IncomingCalls, Page, PendingCall, PendingCalls,
};
pub use snapshot::RestoreError;

/// The authority: a pure reducer that decides every call.
///
/// It does no I/O and reads no clock. Equal inputs make equal states and effects, on every machine.
///
/// ```
/// use roomcall::switchboard::Switchboard;
/// use roomcall::{Actor, Answer, CallResult, Command, Fact, Input, Limits, Policy, Tick, Timeout};
///
/// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
/// // A transport resolves names once per connection.
/// let (ana, bo) = (board.intern_user("ana")?, board.intern_user("bo")?);
/// let (phone, room) = (board.intern_device("phone")?, board.intern_room("standup")?);
///
/// let at = Tick::from_millis(0);
/// let _ = board.apply(at, Input::Fact(Fact::RoomOpened { room, owner: ana }));
/// let _ = board.apply(at, Input::Fact(Fact::UserEntered { room, user: ana, device: phone }));
/// let step = board.apply(
///     at,
///     Input::Ask {
///         by: Actor::Device { user: ana, device: phone },
///         command: Command::CallUserToRoom {
///             room,
///             callees: &[bo],
///             timeout: Timeout::from_seconds(30),
///             extension: "",
///         },
///     },
/// );
/// assert_eq!(step.answer, Ok(Answer::Called));
/// assert_eq!(step.called, [(bo, CallResult::Success)]);
/// assert_eq!(step.effects.len(), 2, "bo's devices ring, and the room's list shows it");
/// assert_eq!(board.next_deadline(), Some(Tick::from_millis(30_000)));
/// # Ok::<(), roomcall::NameError>(())
/// ```
///
/// Two switchboards are equal if they do the same for ever: how they store it has no part in it.
#[derive(Clone, Debug)]
pub struct Switchboard {
    limits: Limits,
    policy: Policy,
    clock: Tick,
    /// Attempts made: the number of the last one (C-06).
    attempts: u64,
    /// Attempts ended.
    endings: u64,
    /// Rooms opened: the number of the last one (Q-03).
    openings: u64,
    /// Live attempts.
    live: u32,
    /// Rooms that are open.
    open_rooms: u32,
    /// The names, and what is known of users and rooms.
    names: Directory,
    /// All live attempts, kept records and remembered endings.
    calls: Bonds<Call>,
    /// Who is present where, and an admin of what.
    seats: Bonds<Seat>,
    /// The deadlines of live attempts.
    due: Due,
    /// The extension texts of live attempts.
    texts: Texts,
    /// A room that is being dissolved, and by whom (F-12).
    dissolving: Option<(RoomId, Actor)>,
    /// Whether a tick left deadlines that have passed (T-11).
    is_behind: bool,
    scratch: Scratch,
}

impl Switchboard {
    /// An empty switchboard, its clock at [`Tick::START`].
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self::sized(limits, policy, HashKey::default(), Capacity::default())
    }

    /// An empty switchboard that hashes names with `key`, and has memory for so much.
    ///
    /// Names come from strangers. With a key that they do not know they cannot choose names that
    /// are slow to find (N-06): a host that is open to them takes one from its configuration or
    /// from randomness, once. The key changes nothing that can be observed, and is kept in snapshots.
    ///
    /// ```
    /// use roomcall::switchboard::{Capacity, Switchboard};
    /// use roomcall::{HashKey, Limits, Policy};
    ///
    /// let key = HashKey::new(0x5eed_0000_0000_0000_0000_0000_0000_0001);
    /// let capacity = Capacity { users: 20_000, rooms: 2_000, devices: 40_000, calls: 10_000 };
    /// let board = Switchboard::sized(Limits::DEFAULT, Policy::DEFAULT, key, capacity);
    /// assert_eq!(board, Switchboard::new(Limits::DEFAULT, Policy::DEFAULT));
    /// ```
    pub fn sized(limits: Limits, policy: Policy, key: HashKey, capacity: Capacity) -> Self {
        let mut board = Self {
            limits,
            policy,
            clock: Tick::START,
            attempts: 0,
            endings: 0,
            openings: 0,
            live: 0,
            open_rooms: 0,
            names: Directory::sized(key, &capacity),
            calls: Bonds::new(key),
            seats: Bonds::new(key),
            due: Due::new(key),
            texts: Texts::new(),
            dissolving: None,
            is_behind: false,
            scratch: Scratch::EMPTY,
        };
        board.calls.arena.reserve(capacity.calls);
        board
    }

    /// Applies one input at `at` and gives everything that it brings about.
    ///
    /// The answer may be a [`Refusal`]; the effects of the passing of time are there all the same.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Answer, Fact, Input, Limits, Policy, Rule, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// let opened = Input::Fact(Fact::RoomOpened { room, owner: ana });
    /// assert_eq!(board.apply(Tick::START, opened).answer, Ok(Answer::Applied));
    /// assert_eq!(board.apply(Tick::START, opened).answer, Ok(Answer::Ignored(Rule::F03)));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn apply(&mut self, at: Tick, input: Input<'_>) -> Outcome {
        let mut step = Outcome::new();
        self.apply_into(at, input, &mut step);
        step
    }

    /// As [`apply`](Self::apply), into a step that the caller owns and that is cleared first.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Input, Limits, Policy, Outcome, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let mut step = Outcome::new();
    /// for second in 0..60 {
    ///     board.apply_into(Tick::from_millis(second * 1_000), Input::Tick, &mut step);
    ///     assert!(step.effects.is_empty());
    /// }
    /// ```
    pub fn apply_into(&mut self, at: Tick, input: Input<'_>, step: &mut Outcome) {
        self.elapse(at, step);
        self.judge(&input, step);
        self.debug_check();
    }

    /// After each step of a debug build the state is whole.
    pub(crate) fn debug_check(&self) {
        debug_assert!(self.check() == Ok(()), "{:?}", self.check());
    }

    /// The first phase: the clock, and what it ends, in (deadline, attempt) order (T-02, T-03),
    /// once what was left to do is done (T-11, F-12).
    #[inline]
    pub(crate) fn elapse(&mut self, at: Tick, step: &mut Outcome) {
        step.clear();
        if self.dissolving.is_some() {
            self.finish_dissolving(step);
        }
        self.clock = self.clock.max(at);
        while self.fire(step) {}
        self.is_behind = false;
    }

    /// Ends the attempt with the earliest deadline, if that has passed.
    #[inline]
    fn fire(&mut self, step: &mut Outcome) -> bool {
        // T-04: at the deadline the timeout wins.
        if self.due.first().is_none_or(|first| first.at > self.clock) {
            return false;
        }
        let Some(first) = self.due.first_call() else {
            return false;
        };
        self.end(first, Cause::TimedOut, Rule::E04, Told::CalleeAndRoom, &mut step.effects);
        true
    }

    /// The second and third phase.
    #[inline]
    pub(crate) fn judge(&mut self, input: &Input<'_>, step: &mut Outcome) {
        step.answer = self.decide(input, step);
        if step.answer.is_err() {
            step.called.clear();
            step.withdrawn.clear();
            step.plan.clear();
        }
        if step.plan.is_empty() {
            return;
        }
        for change in &step.plan {
            self.commit(change, input, &mut step.effects);
        }
        step.plan.clear();
        self.turn(step);
    }

    /// The state has changed: names that nothing needs any more are forgotten, in time (N-03).
    #[inline(always)]
    fn turn(&mut self, step: &mut Outcome) {
        if !step.has_turned {
            step.has_turned = true;
            self.names.turn();
        }
    }

    /// Inputs with their times, one after another, each as by [`apply_into`](Self::apply_into) into
    /// `step`, which `each` sees after every one of them. What the inputs touch is read ahead for
    /// all of them, so that many independent inputs over much state take much less time (O-03).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Answer, Fact, Input, Limits, Policy, Outcome, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, hall, lab) = (board.intern_user("ana")?, board.intern_room("hall")?, board.intern_room("lab")?);
    /// let opened = |room| (Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// let mut answers = Vec::new();
    /// board.apply_batch(&[opened(hall), opened(lab)], &mut Outcome::new(), |_, step| answers.push(step.answer));
    /// assert_eq!(answers, [Ok(Answer::Applied), Ok(Answer::Applied)]);
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn apply_batch(
        &mut self,
        inputs: &[(Tick, Input<'_>)],
        step: &mut Outcome,
        mut each: impl FnMut(&Self, &Outcome),
    ) {
        for ahead in inputs.chunks(AHEAD) {
            self.read_ahead(ahead);
            for &(at, input) in ahead {
                self.apply_into(at, input, step);
                each(self, step);
            }
        }
    }

    /// When the host must call with a tick at the latest: the earliest deadline (T-07).
    pub fn next_deadline(&self) -> Option<Tick> {
        self.due.first().map(|first| first.at)
    }

    /// The latest time that was seen (T-02).
    pub const fn clock(&self) -> Tick {
        self.clock
    }

    /// The last attempt that was made (C-06); number 0 if none was.
    pub const fn last_attempt(&self) -> Attempt {
        Attempt::new(self.attempts)
    }

    /// The limits that it was made with.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The policy that it was made with.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Live attempts in all rooms.
    pub const fn live_calls(&self) -> u32 {
        self.live
    }
}

/// Whether a text is an id (L-01).
pub(crate) fn is_id(text: &str, limit: u32) -> bool {
    !text.is_empty() && is_within(text.len(), limit)
}

/// Inputs of a batch whose state is read ahead of them.
pub(crate) const AHEAD: usize = 32;

/// What `decide` comes to; what is to happen for it is in the plan of the step.
type Judged = Result<Answer, Refusal>;
