//! The switchboard, by name.

use roomcall::journal::{Header, VERSION};
use roomcall::protocol::Record;
use roomcall::switchboard::Switchboard;
use serde_json::json;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::time::number;

/// A `roomcall::switchboard::Switchboard`, in JSON.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawSwitchboard(Switchboard);

#[wasm_bindgen]
impl RawSwitchboard {
    /// A switchboard without rooms, by the header of a journal: `{"journal":1,"policy":{..},"limits":{..}}`.
    #[wasm_bindgen(constructor)]
    pub fn new(header: &str) -> Result<Self, JsError> {
        let header: Header = serde_json::from_str(header)?;
        if header.journal != VERSION {
            return Err(JsError::new(&format!(
                "the journal is of version {}, and this reads {VERSION}",
                header.journal
            )));
        }
        Ok(Self(Switchboard::new(header.limits, header.policy)))
    }

    /// The switchboard of a snapshot.
    pub fn restore(snapshot: &[u8]) -> Result<Self, JsError> {
        Ok(Self(Switchboard::restore(snapshot)?))
    }

    /// All that it knows, but for what a journal says after it.
    pub fn snapshot(&self) -> Vec<u8> {
        self.0.snapshot()
    }

    /// A line of a journal: its outputs, and what happened in words.
    pub fn apply(&mut self, line: &str) -> Result<String, JsError> {
        let record = Record::read(line)?;
        let outcome = self.0.apply_record(&record);
        let words = roomcall_explain::sentences(&record, &outcome);
        let outputs: Vec<_> = outcome.outputs().collect();
        Ok(json!({ "outputs": outputs, "words": words }).to_string())
    }

    /// When it wants to be called next.
    #[wasm_bindgen(getter, js_name = nextDeadline)]
    pub fn next_deadline(&self) -> Option<f64> {
        self.0.next_deadline().map(|at| number(at.as_millis()))
    }

    /// Its clock.
    #[wasm_bindgen(getter)]
    pub fn clock(&self) -> f64 {
        number(self.0.clock().as_millis())
    }
}
