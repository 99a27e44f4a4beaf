//! One call to the user that is not known to be over (D-06, D-13).

use alloc::string::String;

use super::DeviceTick;
use super::dismissal::Dismissal;
use super::effect::{Effect, Incoming, Stage};
use crate::protocol::NamedCall;

/// A call that is not known to be over.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Call {
    #[serde(rename = "roomID")]
    room: String,
    caller: String,
    #[serde(rename = "extensionInfo")]
    extension: String,
    /// By the device's clock; `None` for never.
    deadline: Option<DeviceTick>,
    /// How many milliseconds before the clock began the deadline was; it is 0 then (D-25).
    #[serde(default, skip_serializing_if = "is_zero")]
    overdue: u64,
    is_silenced: bool,
    /// Whether it does not ring on this device any more (D-30).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    is_muted: bool,
    /// Whether a snapshot has listed it as rung (D-37).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    has_rung: bool,
    /// Whether the person hid it on this device (D-30).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    is_hidden: bool,
    /// Whether it was on the screen when this life began, or a push has named it since: then it
    /// need not wait for the first snapshot (D-09, D-29).
    #[serde(skip)]
    is_provisional: bool,
    /// Its stage on the screen; `None` while it is not on it.
    stage: Option<Stage>,
    /// The stage at the end of the last step: what the host shows.
    #[serde(skip)]
    shown: Option<Stage>,
}

impl Call {
    /// A call with so many milliseconds left at `clock`; with fewer than `min_ring` nobody could
    /// answer it.
    pub(super) fn new(
        call: NamedCall,
        extension: String,
        time_left: Option<u64>,
        clock: DeviceTick,
        min_ring: u64,
    ) -> Self {
        Self::since(call, extension, time_left, [clock, clock], min_ring)
    }

    /// As [`new`](Self::new), with so many milliseconds left at the first of two times, of which
    /// the second is now (D-24).
    pub(super) fn since(
        call: NamedCall,
        extension: String,
        time_left: Option<u64>,
        [from, clock]: [DeviceTick; 2],
        min_ring: u64,
    ) -> Self {
        let passed = from.until(clock);
        let is_too_short = |left: u64| left.checked_sub(passed).is_none_or(|left| left < min_ring);
        Self {
            room: call.room,
            caller: call.caller,
            extension,
            deadline: time_left.map(|left| from.plus(left)),
            overdue: 0,
            is_silenced: time_left.is_some_and(is_too_short),
            is_muted: false,
            has_rung: false,
            is_hidden: false,
            is_provisional: false,
            stage: None,
            shown: None,
        }
    }

    pub(super) fn room(&self) -> &str {
        &self.room
    }

    #[cfg(feature = "json")]
    pub(super) const fn deadline(&self) -> Option<DeviceTick> {
        self.deadline
    }

    pub(super) const fn is_silenced(&self) -> bool {
        self.is_silenced
    }

    /// Whether it does not ring on this device any more (D-30).
    pub(super) const fn is_muted(&self) -> bool {
        self.is_muted
    }

    /// The person wants to hear no more of it here (D-30).
    pub(super) const fn mute(&mut self) {
        self.is_muted = true;
    }

    /// Whether a snapshot has listed it as rung (D-37).
    pub(super) const fn has_rung(&self) -> bool {
        self.has_rung
    }

    /// A snapshot lists it as rung (D-37).
    pub(super) const fn set_rung(&mut self) {
        self.has_rung = true;
    }

    /// Whether the person hid it on this device (D-30).
    pub(super) const fn is_hidden(&self) -> bool {
        self.is_hidden
    }

    /// The person rejects it on this device alone (D-30).
    pub(super) const fn hide(&mut self) {
        self.is_hidden = true;
    }

    /// Whether it is on the screen of a handset that is or is not ready, in this room (D-09).
    pub(super) fn is_visible(&self, is_ready: bool, room: Option<&str>) -> bool {
        let is_left_out = self.is_silenced || self.is_hidden || room == Some(self.room());
        (is_ready || self.is_provisional) && !is_left_out
    }

    /// Why it is not on the screen of a handset that is ready; `None` if it is (D-09).
    pub(super) fn why_off_the_screen(&self) -> Option<Dismissal> {
        if self.is_hidden {
            Some(Dismissal::Hidden)
        } else if self.is_silenced {
            Some(Dismissal::Silenced)
        } else if self.stage.is_none() {
            Some(Dismissal::AnsweredHere)
        } else {
            None
        }
    }

    /// A push names it (D-29).
    pub(super) const fn push(&mut self) {
        self.is_provisional = true;
    }

    pub(super) const fn stage(&self) -> Option<Stage> {
        self.stage
    }

    /// Whether it is on the screen, and its person has not tapped an answer that stands (D-11).
    pub(super) const fn is_unanswered(&self) -> bool {
        matches!(self.stage, Some(Stage::Ringing | Stage::Waiting))
    }

    /// The stage that the host shows.
    pub(super) const fn shown(&self) -> Option<Stage> {
        self.shown
    }

    pub(super) const fn set_stage(&mut self, stage: Option<Stage>) {
        self.stage = stage;
    }

    /// The host shows `stage`.
    pub(super) const fn set_shown(&mut self, stage: Option<Stage>) {
        self.shown = stage;
    }

    /// Its own deadline has passed (D-13).
    pub(super) const fn silence(&mut self) {
        self.is_silenced = true;
    }

    /// A snapshot lists it with the deadline of `listed`. One whose answer is unanswered has its
    /// grace (D-13, D-24).
    pub(super) fn relist(&mut self, listed: &Self, is_answering: bool) {
        self.deadline = listed.deadline;
        self.overdue = 0;
        self.is_silenced = listed.is_silenced && !is_answering;
    }

    /// A snapshot lists it that nobody waited for: the earlier deadline counts, silenced if less
    /// than `min_ring` is left (D-24).
    pub(super) fn relist_late(
        &mut self,
        listed: &Self,
        is_answering: bool,
        clock: DeviceTick,
        min_ring: u64,
    ) {
        match self.deadline {
            Some(known) if earlier(self.deadline, listed.deadline) == Some(known) => {
                let has_passed = self.overdue > 0 || known < clock;
                let is_too_short = has_passed || clock.until(known) < min_ring;
                self.is_silenced = is_too_short && !is_answering;
            }
            Some(_) | None => self.relist(listed, is_answering),
        }
    }

    /// It rings again: the earlier deadline counts (D-06).
    pub(super) fn ring_again(&mut self, ring: &Self) {
        self.deadline = earlier(self.deadline, ring.deadline);
    }

    /// When it is to be silenced (D-13); `None` for never and if it is already.
    pub(super) fn silence_at(&self, answer_grace: u64) -> Option<DeviceTick> {
        let deadline = self.deadline.filter(|_| !self.is_silenced)?;
        Some(deadline.plus(answer_grace.saturating_sub(self.overdue)))
    }

    /// As a host presents it.
    pub(super) fn incoming(&self, attempt: u64) -> Incoming {
        let (room, caller) = (self.room.clone(), self.caller.clone());
        Incoming { attempt, room, caller, extension: self.extension.clone() }
    }

    /// What puts it on the screen at this stage (D-09).
    pub(super) fn show(&self, attempt: u64, stage: Stage, clock: DeviceTick) -> Effect {
        let time_left = self.deadline.map(|deadline| clock.until(deadline));
        Effect::Show { call: self.incoming(attempt), stage, time_left }
    }

    /// Its room and its caller.
    pub(super) fn into_names(self) -> (String, String) {
        (self.room, self.caller)
    }

    /// The clock goes from `clock` to 0, and the deadline stays as far away as it was (D-25).
    pub(super) fn restart(&mut self, clock: DeviceTick) {
        if let Some(deadline) = &mut self.deadline {
            self.overdue = self.overdue.saturating_add(deadline.until(clock));
            *deadline = DeviceTick::START.plus(clock.until(*deadline));
        }
        self.shown = self.stage;
        self.is_provisional = self.stage.is_some();
    }
}

/// serde asks for a reference.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
const fn is_zero(length: &u64) -> bool {
    *length == 0
}

/// The earlier of two deadlines; never is later than any.
fn earlier(one: Option<DeviceTick>, other: Option<DeviceTick>) -> Option<DeviceTick> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (deadline, None) | (None, deadline) => deadline,
    }
}
