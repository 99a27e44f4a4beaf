//! Pushes come to devices: to one that runs, to one that was killed, and to one that is killed meanwhile.

use roomcall::handset::Input;

use super::action::{App, DEVICES, Push};
use super::device::Device;
use super::pushes::shows;
use super::random::World;
use super::stage::Played;
use super::transport::Transport;

impl<T: Transport, D: Device> World<'_, T, D> {
    /// A push comes, if there is one. Its operating system wakes the application, if that was suspended.
    pub(super) async fn push(&mut self, push: Push) -> Played {
        let Push { device, what, back, times, is_dated, app } = push;
        let (user, _) = DEVICES[device];
        let pushed = self.stage.push_service.push(user, what, back).cloned();
        let Some(pushed) = pushed else { return Ok(()) };
        self.resume(device).await?;
        if app == App::Starts {
            self.restart(device).await?;
        }
        let age = if is_dated { self.stage.now().saturating_sub(pushed.at) } else { 0 };
        let inputs = vec![Input::Push { event: pushed.event, age }; times];
        if inputs.is_empty() {
            return Ok(());
        }
        let shown = self.phones[device].screen.count();
        if app == App::Dies {
            let effects = self.apply(device, &inputs).await?;
            self.reach(
                "a device is killed while a push rings",
                effects.iter().any(|it| shows(it).is_some()),
            );
            return self.restart(device).await;
        }
        self.feed(device, inputs).await?;
        let rings = self.phones[device].screen.count() > shown;
        self.reach("a push starts a device, and rings", app == App::Starts && rings);
        Ok(())
    }
}
