//! The suite on the smallest host, and on hosts that are wrong in one thing each.

use roomcall::protocol::{Actor, Answer, Audience, Body, Command, Fact, Frame, Refused};
use roomcall::switchboard::Switchboard;
use roomcall_testkit::suite::memory::is_for;
use roomcall_testkit::suite::{
    Capabilities, Failure, Memory, Report, Rules, Suite, Transport, TransportError,
};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_right_host_passes() {
    let report = block_on(Suite::new().worlds(0..300).run(async |rules| Ok(Memory::new(rules))));
    println!("{report}");
    report.assert_passed();
    assert_eq!(report.skipped(), 0, "{report}");
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
}

/// A host with a fault.
struct Wrong {
    host: Memory,
    fault: Fault,
}

impl Wrong {
    /// How many inputs the journal waits for.
    const BATCH: usize = 3;

    fn new(rules: Rules, fault: Fault) -> Self {
        let mut host = Memory::new(rules);
        if fault == Fault::TellsTheActingDevice {
            host.is_for = to_all_devices;
        }
        Self { host, fault }
    }
}

fn to_all_devices(board: &Switchboard, to: &Audience, device: &Actor) -> bool {
    match to {
        Audience::OtherDevices { user, .. } => is_for(board, &Audience::User(user.clone()), device),
        to => is_for(board, to, device),
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
        self.host.connect(user, device).await
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
        self.host.send(connection, frame).await
    }

    async fn receive(
        &mut self,
        connection: &mut Self::Connection,
    ) -> Result<Option<Body>, TransportError> {
        self.host.receive(connection).await
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        self.host.state(fact).await
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        self.host.advance(millis).await
    }

    async fn command(
        &mut self,
        command: Command,
    ) -> Result<Result<Answer, Refused>, TransportError> {
        self.host.command(command).await
    }

    async fn restart(&mut self) -> Result<(), TransportError> {
        if self.fault == Fault::TellsBeforeItStores {
            let stored = self.host.journal.len() / Self::BATCH * Self::BATCH;
            self.host.journal.truncate(stored);
        }
        self.host.restart().await
    }

    async fn set_back(&mut self, millis: u64) -> Result<(), TransportError> {
        self.host.set_back(millis).await
    }
}

fn play(suite: &Suite, fault: Fault) -> Report {
    block_on(suite.run(async |rules| Ok(Wrong::new(rules, fault))))
}

/// The race that a fault loses, and the shortest world in which it shows.
fn caught(fault: Fault, race: &str) -> (Failure, Failure) {
    let races = play(&Suite::new().only(race).worlds(0..0), fault);
    let of_race = races.failures().next().unwrap_or_else(|| panic!("{race} is won\n{races}"));
    let worlds = play(&Suite::new().only("no race").worlds(0..40), fault);
    let of_world = worlds.failures().min_by_key(|(_, it)| it.run.as_ref().map(String::len));
    let of_world = of_world.unwrap_or_else(|| panic!("no world shows it"));
    println!("{}\n{}", of_race.1, of_world.1);
    (of_race.1.clone(), of_world.1.clone())
}

#[test]
fn a_host_that_loses_the_reconnecting_phone() {
    let race = "a phone connects anew before its old connection is gone";
    let (of_race, of_world) = caught(Fault::LosesTheReconnectingPhone, race);
    println!("{of_race}{of_world}");
}

#[test]
fn a_host_that_tells_before_it_stores() {
    let (of_race, of_world) = caught(Fault::TellsBeforeItStores, "killed after an answer");
    println!("{of_race}{of_world}");
}

#[test]
fn a_host_that_tells_the_acting_device() {
    let race = "who answers hears nothing of it but the answer";
    let (of_race, of_world) = caught(Fault::TellsTheActingDevice, race);
    println!("{of_race}{of_world}");
}
