//! Outcomes in words: who did what, what changed, who is told, and by which rule; and for what was
//! refused or ignored, why nothing happened.

mod changes;
mod inputs;
mod words;

use std::cmp::Ordering;

use roomcall::protocol::{
    Answer, CallLog, EndedCall, Ending, Input, LiveCall, LogEntry, LoggedCall, MyEnding, Outcome,
    PendingCall, Record, Refused, Withdrawn,
};
use roomcall::{CallResult, CallStatus, Rule};

use words::{cite, count, device_of, extension, name, seconds, time_left};

/// A line for each attempt that the clock ended, a line for the input, and below it a line for
/// each attempt that it made, changed or ended and for each result that changed nothing.
pub fn sentences(line: &Record, turn: &Outcome) -> Vec<String> {
    let time = format!("{:>10}", seconds(turn.at));
    let below = format!("{:1$}    ", "", time.len());
    let (by_clock, by_input) = changes::by_cause(&turn.effects);
    let mut lines: Vec<String> = changes::each(by_clock)
        .map(|change| {
            if changes::is_removal(change) {
                format!("{below}{}", changes::told(change))
            } else {
                format!("{time}  the clock ends {}", changes::told(change))
            }
        })
        .collect();
    // A tick is no more than what the clock ended.
    if line.input != Input::Tick || lines.is_empty() {
        let (done, outcome) = (inputs::done(&line.input), outcome(line, turn));
        let number =
            turn.request_id.map_or(String::new(), |request_id| format!(", request {request_id}"));
        let next = turn.next_request_id.map_or(String::new(), |next| {
            format!(", the next request is {next} {}", cite(Rule::X06))
        });
        lines.push(format!("{time}  {done}{number}{outcome}{next}"));
    }
    let details = held(line, turn)
        .into_iter()
        .chain(changes::each(by_input).map(changes::told))
        .chain(turn.answer.iter().flatten().flat_map(results));
    lines.extend(details.map(|detail| format!("{below}{detail}")));
    lines
}

/// Why the input is judged at another time than its own.
fn held(line: &Record, turn: &Outcome) -> Option<String> {
    let rule = match line.at.cmp(&turn.at) {
        Ordering::Equal => return None,
        Ordering::Less => Rule::T02,
        Ordering::Greater => Rule::T09,
    };
    let (own, clock) = (seconds(line.at), seconds(turn.at));
    Some(format!("its time, {own}, is held at {clock} {}", cite(rule)))
}

/// What became of the input as a whole.
fn outcome(line: &Record, turn: &Outcome) -> String {
    match (&line.input, &turn.answer, turn.unchanged) {
        (Input::Fact(_), _, Some(rule)) => {
            format!(": ignored, {} {}", inputs::why_ignored(rule), cite(rule))
        }
        (Input::Fact(fact), _, None) => format!(" {}", cite(inputs::rule_of(fact))),
        (_, Some(Ok(_)), Some(Rule::X02)) => {
            format!(": answered as before, nothing changes {}", cite(Rule::X02))
        }
        (_, Some(Err(refused)), Some(rule)) => {
            format!(": as before {}, {}", cite(rule), refusal(refused))
        }
        (_, Some(Err(refused)), None) => format!(": {}", refusal(refused)),
        (_, Some(Ok(answer)), repeated) => answered(answer, repeated),
        (_, None, _) => format!(": nothing is due {}", cite(Rule::T07)),
    }
}

fn refusal(refused: &Refused) -> String {
    let Refused { code, rule, message, ended, retry_after } = refused;
    let winner = ended
        .as_ref()
        .map_or(String::new(), |ended| format!(", attempt {}{}", ended.attempt, by(ended)));
    let wait = retry_after.map_or(String::new(), |wait| format!(", in {wait} ms again"));
    format!("refused ({code}), {message}{winner}{wait} {}", cite(*rule))
}

/// Who ended an attempt, if anybody did.
fn by(ended: &Ending) -> String {
    match (&ended.user, &ended.device) {
        (Some(user), Some(device)) => format!(" by {}", device_of(user, device)),
        (Some(user), None) => format!(" by {}", name(user)),
        (None, _) => String::new(),
    }
}

/// What an answer says that no change below it says.
fn answered(answer: &Answer, repeated: Option<Rule>) -> String {
    match (answer, repeated) {
        (Answer::AcceptCall { attempt } | Answer::RejectCall { attempt }, Some(rule)) => {
            let why = cite(rule);
            format!(": answered as before with attempt {attempt}, nothing changes {why}")
        }
        (Answer::GetPendingCalls { calls, next_cursor, scope }, _) => {
            let own = scope.map_or("", |_| ", only to the one who asks");
            let more = more_at(next_cursor);
            format!(": {}{own}, {more} {}", count(calls.len(), "call"), cite(Rule::Q01))
        }
        (Answer::GetIncomingCalls { calls, revision, endings }, _) => {
            let (calls, rule) = (count(calls.len(), "call"), cite(Rule::Q06));
            let missed = endings.as_ref().map_or(String::new(), |endings| {
                let (over, last) = (endings.calls.len(), endings.last_attempt);
                format!(", {over} over, the last attempt is {last} {}", cite(Rule::Q09))
            });
            format!(": {calls}, revision {revision} {rule}{missed}")
        }
        (Answer::GetMyCalls(mine), _) => {
            let (to, by) = (mine.incoming.len(), mine.outgoing.len());
            let (over, last) = (mine.endings.len(), mine.last_attempt);
            let (revision, more) = (mine.revision, if mine.more { ", and more" } else { "" });
            let calls = format!("{} to it, {by} by it, {over} over{more}", count(to, "call"));
            format!(": {calls}, up to attempt {last}, revision {revision} {}", cite(Rule::Q11))
        }
        (Answer::GetCallLog(log), _) => {
            let CallLog { entries, more, last_logged, seen, revision, .. } = log;
            let (more, entries) = (if *more { ", and more" } else { "" }, entries.len());
            let state = format!("up to entry {last_logged}, seen up to {seen}");
            format!(": {entries} entries{more}, {state}, revision {revision} {}", cite(Rule::H03))
        }
        (Answer::MarkCallsSeen { seen }, _) => format!(": seen up to {seen} {}", cite(Rule::H04)),
        (Answer::Ringing { rung, .. }, _) => {
            let known = if *rung { "its caller knows" } else { "it is no live call to this user" };
            format!(": {known} {}", cite(Rule::C14))
        }
        (Answer::RevokeUserCalls { attempts, more }, _) => {
            let more = if *more { ", and there are more" } else { "" };
            format!(": {} revoked{more} {}", count(attempts.len(), "call"), cite(Rule::E19))
        }
        (Answer::GetUserCalls { calls, next_cursor, revision }, _) => {
            page_of_live(calls.len(), next_cursor, *revision, Rule::Q12)
        }
        (Answer::GetLiveCalls { calls, next_cursor, revision }, _) => {
            page_of_live(calls.len(), next_cursor, *revision, Rule::Q13)
        }
        (
            Answer::AcceptCall { .. }
            | Answer::RejectCall { .. }
            | Answer::CallUserToRoom(_)
            | Answer::CancelCall(_)
            | Answer::RevokeCall(_),
            _,
        ) => String::new(),
        (_, _) => ": an answer that has no explanation here".to_owned(),
    }
}

fn more_at(next_cursor: &str) -> String {
    if next_cursor.is_empty() {
        "no more".to_owned()
    } else {
        format!("more at {}", name(next_cursor))
    }
}

fn page_of_live(calls: usize, next_cursor: &str, revision: u64, rule: Rule) -> String {
    let (calls, more) = (count(calls, "call"), more_at(next_cursor));
    format!(": {calls}, {more}, revision {revision} {}", cite(rule))
}

/// The parts of an answer that no change stands for: one line each.
fn results(answer: &Answer) -> Vec<String> {
    match answer {
        Answer::CallUserToRoom(results) => {
            let unchanged = results.iter().filter(|(_, result)| *result != CallResult::Success);
            unchanged.map(|(user, result)| result_of(user, result.word(), result.rule())).collect()
        }
        Answer::CancelCall(results) | Answer::RevokeCall(results) => {
            let is_change = |result| matches!(result, Withdrawn::Cancelled | Withdrawn::Revoked);
            let unchanged = results.iter().filter(|(_, result)| !is_change(*result));
            unchanged.map(|(user, result)| result_of(user, result.word(), result.rule())).collect()
        }
        Answer::AcceptCall { .. } | Answer::RejectCall { .. } | Answer::RevokeUserCalls { .. } => {
            Vec::new()
        }
        Answer::GetUserCalls { calls, .. } | Answer::GetLiveCalls { calls, .. } => {
            calls.iter().map(live).collect()
        }
        Answer::GetPendingCalls { calls, .. } => calls.iter().map(pending).collect(),
        Answer::GetIncomingCalls { calls, endings, .. } => {
            let over = endings.iter().flat_map(|endings| &endings.calls).map(over);
            calls.iter().map(live).chain(over).collect()
        }
        Answer::GetMyCalls(mine) => {
            let calls = mine.incoming.iter().chain(&mine.outgoing).map(live);
            calls.chain(mine.endings.iter().map(my_ending)).collect()
        }
        Answer::GetCallLog(log) => log.entries.iter().map(logged).collect(),
        // `answered` says that it is not known here.
        _ => Vec::new(),
    }
}

/// An entry of a call log.
fn logged(entry: &LogEntry) -> String {
    let (caller, room, age) = (name(&entry.caller), name(&entry.room), entry.age);
    let what = match &entry.what {
        LoggedCall::Ended(ending) => {
            format!("attempt {} {}{}", ending.attempt, ending.how.word(), by(ending))
        }
        LoggedCall::Tried { count } => format!("tried, {}", count_of(*count)),
    };
    format!("entry {}: {caller} to {room}, {what}, {age} ms ago", entry.number)
}

fn count_of(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn result_of(user: &str, word: &str, rule: Rule) -> String {
    format!("{}: {word} {}", name(user), cite(rule))
}

fn pending(call: &PendingCall) -> String {
    let (callee, caller) = (name(&call.callee), name(&call.caller));
    let text = call.extension.as_ref().map_or(String::new(), |text| extension(text));
    let rings = match call.status {
        CallStatus::Calling => format!(" {}{text}", time_left(call.time_left)),
        CallStatus::None | CallStatus::Timeout | CallStatus::Rejected => String::new(),
    };
    let (attempt, status) = (call.attempt, call.status.word());
    format!("attempt {attempt}, {callee}: {status}{rings}, called by {caller}")
}

fn live(call: &LiveCall) -> String {
    let (callee, caller, room) = (name(&call.callee), name(&call.caller), name(&call.room));
    let (left, text) = (time_left(call.time_left), extension(&call.extension));
    let attempt = call.attempt;
    let rung = if call.rung { ", it rings" } else { "" };
    format!("attempt {attempt}, {callee}: calling {left}{text}{rung}, called by {caller} to {room}")
}

fn my_ending(call: &MyEnding) -> String {
    let (callee, caller, room) = (name(&call.callee), name(&call.caller), name(&call.room));
    let Ending { how, attempt, .. } = &call.ended;
    let (how, by) = (how.word(), by(&call.ended));
    let why = call.reason.map_or(String::new(), |reason| format!(" ({})", reason.word()));
    format!("attempt {attempt}, {callee}: {how}{why}{by}, called by {caller} to {room}")
}

fn over(call: &EndedCall) -> String {
    let (caller, room) = (name(&call.caller), name(&call.room));
    let Ending { how, attempt, .. } = &call.ended;
    let (how, by) = (how.word(), by(&call.ended));
    format!("attempt {attempt}: {how}{by}, called by {caller} to {room}")
}
