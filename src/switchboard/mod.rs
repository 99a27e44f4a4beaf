//! The switchboard: the authority that decides every call.
//!
//! Every input goes through three phases, in this order:
//!
//! 1. *elapse* (`tick.rs`): the clock moves, and deadlines that it passes end attempts and expectations
//!    (T-03);
//! 2. *decide* (`decide.rs`, `facts.rs`): pure; it plans all changes, or gives a refusal (R-03);
//! 3. *commit* (`commit.rs`): the only place that ends calls and makes effects; *elapse* uses it, too.
//!
//! A numbered request is first looked for in the memory of requests (`requests/`, rules X).
//!
//! ```text
//! at, input ─▶ elapse ─▶ recall ─▶ decide(&state) ─▶ plan ─▶ commit(&mut state) ─▶ outcome
//!                          │ (numbered)   └ refusal ──────────────────────────────▶ outcome
//!                          └ repeated, reused or passed ──────────────────────────▶ outcome
//! ```
//!
//! To *apply* an input by handle: [`apply`](Switchboard::apply),
//! [`apply_into`](Switchboard::apply_into), [`apply_batch`](Switchboard::apply_batch),
//! [`tick_within`](Switchboard::tick_within); by name: [`apply_record`](Switchboard::apply_record),
//! [`apply_record_into`](Switchboard::apply_record_into).
//! To turn *names* into handles and back: [`resolve`](Switchboard::resolve) for a device that
//! connects; [`intern_user`](Switchboard::intern_user), [`release_user`](Switchboard::release_user),
//! [`lookup_user`](Switchboard::lookup_user), [`user_name`](Switchboard::user_name), and those of
//! rooms and devices.
//! To know *when* to tick: [`next_deadline`](Switchboard::next_deadline).
//! To *ask*: [`pending_calls`](Switchboard::pending_calls), [`my_calls`](Switchboard::my_calls),
//! [`call_log`](Switchboard::call_log), [`incoming_calls`](Switchboard::incoming_calls),
//! [`endings_since`](Switchboard::endings_since), [`user_calls`](Switchboard::user_calls),
//! [`live_calls`](Switchboard::live_calls), [`participants`](Switchboard::participants),
//! [`role`](Switchboard::role);
//! before a command is journalled: [`ringing_changes_nothing`](Switchboard::ringing_changes_nothing).
//! To *store and compare*: [`snapshot`](Switchboard::snapshot), [`restore`](Switchboard::restore),
//! [`state_hash`](Switchboard::state_hash), [`verify`](Switchboard::verify).

mod call_log;
mod commit;
mod cursor;
mod decide;
mod digest;
mod erasure;
mod expecting;
mod facts;
mod listed;
mod my_calls;
mod named;
mod names;
mod notify;
mod outcome;
mod pending_list;
mod plan;
mod query;
mod recovery;
mod requests;
mod respond;
mod ringing;
mod rules_change;
mod snapshot;
mod state;
mod tick;
mod user_calls;
mod verify;

use crate::domain::id::Attempt;
use crate::domain::input::{Actor, Command, Fact, Input};
use crate::domain::limits::Limits;
use crate::domain::policy::Policy;
use crate::domain::time::Tick;
use crate::registry::HashKey;

use plan::Plan;
use requests::{Digest, Recalled, Requests};
use state::State;

pub use call_log::{CallLog, LogEntry, LoggedCall};
pub use cursor::{Cursor, LiveCursor};
pub use my_calls::{MyCalls, MyEnding};
pub use outcome::{Outcome, Work};
pub use pending_list::{Page, PendingCall, PendingCalls};
pub use query::{EndedCall, EndedCalls, IncomingCalls, LiveCall};
pub use snapshot::RestoreError;
pub use state::Capacity;
pub use user_calls::{LiveCalls, LivePage};
pub use verify::Broken;

/// The authority: a pure reducer that decides every call.
///
/// It does no I/O and reads no clock. Equal inputs make equal states and effects, on every machine. See
/// the [module](self) for its phases and a map of its methods.
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
/// let _ = board.apply(at, Input::Fact(Fact::user_entered(room, ana, phone)));
/// let outcome = board.apply(
///     at,
///     Input::Ask {
///         by: Actor::Device { user: ana, device: phone },
///         request_id: None,
///         command: Command::CallUserToRoom {
///             room,
///             callees: &[bo],
///             timeout: Timeout::from_seconds(30),
///             extension: "",
///             caller: None,
///         },
///     },
/// );
/// assert_eq!(outcome.answer, Ok(Answer::Called));
/// assert_eq!(outcome.called[0].result, CallResult::Success);
/// assert_eq!(outcome.effects.len(), 2, "bo's devices ring, and the room's list shows it");
/// assert_eq!(board.next_deadline(), Some(Tick::from_millis(30_000)));
/// # Ok::<(), roomcall::NameError>(())
/// ```
///
/// Two switchboards are equal if their states are, by name: handles, and names that only the host
/// refers to, have no part in it.
#[derive(Clone, Debug)]
pub struct Switchboard {
    state: State,
    requests: Requests,
    /// Memory that is used again for each input.
    plan: Plan,
    /// The callees of an input by name, likewise.
    callees: alloc::vec::Vec<crate::UserId>,
}

impl Switchboard {
    /// An empty switchboard, its clock at [`Tick::START`].
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self::with_capacity(limits, policy, HashKey::default(), Capacity::default())
    }

    /// An empty switchboard that hashes names with `key`, and reserves memory for `capacity`.
    ///
    /// Clients choose names. One that does not know the key cannot choose names that collide (N-06): a
    /// host that is open to clients takes a key from its configuration or from randomness, once. Nothing
    /// observable depends on the key, and it is kept in snapshots.
    ///
    /// Without capacity an input that makes a table grow rehashes it at once: up to some 50 ms at a
    /// million names.
    ///
    /// ```
    /// use roomcall::switchboard::{Capacity, Switchboard};
    /// use roomcall::{HashKey, Limits, Policy};
    ///
    /// let key = HashKey::new(0x5eed_0000_0000_0000_0000_0000_0000_0001);
    /// let capacity = Capacity { users: 20_000, rooms: 2_000, devices: 40_000, calls: 10_000 };
    /// let board = Switchboard::with_capacity(Limits::DEFAULT, Policy::DEFAULT, key, capacity);
    /// assert_eq!(board, Switchboard::new(Limits::DEFAULT, Policy::DEFAULT));
    /// ```
    pub fn with_capacity(limits: Limits, policy: Policy, key: HashKey, capacity: Capacity) -> Self {
        Self {
            state: State::new(limits, policy, key, &capacity),
            requests: Requests::new(key),
            plan: Plan::default(),
            callees: alloc::vec::Vec::new(),
        }
    }

    /// Applies one input at `at` and returns everything that it brings about.
    ///
    /// If the answer is a [`Refusal`](crate::Refusal) the effects are those of a tick at `at` (R-03).
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
        let mut outcome = Outcome::new();
        self.apply_into(at, input, &mut outcome);
        outcome
    }

    /// As [`apply`](Self::apply), into an outcome that the caller owns and that is cleared first.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Input, Limits, Outcome, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let mut outcome = Outcome::new();
    /// for second in 0..60 {
    ///     board.apply_into(Tick::from_millis(second * 1_000), Input::Tick, &mut outcome);
    ///     assert!(outcome.effects.is_empty());
    /// }
    /// ```
    pub fn apply_into(&mut self, at: Tick, input: Input<'_>, outcome: &mut Outcome) {
        if let Input::Fact(Fact::Recovered { floor }) = input {
            self.elapse_lost(at, floor, outcome);
        } else {
            self.elapse(at, outcome);
        }
        match input {
            Input::Ask { by, request_id: Some(id), ref command } => {
                self.request(by, id, command, outcome);
            }
            Input::Ask { .. } | Input::Fact(_) => {
                if self.judge(&input, outcome) {
                    self.state.names.sweep();
                }
            }
            Input::Tick => {}
        }
        self.debug_verify();
    }

    /// Inputs with their times, one after another, each as by [`apply_into`](Self::apply_into) into
    /// `outcome`, which `each` sees after every one of them (O-03).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Answer, Fact, Input, Limits, Outcome, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let ana = board.intern_user("ana")?;
    /// let (hall, lab) = (board.intern_room("hall")?, board.intern_room("lab")?);
    /// let opened = |room| (Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// let mut answers = Vec::new();
    /// let mut outcome = Outcome::new();
    /// board.apply_batch(&[opened(hall), opened(lab)], &mut outcome, |_, it| answers.push(it.answer));
    /// assert_eq!(answers, [Ok(Answer::Applied), Ok(Answer::Applied)]);
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn apply_batch(
        &mut self,
        inputs: &[(Tick, Input<'_>)],
        outcome: &mut Outcome,
        mut each: impl FnMut(&Self, &Outcome),
    ) {
        for &(at, input) in inputs {
            self.apply_into(at, input, outcome);
            each(self, outcome);
        }
    }

    /// The second and third phase. Whether the state has changed.
    #[inline(always)]
    fn judge(&mut self, input: &Input<'_>, outcome: &mut Outcome) -> bool {
        let Self { state, plan, .. } = self;
        plan.clear();
        match decide::decide(state, input, plan) {
            Ok(answer) => {
                outcome.answer = Ok(answer);
                outcome.unchanged = answer.unchanged();
            }
            Err(refusal) => {
                outcome.answer = Err(refusal);
                return false;
            }
        }
        if !plan.called.is_empty() {
            core::mem::swap(&mut outcome.called, &mut plan.called);
        }
        if !plan.withdrawn.is_empty() {
            core::mem::swap(&mut outcome.withdrawn, &mut plan.withdrawn);
        }
        match input {
            Input::Fact(fact) if fact.has_more_steps() => self.commit_steps(fact, outcome),
            Input::Fact(_) | Input::Ask { .. } | Input::Tick => self.commit_plan(input, outcome),
        }
    }

    /// The third phase. Whether the state has changed.
    #[inline(always)]
    fn commit_plan(&mut self, input: &Input<'_>, outcome: &mut Outcome) -> bool {
        let Self { state, plan, .. } = self;
        for change in &plan.changes {
            state.commit(change, input, &mut outcome.effects);
        }
        !plan.changes.is_empty()
    }

    /// A numbered request: what was judged before is answered as it was (X-02) or refused (X-03, X-04),
    /// and is a tick; the rest is judged and remembered (X-05).
    fn request(&mut self, by: Actor, id: u64, command: &Command<'_>, outcome: &mut Outcome) {
        let input = Input::Ask { by, request_id: None, command: *command };
        let digest = Digest::of(&self.state.names, command).filter(|_| self.state.knows(by));
        let has_changed = match digest {
            // X-05: there is no digest of a handle that stands for no name, and none of what is not
            // remembered (C-14).
            None => self.judge(&input, outcome),
            Some(digest) => match self.requests.recall(&self.state.limits, Some(by), id, digest) {
                Recalled::Fresh => self.judge_first((by, id), digest, &input, outcome),
                Recalled::Repeated(request) => {
                    request.repeat(command, &mut self.plan, outcome);
                    false
                }
                Recalled::Refused(refusal) => {
                    outcome.answer = Err(refusal);
                    false
                }
            },
        };
        if has_changed {
            self.state.names.sweep();
        }
    }

    /// Judges a numbered request, and remembers it. Whether the state has changed.
    fn judge_first(
        &mut self,
        request: (Actor, u64),
        digest: Digest,
        input: &Input<'_>,
        outcome: &mut Outcome,
    ) -> bool {
        let has_changed = self.judge(input, outcome);
        let State { limits, names, .. } = &mut self.state;
        if !requests::remembers(limits) {
            return has_changed;
        }
        self.requests.remember(limits, names, request, digest, outcome);
        true
    }

    /// With the feature `check` the state is verified after each step.
    #[inline]
    fn debug_verify(&self) {
        #[cfg(feature = "check")]
        {
            let verified = self.verify();
            assert!(verified.is_ok(), "{verified:?}");
        }
    }

    /// The latest time at which the host must apply a tick: the earliest deadline (T-07). Any input may
    /// change it.
    pub fn next_deadline(&self) -> Option<Tick> {
        self.state.next_deadline()
    }

    /// The latest time that was seen (T-02).
    pub const fn clock(&self) -> Tick {
        self.state.clock
    }

    /// The last attempt that was made (C-06); number 0 if none was.
    pub const fn last_attempt(&self) -> Attempt {
        self.state.calls.last_attempt()
    }

    /// The limits that it was made with.
    pub const fn limits(&self) -> &Limits {
        &self.state.limits
    }

    /// The policy that it was made with.
    pub const fn policy(&self) -> &Policy {
        &self.state.policy
    }

    /// Live attempts in all rooms.
    pub const fn live_count(&self) -> u32 {
        self.state.calls.live_count()
    }
}
