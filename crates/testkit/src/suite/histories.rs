//! What a host says of calls that are over, at rest: each user is asked from the beginning and from the middle. The observer judges
//! each answer; what is above a number has to be the same, however it is asked for.

use roomcall::Rule;
use roomcall::protocol::{CallLog, MyCalls};

use super::stage::{Line, Played, Stage, expect};
use super::transport::Transport;

impl<T: Transport> Stage<T> {
    /// Asks on each connection.
    pub(super) async fn histories_agree(&mut self) -> Played {
        for line in (0..self.connections.len()).map(Line) {
            if self.is_open(line) && !self.is_stalled(line) {
                self.endings_agree(line).await?;
                self.logs_agree(line).await?;
            }
        }
        Ok(())
    }

    ///
    async fn endings_agree(&mut self, line: Line) -> Played {
        let Some(all) = self.my_calls(line).await? else { return Ok(()) };
        let Some(middle) = all.endings.get(all.endings.len() / 2) else { return Ok(()) };
        let since = middle.ended.attempt;
        let Some(mut above) = self.my_calls_since(line, since).await? else { return Ok(()) };
        // What rang when the first answer came may be over by now.
        above.endings.retain(|it| is_covered(&all, it.ended.attempt));
        let mut whole = all.endings.clone();
        whole.retain(|it| it.ended.attempt > since);
        let what = format!(
            "of the attempts above {since} the endings are {:?}, and among all {whole:?}",
            above.endings
        );
        expect(above.endings == whole, Rule::Q11, what)
    }

    /// H-03
    async fn logs_agree(&mut self, line: Line) -> Played {
        let Some(all) = self.call_log(line, 0).await? else { return Ok(()) };
        let Some(middle) = all.entries.get(all.entries.len() / 2) else { return Ok(()) };
        let since = middle.number;
        let Some(above) = self.call_log(line, since).await? else { return Ok(()) };
        let listed = |log: &CallLog| {
            let entries = log.entries.iter();
            let entries = entries.filter(|it| since < it.number && it.number <= all.last_logged);
            entries.map(|it| (it.number, it.what.clone())).collect::<Vec<_>>()
        };
        let (above, whole) = (listed(&above), listed(&all));
        let what = format!("the log above {since} is {above:?}, and in the whole one {whole:?}");
        expect(above == whole, Rule::H03, what)
    }
}

/// Whether a snapshot says all there is to say of an attempt, and that it does not ring.
fn is_covered(mine: &MyCalls, attempt: u64) -> bool {
    let rings = mine.incoming.iter().chain(&mine.outgoing).any(|call| call.attempt == attempt);
    attempt <= mine.last_attempt && !rings
}
