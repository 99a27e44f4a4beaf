//! Users who were erased (F-20): whoever has the name later is somebody new.

use roomcall::protocol::{Effect, Event, Fact, Input, Record};
use roomcall::{CallStatus, EndingKind, Rule};

use super::super::{Checked, violation};
use super::{Attempt, Truth};

impl Truth {
    /// A user is erased: of what was, nothing is of whoever has the name from now on.
    pub(super) fn erase(&mut self, user: &str) {
        for attempt in self.attempts.values_mut() {
            let is_callee = attempt.callee == user;
            attempt.is_erased |= is_callee || attempt.caller == user;
            attempt.joined |= is_callee;
            for ended in attempt.before.iter_mut().chain(&mut attempt.ended) {
                ended.is_operator_erased |= ended.operator.as_deref() == Some(user);
            }
        }
        let is_of = |caller: &str, callee: &str| caller == user || callee == user;
        for (of, count) in
            self.tries.iter().filter(|((caller, _, callee), _)| is_of(caller, callee))
        {
            let before = self.tries_before.entry(of.clone()).or_default();
            *before = (*before).max(*count);
        }
        self.tries.retain(|(caller, _, callee), _| !is_of(caller, callee));
        self.marks.retain(|(who, _)| who != user);
        let is_on = |device: &str| device.split_once('/').is_some_and(|(who, _)| who == user);
        self.taps.retain(|(device, _, _), _| !is_on(device));
        self.calls.retain(|(device, _, _), _| !is_on(device));
        self.erased.insert(user.to_owned());
    }

    /// As [`tries`](Self::tries), since either of the two was erased.
    pub fn tries_since(&self, caller: &str, room: &str, callee: &str) -> u64 {
        let of = (caller.to_owned(), room.to_owned(), callee.to_owned());
        self.tries.get(&of).copied().unwrap_or_default()
    }
}

/// An effect by F-20 is of an attempt of the user. If that `was_over`, it takes a kept record off the list.
pub(super) fn goes_with_its_user(
    line: &Record,
    effect: &Effect,
    about: &Attempt,
    was_over: bool,
) -> Checked {
    let is_theirs = match &line.input {
        Input::Fact(Fact::UserErased { user }) => [&about.callee, &about.caller].contains(&user),
        _ => false,
    };
    let kept = [EndingKind::TimedOut, EndingKind::Rejected, EndingKind::InOtherRoom];
    let is_kept = || about.endings().any(|ended| kept.contains(&ended.how));
    let is_unlisted = match &effect.event {
        Event::PendingCallRemoved(call) => call.status == CallStatus::None && is_kept(),
        _ => false,
    };
    if effect.because == Rule::F20 && (!is_theirs || was_over && !is_unlisted) {
        return violation(
            "only what is of an erased user goes",
            format!("{effect:?} of {about:?}"),
        );
    }
    Ok(())
}
