//! The law of long lists: where a page begins is found without a walk, also after any of the
//! records went, and is where a plain list says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::switchboard::{Page, Switchboard};
use roomcall::{
    Actor, Audience, CallRejectionReason, CallStatus, Command, DeviceId, Event, Fact, Input,
    Limits, Outcome, Policy, RoomId, Tick, Timeout, UserId,
};

use roomcall_testkit::strategies::journal::settings;

/// What happens to a long list.
#[derive(Clone, Debug)]
enum Change {
    /// So many from one on are called: those whose record is kept move to the end.
    Call(usize, usize),
    /// One of so many, from one on, says no: the record is kept, and may evict another.
    Reject { from: usize, count: usize, every: usize },
    /// The caller thinks better of it: the records go.
    Cancel { from: usize, count: usize, every: usize },
    /// They come: the records go, kept or not.
    Enter { from: usize, count: usize },
    /// Time passes, and some calls end.
    Wait(u64),
    /// The switchboard is stored and read back.
    Restore,
}

/// Who is called.
const PEOPLE: usize = 500;

fn change() -> impl Strategy<Value = Change> {
    let from = || 0..PEOPLE;
    let some = || (from(), 1..150_usize, 1..5_usize);
    prop_oneof![
        6 => (from(), 1..101_usize).prop_map(|(from, count)| Change::Call(from, count)),
        3 => some().prop_map(|(from, count, every)| Change::Reject { from, count, every }),
        4 => some().prop_map(|(from, count, every)| Change::Cancel { from, count, every }),
        1 => (from(), 1..40_usize).prop_map(|(from, count)| Change::Enter { from, count }),
        2 => (1..20_u64).prop_map(Change::Wait),
        1 => Just(Change::Restore),
    ]
}

/// A room with a long list, and the list as its people are told of it.
struct World {
    board: Switchboard,
    step: Outcome,
    at: u64,
    room: RoomId,
    host: Actor,
    device: DeviceId,
    participants: Vec<UserId>,
    list: BTreeMap<u64, (UserId, CallStatus)>,
}

impl World {
    fn new(kept_per_room: u32) -> Self {
        let limits = Limits { kept_per_room, callees: 200, ..Limits::DEFAULT };
        let mut board = Switchboard::new(limits, Policy::DEFAULT);
        let (user, room) = (board.intern_user("host").unwrap(), board.intern_room("hall").unwrap());
        let device = board.intern_device("phone").unwrap();
        let host = Actor::Device { user, device };
        let mut world = Self {
            participants: Vec::new(),
            list: BTreeMap::new(),
            step: Outcome::new(),
            at: 0,
            board,
            room,
            host,
            device,
        };
        world.find_people();
        world.fact(Fact::RoomOpened { room, owner: user });
        world.fact(Fact::user_entered(room, user, device));
        world
    }

    /// What the host holds is not in a snapshot.
    fn find_people(&mut self) {
        let name = |nth: usize| format!("guest {nth}");
        self.participants =
            (0..PEOPLE).map(|nth| self.board.intern_user(&name(nth)).unwrap()).collect();
    }

    fn apply(&mut self, input: Input<'_>) {
        self.board.apply_into(Tick::from_millis(self.at), input, &mut self.step);
        let is_told = |effect: &&roomcall::Effect| matches!(effect.to, Audience::Room(_));
        for effect in self.step.effects.iter().filter(is_told) {
            let (attempt, callee) = (effect.attempt.get(), effect.call.callee);
            // C-10: a new record takes the place of a kept one.
            self.list.retain(|other, (user, _)| *user != callee || *other == attempt);
            match effect.event {
                Event::PendingCallRemoved => drop(self.list.remove(&attempt)),
                _ => drop(self.list.insert(attempt, (callee, effect.call.status))),
            }
        }
    }

    fn fact(&mut self, fact: Fact) {
        self.apply(Input::Fact(fact));
    }

    fn ask(&mut self, by: Actor, command: Command<'_>) {
        self.apply(Input::Ask { by, request_id: None, command });
    }

    fn some(&self, from: usize, count: usize, every: usize) -> Vec<UserId> {
        self.participants.iter().cycle().skip(from).take(count).step_by(every).copied().collect()
    }

    fn change(&mut self, change: &Change) {
        let (room, device) = (self.room, self.device);
        match *change {
            Change::Call(from, count) => {
                let callees = &self.some(from, count, 1);
                let timeout = Timeout::from_seconds(10 + u32::try_from(from % 20).unwrap());
                let call =
                    Command::CallUserToRoom { room, callees, timeout, extension: "", caller: None };
                self.ask(self.host, call);
            }
            Change::Reject { from, count, every } => {
                let reason = CallRejectionReason::ALL[0];
                for user in self.some(from, count, every) {
                    let reject = Command::RejectCall { room, attempt: None, reason };
                    self.ask(Actor::Device { user, device }, reject);
                }
            }
            Change::Cancel { from, count, every } => {
                let callees = &self.some(from, count, every);
                self.ask(self.host, Command::CancelCall { room, callees });
            }
            Change::Enter { from, count } => {
                for user in self.some(from, count, 1) {
                    self.fact(Fact::user_entered(room, user, device));
                    self.fact(Fact::user_left(room, user));
                }
            }
            Change::Wait(seconds) => {
                self.at += seconds * 1_000;
                self.apply(Input::Tick);
            }
            Change::Restore => self.restore(),
        }
    }

    fn restore(&mut self) {
        // Handles do not survive it (S-01).
        let before = std::mem::take(&mut self.participants);
        self.board = Switchboard::restore(&self.board.snapshot()).unwrap();
        self.find_people();
        let after: BTreeMap<_, _> = before.into_iter().zip(self.participants.clone()).collect();
        for (user, _) in self.list.values_mut() {
            *user = after[&*user];
        }
        self.room = self.board.intern_room("hall").unwrap();
        let user = self.board.intern_user("host").unwrap();
        self.device = self.board.intern_device("phone").unwrap();
        self.host = Actor::Device { user, device: self.device };
    }

    /// the page that begins after an attempt, of a walk that ends with another.
    fn page_agrees(
        &self,
        (after, until): (u64, u64),
        count: u32,
        status: Option<CallStatus>,
    ) -> Result<(), TestCaseError> {
        let cursor = format!("1-{after:x}-{until:x}");
        let page = Page { cursor: (after > 0).then_some(&cursor[..]), count, status };
        let mut found = Vec::new();
        let each = |call: roomcall::switchboard::PendingCall<'_>| {
            found.push((call.attempt.get(), (call.call.callee, call.call.status)));
        };
        let next = self.board.each_pending_call(Actor::Backend, self.room, page, each);
        let of_status = |(_, (_, is)): &(&u64, &(UserId, CallStatus))| {
            status.is_none_or(|status| status == *is)
        };
        let walk = self.list.range(after + 1..=until.max(after + 1)).filter(of_status);
        let walk = walk.take_while(|(attempt, _)| **attempt <= until);
        let walk: Vec<_> = walk.map(|(attempt, call)| (*attempt, *call)).collect();
        let listed = walk.len().min(count as usize);
        prop_assert_eq!(&found[..], &walk[..listed], "after {} until {}", after, until);
        let last = walk[..listed].last().filter(|_| listed < walk.len());
        let expected = last.map(|(last, _)| format!("1-{last:x}-{until:x}"));
        prop_assert_eq!(next.unwrap().map(|next| next.to_string()), expected);
        Ok(())
    }

    /// Pages at every cursor that was or could have been given out, also for records that are gone.
    fn pages_agree(&self, ends: &[u64]) -> Result<(), TestCaseError> {
        let last = self.board.last_attempt().get();
        self.page_agrees((0, last), 100, None)?;
        for after in 1..=last {
            self.page_agrees((after, last), 3, None)?;
        }
        let statuses = [None, Some(CallStatus::Calling), Some(CallStatus::Rejected)];
        for (end, after) in ends.iter().zip((1..=last).step_by(37)) {
            let until = after + end % (last - after + 1);
            for (status, count) in statuses.into_iter().zip([1, 7, 100]) {
                self.page_agrees((after, until), count, status)?;
            }
        }
        Ok(())
    }
}

/// A journal of these is long, so that there are fewer.
fn fewer() -> ProptestConfig {
    ProptestConfig { cases: settings().cases / 10 + 1, ..settings() }
}

proptest! {
    #![proptest_config(fewer())]

    //
    #[test]
    fn long_lists_have_the_pages_of_plain_ones(
        changes in prop::collection::vec(change(), 1..24),
        kept in prop_oneof![Just(200_u32), 60..200_u32],
        ends in prop::collection::vec(any::<u64>(), 40),
    ) {
        let mut world = World::new(kept);
        for change in &changes {
            world.change(change);
            prop_assert_eq!(world.board.verify(), Ok(()));
            world.pages_agree(&ends)?;
        }
    }
}

// S-01, INV-04: a list that is stored again and again while it grows is as any other.
#[test]
fn a_list_that_is_stored_while_it_grows_is_as_any_other() {
    let mut world = World::new(200);
    for from in (0..300).step_by(20) {
        world.change(&Change::Call(from, 20));
        world.change(&Change::Restore);
        assert_eq!(world.board.verify(), Ok(()), "with {} records", world.list.len());
        world.pages_agree(&[]).unwrap();
    }
    assert_eq!(world.list.len(), 300);
}
