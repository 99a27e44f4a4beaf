//! One signed-in device.

use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Settings};
use roomcall::protocol::{Body, Output, lines};
use serde_json::json;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::time::{millis, number};

/// A `roomcall::handset::Handset`, in JSON.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawHandset(Handset);

#[wasm_bindgen]
impl RawHandset {
    /// A device that was never signed in before. Settings that are left out are the defaults.
    #[wasm_bindgen(constructor)]
    pub fn new(user: &str, device: &str, settings: &str) -> Result<Self, JsError> {
        let settings: Settings = serde_json::from_str(settings)?;
        Ok(Self(Handset::new(user, device, settings)))
    }

    /// The device after its process was killed (D-25), so many milliseconds ago.
    pub fn restore(saved: &[u8], dead: Option<f64>) -> Result<Self, JsError> {
        let saved = str::from_utf8(saved)?;
        Ok(Self(Handset::restore(saved, dead.map(millis))?))
    }

    /// The state, to be stored before a step's effects are carried out.
    pub fn save(&self) -> Vec<u8> {
        self.0.save().into_bytes()
    }

    /// Inputs that came together, as a list; the effects, as a list of pairs, each with its rule.
    pub fn apply(&mut self, at: f64, inputs: &str) -> Result<String, JsError> {
        let inputs: Vec<Input> = serde_json::from_str(inputs)?;
        let effects = self.0.apply_all(DeviceTick::from_millis(millis(at)), inputs);
        Ok(list(&effects))
    }

    /// A message of the server: one or more lines. One that is not known is ignored: the server may be
    /// newer.
    pub fn receive(&mut self, at: f64, message: &str) -> String {
        let heard =
            lines(message.as_bytes()).filter_map(|line| match Output::read(line).ok()?.body {
                Body::Effect(effect) => Some(Input::Notice(effect.event)),
                Body::Reply(reply) => Some(Input::Reply(reply)),
                _ => None,
            });
        list(&self.0.apply_all(DeviceTick::from_millis(millis(at)), heard))
    }

    /// What draws the screen anew.
    pub fn redraw(&self) -> String {
        list(&self.0.redraw())
    }

    /// The stages of what is on the screen, by attempt.
    pub fn screen(&self) -> String {
        let calls = self.0.screen();
        calls
            .map(|(attempt, stage)| json!({ "attempt": attempt, "stage": stage }))
            .collect::<serde_json::Value>()
            .to_string()
    }

    /// When it wants to be called next, by the device's own clock.
    #[wasm_bindgen(getter, js_name = nextDeadline)]
    pub fn next_deadline(&self) -> Option<f64> {
        self.0.next_deadline().map(|at| number(at.as_millis()))
    }

    /// The device's own clock.
    #[wasm_bindgen(getter)]
    pub fn clock(&self) -> f64 {
        number(self.0.clock().as_millis())
    }

    /// Whether there is a connection, by the last `link`.
    #[wasm_bindgen(getter, js_name = isUp)]
    pub fn is_up(&self) -> bool {
        self.0.link() == Link::Up
    }

    /// Whether a snapshot was applied since it was made or restarted (D-15).
    #[wasm_bindgen(getter, js_name = isReady)]
    pub fn is_ready(&self) -> bool {
        self.0.is_ready()
    }

    /// Whether the user signed out of this device (D-33).
    #[wasm_bindgen(getter, js_name = isSignedOut)]
    pub fn is_signed_out(&self) -> bool {
        self.0.is_signed_out()
    }

    /// The user.
    #[wasm_bindgen(getter)]
    pub fn user(&self) -> String {
        self.0.user().to_owned()
    }

    /// The device.
    #[wasm_bindgen(getter)]
    pub fn device(&self) -> String {
        self.0.device().to_owned()
    }

    /// The room that this device is in.
    #[wasm_bindgen(getter)]
    pub fn room(&self) -> Option<String> {
        self.0.room().map(str::to_owned)
    }

    /// The intervals and bounds.
    #[wasm_bindgen(getter)]
    pub fn settings(&self) -> String {
        serde_json::to_string(self.0.settings()).unwrap_or_default()
    }
}

/// Effects, each with its rule.
fn list(effects: &[Effect]) -> String {
    let pairs: Vec<_> = effects.iter().map(|effect| (effect.rule(), effect)).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}
