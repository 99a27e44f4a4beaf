//! Starting again after the process was killed (D-25).

use super::unanswered::Readiness;
use super::{Handset, Link, RoomList};

impl Handset {
    /// The handset after its process was killed and started again (D-25): its clock is at
    /// [`DeviceTick::START`](super::DeviceTick::START), and every deadline is nearer by the milliseconds since the last step of
    /// the saved state, `dead`. With `None` nobody knows how many: then every deadline stays as far
    /// away as it was, calls that are unanswered are abandoned, and cancels and revokes that
    /// were never sent are too old (D-20).
    ///
    /// ```
    /// use roomcall::handset::{DeviceTick, Handset, Input, Link, Settings};
    ///
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// let _ = phone.apply(DeviceTick::from_millis(9_000), Input::Link(Link::Up));
    /// let phone = phone.restart(Some(500));
    /// assert_eq!((phone.link(), phone.clock()), (Link::Down, DeviceTick::START));
    /// ```
    #[must_use = "the old one is gone"]
    pub fn restart(mut self, dead: Option<u64>) -> Self {
        let clock = core::mem::take(&mut self.clock).plus(dead.unwrap_or_default());
        self.calls.restart(clock);
        self.requests.restart(clock, dead.is_some());
        self.quiet.restart(clock);
        self.log.restart();
        self.ahead = 0;
        self.link = Link::Down;
        self.room = None;
        self.is_occupied = false;
        self.readiness = Readiness::None;
        self.list = RoomList::new();
        self
    }
}
