//! Handsets that do not do as they are told: they are silenced, occupied, signed out, set, and woken by pushes.

use roomcall::Rule;
use roomcall_testkit::suite::Suite;
use serde_json::{Value, json};

use super::{Fault, changed, failure_in, misheard, with_effects};

/// Some world shows what is wrong with a testee.
fn shows(fault: &str, testee: &str, rule: Rule, what: &str) {
    let suite = Suite::new().only("no race").worlds(0..40).shrinks(0);
    let _ = failure_in(&suite, fault, testee, Some(rule), what);
}

fn without(inputs: &mut Vec<Value>, tap: &str) {
    inputs.retain(|it| it["tap"][tap].is_null());
}

/// What it does wrong, since it hears something else; the rule that it violates, and a part of the message.
#[test]
fn handsets_that_mishear_one_thing_each() {
    let faults: [Fault; 9] = [
        (
            "it rings aloud though it is silenced",
            |all| without(all, "silence"),
            Rule::D30,
            "was silenced on",
        ),
        (
            "it keeps what is rejected on it alone",
            |all| without(all, "rejectHere"),
            Rule::D30,
            "and stays there",
        ),
        (
            "it rings aloud while it is occupied",
            |all| all.retain(|it| it["occupied"].is_null()),
            Rule::D31,
            "is occupied, and attempt",
        ),
        (
            "it goes on when its user has signed out",
            |all| all.retain(|it| *it != json!("signedOut")),
            Rule::D33,
            "is signed out",
        ),
        (
            "it does not listen to pushes",
            |all| all.retain(|it| it["push"].is_null()),
            Rule::D29,
            "and it answers 0 with the call and 0 with why not",
        ),
        (
            "it takes a push for a notice",
            |all| all.iter_mut().for_each(take_for_notice),
            Rule::D29,
            "with why not",
        ),
        (
            "it does not see how old a push is",
            |all| all.iter_mut().for_each(take_for_new),
            Rule::D06,
            "which has too little time left",
        ),
        (
            "it has no request unanswered, and sends one",
            |all| all.retain(|it| it["settings"].is_null()),
            Rule::D18,
            "may have no request unanswered",
        ),
        (
            "it follows more calls than it is set to",
            |all| all.iter_mut().for_each(follow_all),
            Rule::D19,
            "calls at most, and shows",
        ),
    ];
    for (fault, hears, rule, what) in faults {
        let testee = misheard(hears, || Box::new(|_| {}));
        shows(fault, &testee, rule, what);
    }
}

fn take_for_notice(input: &mut Value) {
    if !input["push"].is_null() {
        *input = json!({"notice": input["push"]["event"]});
    }
}

fn take_for_new(input: &mut Value) {
    if !input["push"].is_null() {
        input["push"]["age"] = json!(0);
    }
}

fn follow_all(input: &mut Value) {
    if !input["settings"].is_null() {
        input["settings"]["calls"] = json!(32);
    }
}

/// What it does with a push: the change of its effects, the rule that it violates, and a part of the message.
#[test]
fn handsets_that_are_wrong_about_pushes() {
    let faults: [Fault; 3] = [
        (
            "it rings twice for a push that comes twice",
            |all| all.iter_mut().for_each(ring_again),
            Rule::D09,
            "which is on its screen",
        ),
        (
            "it reports nothing",
            |all| all.retain(|it| it["report"].is_null()),
            Rule::D29,
            "with why not",
        ),
        (
            "it says of each call that it is over",
            |all| all.iter_mut().for_each(report_over),
            Rule::D29,
            "which is not so by what it was told",
        ),
    ];
    for (fault, change, rule, what) in faults {
        shows(fault, &with_effects(change), rule, what);
    }
}

fn ring_again(effect: &mut Value) {
    if effect["report"]["why"] == "shown" {
        let call = effect["report"]["call"].clone();
        *effect = json!({"show": {"call": call, "stage": "ringing", "timeLeft": null}});
    }
}

fn report_over(effect: &mut Value) {
    if !effect["report"].is_null() {
        effect["report"]["why"] = json!({"over": {"ending": "cancelled"}});
    }
}

/// Whoever has signed out of it still asks what rings.
#[test]
fn a_handset_that_sends_after_it_is_signed_out() {
    let request = json!({"query": {"getMyCalls": {"since": 0}}});
    let query = json!({"requestID": 900, "request": request});
    let testee = changed(move || {
        let (mut is_out, query) = (false, query.clone());
        Box::new(move |answer| {
            let Some(effects) = answer.get_mut("effects").and_then(Value::as_array_mut) else {
                return;
            };
            if is_out {
                effects.push(json!({"send": query}));
            }
            is_out |= effects.iter().any(|it| it["dismiss"]["why"] == "signedOut");
        })
    });
    let what = "is signed out, 0 pushes come, and it does [Send";
    shows("it sends after it is signed out", &testee, Rule::D33, what);
}
