//! The suite on the smallest host, and on hosts that are wrong in one thing each.

mod budget;
mod edited;
mod reached;
mod right;

use std::collections::{BTreeMap, VecDeque};

use roomcall::Rule;
use roomcall::protocol::{Answer, Audience, Body, Command, Event, Fact, Frame, Refused};
use roomcall::switchboard::Switchboard;
use roomcall_testkit::hosting::is_recipient;
use roomcall_testkit::suite::{
    Capabilities, Failure, Memory, Report, Rules, Run, Suite, Transport, TransportError, Verdict,
};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// What a host does wrong.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Fault {
    /// When a connection ends, its device counts as not connected.
    LosesTheReconnectingPhone,
    /// The journal is written for several inputs together, and what comes of them is told before that.
    TellsBeforeItStores,
    /// Who acts is told what the user's other devices are told.
    TellsTheActingDevice,
    /// It sends nothing to anybody while one connection takes nothing.
    WaitsForTheSlowReader,
    /// What does not fit into the queue of a connection is left out, and the connection stays.
    LeavesOutForTheSlowReader,
    /// Of that only what rings and what stops is left out.
    LeavesOutRings,
    /// What has waited longest in it is left out instead.
    LeavesOutTheOldest,
    /// What waits for a device is sent when it asks for something.
    TellsOnlyWhoAsks,
    /// It looks at the time only when something comes in.
    HasNoTimer,
    /// Who is erased stays.
    KeepsTheErased,
    /// Other rules hold from the next start.
    KeepsItsRules,
    /// What the backend cancels is cancelled.
    LetsTheBackendCancel,
}

/// A host with a fault.
struct Wrong {
    host: Memory,
    fault: Fault,
    connections: Vec<<Memory as Transport>::Connection>,
    /// What fitted into the queue of a connection.
    kept: BTreeMap<u64, VecDeque<Body>>,
    /// The messages that are sent on a connection before it asks again.
    owed: BTreeMap<u64, usize>,
}

impl Wrong {
    /// How many inputs the journal waits for.
    const BATCH: usize = 3;
    /// How many messages are on their way to a connection before the host waits for it, or leaves out the next ones.
    const WINDOW: usize = 32;

    fn new(rules: Rules, fault: Fault) -> Self {
        let mut host = Memory::new(rules);
        if fault == Fault::TellsTheActingDevice {
            host.is_recipient = to_all_devices;
        }
        if matches!(
            fault,
            Fault::WaitsForTheSlowReader
                | Fault::LeavesOutForTheSlowReader
                | Fault::LeavesOutRings
                | Fault::LeavesOutTheOldest
        ) {
            host.waiting = usize::MAX;
        }
        host.has_timer = fault != Fault::HasNoTimer;
        let (kept, owed) = (BTreeMap::new(), BTreeMap::new());
        Self { host, fault, connections: Vec::new(), kept, owed }
    }
}

fn is_of_callee(body: &Body) -> bool {
    let Body::Effect(effect) = body else { return false };
    matches!(effect.event, Event::CallReceived { .. } | Event::CallCancelled(_))
}

fn to_all_devices(board: &Switchboard, to: &Audience, device: (&str, &str)) -> bool {
    match to {
        Audience::OtherDevices { user, .. } => {
            is_recipient(board, &Audience::User(user.clone()), device)
        }
        to => is_recipient(board, to, device),
    }
}

impl Transport for Wrong {
    type Connection = <Memory as Transport>::Connection;

    fn capabilities(&self) -> Capabilities {
        self.host.capabilities()
    }

    async fn connect(
        &mut self,
        user: &str,
        device: &str,
    ) -> Result<Self::Connection, TransportError> {
        let connection = self.host.connect(user, device).await?;
        self.connections.push(connection.clone());
        Ok(connection)
    }

    async fn disconnect(&mut self, connection: Self::Connection) -> Result<(), TransportError> {
        if self.fault == Fault::LosesTheReconnectingPhone {
            self.host.forget(&connection.1);
        }
        self.host.disconnect(connection).await
    }

    async fn send(
        &mut self,
        connection: &mut Self::Connection,
        frame: Frame,
    ) -> Result<(), TransportError> {
        self.host.send(connection, frame).await?;
        self.owed.insert(connection.0, self.host.unread(connection));
        Ok(())
    }

    async fn receive(
        &mut self,
        connection: &mut Self::Connection,
    ) -> Result<Option<Body>, TransportError> {
        if self.fault == Fault::WaitsForTheSlowReader {
            let mut others = self.connections.iter().filter(|it| *it != connection);
            if others.any(|it| self.host.unread(it) > Self::WINDOW) {
                return Err("nothing came in time".into());
            }
        }
        if matches!(self.fault, Fault::LeavesOutForTheSlowReader | Fault::LeavesOutRings) {
            let is_kept = |body: &Body| self.fault == Fault::LeavesOutRings && !is_of_callee(body);
            let unread = self.host.unread(connection);
            let kept = self.kept.entry(connection.0).or_default();
            for nth in 0..unread {
                let body = self.host.receive(connection).await?;
                // The last one is the answer to what was asked just now: there is room again.
                let has_room = nth < Self::WINDOW || nth + 1 == unread;
                kept.extend(body.filter(|body| has_room || is_kept(body)));
            }
            if let Some(body) = kept.pop_front() {
                return Ok(Some(body));
            }
        }
        if self.fault == Fault::LeavesOutTheOldest {
            while self.host.unread(connection) > Self::WINDOW {
                self.host.receive(connection).await?;
            }
        }
        if self.fault == Fault::TellsOnlyWhoAsks {
            let owed = self.owed.entry(connection.0).or_default();
            *owed = owed.checked_sub(1).ok_or("nothing came in time")?;
        }
        self.host.receive(connection).await
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        match (self.fault, &fact) {
            (Fault::KeepsTheErased, Fact::UserErased { .. })
            | (Fault::KeepsItsRules, Fact::RulesChanged { .. }) => Ok(()),
            _ => self.host.state(fact).await,
        }
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        self.host.advance(millis).await
    }

    fn elapsed(&self) -> u64 {
        self.host.elapsed()
    }

    async fn command(
        &mut self,
        command: Command,
    ) -> Result<Result<Answer, Refused>, TransportError> {
        match command {
            Command::CancelCall { room, users } if self.fault == Fault::LetsTheBackendCancel => {
                self.host.command(Command::RevokeCall { room, users }).await
            }
            command => self.host.command(command).await,
        }
    }

    async fn restart(&mut self) -> Result<(), TransportError> {
        if self.fault == Fault::TellsBeforeItStores {
            let stored = self.host.journal.len() / Self::BATCH * Self::BATCH;
            self.host.journal.truncate(stored);
        }
        self.host.restart().await
    }

    fn behind(&self) -> u64 {
        self.host.behind()
    }

    async fn set_back(&mut self, millis: u64) -> Result<(), TransportError> {
        self.host.set_back(millis).await
    }
}

fn play(suite: &Suite, fault: Fault) -> Report {
    block_on(suite.run(async |rules| Ok(Wrong::new(rules, fault))))
}

/// The race that a fault loses, and the shortest world in which it violates this rule, or any.
fn caught(fault: Fault, race: &str, rule: Option<Rule>) -> (Failure, Failure) {
    let races = play(&Suite::new().only(race).worlds(0..0), fault);
    let of_race = races.failures().next().unwrap_or_else(|| panic!("{race} is won\n{races}"));
    let worlds = play(&Suite::new().only("no race").worlds(0..40), fault);
    let of_rule = worlds.failures().filter(|(_, it)| rule.is_none() || it.rule == rule);
    let of_world = of_rule.min_by_key(|(_, it)| it.run.as_ref().map(String::len));
    let of_world = of_world.unwrap_or_else(|| panic!("no world shows it"));
    (of_race.1.clone(), of_world.1.clone())
}

#[test]
fn a_host_that_loses_the_reconnecting_phone() {
    let race = "a phone connects anew before its old connection is gone";
    let (of_race, of_world) = caught(Fault::LosesTheReconnectingPhone, race, Some(Rule::C01));
    assert_eq!(of_race.rule, Some(Rule::C01));
    let what = "bo's phone, which connected anew before its old connection was gone, is connected, and is told to ring for []";
    assert!(of_race.to_string().contains(what), "{of_race}");
    is_short(&of_world, 3);
}

#[test]
fn a_host_that_tells_before_it_stores() {
    let (of_race, of_world) = caught(Fault::TellsBeforeItStores, "killed after an answer", None);
    assert_eq!(of_race.rule, Some(Rule::S01), "{of_race}");
    // What is lost may be any command: then it is judged twice.
    assert!(of_world.rule.is_some(), "{of_world}");
    assert!(of_world.run.as_ref().is_some_and(|run| run.contains("\"restart\"")), "{of_world}");
    is_short(&of_world, 5);
}

#[test]
fn a_host_that_tells_the_acting_device() {
    let race = "who answers hears nothing of it but the answer";
    let (of_race, of_world) = caught(Fault::TellsTheActingDevice, race, Some(Rule::O02));
    assert_eq!(of_race.rule, Some(Rule::O02));
    let what = "bo/phone is notified of onCallHandledByOtherDevice, which is for others";
    assert!(of_race.to_string().contains(what), "{of_race}");
    is_short(&of_world, 4);
}

#[test]
fn a_host_that_waits_for_the_slow_reader() {
    let race = "a device does not read what it is answered";
    let (of_race, of_world) = caught(Fault::WaitsForTheSlowReader, race, Some(Rule::X01));
    assert_eq!(of_race.rule, Some(Rule::X01));
    let what = "while ana's phone does not read, ana's mac is not served: nothing came in time";
    assert!(of_race.to_string().contains(what), "{of_race}");
    assert!(of_world.run.as_ref().is_some_and(|run| run.contains("\"suspend\"")), "{of_world}");
    is_short(&of_world, 5);
}

/// The failure of the race that a fault loses.
fn lost(fault: Fault, race: &str) -> Failure {
    let report = play(&Suite::new().only(race).worlds(0..0), fault);
    let (_, failure) = report.failures().next().expect("the race is lost");
    failure.clone()
}

#[test]
fn a_host_that_leaves_out_what_a_slow_reader_is_told() {
    let race = "a device does not read what it is told";
    let (list, calls) =
        ("ana's phone reads again, and was told", "bo's tablet reads again, and was told");
    for (fault, rule, what) in [
        (Fault::LeavesOutForTheSlowReader, Rule::C02, list),
        (Fault::LeavesOutTheOldest, Rule::C02, list),
        (Fault::LeavesOutRings, Rule::E17, calls),
    ] {
        let failure = lost(fault, race);
        assert_eq!(failure.rule, Some(rule), "{failure}");
        assert!(failure.to_string().contains(what), "{failure}");
    }
}

#[test]
fn a_host_that_sends_nothing_by_itself() {
    let failure = lost(Fault::TellsOnlyWhoAsks, "it rings on a device that asks for nothing");
    assert_eq!(failure.rule, Some(Rule::C01));
    let what =
        "bo's phone asks for nothing, and is not notified of onCallReceived: nothing came in time";
    assert!(failure.to_string().contains(what), "{failure}");
}

#[test]
fn a_host_that_has_no_timer() {
    let failure = lost(Fault::HasNoTimer, "a call times out on devices that ask for nothing");
    assert_eq!(failure.rule, Some(Rule::E04));
    let what = "ana's mac asks for nothing, and is not notified of onCallTimeout";
    assert!(failure.to_string().contains(what), "{failure}");
}

/// What the backend does is judged by what it is answered, and by what others are told after that.
#[test]
fn hosts_that_do_not_as_the_backend_says() {
    for (fault, rule, what) in [
        (Fault::KeepsTheErased, Rule::F20, "is erased, and"),
        (Fault::KeepsItsRules, Rule::P06, "is not told that it is over"),
        (
            Fault::LetsTheBackendCancel,
            Rule::P04,
            "the backend cancels a call, which is answered Ok",
        ),
    ] {
        let worlds = play(&Suite::new().only("no race").worlds(0..60).shrinks(50), fault);
        let found = worlds.failures().find(|(_, failure)| failure.rule == Some(rule));
        let (_, failure) = found.unwrap_or_else(|| panic!("no world shows it\n{worlds}"));
        assert!(failure.to_string().contains(what), "{failure}");
    }
}

#[test]
fn a_host_that_keeps_its_limits() {
    let run = r#"{"actions":[{"changeRules":{"policy":{},"limits":{"callees":1}}},{"callFor":{"caller":0,"users":[1,2],"timeout":30}}]}"#;
    let start = async |rules| Ok(Wrong::new(rules, Fault::KeepsItsRules));
    let verdict = block_on(Suite::new().replay(run, start)).unwrap();
    let Verdict::Failed(failure) = verdict else { panic!("it passes") };
    assert_eq!(failure.rule, Some(Rule::L03), "{failure}");
}

#[test]
#[should_panic(expected = "0 passed, 0 failed, 0 skipped")]
fn nothing_that_is_played_does_not_pass() {
    let suite = Suite::new().only("no race").worlds(0..0);
    block_on(suite.run(async |rules| Ok(Memory::new(rules)))).assert_passed();
}

/// A world that goes wrong is made short, and is wrong in the same way when it is played again.
fn is_short(failure: &Failure, most: usize) {
    let run = failure.run.as_ref().unwrap();
    let run: Run = serde_json::from_str(run).unwrap();
    assert!(run.actions.len() <= most, "{failure}");
}

#[test]
fn a_run_that_was_kept_is_played_again() {
    let fault = Fault::TellsTheActingDevice;
    let run =
        r#"{"actions":[{"call":{"device":0,"users":[1],"timeout":2}},{"hear":0},{"enter":[3,0]}]}"#;
    let verdict = |fault| async move {
        let start = async |rules| Ok(Wrong::new(rules, fault));
        Suite::new().replay(run, start).await.unwrap()
    };
    let Verdict::Failed(failure) = block_on(verdict(fault)) else { panic!("it passes") };
    assert_eq!(failure.rule, Some(Rule::O02));
    let right = block_on(Suite::new().replay(run, async |rules| Ok(Memory::new(rules))));
    assert!(matches!(right, Ok(Verdict::Passed)));
    // Places that are in no list count on from their beginning.
    let outside = r#"{"actions":[{"call":{"device":99,"users":[99],"timeout":2}},{"enter":[98,97]},{"dissolve":96}]}"#;
    let right = block_on(Suite::new().replay(outside, async |rules| Ok(Memory::new(rules))));
    assert!(matches!(right, Ok(Verdict::Passed)));
    let error = block_on(Suite::new().replay("[1]", async |rules| Ok(Memory::new(rules))));
    assert!(error.is_err());
}
