//! What a line brings about as plain data, in the form that the specifications speak: the wire
//! form, without wording, with the results of a request as pairs in their order (C-03).

use roomcall::protocol::{Answer, Ending, Outcome, Refused};
use serde_json::{Value, json};

/// `{"answer": .., "effects": [..]}`. The answer is null for a tick and for a fact that is not ignored: the
/// specifications count no openings.
pub fn outcome(outcome: &Outcome) -> Value {
    json!({ "answer": answer(outcome), "effects": effects(outcome) })
}

fn answer(outcome: &Outcome) -> Value {
    match (&outcome.answer, outcome.unchanged) {
        (None, _) => Value::Null,
        (Some(Ok(Answer::Fact(fact))), _) => match fact.ignored {
            Some(rule) => json!({ "ignored": rule.id() }),
            None => Value::Null,
        },
        (Some(Err(refused)), _) => refusal(refused),
        (Some(Ok(Answer::CallUserToRoom(results))), _) => json!({ "callUserToRoom": results }),
        (Some(Ok(Answer::CancelCall(results))), _) => json!({ "cancelCall": results }),
        (Some(Ok(Answer::RevokeCall(results))), _) => json!({ "revokeCall": results }),
        (Some(Ok(answer)), _) => json!(answer),
    }
}

fn refusal(Refused { code, rule, ended, .. }: &Refused) -> Value {
    json!({ "refused": { "code": code, "rule": rule.id(), "ended": ended.as_ref().map(ending) } })
}

/// How an attempt ended, with null for nobody.
pub fn ending(Ending { how, attempt, user, device }: &Ending) -> Value {
    json!({ "how": how, "attempt": attempt, "user": user, "deviceID": device })
}

fn effects(outcome: &Outcome) -> Vec<Value> {
    let as_lines = outcome.clone().outputs().map(|output| json!(output));
    let mut effects: Vec<Value> = as_lines.filter(|line| line.get("to").is_some()).collect();
    for effect in &mut effects {
        // The specifications have neither a clock in effects nor pushes.
        effect.as_object_mut().map(|effect| [effect.remove("at"), effect.remove("wake")]);
    }
    effects
}
