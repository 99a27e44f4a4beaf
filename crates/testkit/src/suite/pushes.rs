//! What the rules demand of a device that a push comes to: each is answered in its step, by the call or by why there is none.

use std::collections::BTreeMap;

use roomcall::Rule;
use roomcall::handset::{Effect, Input, LateRing, ReportReason};
use roomcall::protocol::Event;

use super::circumstances::Circumstances;
use super::screen::Screen;
use super::stage::{Played, expect};
use super::told::Told;

/// The rings that came in a step, by attempt.
#[derive(Debug, Default)]
struct Came(BTreeMap<u64, Rings>);

/// How many rings of an attempt came, and how.
#[derive(Debug, Default)]
struct Rings {
    pushes: usize,
    notices: usize,
    /// Whether they are for another user.
    is_stray: bool,
}

impl Came {
    fn of(inputs: &[Input], user: &str) -> Self {
        let mut came = Self::default();
        for input in inputs {
            let (Input::Push { event, .. } | Input::Notice(event)) = input else { continue };
            let Event::CallReceived { call, .. } = event else { continue };
            let rings = came.0.entry(call.attempt).or_default();
            rings.is_stray = call.callee != user;
            if matches!(input, Input::Push { .. }) {
                rings.pushes += 1;
            } else {
                rings.notices += 1;
            }
        }
        came
    }
}

/// A step of a device, as a person sees it.
pub(super) struct Step<'a> {
    pub(super) user: &'a str,
    /// Whose device it is.
    pub(super) name: String,
    pub(super) now: u64,
    pub(super) inputs: &'a [Input],
    pub(super) effects: &'a [Effect],
    /// What was on the screen before.
    pub(super) screen: &'a Screen,
    /// The room that the device is in.
    pub(super) room: Option<&'a str>,
}

impl Step<'_> {
    /// Each push has one answer; a notice has one at most, if it came too late and the device is set to say so.
    pub(super) fn answers_pushes(&self, of: &Circumstances, told: &Told) -> Played {
        let came = Came::of(self.inputs, self.user);
        for (attempt, rings) in &came.0 {
            let shows = self.effects.iter().filter(|it| shows(it) == Some(*attempt)).count();
            let reports = self.effects.iter().filter(|it| reports(it) == Some(*attempt)).count();
            let most = match of.settings.late_ring {
                LateRing::Report => rings.pushes + rings.notices,
                _ => rings.pushes,
            };
            let Self { name, .. } = self;
            let pushes = rings.pushes;
            let what = format!(
                "{pushes} pushes of attempt {attempt} come to {name}, and it answers {shows} with the call and {reports} with why not"
            );
            // A call that a notice shows answers a push, too.
            let is_answered = shows + reports >= pushes && shows.min(pushes) + reports <= most;
            expect(is_answered, Rule::D29, what)?;
            let what = format!("{name} shows attempt {attempt}, which is a call to another user");
            expect(!rings.is_stray || shows == 0, Rule::D29, what)?;
        }
        for effect in self.effects {
            let Effect::Report { call, why } = effect else { continue };
            let rings = came.0.get(&call.attempt);
            let what =
                format!("{} reports attempt {}, which did not come", self.name, call.attempt);
            expect(rings.is_some(), Rule::D29, what)?;
            let is_stray = rings.is_some_and(|rings| rings.is_stray);
            let is_true = if is_stray {
                *why == ReportReason::NotThisUser
            } else {
                self.is_true(call.attempt, &call.room, why, of, told)
            };
            let what = format!("{} says that attempt {} is {why:?}", self.name, call.attempt);
            expect(is_true, Rule::D29, what + ", which is not so by what it was told")?;
        }
        Ok(())
    }

    /// Whether there is no call for a push for this reason.
    fn is_true(
        &self,
        attempt: u64,
        room: &str,
        why: &ReportReason,
        of: &Circumstances,
        told: &Told,
    ) -> bool {
        let is_shown = || {
            let was_shown = self.screen.room(attempt).is_some();
            let is_dismissed =
                |it: &Effect| matches!(it, Effect::Dismiss { attempt: of, .. } if *of == attempt);
            (was_shown && !self.effects.iter().any(is_dismissed))
                || self.effects.iter().any(|it| shows(it) == Some(attempt))
        };
        match why {
            ReportReason::Hidden => of.is_hidden(attempt),
            ReportReason::Silenced => {
                let is_over = told.is_short(attempt) || told.is_past(attempt, 0, self.now);
                is_over && !is_shown()
            }
            ReportReason::InRoom => self.room == Some(room),
            ReportReason::Shown => is_shown(),
            ReportReason::Over { .. } => told.may_be_over(attempt),
            ReportReason::Passed => {
                told.may_be_over(attempt) || of.has_left_out || of.has_forgotten
            }
            ReportReason::TooMany => told.others(attempt) >= of.settings.calls as usize,
            ReportReason::SignedOut => of.is_signed_out,
            _ => false,
        }
    }

    /// After signing out each push has its answer, and there is nothing else (D-33).
    pub(super) fn is_silent(&self) -> Played {
        let is_ring =
            |it: &&Input| matches!(it, Input::Push { event: Event::CallReceived { .. }, .. });
        let pushes = self.inputs.iter().filter(is_ring).count();
        let is_right =
            |it: &Effect| matches!(it, Effect::Report { why: ReportReason::SignedOut, .. });
        let is_silent = self.effects.len() == pushes && self.effects.iter().all(is_right);
        let what = format!(
            "{} is signed out, {pushes} pushes come, and it does {:?}",
            self.name, self.effects
        );
        expect(is_silent, Rule::D33, what)
    }

    /// How many calls are on the screen after it.
    fn shown_after(&self) -> usize {
        let count = |is: fn(&Effect) -> bool| self.effects.iter().filter(|it| is(it)).count();
        let shown = self.screen.count() + count(|it| matches!(it, Effect::Show { .. }));
        shown.saturating_sub(count(|it| matches!(it, Effect::Dismiss { .. })))
    }

    /// What was already over is not shown, and neither is what comes with too little time, or is too much.
    pub(super) fn shows_what_rings(
        &self,
        of: &Circumstances,
        before: impl Fn(u64) -> bool,
        told: &Told,
    ) -> Played {
        let Self { name, .. } = self;
        for attempt in self.effects.iter().filter_map(shows) {
            let what = format!("{name} shows attempt {attempt}, and was told that it is over");
            expect(!told.has_ended(attempt), Rule::D14, what)?;
        }
        let [input] = self.inputs else { return Ok(()) };
        let mut new = self.effects.iter().filter_map(shows).filter(|it| !before(*it)).peekable();
        let (shown, most) = (self.shown_after(), of.settings.calls as usize);
        let what = format!("{name} follows {most} calls at most, and shows {:?} too", new.peek());
        expect(new.peek().is_none() || shown <= most, Rule::D19, what)?;
        if matches!(input, Input::Notice(_) | Input::Push { .. }) {
            let short = new.find(|it| told.is_short(*it));
            let what = format!("{name} shows attempt {short:?}, which has too little time left");
            return expect(short.is_none(), Rule::D06, what);
        }
        Ok(())
    }
}

/// The attempt that an effect shows.
pub(super) const fn shows(effect: &Effect) -> Option<u64> {
    if let Effect::Show { call, .. } = effect { Some(call.attempt) } else { None }
}

const fn reports(effect: &Effect) -> Option<u64> {
    if let Effect::Report { call, .. } = effect { Some(call.attempt) } else { None }
}
