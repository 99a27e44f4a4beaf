//! Calls to the user: rings, endings and the screen (D-04 to D-14, D-19).

use std::collections::BTreeMap;

use roomcall::handset::{
    Dismissal, Effect, Incoming, LateRing, NotSentReason, ReportReason, Request, Stage,
};
use roomcall::protocol::{Command, Ending, Event, NamedCall, Refused};
use roomcall::{CallRejectionReason, EndingKind};

use super::{ModelHandset, Purpose, Time};

/// A known call to the user.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) room: String,
    pub(super) caller: String,
    pub(super) extension: String,
    /// `None` for never.
    pub(super) deadline: Option<Time>,
    pub(super) is_silenced: bool,
    /// D-30
    pub(super) is_muted: bool,
    /// D-30
    pub(super) is_hidden: bool,
    /// Whether a snapshot that was applied has listed it as rung (D-37).
    pub(super) has_rung: bool,
    /// Whether it was on the screen at the restart, or a push has named it since (D-09, D-29).
    pub(super) is_provisional: bool,
}

impl Known {
    pub(super) fn new(
        room: String,
        caller: String,
        extension: String,
        deadline: Option<Time>,
        is_silenced: bool,
    ) -> Self {
        Self {
            room,
            caller,
            extension,
            deadline,
            is_silenced,
            is_muted: false,
            is_hidden: false,
            has_rung: false,
            is_provisional: false,
        }
    }

    pub(super) fn incoming(&self, attempt: u64) -> Incoming {
        Incoming {
            attempt,
            room: self.room.clone(),
            caller: self.caller.clone(),
            extension: self.extension.clone(),
        }
    }
}

/// D-06: never is later than any deadline.
pub(super) fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl ModelHandset {
    pub(super) fn deadline(&self, time_left: Option<u64>) -> Option<Time> {
        time_left.map(|left| self.clock + Time::from(left))
    }

    /// D-06, D-24: nobody could answer it.
    pub(super) fn is_too_short(&self, deadline: Option<Time>) -> bool {
        deadline.is_some_and(|at| at - self.clock < Time::from(self.settings.min_ring))
    }

    /// D-19
    pub(super) fn has_room_for_a_call(&self) -> bool {
        self.known.len() < self.settings.calls as usize
    }

    pub(super) fn know(&mut self, attempt: u64, call: Known) {
        self.step.known.insert(attempt, call.clone());
        self.known.insert(attempt, call);
    }

    /// D-06
    pub(super) fn ring(&mut self, call: &NamedCall, extension: String, time_left: Option<u64>) {
        let attempt = call.attempt;
        let deadline = self.deadline(time_left);
        if let Some(known) = self.known.get_mut(&attempt) {
            known.deadline = earlier(known.deadline, deadline);
            return;
        }
        let is_silenced = self.is_too_short(deadline);
        let (room, caller) = (call.room.clone(), call.caller.clone());
        let ring = Known::new(room, caller, extension, deadline, is_silenced);
        if self.endings.contains_key(&attempt) || attempt <= self.floor {
            if self.settings.late_ring == LateRing::Report {
                let why = self.over_or_passed(attempt);
                self.step.effects.push(Effect::Report { call: ring.incoming(attempt), why });
            }
        } else if self.has_room_for_a_call() {
            self.know(attempt, ring);
        }
    }

    fn over_or_passed(&self, attempt: u64) -> ReportReason {
        match self.endings.get(&attempt) {
            Some(ending) => ReportReason::Over { ending: ending.clone() },
            None => ReportReason::Passed,
        }
    }

    /// D-29: a push is that ring, but for the Report of D-06.
    pub(super) fn push(&mut self, event: Event, age: u64) {
        let Event::CallReceived { call, extension, time_left } = event else {
            return self.notice(event);
        };
        let (attempt, is_mine) = (call.attempt, call.callee == self.user);
        let (room, caller) = (call.room.clone(), call.caller.clone());
        let incoming = Incoming { attempt, room, caller, extension: extension.clone() };
        self.step.pushes.push((incoming, is_mine));
        if is_mine {
            let late_ring = std::mem::replace(&mut self.settings.late_ring, LateRing::Ignore);
            self.ring(&call, extension, time_left.map(|left| left - left.min(age)));
            self.settings.late_ring = late_ring;
            if let Some(known) = self.known.get_mut(&attempt) {
                known.is_provisional = true;
            }
            self.ask_unless_asking();
        }
    }

    /// D-29: why a push has no Show, after the step.
    pub(super) fn why_not_shown(&self, attempt: u64, is_mine: bool) -> ReportReason {
        // D-33
        if self.is_signed_out {
            return ReportReason::SignedOut;
        }
        if !is_mine {
            return ReportReason::NotThisUser;
        }
        match self.known.get(&attempt) {
            Some(known) if known.is_hidden => ReportReason::Hidden,
            Some(known) if known.is_silenced => ReportReason::Silenced,
            Some(known) if self.room.as_ref() == Some(&known.room) => ReportReason::InRoom,
            Some(_) => ReportReason::Shown,
            None if self.endings.contains_key(&attempt) || attempt <= self.floor => {
                self.over_or_passed(attempt)
            }
            None => ReportReason::TooMany,
        }
    }

    /// D-05: `onCallHandledByOtherDevice`.
    pub(super) fn handled(&self, is_accepted: bool, device: Option<String>) -> Dismissal {
        let is_this = device.as_ref() == Some(&self.device);
        match (is_accepted, is_this, device) {
            (true, true, _) => Dismissal::AnsweredHere,
            (false, true, _) => Dismissal::RejectedHere,
            (true, false, device) => Dismissal::AnsweredElsewhere { device },
            (false, false, None) => Dismissal::InOtherRoom,
            (false, false, device) => Dismissal::RejectedElsewhere { device },
        }
    }

    /// D-05: the ending in a refusal or a snapshot.
    pub(super) fn ended(&self, ended: &Ending) -> Dismissal {
        match ended.how {
            EndingKind::Accepted | EndingKind::Entered => self.handled(true, ended.device.clone()),
            EndingKind::Rejected if ended.device.is_none() => {
                Dismissal::RejectedElsewhere { device: None }
            }
            EndingKind::Rejected => self.handled(false, ended.device.clone()),
            EndingKind::InOtherRoom => Dismissal::InOtherRoom,
            EndingKind::TimedOut => Dismissal::TimedOut,
            EndingKind::Cancelled => Dismissal::Cancelled,
            EndingKind::Revoked => Dismissal::Revoked { operator: ended.user.clone() },
        }
    }

    /// An ending of an attempt was heard. It counts if the call is known, and is remembered as
    /// D-14 says; of two the greater counts (D-04).
    pub(super) fn over(&mut self, attempt: u64, why: Dismissal) {
        let is_remembered = attempt > self.mark || self.listed.contains(&attempt);
        if !is_remembered && !self.known.contains_key(&attempt) {
            return;
        }
        let joins = why == Dismissal::AnsweredHere;
        let is_elsewhere = matches!(why, Dismissal::AnsweredElsewhere { .. });
        if is_remembered {
            keep_the_greater(&mut self.endings, attempt, why.clone());
        }
        keep_the_greater(&mut self.step.endings, attempt, why);
        if let Some(call) = self.known.remove(&attempt) {
            // D-12: once, for the accept is given up with it.
            let is_there = self.room.as_ref() == Some(&call.room);
            if joins
                && !is_there
                && self.unanswered.iter().any(|r| r.purpose == Purpose::Accept(attempt))
            {
                self.joined = Some(self.clock); // D-32
                self.step.effects.push(Effect::Join { room: call.room });
            }
            // D-32
            if is_elsewhere {
                self.answered_elsewhere = Some(self.clock);
            }
            self.give_up_answers(attempt);
        }
    }

    /// D-12: having entered is no accept.
    pub(super) fn over_by(&mut self, attempt: u64, ended: &Ending) {
        if ended.how == EndingKind::Entered {
            self.give_up_answers(attempt);
        }
        let why = self.ended(ended);
        self.over(attempt, why);
    }

    /// D-35: it was a notice that said so.
    pub(super) fn over_by_notice(&mut self, attempt: u64, why: Dismissal) {
        if matches!(
            why,
            Dismissal::TimedOut
                | Dismissal::Cancelled
                | Dismissal::Revoked { .. }
                | Dismissal::InOtherRoom
        ) {
            self.may_have_missed();
        }
        self.over(attempt, why);
    }

    /// D-12: where the room is not there any more nobody joins.
    pub(super) fn refused_by(&mut self, attempt: u64, refused: &Refused, ended: &Ending) {
        if refused.code == 100_004 {
            self.give_up_answers(attempt);
        }
        self.over_by(attempt, ended);
    }

    /// D-11: the request is pointless.
    pub(super) fn give_up_answers(&mut self, attempt: u64) {
        for request in std::mem::take(&mut self.unanswered) {
            let is_it = request.purpose == Purpose::Accept(attempt)
                || request.purpose == Purpose::Reject(attempt);
            match (&request.request, request.sent) {
                (Request::Command(command), None) if is_it => {
                    let (command, why) = (command.clone(), NotSentReason::Over);
                    self.step.effects.push(Effect::NotSent { command, why });
                }
                _ if is_it => {}
                _ => self.unanswered.push(request),
            }
        }
    }

    pub(super) fn is_accepting(&self, attempt: u64) -> bool {
        self.unanswered.iter().any(|request| request.purpose == Purpose::Accept(attempt))
    }

    pub(super) fn is_rejecting(&self, attempt: u64) -> bool {
        self.unanswered.iter().any(|request| request.purpose == Purpose::Reject(attempt))
    }

    /// Whether this device's accept or reject is on its way.
    pub(super) fn is_answering(&self, attempt: u64) -> bool {
        self.is_accepting(attempt) || self.is_rejecting(attempt)
    }

    /// D-13: which call is to be silenced when.
    pub(super) fn silencings(&self) -> Vec<(u64, Time)> {
        let mut silencings = Vec::new();
        for (attempt, call) in &self.known {
            if let (Some(deadline), false) = (call.deadline, call.is_silenced) {
                let answer_grace = Time::from(self.settings.answer_grace);
                let more = if self.is_answering(*attempt) { answer_grace } else { 0 };
                silencings.push((*attempt, deadline + more));
            }
        }
        silencings
    }

    /// D-13
    pub(super) fn silence_what_is_due(&mut self) {
        let due: Vec<_> =
            self.silencings().into_iter().filter(|(_, at)| *at <= self.clock).collect();
        for (attempt, _) in &due {
            if let Some(call) = self.known.get_mut(attempt) {
                call.is_silenced = true;
                self.step.known.insert(*attempt, call.clone());
            }
            self.give_up_answers(*attempt);
        }
        // D-16
        if !due.is_empty() {
            self.ask_unless_asking();
        }
    }

    /// D-11
    pub(super) fn tap_accept(&mut self, attempt: u64) {
        let accepts = self.screen.values().any(|stage| *stage == Stage::Accepting);
        if !accepts && self.can_be_answered(attempt) {
            let room = self.known[&attempt].room.clone();
            let command = Command::AcceptCall { room, attempt: Some(attempt) };
            self.command(command, Purpose::Accept(attempt));
        }
    }

    /// D-11
    pub(super) fn tap_reject(&mut self, attempt: u64, reason: CallRejectionReason) {
        if self.can_be_answered(attempt) {
            let room = self.known[&attempt].room.clone();
            let command = Command::RejectCall { room, attempt: Some(attempt), reason };
            self.command(command, Purpose::Reject(attempt));
        }
    }

    pub(super) fn can_be_answered(&self, attempt: u64) -> bool {
        matches!(self.screen.get(&attempt), Some(Stage::Ringing | Stage::Waiting))
    }

    /// D-12
    pub(super) fn answer_to_answer(
        &mut self,
        attempt: u64,
        success: Dismissal,
        refused: Option<&Refused>,
    ) {
        match refused {
            None => self.over(attempt, success),
            Some(refused @ Refused { ended: Some(ended), .. }) => {
                self.refused_by(attempt, refused, ended);
            }
            Some(Refused { code: -2311 | 100_004, .. }) => self.over(attempt, Dismissal::Gone),
            Some(_) => self.give_up_answers(attempt),
        }
    }

    /// D-14: beyond `endings` the lowest are forgotten, and what rings is asked for anew.
    pub(super) fn bound_endings(&mut self) {
        let mut has_forgotten = false;
        while self.endings.len() > self.settings.endings as usize {
            if let Some((attempt, _)) = self.endings.pop_first() {
                self.floor = self.floor.max(attempt);
                has_forgotten = true;
            }
        }
        if has_forgotten {
            self.ask_anew();
        }
    }
}

/// D-04
fn keep_the_greater(endings: &mut BTreeMap<u64, Dismissal>, attempt: u64, why: Dismissal) {
    let kept = endings.entry(attempt).or_insert_with(|| why.clone());
    if *kept < why {
        *kept = why;
    }
}
