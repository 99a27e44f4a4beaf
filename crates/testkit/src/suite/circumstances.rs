//! What was done to a device, other than calls: it is silenced, occupied, signed out, given settings.

use std::collections::BTreeSet;

use roomcall::Rule;
use roomcall::handset::{Dismissal, Effect, Input, Settings, Tap};

use super::screen::Screen;
use super::stage::{Played, expect};

/// How a device stands.
#[derive(Debug)]
pub(super) struct Circumstances {
    pub(super) settings: Settings,
    /// Whether it ever had a bound of calls by which it may have left one out (D-19).
    pub(super) has_left_out: bool,
    /// Whether it ever had a bound of endings by which it may have forgotten one (D-14).
    pub(super) has_forgotten: bool,
    pub(super) is_occupied: bool,
    pub(super) is_signed_out: bool,
    /// The calls that a person silenced on it.
    muted: BTreeSet<u64>,
    /// Those that a person rejected on it alone.
    rejected: BTreeSet<u64>,
    /// Those that it has hidden by that.
    hidden: BTreeSet<u64>,
}

impl Circumstances {
    pub(super) const fn new() -> Self {
        Self {
            settings: Settings::DEFAULT,
            has_left_out: false,
            has_forgotten: false,
            is_occupied: false,
            is_signed_out: false,
            muted: BTreeSet::new(),
            rejected: BTreeSet::new(),
            hidden: BTreeSet::new(),
        }
    }

    /// Its process was started again: that it is occupied it has to be told again (D-31).
    pub(super) const fn restarts(&mut self) {
        self.is_occupied = false;
    }

    /// What an input says to it.
    pub(super) fn learn(&mut self, input: &Input, screen: &Screen) {
        match input {
            Input::Occupied(is_occupied) => self.is_occupied = *is_occupied,
            Input::SignedOut => self.is_signed_out = true,
            Input::Settings(settings) => {
                self.has_left_out |= settings.calls < Settings::DEFAULT.calls;
                self.has_forgotten |= settings.endings < Settings::DEFAULT.endings;
                self.settings = *settings;
            }
            Input::Tap(Tap::Silence { attempt }) if screen.room(*attempt).is_some() => {
                self.muted.insert(*attempt);
            }
            Input::Tap(Tap::RejectHere { attempt }) if screen.may_answer(*attempt, false) => {
                self.rejected.insert(*attempt);
            }
            _ => {}
        }
    }

    /// What one input has to bring about at once: who is silenced stays on the screen, and who is rejected here does not.
    pub(super) fn demand(
        &self,
        device: &str,
        input: &Input,
        effects: &[Effect],
        screen: &Screen,
    ) -> Played {
        match input {
            Input::Tap(Tap::RejectHere { attempt }) if screen.may_answer(*attempt, false) => {
                let is_gone = effects.iter().any(|it| dismisses(it, *attempt).is_some());
                let what = format!("attempt {attempt} is rejected on {device}, and stays there");
                expect(is_gone, Rule::D30, what)
            }
            Input::Tap(Tap::Silence { attempt }) => {
                let is_hidden = |it| dismisses(it, *attempt) == Some(&Dismissal::Hidden);
                let what = format!("attempt {attempt} is silenced on {device}, which hides it");
                expect(!effects.iter().any(is_hidden), Rule::D30, what)
            }
            _ => Ok(()),
        }
    }

    /// It hides what a person rejected on it, and nothing else.
    pub(super) fn judge(&mut self, device: &str, effect: &Effect) -> Played {
        if let Effect::Dismiss { attempt, why: Dismissal::Hidden } = effect {
            let what = format!("{device} hides attempt {attempt}, which nobody has rejected there");
            expect(self.rejected.contains(attempt), Rule::D30, what)?;
            self.hidden.insert(*attempt);
        }
        Ok(())
    }

    /// After a step: what must not ring does not, and what must not be shown is not.
    pub(super) fn allows(&self, device: &str, screen: &Screen) -> Played {
        let shown = screen.first();
        let what = format!("{device} is signed out, and shows attempt {shown:?}");
        expect(!self.is_signed_out || shown.is_none(), Rule::D33, what)?;
        let hidden = self.hidden.iter().find(|it| screen.room(**it).is_some());
        let what = format!("{device} shows attempt {hidden:?}, which was rejected there");
        expect(hidden.is_none(), Rule::D30, what)?;
        let rings: Vec<u64> = screen.ringing().collect();
        let what = format!("{device} is occupied, and attempt {rings:?} rings on it");
        expect(!self.is_occupied || rings.is_empty(), Rule::D31, what)?;
        let muted = rings.iter().find(|it| self.muted.contains(it));
        let what = format!("attempt {muted:?} was silenced on {device}, and rings there");
        expect(muted.is_none(), Rule::D30, what)?;
        let what = format!("on {device} attempts {rings:?} ring, or one is accepted meanwhile");
        expect(rings.len() + usize::from(screen.is_accepting()) <= 1, Rule::D07, what)
    }

    /// Whether a person silenced a call on it.
    pub(super) fn is_muted(&self, attempt: u64) -> bool {
        self.muted.contains(&attempt)
    }

    /// Whether it has hidden a call.
    pub(super) fn is_hidden(&self, attempt: u64) -> bool {
        self.hidden.contains(&attempt)
    }
}

fn dismisses(effect: &Effect, of: u64) -> Option<&Dismissal> {
    match effect {
        Effect::Dismiss { attempt, why } if *attempt == of => Some(why),
        _ => None,
    }
}
