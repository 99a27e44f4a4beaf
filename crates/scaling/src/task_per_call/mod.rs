//! What many write with tokio: a task for each call, which waits for a word or for its time, maps
//! that many threads may use, events into a channel. One thread here, its clock moved by hand.

mod call;
mod hub;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::count::{Counts, Kind};
use crate::engine::Engine;
use crate::names::{Named, Names, Staged, named};
use crate::workload::{Act, Verb, rooms};
use call::{Event, Word};
use hub::Hub;

/// A task for each call, and the inputs that are prepared.
#[derive(Debug)]
pub struct TaskPerCall {
    runtime: Runtime,
    hub: Arc<Hub>,
    events: UnboundedReceiver<Event>,
    buffer: Vec<Event>,
    staged: Staged,
    /// When the clock was moved last.
    at: u64,
}

/// Inputs between two looks at what the tasks have said.
const TURN: usize = 32;

impl TaskPerCall {
    /// With so many callees, and their hosts in their rooms.
    ///
    /// # Errors
    ///
    /// The system gives no runtime.
    pub fn new(callees: u32) -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let (send, events) = unbounded_channel();
        let hub = Arc::new(Hub::new(send));
        for callee in 0..callees {
            let name = |write| named(write, Names::USUAL, callee);
            hub.sign_in(&name(Names::user), &[&name(Names::phone), &name(Names::tablet)]);
        }
        for number in 0..rooms(callees) {
            let [room, host, device] = [Names::room, Names::host, Names::desktop]
                .map(|write| named(write, Names::USUAL, number));
            hub.sign_in(&host, &[&device]);
            hub.open(&room);
            hub.enter(&room, &host);
        }
        Ok(Self { runtime, hub, events, buffer: Vec::new(), staged: Staged::default(), at: 0 })
    }
}

/// Hands one input to the hub; whether it was taken.
fn apply(hub: &Arc<Hub>, input: &Named) -> bool {
    let (room, user, device) = (&*input.room, &*input.user, &*input.device);
    match input.verb {
        Verb::Call => hub.call(room, user, device, &input.callee),
        Verb::Accept => hub.say(room, user, Word::Accept { device: device.to_owned() }),
        Verb::Reject => hub.say(room, user, Word::Reject { device: device.to_owned() }),
        Verb::Cancel => hub.say(room, &input.callee, Word::Cancel { by: user.to_owned() }),
        Verb::Enter => hub.enter(room, user),
        Verb::Leave => hub.leave(room, user),
    }
}

/// Lets the tasks run until what they were told is done, and counts what they say.
async fn settle(
    hub: &Hub,
    events: &mut UnboundedReceiver<Event>,
    buffer: &mut Vec<Event>,
    counts: &mut Counts,
) {
    loop {
        tokio::task::yield_now().await;
        while let Ok(event) = events.try_recv() {
            buffer.push(event);
        }
        for event in &*buffer {
            counts.one(event.kind());
        }
        buffer.clear();
        if hub.is_settled() {
            break;
        }
    }
}

impl Engine for TaskPerCall {
    fn name(&self) -> &'static str {
        "task per call"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        let Self { runtime, hub, events, buffer, staged, .. } = self;
        runtime.block_on(async {
            for turn in staged.inputs().chunks(TURN) {
                for input in turn {
                    if !apply(hub, input) {
                        counts.one(Kind::Other);
                    }
                }
                settle(hub, events, buffer, counts).await;
            }
        });
    }

    /// The clock moves once a round: so far that whatever rings is due.
    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let Self { runtime, hub, events, buffer, .. } = self;
        let step = Duration::from_millis(at.saturating_sub(self.at));
        self.at = at;
        runtime.block_on(async {
            tokio::time::advance(step.max(Duration::from_secs(45))).await;
            hub.expect_all();
            settle(hub, events, buffer, counts).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count::Wrong;

    #[test]
    fn a_late_accept_can_learn_the_ending() -> Result<(), Box<dyn std::error::Error>> {
        let mut tokio = TaskPerCall::new(80)?;
        let act = |verb| Act { at: 0, callee: 3, verb };
        let mut counts = Counts::default();
        tokio.stage(&[act(Verb::Call)]);
        tokio.play(&mut counts);
        tokio.stage(&[act(Verb::Accept)]);
        tokio.play(&mut counts);
        let ending = tokio.hub.ending(&named(Names::user, Names::USUAL, 3));
        let device = ending.and_then(|ending| ending.device);
        assert_eq!(device.as_deref(), Some(&*named(Names::tablet, Names::USUAL, 3)));
        let before = counts;
        tokio.play(&mut counts);
        let mut late = before;
        late.one(Kind::Other);
        Wrong::unless_equal("tokio", &counts, &late)?;
        Ok(())
    }
}
