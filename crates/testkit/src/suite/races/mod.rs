//! The races that hosts are known to lose, each in a few lines.

mod answers;
mod deadlines;
mod endings;
mod histories;
mod joins;
mod reconnects;
mod refusals;
mod restarts;
mod retries;
mod rings;
mod slow_readers;
mod unasked;

use roomcall::protocol::{Command, Fact};
use roomcall::{Limits, Policy, Rule};

use super::stage::{Line, Played, Stage, Stop};
use super::transport::{Capabilities, Rules, Transport};

/// What a race is called, what it shows, and what a host has to be able to do.
#[derive(Clone, Copy, Debug)]
pub struct Race {
    /// Its name.
    pub name: &'static str,
    /// The rules that it is about.
    pub rules: &'static [Rule],
    /// What the host has to be able to do.
    pub needs: Capabilities,
}

const ANY: Capabilities = Capabilities {
    virtual_time: false,
    durable: false,
    backend: false,
    clock: false,
    slow_reader: false,
    lossy: false,
    rules: false,
    erasure: false,
};
const DURABLE: Capabilities = Capabilities { durable: true, ..ANY };
const VIRTUAL: Capabilities = Capabilities { virtual_time: true, ..ANY };
const BACKEND: Capabilities = Capabilities { backend: true, ..ANY };
const SLOW: Capabilities = Capabilities { slow_reader: true, ..ANY };
const GRACE: Capabilities = Capabilities { rules: true, virtual_time: true, ..ANY };
const CLOCK: Capabilities = Capabilities { clock: true, virtual_time: true, ..ANY };

macro_rules! races {
    ($($name:literal, [$($rule:ident)+], $needs:ident => $play:path;)+) => {
        /// All races.
        pub const RACES: &[Race] =
            &[$(Race { name: $name, rules: &[$(Rule::$rule),+], needs: $needs }),+];

        /// Plays the race of this name.
        pub(super) async fn play<T: Transport>(name: &str, stage: &mut Stage<T>) -> Played {
            match name {
                $($name => $play(stage).await,)+
                _ => Err(Stop::Transport(format!("there is no race {name:?}").into())),
            }
        }
    };
}

races! {
    "a phone connects anew before its old connection is gone", [O02 C01], ANY => reconnects::new_before_old;
    "a phone connects anew while it rings", [O02 E17], ANY => reconnects::while_it_rings;
    "a phone that was away is answered what rings", [Q11 D16], ANY => reconnects::away;
    "two programs are one device", [O02 E08], ANY => reconnects::two_of_one_device;
    "everybody who is called rings once", [C01 C11 P09], ANY => rings::everybody_once;
    "who is called twice rings once", [C05 C07], ANY => rings::called_twice;
    "people in the room see its list, and others do not", [C02 O02], ANY => rings::the_list;
    "the caller hears that it rings, once", [C14 P06], ANY => rings::it_rings;
    "it rings on a device that asks for nothing", [C01 C02 C14 E01 E17], ANY => unasked::rings;
    "it stops on devices that ask for nothing", [E02 E05 E06 E17], ANY => unasked::stops;
    "a call times out on devices that ask for nothing", [E04 T03], ANY => unasked::times_out;
    "two devices accept at once", [E01 E08 E09], ANY => answers::two_accept;
    "one device accepts, the other one rejects", [E01 E02 E09], ANY => answers::accept_and_reject;
    "who answers hears nothing of it but the answer", [O02 E01 E17], ANY => answers::own_echo;
    "an answer by somebody else", [E10 P08], ANY => answers::strangers;
    "the caller cancels while the callee accepts", [E01 E05 E09], ANY => endings::cancel_and_accept;
    "another device of the caller cancels", [E05 P06], ANY => endings::cancelled_elsewhere;
    "a room is dissolved while it rings", [F11 E17], ANY => endings::dissolved;
    "the callee comes in by another way", [E07 E17], ANY => endings::entered;
    "an admin revokes", [E06 E17 P08], ANY => endings::revoked;
    "the backend revokes", [E06 E17], BACKEND => endings::revoked_by_the_backend;
    "the same request again", [X01 X02], ANY => retries::the_same_again;
    "the answer is lost with the connection", [X02 E08], ANY => retries::answer_lost;
    "a number stands for another request", [X03], ANY => retries::another_under_its_number;
    "a call is sent twice", [X02 C06], ANY => retries::call_twice;
    "nobody answers", [E04 T03 E17], ANY => deadlines::nobody_answers;
    "an answer after the deadline", [T04 E09], ANY => deadlines::too_late;
    "an answer in the last millisecond", [T04], VIRTUAL => deadlines::last_millisecond;
    "an answer at the deadline", [T04], VIRTUAL => deadlines::at_the_deadline;
    "the clock goes back while it rings", [T02 E04], CLOCK => deadlines::clock_goes_back;
    "a device does not read what it is answered", [X01 C01 C02], SLOW => slow_readers::of_answers;
    "a device does not read what it is told", [X01 C01 C02], SLOW => slow_readers::of_events;
    "calls that are over are listed with their endings", [Q11 E18 E02], ANY => histories::endings;
    "each call is in the log of who was called", [H01 H03], ANY => histories::log;
    "entries of the log have an age", [H03], VIRTUAL => histories::age;
    "requests are refused with their codes", [R01 R02 E09 E10 P01 P03 L02 Q05 X02], ANY => refusals::codes;
    "who accepts does not come", [E20 E21], GRACE => joins::nobody_comes;
    "who accepts comes", [E20 E21], GRACE => joins::callee_comes;
    "killed while it rings", [S01 C06], DURABLE => restarts::while_it_rings;
    "killed after an answer", [S01 E09], DURABLE => restarts::after_an_answer;
    "killed before the reply is read", [S01 X02], DURABLE => restarts::before_the_reply;
    "killed, and a device asks for its next number", [S01 X06], DURABLE => restarts::next_number;
    "killed, and the deadline passes meanwhile", [S01 E04], DURABLE => restarts::past_the_deadline;
}

/// With which rules a host starts that is asked what it can do.
pub(super) fn default_rules() -> Rules {
    Rules::new(Limits::DEFAULT, Policy::DEFAULT)
}

/// Where the policy is not the default one, who accepts has to come in so many seconds.
const SECONDS: u32 = 5;

impl Race {
    /// With which rules its host starts.
    pub(super) fn rules(&self) -> Rules {
        let join_grace = if self.needs.rules { SECONDS } else { 0 };
        Rules::new(Limits::DEFAULT, Policy { join_grace, ..Policy::DEFAULT })
    }
}

/// The room of the races.
const ROOM: &str = "standup";

/// A room with ana in it, who has a mac and a phone; bo, who has a phone and a tablet, is not there.
struct Meeting {
    mac: Line,
    phone: Line,
    tablet: Line,
}

impl Meeting {
    async fn begin<T: Transport>(stage: &mut Stage<T>) -> Played<Self> {
        let mac = stage.connect("ana", "mac").await?;
        let phone = stage.connect("bo", "phone").await?;
        let tablet = stage.connect("bo", "tablet").await?;
        stage.state(Fact::RoomOpened { room: ROOM.into(), owner: "ana".into() }).await?;
        stage.state(Fact::user_entered(ROOM.into(), "ana".into(), "mac".into())).await?;
        Ok(Self { mac, phone, tablet })
    }

    /// The same, and ana calls bo. Gives the attempt.
    async fn ringing<T: Transport>(stage: &mut Stage<T>, timeout: u32) -> Played<(Self, u64)> {
        let meeting = Self::begin(stage).await?;
        stage.send(meeting.mac, call(&["bo"], timeout)).await?;
        stage.settle().await?;
        let attempt = rings(stage, meeting.phone, "bo's phone")?;
        rings(stage, meeting.tablet, "bo's tablet")?;
        Ok((meeting, attempt))
    }
}

/// The one attempt that rang on a connection.
fn rings<T: Transport>(stage: &Stage<T>, line: Line, whose: &str) -> Played<u64> {
    match stage.rang(line)[..] {
        [attempt] => Ok(attempt),
        ref rang => {
            let what =
                format!("{whose} is connected, and is told to ring for {rang:?}, not for one call");
            Err(Stop::Broken(Rule::C01, what))
        }
    }
}

fn call(users: &[&str], timeout: u32) -> Command {
    let users = users.iter().map(|user| (*user).to_owned()).collect();
    let (room, extension) = (ROOM.into(), "hello".into());
    Command::CallUserToRoom { room, users, timeout, extension, caller: None }
}

fn accept(attempt: u64) -> Command {
    Command::AcceptCall { room: ROOM.into(), attempt: Some(attempt) }
}

fn reject(attempt: u64) -> Command {
    let reason = roomcall::CallRejectionReason::Rejected;
    Command::RejectCall { room: ROOM.into(), attempt: Some(attempt), reason }
}

fn cancel(user: &str) -> Command {
    Command::CancelCall { room: ROOM.into(), users: vec![user.into()] }
}

fn revoke(user: &str) -> Command {
    Command::RevokeCall { room: ROOM.into(), users: vec![user.into()] }
}
