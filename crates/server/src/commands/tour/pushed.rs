//! Phones that are off: of every user one more, which is never connected and is woken by pushes alone.

use std::collections::BTreeMap;

use roomcall::CallStatus;
use roomcall::handset::{DeviceTick, Effect, Handset, Input, Settings};
use roomcall::protocol::{Event, NamedCall};
use roomcall_server::events::push::FCM_BYTES;
use serde_json::Value;

/// What came of the pushes for those phones.
#[derive(Debug, Default)]
pub(super) struct Phones {
    phones: BTreeMap<String, Handset>,
    /// The pushes that rang.
    pub(super) rang: u64,
    /// What was wrong with others.
    pub(super) wrong: Vec<String>,
}

impl Phones {
    /// A push of Google's for a call that rings: the phone that is off shows it, or says why not.
    pub(super) fn ring(&mut self, push: &Value) {
        let data = &push["fcm"]["message"]["data"];
        if data.to_string().len() > FCM_BYTES {
            self.wrong.push(format!("a push is longer than {FCM_BYTES} bytes: {data}"));
        }
        let Some(event) = received(data) else {
            self.wrong.push(format!("a push lacks something: {push}"));
            return;
        };
        let callee = data["callee"].as_str().unwrap_or_default();
        let new = || Handset::new(callee, "watch", Settings { calls: 10_000, ..Settings::DEFAULT });
        let phone = self.phones.entry(callee.to_owned()).or_insert_with(new);
        // Each push starts the process anew, and nobody knows how long after the one before.
        let mut woken = phone.clone().restart(None);
        let effects = woken.apply(DeviceTick::START, Input::Push { event, age: 0 });
        let is_answered =
            effects.iter().any(|it| matches!(it, Effect::Show { .. } | Effect::Report { .. }));
        if is_answered {
            self.rang += 1;
        } else {
            self.wrong.push(format!("a push neither shows nor reports a call: {push}"));
        }
        *phone = woken;
    }
}

/// The event that a push brings, as a client author reads it.
fn received(data: &Value) -> Option<Event> {
    let text = |name: &str| data[name].as_str().map(str::to_owned);
    let call = NamedCall {
        room: text("roomID")?,
        caller: text("caller")?,
        callee: text("callee")?,
        status: CallStatus::Calling,
        attempt: data["attempt"].as_str()?.parse().ok()?,
    };
    let time_left = data["timeLeft"].as_str().map(str::parse).transpose().ok()?;
    let extension = text("extensionInfo").unwrap_or_default();
    Some(Event::CallReceived { call, extension, time_left })
}
