//! The end of a random world: does every screen say what the host says?

use roomcall::Rule;
use roomcall::protocol::LiveCall;

use super::device::Device;
use super::random::World;
use super::stage::{Played, Stop};
use super::transport::Transport;

impl<T: Transport, D: Device> World<'_, T, D> {
    /// How often everybody reads at the end, at most, before it is said that it never ends.
    const ROUNDS: usize = 20;
    /// How long a device waits at most before it asks again.
    const RETRY: u64 = 10_000;

    /// Everybody connects, and reads until nothing comes any more; then every screen has to show what the host says. What was
    /// lost on the way a device learns by a new connection, on which it sends again what is not answered.
    pub(super) async fn settle(&mut self) -> Played {
        self.kills_next = false;
        let can = self.stage.can();
        for device in 0..self.phones.len() {
            self.resume(device).await?;
            let phone = &mut self.phones[device];
            (phone.is_cut, phone.is_lost) = (false, false);
            // What it left out by a bound it is told again.
            if can.lossy || self.phones[device].conduct.has_left_out() {
                self.connect(device, false).await?;
            }
        }
        self.read_all(0).await?;
        for device in 0..self.phones.len() {
            let rings = self.rings(device).await?;
            self.phones[device].conduct.rests(&rings)?;
        }
        if can.virtual_time {
            // Longer than nothing begins to ring after an answer (D-32).
            self.read_all(Self::RETRY).await?;
            self.read_all(Self::RETRY).await?;
        }
        for device in 0..self.phones.len() {
            let rings = self.rings(device).await?;
            let (phone, now) = (&self.phones[device], self.stage.now());
            let (screen, room) = (&phone.screen, phone.room.as_deref());
            phone.conduct.agrees(screen, &rings, room, now, can.virtual_time)?;
        }
        Ok(())
    }

    /// Everybody reads until nothing comes any more, and connects anew where the host has ended a connection. So many
    /// milliseconds pass when nothing comes.
    async fn read_all(&mut self, millis: u64) -> Played {
        let mut quiet = 0;
        for _ in 0..Self::ROUNDS {
            let mut is_heard = false;
            for device in 0..self.phones.len() {
                let phone = &self.phones[device];
                if !phone.is_erased && phone.line.is_none_or(|line| !self.stage.is_open(line)) {
                    self.connect(device, false).await?;
                    is_heard = true;
                }
                is_heard |= self.hear(device).await?;
            }
            quiet = if is_heard { 0 } else { quiet + 1 };
            if quiet == 2 {
                return Ok(());
            }
            if millis > 0 && !is_heard {
                self.advance(millis).await?;
            }
        }
        let what = "devices only listen, and there is always something new for them";
        Err(Stop::Broken(Rule::D28, what.to_owned()))
    }

    /// The calls of which the host says that they ring for the user of a device.
    async fn rings(&mut self, device: usize) -> Played<Vec<LiveCall>> {
        let phone = &self.phones[device];
        if phone.is_erased {
            return Ok(Vec::new());
        }
        let name = phone.conduct.name();
        let mine = match phone.line {
            Some(line) => self.stage.my_calls(line).await?,
            None => None,
        };
        let no_line = || Stop::Transport(format!("at rest {name} has no connection").into());
        Ok(mine.ok_or_else(no_line)?.incoming)
    }
}
