//! Who is named in the lines of a case.

use std::collections::BTreeSet;

use serde_json::Value;

/// The device of a user that no case names.
const LISTENER: &str = "listener";

/// Users, and devices of whichever of them.
#[derive(Debug)]
pub(crate) struct Names {
    users: BTreeSet<String>,
    devices: BTreeSet<String>,
}

impl Names {
    /// Nobody is named yet.
    pub(crate) fn new() -> Self {
        Self { users: BTreeSet::new(), devices: BTreeSet::from([LISTENER.to_owned()]) }
    }

    /// Notes whom a line names.
    pub(crate) fn meet(&mut self, line: &Value) {
        match line {
            Value::Array(values) => values.iter().for_each(|value| self.meet(value)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.meet_field(key, value);
                }
            }
            _ => {}
        }
    }

    fn meet_field(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("user" | "userID" | "owner" | "caller", Value::String(user)) => {
                self.users.insert(user.clone());
            }
            ("device" | "deviceID", Value::String(device)) => {
                self.devices.insert(device.clone());
            }
            ("userIDList" | "userIdList", Value::Array(users)) => {
                self.users.extend(users.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            (_, value) => self.meet(value),
        }
    }

    /// Each user on each device.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = (&str, &str)> {
        let on_all = |user| self.devices.iter().map(move |device| (user, &device[..]));
        self.users.iter().flat_map(move |user| on_all(&user[..]))
    }
}
