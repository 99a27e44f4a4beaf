//! What makes an answer the one that is expected, and which rule is broken if it is not.

use roomcall::Rule;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::case::Role;

/// What a testee says to a step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Of a switchboard: answer, then effects.
    #[serde(default)]
    outputs: Option<Vec<Box<RawValue>>>,
    /// Of a handset.
    #[serde(default)]
    effects: Option<Vec<Box<RawValue>>>,
    /// Of a handset, if it says so: what is on its screen.
    #[serde(default)]
    screen: Option<Value>,
}

impl Answer {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// It is none of this role.
    pub fn read(role: Role, text: &str) -> Result<Self, String> {
        let answer: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let (ours, others, name) = match role {
            Role::Switchboard => (&answer.outputs, &answer.effects, "outputs"),
            Role::Handset => (&answer.effects, &answer.outputs, "effects"),
        };
        if ours.is_none() || others.is_some() {
            return Err(format!("expected an object with `{name}`"));
        }
        Ok(answer)
    }

    /// Its lines, in order.
    pub fn lines(&self) -> Vec<&str> {
        let lines = self.outputs.iter().chain(&self.effects).flatten();
        lines.map(|line| line.get()).collect()
    }

    /// Whether a line says who heard it, as those of a host with devices do.
    pub fn tells_listeners(&self) -> bool {
        let tells = |line: &&str| {
            serde_json::from_str(line).is_ok_and(|line: Value| line.get("heardBy").is_some())
        };
        self.lines().iter().any(tells)
    }

    /// What is on the screen, in one line.
    pub fn screen(&self) -> Option<String> {
        self.screen.as_ref().map(Value::to_string)
    }
}

/// How an answer differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Difference {
    /// It has other lines from this one on.
    Lines(usize),
    /// It has the same lines in another order.
    Order,
    /// It is the same but for the device that it names.
    Device,
    /// The effects are the same, and something else is on the screen.
    Screen,
}

impl Difference {
    /// The rule that is broken, whatever the step is about.
    pub const fn rule(&self, role: Role) -> Option<Rule> {
        match (self, role) {
            (Self::Order, Role::Switchboard) => Some(Rule::O01),
            (Self::Order, Role::Handset) => Some(Rule::D03),
            (Self::Device, Role::Switchboard) => Some(Rule::P08),
            (Self::Screen, _) => Some(Rule::D09),
            (Self::Lines(_) | Self::Device, _) => None,
        }
    }
}

/// How what came differs from what was expected; nothing if it is the same.
pub fn difference(expected: &Answer, came: &Answer) -> Option<Difference> {
    let (wanted, given) = (normal(expected), normal(came));
    if wanted == given {
        let (wanted, given) = (&expected.screen, &came.screen);
        return given.as_ref().filter(|_| given != wanted).map(|_| Difference::Screen);
    }
    let sorted = |values: &[Value]| {
        let mut texts: Vec<String> = values.iter().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    if sorted(&wanted) == sorted(&given) {
        return Some(Difference::Order);
    }
    let without = |values: &[Value]| values.iter().map(without_device).collect::<Vec<_>>();
    if without(&wanted) == without(&given) {
        return Some(Difference::Device);
    }
    let same = wanted.iter().zip(&given).take_while(|(one, other)| one == other).count();
    Some(Difference::Lines(same))
}

/// The lines, without what is not compared. `notSent`s have no order among themselves (D-03).
fn normal(answer: &Answer) -> Vec<Value> {
    let read = |line: &&str| serde_json::from_str(line).map_or(Value::Null, |line| plain(&line));
    let mut lines: Vec<Value> = answer.lines().iter().map(read).collect();
    for run in lines.chunk_by_mut(|one, other| is_not_sent(one) && is_not_sent(other)) {
        run.sort_by_key(Value::to_string);
    }
    lines
}

fn is_not_sent(line: &Value) -> bool {
    line.get("notSent").is_some()
}

/// Without fields that are null, and without the wording of refusals.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let is_refusal = fields.contains_key("code") && fields.contains_key("rule");
            let is_dropped =
                |key: &str, value: &Value| value.is_null() || (is_refusal && key == "message");
            let fields = fields.iter().filter(|(key, value)| !is_dropped(key, value));
            fields.map(|(key, value)| (key.clone(), plain(value))).collect()
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

fn without_device(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(key, _)| *key != "deviceID");
            fields.map(|(key, value)| (key.clone(), without_device(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_device).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Difference, Role, difference};

    fn compared(role: Role, expected: &str, came: &str) -> Option<Difference> {
        let read = |text: &str| Answer::read(role, text).unwrap();
        difference(&read(expected), &read(came))
    }

    #[test]
    fn wording_and_null_are_not_compared() {
        let expected =
            r#"{"outputs":[{"at":1,"refused":{"code":-2,"rule":"L-07","message":"full"}}]}"#;
        let came = r#"{"outputs":[{"refused":{"rule":"L-07","code":-2,"message":"voll","ended":null},"at":1}]}"#;
        assert_eq!(compared(Role::Switchboard, expected, came), None);
        let code = expected.replace("-2", "-3");
        assert_eq!(compared(Role::Switchboard, expected, &code), Some(Difference::Lines(0)));
    }

    #[test]
    fn order_and_devices_are_told() {
        let board = |lines: &str| format!(r#"{{"outputs":[{lines}]}}"#);
        let (one, other) = (board(r#"{"a":1},{"b":2}"#), board(r#"{"b":2},{"a":1}"#));
        assert_eq!(compared(Role::Switchboard, &one, &other), Some(Difference::Order));
        let leak = board(r#"{"a":1,"deviceID":"phone"},{"b":2}"#);
        assert_eq!(compared(Role::Switchboard, &one, &leak), Some(Difference::Device));
    }

    #[test]
    fn commands_that_are_not_sent_have_no_order() {
        let phone = |lines: &str| format!(r#"{{"effects":[{lines}]}}"#);
        let (one, other) = (r#"{"notSent":1}"#, r#"{"notSent":2}"#);
        let (one, other) = (phone(&format!("{one},{other}")), phone(&format!("{other},{one}")));
        assert_eq!(compared(Role::Handset, &one, &other), None);
    }

    #[test]
    fn a_screen_is_compared_if_it_is_said() {
        let (one, other) = (r#"{"effects":[],"screen":[]}"#, r#"{"effects":[],"screen":[1]}"#);
        assert_eq!(compared(Role::Handset, one, r#"{"effects":[]}"#), None);
        assert_eq!(compared(Role::Handset, one, other), Some(Difference::Screen));
        assert!(Answer::read(Role::Handset, r#"{"outputs":[]}"#).is_err());
    }
}
