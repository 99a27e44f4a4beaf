//! `replay` and `explain`: what came in, and what was said, from the journal of a store.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use roomcall::protocol::{
    Actor, Answer, Audience, Command, Effect, Fact, Input, Outcome, Query, Record,
};
use roomcall_server::log::{Embedded, Log, Store as _, StoreError};
use roomcall_server::recover::{any_seed, beginning, replay};
use roomcall_server::state::{Inputs, State};

use super::{Done, LogArgs, wait};

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    log: LogArgs,
    /// Only what is about this call, by the number of the attempt
    #[arg(long, value_name = "ATTEMPT")]
    call: Option<u64>,
    /// Only what is about this room
    #[arg(long, value_name = "ID")]
    room: Option<String>,
    /// Only what this user did or was told, or what is about the user
    #[arg(long, value_name = "ID")]
    user: Option<String>,
}

/// How a journal is shown.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// As NDJSON: each input, and below it what it brings about.
    Lines,
    /// In words.
    Words,
}

/// Why it stops.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write: {0}")]
    Out(#[from] io::Error),
}

pub(crate) fn run(args: &Args, form: Form) -> Done {
    let LogArgs { store, tenant } = &args.log;
    let store = Embedded::existing(store)?;
    let (log, first) = (store.log(tenant)?, store.first(tenant)?);
    let state = wait(beginning(&*log, first, any_seed()))??;
    if state.last() > 0 {
        let last = state.last();
        eprintln!("roomcall-server: the batches up to {last} are not kept: from the snapshot on");
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let shown = show(args, form, &*log, state, &mut out);
    match shown.and_then(|()| Ok(out.flush()?)) {
        // Whoever reads it has seen enough.
        Err(Stop::Out(why)) if why.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(why) => Err(why.into()),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn show(
    args: &Args,
    form: Form,
    log: &dyn Log,
    mut state: State,
    out: &mut impl Write,
) -> Result<(), Stop> {
    let mut written = Ok(());
    wait(replay(
        log,
        &mut state,
        &mut Inputs(|_, line, turn| {
            if let (Some(turn), Ok(())) = (args.pick(line, turn), &written) {
                written = match form {
                    Form::Lines => lines(line, turn, out),
                    Form::Words => sentences(line, &turn, out),
                };
            }
        }),
    ))??;
    Ok(written?)
}

fn lines(line: &Record, turn: Outcome, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(line)?)?;
    turn.outputs().try_for_each(|output| writeln!(out, "{}", serde_json::to_string(&output)?))
}

fn sentences(line: &Record, turn: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let sentences = roomcall_explain::sentences(line, turn);
    sentences.iter().try_for_each(|sentence| writeln!(out, "{sentence}"))
}

impl Args {
    /// What is to be shown of an input and what it brings about; `None` if nothing is.
    fn pick(&self, line: &Record, mut turn: Outcome) -> Option<Outcome> {
        if self.call.is_none() && self.room.is_none() && self.user.is_none() {
            return Some(turn);
        }
        let is_wanted = self.wants_entry(&line.input, &turn);
        turn.effects.retain(|effect| self.wants_effect(effect));
        (is_wanted || !turn.effects.is_empty()).then_some(turn)
    }

    /// Whether an effect is about all that is asked for.
    fn wants_effect(&self, effect: &Effect) -> bool {
        let (event, call) = (&effect.event, effect.event.call());
        let is_told = match &effect.to {
            Audience::User(user)
            | Audience::Device { user, .. }
            | Audience::OtherDevices { user, .. } => self.is_user(user),
            Audience::Room(_) => false,
        };
        let is_about = call.is_some_and(|it| self.is_user(&it.caller) || self.is_user(&it.callee));
        self.call.is_none_or(|it| it == event.attempt())
            && self.room.as_ref().is_none_or(|it| Some(it.as_str()) == event.room())
            && (self.user.is_none() || is_told || is_about)
    }

    /// Whether an input and its answer are about all that is asked for.
    fn wants_entry(&self, input: &Input, turn: &Outcome) -> bool {
        let (room, users) = about(input);
        self.call.is_none_or(|it| attempts(input, turn).contains(&it))
            && self.room.as_ref().is_none_or(|it| room == Some(it))
            && (self.user.is_none() || users.iter().any(|user| self.is_user(user)))
    }

    fn is_user(&self, user: &str) -> bool {
        self.user.as_ref().is_some_and(|it| it == user)
    }
}

/// Which room an input is about, and which users.
fn about(input: &Input) -> (Option<&String>, Vec<&String>) {
    match input {
        Input::Tick => (None, Vec::new()),
        Input::Fact(fact) => match fact {
            Fact::RoomOpened { room, owner: user }
            | Fact::UserEntered { room, user, .. }
            | Fact::UserLeft { room, user, .. }
            | Fact::RoleSet { room, user, .. } => (Some(room), vec![user]),
            Fact::RoomDissolved { room, by: actor, .. } => {
                (Some(room), user_of(actor).into_iter().collect())
            }
            Fact::UserErased { user } => (None, vec![user]),
            Fact::RulesChanged { .. } | Fact::Recovered { .. } => (None, Vec::new()),
            Fact::PresenceListed { room, present, .. } => {
                (Some(room), present.iter().map(|it| &it.user).collect())
            }
            Fact::UserRemoved { room, user, by: actor, .. } => {
                (Some(room), user_of(actor).into_iter().chain([user]).collect())
            }
        },
        Input::Ask { by: actor, command } => match command {
            Command::CallUserToRoom { room, users, caller, .. } => {
                let named = user_of(actor).into_iter().chain(caller);
                (Some(room), named.chain(users).collect())
            }
            Command::CancelCall { room, users } | Command::RevokeCall { room, users } => {
                (Some(room), user_of(actor).into_iter().chain(users).collect())
            }
            Command::AcceptCall { room, .. } | Command::RejectCall { room, .. } => {
                (Some(room), user_of(actor).into_iter().collect())
            }
            Command::RevokeUserCalls { user, .. } => {
                (None, user_of(actor).into_iter().chain([user]).collect())
            }
            Command::MarkCallsSeen { .. } | Command::Ringing { .. } => {
                (None, user_of(actor).into_iter().collect())
            }
        },
        Input::Query { by: actor, query } => match query {
            Query::GetPendingCalls { room, .. } => {
                (Some(room), user_of(actor).into_iter().collect())
            }
            Query::GetIncomingCalls { .. }
            | Query::GetMyCalls { .. }
            | Query::GetCallLog { .. }
            | Query::GetLiveCalls { .. } => (None, user_of(actor).into_iter().collect()),
            Query::GetUserCalls { user, .. } => {
                (None, user_of(actor).into_iter().chain([user]).collect())
            }
        },
    }
}

fn user_of(actor: &Actor) -> Option<&String> {
    match actor {
        Actor::Device { user, .. } => Some(user),
        Actor::Backend => None,
    }
}

/// The attempts that an input and its answer are about.
fn attempts(input: &Input, turn: &Outcome) -> Vec<u64> {
    let mut all: Vec<u64> = turn.attempts.iter().map(|(_, attempt)| *attempt).collect();
    if let Input::Ask {
        command:
            Command::AcceptCall { attempt: Some(attempt), .. }
            | Command::RejectCall { attempt: Some(attempt), .. },
        ..
    } = input
    {
        all.push(*attempt);
    }
    match &turn.answer {
        Some(Ok(Answer::AcceptCall { attempt } | Answer::RejectCall { attempt })) => {
            all.push(*attempt);
        }
        Some(Err(refused)) => all.extend(refused.ended.iter().map(|ended| ended.attempt)),
        Some(Ok(_)) | None => {}
    }
    all
}
