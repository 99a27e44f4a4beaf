//! Who did what.

use roomcall::protocol::{Actor, Command, Fact, Input, Query};
use roomcall::{CallRejectionReason, Role, Rule, Which};

use super::words::{device_of, extension, name, names};

pub(crate) fn done(input: &Input) -> String {
    match input {
        Input::Tick => "a tick".to_owned(),
        Input::Fact(done) => fact(done),
        Input::Ask { by, command: asked } => format!("{} {}", actor(by), command(asked)),
        Input::Query { by, query: asked } => format!("{} {}", actor(by), query(asked)),
    }
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::Device { user, device } => device_of(user, device),
        Actor::Backend => "the backend".to_owned(),
    }
}

fn fact(fact: &Fact) -> String {
    match fact {
        Fact::RoomOpened { room, owner } => {
            format!("{} is opened, owned by {}", name(room), name(owner))
        }
        Fact::RoomDissolved { room, by, opening } => {
            format!("{} dissolves {}{}", actor(by), name(room), meant(opening))
        }
        Fact::UserEntered { room, user, device, session, opening } => {
            let who = presence(user, device, session);
            format!("{who} enters {}{}", name(room), meant(opening))
        }
        Fact::UserLeft { room, user, device, session, opening } => {
            let who = presence(user, device, session);
            format!("{who} leaves {}{}", name(room), meant(opening))
        }
        Fact::PresenceListed { room, present, opening } => {
            let all = present.iter().map(|it| presence(&it.user, &it.device, &it.session));
            let all = all.collect::<Vec<_>>().join(", ");
            let all = if all.is_empty() { "nobody" } else { &all };
            format!("in {} there is: {all}{}", name(room), meant(opening))
        }
        Fact::UserRemoved { room, user, by, opening } => {
            let (by, user) = (actor(by), name(user));
            format!("{by} removes {user} from {}{}", name(room), meant(opening))
        }
        Fact::RoleSet { room, user, role, opening } => {
            let role = match role {
                Role::Owner => "the owner",
                Role::Admin => "an admin",
                Role::Participant => "a participant",
            };
            format!("{} becomes {role} of {}{}", name(user), name(room), meant(opening))
        }
        Fact::UserErased { user } => format!("{} is forgotten", name(user)),
        Fact::RulesChanged { .. } => "the policy and limits change".to_owned(),
        Fact::Recovered { floor } => {
            format!("state was lost; no number above {floor} was told before")
        }
    }
}

/// Who, on which device and in which session, as far as that is known.
fn presence(user: &str, device: &Option<String>, session: &Option<String>) -> String {
    let user = match device {
        Some(device) => device_of(user, device),
        None => name(user),
    };
    match session {
        Some(session) => format!("{user}, session {},", name(session)),
        None => user,
    }
}

/// The opening that a fact names.
fn meant(opening: &Option<u64>) -> String {
    opening.map_or(String::new(), |opening| format!(", opening {opening}"))
}

/// The rule by which a fact that is not ignored changes what it says.
pub(crate) fn rule_of(fact: &Fact) -> Rule {
    match fact {
        Fact::RoomOpened { .. } => Rule::F02,
        Fact::RoomDissolved { .. } => Rule::F11,
        Fact::UserEntered { .. } => Rule::F04,
        Fact::UserLeft { .. } => Rule::F06,
        Fact::PresenceListed { .. } => Rule::F15,
        Fact::UserRemoved { .. } => Rule::F16,
        Fact::RoleSet { .. } => Rule::F09,
        Fact::UserErased { .. } => Rule::F20,
        Fact::RulesChanged { .. } => Rule::F19,
        Fact::Recovered { .. } => Rule::F18,
    }
}

const IGNORED: [(Rule, &str); 16] = [
    (Rule::F01, "there is no such room"),
    (Rule::F03, "it is open already"),
    (Rule::F05, "the user is in it already"),
    (Rule::F06, "the user is not in it"),
    (Rule::F10, "the user has that role already"),
    (Rule::F13, "that session has ended"),
    (Rule::F14, "the room is in another opening"),
    (Rule::F15, "that is known already"),
    (Rule::F16, "the user is not in it nor expected there, neither rings nor calls"),
    (Rule::L01, "an id is empty or too long"),
    (Rule::L09, "there are as many rooms as may be"),
    (Rule::L10, "there are as many people in it as may be"),
    (Rule::L11, "it has as many admins as may be"),
    (Rule::F18, "the floor is too high"),
    (Rule::F19, "nothing would change, or a size would shrink"),
    (Rule::L16, "no numbers are left"),
];

/// Why a fact changes nothing.
pub(crate) fn why_ignored(rule: Rule) -> &'static str {
    let why = IGNORED.iter().find(|(ignores, _)| *ignores == rule);
    why.map_or("it changes nothing", |(_, why)| why)
}

fn command(command: &Command) -> String {
    let numbered = |attempt: &Option<u64>| match attempt {
        Some(attempt) => format!(", attempt {attempt}"),
        None => String::new(),
    };
    match command {
        Command::CallUserToRoom { room, users, timeout, extension: text, caller } => {
            let length = match timeout {
                0 => "without end".to_owned(),
                seconds => format!("for {seconds} s"),
            };
            let (users, room, text) = (names(users), name(room), extension(text));
            let behalf = caller
                .as_ref()
                .map_or(String::new(), |caller| format!(", on behalf of {}", name(caller)));
            format!("calls {users} to {room} {length}{text}{behalf}")
        }
        Command::CancelCall { room, users } => {
            format!("stops calling {} to {}", names(users), name(room))
        }
        Command::RevokeCall { room, users } => {
            let calls = if users.len() == 1 { "call" } else { "calls" };
            format!("revokes the {calls} of {} to {}", names(users), name(room))
        }
        Command::AcceptCall { room, attempt } => {
            format!("accepts the call to {}{}", name(room), numbered(attempt))
        }
        Command::RejectCall { room, attempt, reason } => {
            let why = match reason {
                CallRejectionReason::Rejected => "",
                CallRejectionReason::InOtherRoom => ", being in another room",
                CallRejectionReason::Busy => ", being busy",
            };
            let attempt = numbered(attempt);
            format!("rejects the call to {}{attempt}{why}", name(room))
        }
        Command::RevokeUserCalls { user, which } => {
            let which = match which {
                Which::To => "to",
                Which::By => "by",
                Which::Both => "to and by",
            };
            format!("revokes the calls {which} {}", name(user))
        }
        Command::MarkCallsSeen { up_to } => format!("has seen the call log up to entry {up_to}"),
        Command::Ringing { attempt } => format!("shows the call of attempt {attempt}"),
    }
}

fn query(query: &Query) -> String {
    let from = |cursor: &Option<String>| match cursor.as_deref() {
        None | Some("") => String::new(),
        Some(cursor) => format!(", from {}", name(cursor)),
    };
    match query {
        Query::GetPendingCalls { room, cursor, count, status } => {
            let only = status.map_or(String::new(), |status| format!(", only {}", status.word()));
            let from = from(cursor);
            format!("asks for the list of {}{only}, {count} a page{from}", name(room))
        }
        Query::GetIncomingCalls { since: None } => "asks who is calling".to_owned(),
        Query::GetIncomingCalls { since: Some(since) } => {
            format!("asks who is calling, and what ended after attempt {since}")
        }
        Query::GetMyCalls { since } => {
            format!("asks for its calls, and what ended after attempt {since}")
        }
        Query::GetCallLog { since, count } => {
            format!("asks for its call log after entry {since}, {count} entries")
        }
        Query::GetUserCalls { user, cursor, page_size } => {
            format!("asks for the calls of {}, {page_size} a page{}", name(user), from(cursor))
        }
        Query::GetLiveCalls { cursor, page_size } => {
            format!("asks for all calls, {page_size} a page{}", from(cursor))
        }
    }
}
