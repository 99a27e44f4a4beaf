//! Time: what is due happens, the clock goes on or is set back, and restarts (D-02, D-25).

use roomcall::handset::DeviceTick;

use super::{ModelHandset, Purpose, Time};

/// D-02: a clock that is set back by so much was set.
const SET_BACK: Time = 1_000;

impl ModelHandset {
    /// D-02: what is due happens before an input is judged.
    pub(super) fn pass_time(&mut self, at: DeviceTick) {
        let at = Time::from(at.as_millis());
        if self.clock - at >= SET_BACK {
            self.shift(self.clock - at);
        }
        self.clock = self.clock.max(at);
        self.begin_moment();
        self.end_quiet_if_due();
        let asked = self.silencings().into_iter().map(|(_, at)| at).chain(self.refreshing()).min();
        if self.next_walk().is_some_and(|(at, _)| asked.is_none_or(|asked| at < asked)) {
            self.walk_again_if_due();
        }
        self.silence_what_is_due();
        self.give_up_what_is_due();
        self.repeat_what_is_due();
        self.refresh_if_due();
        self.walk_again_if_due();
        self.end_moment();
    }

    /// D-02. What is overdue, as an answer that put it off was refused (D-13) or a length was
    /// lowered (D-34), is due now: an input of an earlier time would set the clock back.
    pub fn next_deadline(&self) -> Option<DeviceTick> {
        let mut due: Vec<Time> = Vec::new();
        due.extend(self.end_of_quiet());
        due.extend(self.is_to_redraw().then_some(self.clock));
        due.extend(self.silencings().into_iter().map(|(_, at)| at));
        due.extend(self.givings_up().into_iter().map(|(_, at)| at));
        due.extend(self.repetitions().into_iter().map(|(_, at)| at));
        due.extend(self.refreshing());
        due.extend(self.next_walk().map(|(at, _)| at));
        due.into_iter().min().map(|at| {
            DeviceTick::from_millis(u64::try_from(at.max(self.clock)).unwrap_or(u64::MAX)) // T-09
        })
    }

    /// D-02, D-25: the clock, and every point of time that is known, is so much earlier.
    fn shift(&mut self, by: Time) {
        self.clock -= by;
        for at in [&mut self.joined, &mut self.answered_elsewhere, &mut self.asked] {
            *at = at.map(|at| at - by);
        }
        self.refused_walk = self.refused_walk.map(|(at, last)| (at - by, last));
        for call in self.known.values_mut() {
            call.deadline = call.deadline.map(|at| at - by);
        }
        for request in &mut self.unanswered {
            request.first_sent = request.first_sent.map(|at| at - by);
            request.sent = request.sent.map(|at| at - by);
            request.put_off = request.put_off.map(|(at, length)| (at - by, length));
            match &mut request.purpose {
                Purpose::Call { give_up, tapped } => {
                    *give_up = give_up.map(|at| at - by);
                    *tapped -= by;
                }
                Purpose::Cancel { tapped, .. } | Purpose::Revoke { tapped } => *tapped -= by,
                Purpose::Snapshot
                | Purpose::Page
                | Purpose::Log
                | Purpose::Mark
                | Purpose::Accept(_)
                | Purpose::Reject(_) => {}
            }
        }
    }

    /// D-25: `dead` is for how many milliseconds the process was, if anybody knows.
    pub fn restart(mut self, dead: Option<u64>) -> Self {
        // Only quiet that held at the last step can end while it is dead.
        self.end_quiet_if_due();
        self.shift(self.clock + Time::from(dead.unwrap_or(0)));
        self.clock = 0;
        for (attempt, call) in &mut self.known {
            call.is_provisional = self.screen.contains_key(attempt);
        }
        self.unanswered
            .retain(|request| !matches!(request.purpose, Purpose::Snapshot | Purpose::Page));
        self.restart_log();
        if dead.is_none() {
            self.age_commands();
        }
        self.is_up = false;
        self.is_ready = false;
        self.has_snapshot = false;
        self.room = None;
        self.is_occupied = false;
        self.asked = None;
        self.list.clear();
        self.list_floor = 0;
        self.walk = None;
        self.refused_walk = None;
        self
    }

    /// D-20, D-25: nobody knows how old they are: too old.
    fn age_commands(&mut self) {
        let valid_for = Time::from(self.settings.valid_for);
        for request in &mut self.unanswered {
            match &mut request.purpose {
                Purpose::Call { give_up, .. } => *give_up = Some(0),
                Purpose::Cancel { tapped, .. } | Purpose::Revoke { tapped } => {
                    *tapped = -valid_for;
                }
                Purpose::Snapshot
                | Purpose::Page
                | Purpose::Log
                | Purpose::Mark
                | Purpose::Accept(_)
                | Purpose::Reject(_) => {}
            }
        }
    }
}
