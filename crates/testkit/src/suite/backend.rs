//! What the backend does in a random world: it calls, revokes, dissolves, erases, and changes the rules.

use std::collections::BTreeSet;

use roomcall::handset::Input;
use roomcall::protocol::{Actor, Answer, Command, Fact, Refused};
use roomcall::{CallResult, Limits, Rule, Which, WithdrawResult};

use super::action::{Action, DEVICES, ROOMS, USERS};
use super::device::Device;
use super::random::World;
use super::stage::{Played, expect};
use super::transport::Transport;

impl<T: Transport, D: Device> World<'_, T, D> {
    pub(super) async fn act_as_backend(&mut self, action: Action) -> Played {
        match action {
            Action::CallFor { caller, users, timeout } => {
                self.call_for(caller, users, timeout).await
            }
            Action::BackendRevoke(room, user) => {
                let (room, users) = (ROOMS[room].into(), vec![USERS[user].into()]);
                let answer = self.ask(Command::RevokeCall { room, users }).await?;
                let is_revoked = matches!(answer, Ok(Answer::RevokeCall(results)) if results.iter().any(|it| it.1 == WithdrawResult::Revoked));
                self.reach("the backend revokes a call", is_revoked);
                Ok(())
            }
            Action::RevokeAll(user, which) => self.revoke_all(USERS[user], which).await,
            Action::BackendCancel(room, user) => {
                let (room, users) = (ROOMS[room].into(), vec![USERS[user].into()]);
                let answer = self.ask(Command::CancelCall { room, users }).await?;
                let what = format!("the backend cancels a call, which is answered {answer:?}");
                let is_refused = answer.is_err_and(|refused| refused.rule == Rule::P04);
                self.reach("the backend cancels in vain", is_refused);
                expect(is_refused, Rule::P04, what)
            }
            Action::Dissolve(room) => self.dissolve(ROOMS[room]).await,
            Action::Erase(user) => self.erase(USERS[user]).await,
            Action::ChangeRules { policy, limits } => {
                let before = self.stage.heard_effects();
                let changed = limits.of(self.limits);
                if changed.may_follow(&self.limits) {
                    self.limits = changed;
                }
                let (policy, limits) = (Some(policy), Some(limits));
                self.stage.state(Fact::RulesChanged { policy, limits }).await?;
                let ends = self.stage.heard_effects() > before;
                self.reach("the rules change", true);
                self.reach("other rules end a call", ends);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The backend asks for something, which is refused if it is over a limit that the request itself shows, and only then by
    /// that limit.
    async fn ask(&mut self, command: Command) -> Played<Result<Answer, Refused>> {
        let owed = over_limit(&command, &self.limits);
        let asked = format!("{command:?}");
        let answer = self.stage.command(command).await?;
        let by = answer.as_ref().err().map(|refused| refused.rule);
        let what = format!("{asked} is answered {answer:?}, where {:?} hold", self.limits);
        if let Some(rule) = owed {
            expect(by == Some(rule), rule, what)?;
        } else if let Some(rule @ (Rule::L03 | Rule::L04 | Rule::L05)) = by {
            expect(false, rule, what)?;
        }
        self.reach("the backend is refused by a limit", by.is_some_and(is_limit));
        Ok(answer)
    }

    /// The backend calls for somebody who is in a room.
    async fn call_for(&mut self, caller: usize, users: Vec<usize>, timeout: u32) -> Played {
        let is_of = |device: &usize| DEVICES[*device].0 == USERS[caller];
        let device = (0..DEVICES.len()).find(is_of).unwrap_or_default();
        let device = self.nearest(device, |phone| phone.room.is_some());
        let Some(room) = self.phones[device].room.clone() else { return Ok(()) };
        let users: Vec<String> = users.iter().map(|user| self.absent(*user, &room)).collect();
        let (caller, extension) = (Some(DEVICES[device].0.to_owned()), "hello".to_owned());
        let answer =
            self.ask(Command::CallUserToRoom { room, users, timeout, extension, caller }).await?;
        let is_called = matches!(answer, Ok(Answer::CallUserToRoom(results)) if results.iter().any(|it| it.1 == CallResult::Success));
        self.reach("the backend calls for somebody", is_called);
        Ok(())
    }

    async fn revoke_all(&mut self, user: &str, which: Which) -> Played {
        let answer = self.ask(Command::RevokeUserCalls { user: user.to_owned(), which }).await?;
        let what = format!("the backend revokes all calls of {user}, which is answered {answer:?}");
        let Ok(Answer::RevokeUserCalls { attempts, .. }) = answer else {
            return expect(false, Rule::E19, what);
        };
        self.reach("the backend revokes all calls of somebody", !attempts.is_empty());
        Ok(())
    }

    async fn dissolve(&mut self, room: &str) -> Played {
        let fact = Fact::RoomDissolved { room: room.into(), by: Actor::Backend, opening: None };
        self.stage.state(fact).await?;
        self.stage.state(Fact::RoomOpened { room: room.into(), owner: "ana".into() }).await?;
        for device in 0..self.phones.len() {
            if self.phones[device].room.as_deref() == Some(room) {
                self.phones[device].room = None;
                self.feed(device, vec![Input::InRoom(None)]).await?;
            }
        }
        self.enter(0, ROOMS[0]).await
    }

    /// A user signs out of all devices, which end their connections, and is forgotten.
    async fn erase(&mut self, user: &str) -> Played {
        for (device, (owner, _)) in DEVICES.iter().enumerate() {
            if *owner == user && !self.phones[device].is_erased {
                self.sign_out(device).await?;
                self.disconnect(device).await?;
                self.phones[device].is_erased = true;
            }
        }
        let before = self.stage.heard_effects();
        self.stage.state(Fact::UserErased { user: user.to_owned() }).await?;
        self.reach("a user is erased", true);
        self.reach("a user who had a call is erased", self.stage.heard_effects() > before);
        for device in 0..DEVICES.len() {
            let phone = &self.phones[device];
            let line = phone.line.filter(|line| !self.stage.is_stalled(*line));
            let Some(line) = line else { continue };
            let name = phone.conduct.name();
            let Some(mine) = self.stage.my_calls(line).await? else { continue };
            let live = mine.incoming.iter().chain(&mine.outgoing);
            let mut names = live
                .flat_map(|call| [&call.caller, &call.callee])
                .chain(mine.endings.iter().flat_map(|over| [&over.caller, &over.callee]));
            let what =
                format!("{user} is erased, and {name} is told of a call with them: {mine:?}");
            expect(names.all(|it| it != user), Rule::F20, what)?;
        }
        Ok(())
    }

    /// Something happened that worlds are to reach.
    pub(super) fn reach(&mut self, what: &'static str, is_so: bool) {
        if is_so {
            *self.reached.entry(what).or_default() += 1;
        }
    }
}

/// The limit that a command is over whatever the host knows: the first one, as they are judged in this order.
fn over_limit(command: &Command, limits: &Limits) -> Option<Rule> {
    let users: BTreeSet<&String> = command.users().iter().collect();
    let timeout = match command {
        Command::CallUserToRoom { timeout, .. } => Some(*timeout),
        _ => None,
    };
    let over = [
        (users.len() > limits.callees as usize, Rule::L03),
        (timeout.is_some_and(|timeout| timeout > limits.timeout_max), Rule::L04),
        (timeout == Some(0) && !limits.never, Rule::L05),
    ];
    over.into_iter().find(|(is_over, _)| *is_over).map(|(_, rule)| rule)
}

/// Whether a rule is a limit on what is asked.
pub(super) const fn is_limit(rule: Rule) -> bool {
    matches!(rule, Rule::L03 | Rule::L04 | Rule::L05 | Rule::L07 | Rule::L08 | Rule::L14)
}
