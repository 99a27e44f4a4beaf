//! What crosses the wire, and what goes into a handset and comes out of it, as JSON Schema: for authors of
//! clients in other languages, and for the bindings, whose types are generated from it.
//!
//! The library does not know schemas: the types here mirror its JSON, and tests hold every line of
//! the scenarios and of the conformance cases, and everything that is said of them, to the schemas. The other spellings that are
//! read (J-04: `roomId`, `userIdList`, and numbers for words) are not in it: nobody should write them.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

pub mod bindings;
pub mod call_log;
pub mod event;
pub mod facts;
pub mod handset;
pub mod heard;
pub mod live;
pub mod my_calls;
pub mod queries;
pub mod rules;
pub mod sent;
pub mod validate;
pub mod webhook;

/// A value that is always written, and may be null.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum Nullable<T> {
    /// The value.
    There(T),
    /// None.
    Not(()),
}

/// How a call stands.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CallStatus {
    /// There is no call, or no longer one.
    None,
    /// The callee's devices ring.
    Calling,
    /// Nobody answered in time.
    Timeout,
    /// The callee said no, or was in another room.
    Rejected,
}

/// Why a call is rejected.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CallRejectionReason {
    /// The person said no.
    Rejected,
    /// The callee is in another room.
    InOtherRoom,
    /// The person is busy.
    Busy,
}

/// The backend.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Backend {
    /// The application's own backend.
    Backend,
}

/// Of a field that may be left out, is never null, and means nothing by being left out.
const fn left_out() -> Option<()> {
    None
}

/// Takes the default away that [`left_out`] stands for.
fn without_null_default(schema: &mut Schema) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}

/// The schema of each kind of message, and of all of them together.
pub fn wire() -> Value {
    let description = "Frame: what a device sends over its socket, and the backend posts to \
            /v1/requests. Fact: what the backend posts to /v1/facts, one or a list of them. Output: what a device hears, \
            and how the backend's requests are answered. Line: an input as it is in a journal. \
            A text message of a socket has one or more Frames or Outputs, one a line. \
            A client takes no notice of an Output that it does not know: there may be more kinds \
            in later versions.";
    schema_of("roomcall wire form, version 1", description, |of| {
        Vec::from([
            of.subschema_for::<sent::Frame>(),
            of.subschema_for::<facts::Fact>(),
            of.subschema_for::<sent::Line>(),
            of.subschema_for::<heard::Output>(),
        ])
    })
}

/// The schema of the inputs, the effects and the settings of a handset.
pub fn handset() -> Value {
    let description = "Input: what an app gives to the handset of its device. Effect: what it is told to do. \
            Settings: the intervals and bounds. These are the lines of the conformance cases of the role handset.";
    schema_of("roomcall handset, version 1", description, |of| {
        Vec::from([
            of.subschema_for::<handset::input::Input>(),
            of.subschema_for::<handset::effect::Effect>(),
            of.subschema_for::<handset::settings::Settings>(),
        ])
    })
}

/// What the types of all bindings are made from: the handset and the switchboard by name.
fn everything() -> Value {
    schema_of("roomcall", "", |of| {
        Vec::from([
            of.subschema_for::<handset::input::Input>(),
            of.subschema_for::<handset::effect::Effect>(),
            of.subschema_for::<handset::settings::Settings>(),
            of.subschema_for::<sent::Line>(),
            of.subschema_for::<heard::Output>(),
        ])
    })
}

/// A schema of several kinds, each one of which is valid.
fn schema_of(
    title: &str,
    description: &str,
    kinds: impl FnOnce(&mut SchemaGenerator) -> Vec<Schema>,
) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(without_null_default))
        .into_generator();
    let kinds = kinds(&mut generator);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        "anyOf": kinds,
        "$defs": generator.take_definitions(true),
    })
}
