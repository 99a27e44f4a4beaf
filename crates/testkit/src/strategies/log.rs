//! Random requests about call logs (rules H), and limits of them that short journals meet.

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::protocol::{Actor, Answer, Command, Input, Query};
use roomcall::{CallResult, Limits};

use super::director::{Dice, Director, Ringing};
use super::journal::{DEVICES, actor};
use crate::play::device;

/// Entries of one user, entries of all, and seconds.
pub(super) type LogLimits = (u32, u32, u32);

/// Those of the rules, so small that nothing stays, or in between; now and then nothing is logged (H-02).
pub(super) fn limits() -> impl Strategy<Value = LogLimits> {
    let Limits { logged_per_user, logged_calls, logged_for, .. } = Limits::DEFAULT;
    let per_user = prop_oneof![1 => Just(0), 6 => 1..4_u32, 3 => Just(logged_per_user)];
    let calls = prop_oneof![1 => Just(0), 6 => 1..7_u32, 5 => Just(logged_calls)];
    let seconds = prop_oneof![2 => select(&[0, 1, 2, 5, 20, 60][..]), 1 => Just(logged_for)];
    prop_oneof![
        1 => Just((logged_per_user, logged_calls, logged_for)),
        2 => (per_user, calls, seconds),
    ]
}

/// Numbers of entries are those of inputs, more or less.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0), 6 => 0..5_u64, 4 => 0..30_u64, 1 => Just(u64::MAX)]
}

pub(super) fn mark() -> impl Strategy<Value = Input> {
    (actor(), number())
        .prop_map(|(by, up_to)| Input::Ask { by, command: Command::MarkCallsSeen { up_to } })
}

pub(super) fn query() -> impl Strategy<Value = Input> {
    let count = prop_oneof![6 => 1..4_u32, 1 => Just(0), 1 => Just(101)];
    (actor(), number(), count).prop_map(|(by, since, count)| Input::Query {
        by,
        query: Query::GetCallLog { since, count },
    })
}

impl Director {
    /// Mostly by somebody who was called, and up to about one of the last numbers, in whatever life.
    pub(super) fn mark(&self, by: Actor, up_to: u64, dice: Dice) -> (Actor, Command) {
        let by = self.called(by, dice);
        (by, Command::MarkCallsSeen { up_to: self.logged(up_to, dice) })
    }

    pub(super) fn log_query(&self, by: Actor, since: u64, count: u32, dice: Dice) -> Input {
        let by = self.called(by, dice);
        Input::Query { by, query: Query::GetCallLog { since: self.logged(since, dice), count } }
    }

    fn called(&self, by: Actor, dice: Dice) -> Actor {
        let on = DEVICES[usize::from(dice[1]) % DEVICES.len()];
        let tried = self.tried.as_ref().and_then(|(_, command)| command.users().first());
        match (self.last_over(dice), tried) {
            (_, Some(callee)) if matches!(dice[3] % 8, 1..=3) => device(callee, on),
            (Some(call), _) if dice[3] % 8 > 0 => device(&call.callee, on),
            _ => by,
        }
    }

    /// Whether a call came to nothing for somebody whom another one called already, so that it is logged (C-05, H-01).
    pub(super) fn is_logged_try(
        &self,
        by: &Actor,
        command: &Command,
        answer: Option<&Answer>,
    ) -> bool {
        let caller = match (by, command) {
            (Actor::Device { user, .. }, _) => Some(user),
            (_, Command::CallUserToRoom { caller, .. }) => caller.as_ref(),
            _ => None,
        };
        let Some(Answer::CallUserToRoom(results)) = answer else { return false };
        results.iter().any(|(callee, result)| {
            let mut calls = self.ringing.iter().chain(&self.expected);
            *result == CallResult::AlreadyInCalling
                && calls.all(|call| call.callee != *callee || Some(&call.caller) != caller)
        })
    }

    /// Whether a call is the last one of somebody who was being called already, once more.
    pub(super) fn tries_again(&self, dice: Dice) -> bool {
        let callees = self.tried.as_ref().map_or(&[][..], |(_, command)| command.users());
        let mut called = self.ringing.iter().chain(&self.expected);
        called.any(|call| callees.contains(&call.callee)) && matches!(dice[3] % 8, 1 | 3 | 5)
    }

    /// One of the last calls that are over, mostly the very last.
    pub(super) fn last_over(&self, dice: Dice) -> Option<&Ringing> {
        let back = [0, 0, 0, 1, 1, 2, 3, 5][usize::from(dice[0]) % 8];
        self.over.iter().rev().nth(back)
    }

    /// A number about one of the last entries.
    fn logged(&self, number: u64, dice: Dice) -> u64 {
        if dice[2] % 8 > 0 { self.revision().saturating_sub(number) } else { number }
    }

    /// A late answer (H-05): to a call that is over, rather one for a room that is gone.
    pub(super) fn late_answer(&self, dice: Dice) -> Option<&Ringing> {
        let is_gone = |call: &&Ringing| {
            self.board.lookup_room(&call.room).is_none_or(|room| !self.board.is_open(room))
        };
        self.over.iter().rev().find(is_gone).or_else(|| self.last_over(dice))
    }
}
