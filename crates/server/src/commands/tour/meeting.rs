//! A meeting with all seven endings of a call, over real sockets, told as it happens.

use std::collections::BTreeMap;
use std::time::Duration;

use roomcall::handset::{Dismissal, Effect, Progress, Tap};
use roomcall::protocol::Fact;
use roomcall::{CallRejectionReason, Role};
use roomcall_server::client::{Device, Order, Told};
use roomcall_server::token::Signer;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::words::words;
use crate::commands::load::LoadError;
use crate::commands::load::backend::{Backend, Outcome, address_of};
use crate::commands::load::witness::Witness;

/// Who is there.
const DEVICES: [(&str, &str); 9] = [
    ("ana", "phone"),
    ("ana", "laptop"),
    ("dee", "phone"),
    ("bo", "phone"),
    ("bo", "tablet"),
    ("cy", "phone"),
    ("cy", "tablet"),
    ("eve", "phone"),
    ("eve", "tablet"),
];

/// How long anything may take that is expected.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the meeting did not go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum MeetingError {
    #[error("in the meeting this did not happen within {1} s: {0}. Is the machine very busy?")]
    Silence(String, u64),
    #[error(transparent)]
    Load(#[from] LoadError),
}

fn silence(of: String) -> MeetingError {
    MeetingError::Silence(of, PATIENCE.as_secs())
}

type Done<T = ()> = Result<T, MeetingError>;

pub(super) struct Meeting {
    devices: BTreeMap<(&'static str, &'static str), Device>,
    told: mpsc::UnboundedReceiver<(Instant, String, String, Told)>,
    backend: Backend,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    witness: Witness,
    start: Instant,
    /// What was told since the last step, and is not expected yet.
    heard: Vec<(String, Told)>,
}

impl Meeting {
    /// Plays the whole meeting. What the devices were told.
    pub(super) async fn play(address: &str, signer: &Signer) -> Done<Witness> {
        let mut meeting = Self::open(address, signer).await?;
        meeting.accepted().await?;
        meeting.rejected().await?;
        meeting.in_other_room().await?;
        meeting.cancelled().await?;
        meeting.revoked().await?;
        meeting.timed_out().await?;
        meeting.entered().await?;
        for device in meeting.devices.values() {
            device.order(Order::Stop);
        }
        meeting.devices.clear();
        while let Some((_, user, device, told)) = meeting.told.recv().await {
            meeting.witness.hear(&user, &device, &told);
        }
        Ok(meeting.witness)
    }

    async fn open(address: &str, signer: &Signer) -> Done<Self> {
        let (tells, told) = mpsc::unbounded_channel();
        let (states, outcomes) = mpsc::unbounded_channel();
        let url = format!("ws://{address}");
        let switch_on = |(user, device): (&'static str, &'static str)| {
            let address = address_of(&url, signer, user, device);
            ((user, device), Device::new(user, device, address, tells.clone()))
        };
        let mut meeting = Self {
            devices: DEVICES.into_iter().map(switch_on).collect(),
            told,
            backend: Backend::start(address, signer, &states),
            outcomes,
            witness: Witness::default(),
            start: Instant::now(),
            heard: Vec::new(),
        };
        for (user, device) in DEVICES {
            let is_it = |told: &Told| *told == Told::Connected;
            meeting.expect(&format!("{user}/{device}"), "connects", is_it).await?;
        }
        for (room, owner) in [("standup", "ana"), ("lunch", "dee")] {
            let (room, owner) = (room.to_owned(), owner.to_owned());
            meeting.state(Fact::RoomOpened { room, owner }, "").await?;
        }
        let (room, user, role) = ("standup".to_owned(), "dee".to_owned(), Role::Admin);
        meeting.state(Fact::role_set(room, user, role), "").await?;
        meeting.enters("standup", "ana", "phone").await?;
        meeting.say("", "ana is in standup, which is hers; dee may end calls there");
        Ok(meeting)
    }

    fn say(&self, who: &str, what: &str) {
        self.say_at(Instant::now(), who, what);
    }

    fn say_at(&self, at: Instant, who: &str, what: &str) {
        let seconds = at.duration_since(self.start).as_secs_f64();
        println!("  +{seconds:.3} s  {who:<11} {what}");
    }

    /// Waits until a device is told what is looked for, and tells all that is told meanwhile.
    async fn expect(&mut self, who: &str, what: &str, is_it: impl Fn(&Told) -> bool) -> Done {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.heard.iter().position(|(by, told)| by == who && is_it(told));
            if let Some(found) = found {
                self.heard.remove(found);
                return Ok(());
            }
            let heard = timeout_at(deadline, self.told.recv()).await.ok().flatten();
            let nothing = || silence(format!("{who} {what}"));
            let (at, user, device, told) = heard.ok_or_else(nothing)?;
            self.witness.hear(&user, &device, &told);
            let by = format!("{user}/{device}");
            if let Told::Over(why) = told {
                return Err(LoadError::over(user, device, &why).into());
            }
            if let Some(words) = words(&told) {
                self.say_at(at, &by, &words);
            }
            self.heard.push((by, told));
        }
    }

    /// The server has a fact before anything else happens.
    async fn state(&mut self, fact: Fact, words: &str) -> Done {
        if !words.is_empty() {
            self.say("backend", words);
        }
        self.backend.state(0, fact);
        let outcome = timeout_at(Instant::now() + PATIENCE, self.outcomes.recv()).await;
        let outcome = outcome.ok().flatten();
        let outcome = outcome.ok_or_else(|| silence("a fact is stated".to_owned()))?;
        self.witness.stated.push(outcome.map_err(LoadError::Fact)?);
        Ok(())
    }

    async fn enters(&mut self, room: &str, user: &'static str, device: &'static str) -> Done {
        let words = format!("{user} has entered {room} on the {device}");
        let in_room = Order::InRoom(Some(room.to_owned()));
        let (room, by) = (room.to_owned(), device.to_owned());
        self.state(Fact::user_entered(room, user.to_owned(), by), &words).await?;
        self.order(user, device, in_room);
        Ok(())
    }

    async fn leaves(&mut self, room: &str, user: &'static str, device: &'static str) -> Done {
        let words = format!("{user} has left {room}");
        let fact = Fact::user_left(room.to_owned(), user.to_owned());
        self.state(fact, &words).await?;
        self.order(user, device, Order::InRoom(None));
        Ok(())
    }

    fn order(&self, user: &'static str, device: &'static str, order: Order) {
        if let Some(device) = self.devices.get(&(user, device)) {
            device.order(order);
        }
    }

    /// ana calls somebody, whose two devices ring: a call that will end like this. The attempt.
    async fn call(&mut self, ending: &str, callee: &'static str, timeout: u32) -> Done<u64> {
        println!("\n  {ending}");
        self.heard.clear();
        self.say("ana/phone", &format!("taps: call {callee}, for {timeout} s"));
        let (room, users) = ("standup".to_owned(), vec![callee.to_owned()]);
        let extension = "the stand-up begins".to_owned();
        self.order("ana", "phone", Order::Tap(Tap::Call { room, users, timeout, extension }));
        self.sees(callee, Progress::Calling).await?;
        let mut attempt = 0;
        for device in ["phone", "tablet"] {
            let is_it = |told: &Told| matches!(told, Told::Effect(Effect::Show { .. }));
            self.expect(&format!("{callee}/{device}"), "rings", is_it).await?;
            attempt = self.witness.last_shown;
        }
        self.sees(callee, Progress::Ringing).await?;
        Ok(attempt)
    }

    /// A device stops ringing for one of these reasons.
    async fn stops(&mut self, who: &str, reasons: &[Dismissal]) -> Done {
        let is_it = |told: &Told| matches!(told, Told::Effect(Effect::Dismiss { why, .. }) if reasons.contains(why));
        self.expect(who, &format!("stops ringing: {reasons:?}"), is_it).await
    }

    /// ana sees how her call stands.
    async fn sees(&mut self, callee: &str, expected: Progress) -> Done {
        let is_it = |told: &Told| matches!(told, Told::Effect(Effect::Progress { callee: by, progress, .. }) if by == callee && *progress == expected);
        self.expect("ana/phone", &format!("sees {callee}: {expected:?}"), is_it).await
    }

    async fn accepted(&mut self) -> Done {
        let attempt = self.call("accepted", "bo", 30).await?;
        self.order("bo", "phone", Order::Tap(Tap::Accept { attempt }));
        self.stops("bo/phone", &[Dismissal::AnsweredHere]).await?;
        let device = Some("phone".to_owned());
        self.stops("bo/tablet", &[Dismissal::AnsweredElsewhere { device }]).await?;
        let is_it = |told: &Told| matches!(told, Told::Effect(Effect::Join { .. }));
        self.expect("bo/phone", "goes into the room", is_it).await?;
        self.sees("bo", Progress::Accepted).await?;
        self.enters("standup", "bo", "phone").await?;
        self.leaves("standup", "bo", "phone").await
    }

    async fn rejected(&mut self) -> Done {
        let attempt = self.call("rejected", "cy", 30).await?;
        let reason = CallRejectionReason::Rejected;
        self.order("cy", "tablet", Order::Tap(Tap::Reject { attempt, reason }));
        self.stops("cy/tablet", &[Dismissal::RejectedHere]).await?;
        let device = Some("tablet".to_owned());
        self.stops("cy/phone", &[Dismissal::RejectedElsewhere { device }]).await?;
        self.sees("cy", Progress::Rejected { reason: Some(reason) }).await
    }

    async fn in_other_room(&mut self) -> Done {
        let _ = self.call("in another room", "bo", 30).await?;
        self.enters("lunch", "bo", "phone").await?;
        self.stops("bo/phone", &[Dismissal::InOtherRoom]).await?;
        self.stops("bo/tablet", &[Dismissal::InOtherRoom]).await?;
        let reason = Some(CallRejectionReason::InOtherRoom);
        self.sees("bo", Progress::Rejected { reason }).await?;
        self.leaves("lunch", "bo", "phone").await
    }

    async fn cancelled(&mut self) -> Done {
        let _ = self.call("cancelled", "cy", 30).await?;
        self.say("ana/phone", "taps: do not call cy any more");
        let (room, users) = ("standup".to_owned(), vec!["cy".to_owned()]);
        self.order("ana", "phone", Order::Tap(Tap::Cancel { room, users }));
        self.stops("cy/phone", &[Dismissal::Cancelled]).await?;
        self.stops("cy/tablet", &[Dismissal::Cancelled]).await?;
        self.sees("cy", Progress::Cancelled).await
    }

    async fn revoked(&mut self) -> Done {
        let _ = self.call("revoked", "bo", 30).await?;
        self.say("dee/phone", "taps: bo is not to be called");
        let (room, users) = ("standup".to_owned(), vec!["bo".to_owned()]);
        self.order("dee", "phone", Order::Tap(Tap::Revoke { room, users }));
        let operator = Some("dee".to_owned());
        let why = [Dismissal::Revoked { operator: operator.clone() }];
        self.stops("bo/phone", &why).await?;
        self.stops("bo/tablet", &why).await?;
        self.sees("bo", Progress::Revoked { operator }).await
    }

    async fn timed_out(&mut self) -> Done {
        let _ = self.call("timed out", "eve", 2).await?;
        // Whether the server's word or the device's own clock is first is a matter of a moment.
        let why = [Dismissal::TimedOut, Dismissal::Silenced];
        self.stops("eve/phone", &why).await?;
        self.stops("eve/tablet", &why).await?;
        self.sees("eve", Progress::TimedOut).await
    }

    async fn entered(&mut self) -> Done {
        let _ = self.call("entered", "eve", 30).await?;
        self.enters("standup", "eve", "tablet").await?;
        let device = Some("tablet".to_owned());
        self.stops("eve/phone", &[Dismissal::AnsweredElsewhere { device }]).await?;
        self.stops("eve/tablet", &[Dismissal::AnsweredHere]).await?;
        self.sees("eve", Progress::Accepted).await
    }
}
