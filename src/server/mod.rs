//! The switchboard: the authority that decides every call.
//!
//! Every input goes through three phases, in this order (`elapse`, `decide`, `commit`):
//!
//! 1. *elapse*: the clock moves and the deadlines that it passes end their attempts (T-03);
//! 2. *decide*: pure, `&self`; it gives the changes to make, or a refusal (R-03);
//! 3. *commit*: the only code that changes calls, and the only place that makes effects.

mod check;
mod commit;
mod cursor;
mod decide;
mod facts;
mod hash;
mod query;
mod snapshot;
mod state;
mod tell;

use alloc::collections::{BTreeMap, BTreeSet};

pub(crate) use crate::limits::is_within;
use crate::names::Directory;
use crate::protection::{Protection, all_hold, holds};
use crate::{
    Attempt, DeviceId, Input, Limits, NameError, Policy, Refusal, RoomId, Rule, Step, Tick, UserId,
};
use commit::Change;
use state::{Call, CallState, Ending, Room, User};

#[cfg(feature = "serde")]
pub(crate) use hash::checksum;
#[cfg(feature = "serde")]
pub(crate) use snapshot::VERSION as SNAPSHOT_VERSION;

pub use check::Broken;
pub use cursor::Cursor;
pub use query::{
    EndedCall, EndedCalls, IncomingCall, IncomingCalls, Page, PendingCall, PendingCalls,
};
pub use snapshot::RestoreError;

/// The authority: a pure reducer that decides every call.
///
/// It does no I/O and reads no clock. Equal inputs make equal states and effects, on every machine.
///
/// ```
/// use roomcall::server::Switchboard;
/// use roomcall::{Actor, Answer, CallResult, Command, Fact, Input, Limits, Policy, Tick, Timeout};
///
/// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
/// // A transport resolves names once per connection.
/// let (ana, bo) = (board.hold_user("ana")?, board.hold_user("bo")?);
/// let (phone, room) = (board.hold_device("phone")?, board.hold_room("standup")?);
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
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Switchboard {
    limits: Limits,
    policy: Policy,
    clock: Tick,
    /// Attempts made: the number of the last one (C-06).
    attempts: u64,
    /// Attempts ended. It orders the kept records and remembered endings of a room.
    endings: u64,
    /// Rooms opened: the number of the last one (Q-03).
    openings: u64,
    /// Live attempts.
    live: u32,
    names: Directory,
    rooms: BTreeMap<RoomId, Room>,
    /// Users who are in a room, have a live attempt, or are the callee of a remembered ending.
    users: BTreeMap<UserId, User>,
    /// All records of all rooms.
    calls: BTreeMap<Attempt, Call>,
    /// The deadlines of live attempts.
    due: BTreeSet<(Tick, Attempt)>,
}

impl Switchboard {
    /// An empty switchboard, its clock at [`Tick::START`].
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self {
            limits,
            policy,
            clock: Tick::START,
            attempts: 0,
            endings: 0,
            openings: 0,
            live: 0,
            names: Directory::new(),
            rooms: BTreeMap::new(),
            users: BTreeMap::new(),
            calls: BTreeMap::new(),
            due: BTreeSet::new(),
        }
    }

    /// Applies one input at `at` and gives everything that it brings about.
    ///
    /// The answer may be a [`Refusal`]; the effects of the passing of time are there all the same.
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Answer, Fact, Input, Limits, Policy, Rule, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.hold_user("ana")?, board.hold_room("standup")?);
    /// let opened = Input::Fact(Fact::RoomOpened { room, owner: ana });
    /// assert_eq!(board.apply(Tick::START, opened).answer, Ok(Answer::Noted));
    /// assert_eq!(board.apply(Tick::START, opened).answer, Ok(Answer::Ignored(Rule::F03)));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn apply(&mut self, at: Tick, input: Input<'_>) -> Step {
        let mut step = Step::new();
        self.apply_into(at, input, &mut step);
        step
    }

    /// As [`apply`](Self::apply), into a step that the caller owns and that is cleared first.
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Input, Limits, Policy, Step, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let mut step = Step::new();
    /// for second in 0..60 {
    ///     board.apply_into(Tick::from_millis(second * 1_000), Input::Tick, &mut step);
    ///     assert!(step.effects.is_empty());
    /// }
    /// ```
    pub fn apply_into(&mut self, at: Tick, input: Input<'_>, step: &mut Step) {
        self.elapse(at, step);
        self.judge(input, step);
        self.debug_check();
    }

    /// After each step of a debug build the state is whole, unless a test took a rule away.
    pub(crate) fn debug_check(&self) {
        debug_assert!(!all_hold() || self.check() == Ok(()), "{:?}", self.check());
    }

    /// The first phase: the clock, and what it ends, in (deadline, attempt) order (T-02, T-03).
    pub(crate) fn elapse(&mut self, at: Tick, step: &mut Step) {
        step.clear();
        self.clock = self.clock.max(at);
        while let Some(&(deadline, attempt)) = self.due.first() {
            // T-04: at the deadline the timeout wins.
            if deadline > self.clock || !self.is_passed(deadline) {
                break;
            }
            self.due.pop_first();
            let Some(attempt) = self.timed_out(attempt) else {
                continue;
            };
            let timeout = Change::End { attempt, ending: Ending::TimedOut, because: Rule::E04 };
            self.commit(timeout, &mut step.effects);
        }
    }

    /// T-04, which a test may take away.
    fn is_passed(&self, deadline: Tick) -> bool {
        holds(Protection::AcceptChecksDeadline) || deadline < self.clock
    }

    /// T-05: a deadline is its attempt's. Without that it ends whatever rings.
    fn timed_out(&self, attempt: Attempt) -> Option<Attempt> {
        if holds(Protection::TimerOfAttempt) {
            return Some(attempt);
        }
        self.calls.iter().find(|(_, call)| call.is_live()).map(|(attempt, _)| *attempt)
    }

    /// The second and third phase.
    pub(crate) fn judge(&mut self, input: Input<'_>, step: &mut Step) {
        match self.decide(input, step) {
            Ok(decision) => {
                step.answer = Ok(decision.answer);
                if decision.changes.is_empty() {
                    return;
                }
                for change in decision.changes {
                    self.commit(change, &mut step.effects);
                }
                self.names.turn();
            }
            Err(refusal) => {
                step.called.clear();
                step.withdrawn.clear();
                step.answer = Err(refusal);
            }
        }
    }

    /// When the host must call with a tick at the latest: the earliest deadline (T-07).
    pub fn next_deadline(&self) -> Option<Tick> {
        self.due.first().map(|&(deadline, _)| deadline)
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

    /// The extension text of a live attempt (C-11); `None` once it has ended.
    pub fn extension(&self, attempt: Attempt) -> Option<&str> {
        match &self.calls.get(&attempt)?.state {
            CallState::Live { extension, .. } => Some(extension),
            CallState::Kept { .. } => None,
        }
    }
}

/// The directory of names (N-01 to N-03).
impl Switchboard {
    /// The handle of a user's id, which is remembered until it is released as often.
    ///
    /// # Errors
    ///
    /// The id is empty or too long (L-01), or too many are held (L-12).
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let bo = board.hold_user("bo")?;
    /// assert_eq!(board.hold_user("bo"), Ok(bo));
    /// assert_eq!(board.user_name(bo), Some("bo"));
    /// board.release_user(bo);
    /// board.release_user(bo);
    /// assert_eq!(board.user_name(bo), None);
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn hold_user(&mut self, id: &str) -> Result<UserId, NameError> {
        self.fits(id)?;
        self.names.users.hold(id, self.limits.held_names).map(UserId)
    }

    /// The handle of a room's id, which is remembered until it is released as often.
    ///
    /// # Errors
    ///
    /// As [`hold_user`](Self::hold_user).
    pub fn hold_room(&mut self, id: &str) -> Result<RoomId, NameError> {
        self.fits(id)?;
        self.names.rooms.hold(id, self.limits.held_names).map(RoomId)
    }

    /// The handle of a device's id, which is remembered until it is released as often.
    ///
    /// # Errors
    ///
    /// As [`hold_user`](Self::hold_user).
    pub fn hold_device(&mut self, id: &str) -> Result<DeviceId, NameError> {
        self.fits(id)?;
        self.names.devices.hold(id, self.limits.held_names).map(DeviceId)
    }

    /// Lets a user's id go; nothing if the host does not hold it.
    pub fn release_user(&mut self, user: UserId) {
        self.names.users.let_go(user.0);
    }

    /// Lets a room's id go; nothing if the host does not hold it.
    pub fn release_room(&mut self, room: RoomId) {
        self.names.rooms.let_go(room.0);
    }

    /// Lets a device's id go; nothing if the host does not hold it.
    pub fn release_device(&mut self, device: DeviceId) {
        self.names.devices.let_go(device.0);
    }

    /// The handle of a user's id that is known already.
    pub fn find_user(&self, id: &str) -> Option<UserId> {
        self.names.users.find(id).map(UserId)
    }

    /// The handle of a room's id that is known already.
    pub fn find_room(&self, id: &str) -> Option<RoomId> {
        self.names.rooms.find(id).map(RoomId)
    }

    /// The handle of a device's id that is known already.
    pub fn find_device(&self, id: &str) -> Option<DeviceId> {
        self.names.devices.find(id).map(DeviceId)
    }

    /// The id of a user; `None` if it was forgotten.
    pub fn user_name(&self, user: UserId) -> Option<&str> {
        self.names.users.name(user.0)
    }

    /// The id of a room; `None` if it was forgotten.
    pub fn room_name(&self, room: RoomId) -> Option<&str> {
        self.names.rooms.name(room.0)
    }

    /// The id of a device; `None` if it was forgotten.
    pub fn device_name(&self, device: DeviceId) -> Option<&str> {
        self.names.devices.name(device.0)
    }

    /// Names known, of all three kinds.
    pub fn known_names(&self) -> usize {
        [&self.names.users, &self.names.rooms, &self.names.devices]
            .map(crate::names::Names::len)
            .into_iter()
            .fold(0, usize::saturating_add)
    }

    #[cfg(feature = "serde")]
    pub(crate) fn names_mut(&mut self) -> &mut Directory {
        &mut self.names
    }

    /// L-01
    fn fits(&self, id: &str) -> Result<(), NameError> {
        let limit = self.limits.id_bytes;
        if is_id(id, limit) { Ok(()) } else { Err(NameError::BadName { limit }) }
    }
}

/// Whether a text is an id (L-01).
pub(crate) fn is_id(text: &str, limit: u32) -> bool {
    !text.is_empty() && is_within(text.len(), limit)
}

/// What `decide` comes to.
type Judged<'a> = Result<decide::Decision<'a>, Refusal>;
