//! A snapshot is of the user who asks, lists what rings, and does not list what is over (T-01): so a call
//! that rang before it was asked for, and is not in it, is over.
//!
//! Which endings it lists is for the law of what is remembered.

use std::collections::BTreeSet;

use roomcall::Rule;
use roomcall::protocol::{Answer, LiveCall, MyCalls};

use super::super::attempt::{Mark, Peer};
use super::super::claims::{Claim, How};
use super::super::state::State;
use super::retries::Asked;

impl State {
    /// A device is told what rings, or what rang.
    pub(in super::super) fn is_shown(
        &mut self,
        connection: u64,
        peer: &Peer,
        answer: &Answer,
        asked: Option<&Asked>,
        mark: Option<Mark>,
    ) {
        let room = asked.and_then(|asked| asked.room.as_deref());
        for claim in Claim::of_look(answer, room, Some(&peer.user)) {
            self.claim(&claim, mark);
        }
        match answer {
            Answer::GetIncomingCalls { calls, endings, .. } => {
                let ended = endings.iter().flat_map(|it| &it.calls).map(|it| it.ended.attempt);
                self.lists(connection, peer, (calls, None), ended.collect(), mark);
            }
            Answer::GetMyCalls(mine) => {
                self.is_mine(peer, mine, asked.and_then(|asked| asked.since));
                self.endings_are_whole(peer, mine, mark);
                let ended = mine.endings.iter().map(|it| it.ended.attempt);
                let outgoing = Some(&*mine.outgoing);
                self.lists(connection, peer, (&mine.incoming, outgoing), ended.collect(), mark);
            }
            Answer::GetCallLog(log) => {
                self.is_since(Rule::H03, log.since, asked.and_then(|asked| asked.since));
                self.log_is_right(peer, log, mark);
            }
            _ => {}
        }
    }

    fn lists(
        &mut self,
        connection: u64,
        peer: &Peer,
        (incoming, outgoing): (&[LiveCall], Option<&[LiveCall]>),
        ended: BTreeSet<u64>,
        asked: Option<Mark>,
    ) {
        self.are_single(incoming);
        let (user, line) = (&*peer.user, self.now.line);
        for call in incoming.iter().filter(|call| call.callee != user) {
            let message = format!("attempt {} to {} rings for {user}", call.attempt, call.callee);
            self.wrong(Rule::Q06, message, vec![line]);
        }
        let live = |calls: &[LiveCall]| calls.iter().map(|it| it.attempt).collect::<BTreeSet<_>>();
        let (to, by) = (live(incoming), outgoing.map(live));
        for (number, is_callee) in
            to.iter().map(|it| (*it, true)).chain(by.iter().flatten().map(|it| (*it, false)))
        {
            let told = self.attempts.get(&number).and_then(|attempt| attempt.told.get(&connection));
            if is_callee && told.is_none_or(|told| told.ring.is_none() && told.stop.is_none()) {
                self.should_have_rung(number, connection);
            }
            self.hears_of(number, connection, is_callee);
        }
        for number in ended {
            self.hears_the_end(number, connection);
        }
        let Some(asked) = asked else { return };
        for number in self.attempts_of(user) {
            let Some(attempt) = self.attempts.get(&number) else { continue };
            let is_missed = if attempt.is_callee(user) {
                !to.contains(&number)
            } else {
                attempt.is_caller(user) && by.as_ref().is_some_and(|by| !by.contains(&number))
            };
            let known = attempt.live.or(attempt.born);
            if is_missed && known.is_some_and(|known| self.is_before(known, asked)) {
                self.is_over(number, &How::SOMEHOW);
                self.hears_the_end(number, connection);
            }
        }
    }

    ///
    fn is_mine(&mut self, peer: &Peer, mine: &MyCalls, since: Option<u64>) {
        let user = &*peer.user;
        let others = mine.outgoing.iter().find(|call| call.caller != user).map(|it| it.attempt);
        let ended = mine.endings.iter();
        let strangers = ended.clone().find(|it| it.caller != user && it.callee != user);
        let range = mine.since.saturating_add(1)..=mine.last_attempt;
        let outside = ended.clone().find(|it| !range.contains(&it.ended.attempt));
        let strange = others.or(strangers.or(outside).map(|it| it.ended.attempt));
        if let Some(number) = strange {
            let message =
                format!("attempt {number} is not one of {user}, or not of those asked for");
            self.wrong(Rule::Q11, message, vec![self.now.line]);
        }
        self.is_since(Rule::Q11, mine.since, since);
    }

    /// Whether an answer is since what was asked.
    fn is_since(&mut self, rule: Rule, since: u64, asked: Option<u64>) {
        if let Some(asked) = asked.filter(|asked| *asked != since) {
            let message = format!("since {since} instead of {asked}");
            self.wrong(rule, message, vec![self.now.line]);
        }
    }
}
