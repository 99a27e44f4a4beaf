//! The types for TypeScript, and the table by which their values become those of the wire and back.
//!
//! On the wire a kind is the name of the only field of an object: `{"join":{"roomID":"standup"}}`. In
//! TypeScript it is a field beside the others, by which the compiler tells kinds apart:
//! `{kind: "join", roomID: "standup"}`. On the wire what is left out may be null; in TypeScript it
//! is not there. The table names only what differs.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use serde_json::{Map, Value, json};

use super::description::{Body, Definition, Description, Field, Shape, Type, Variant};

const HEAD: &str = "// Generated from the schema by `cargo run -p roomcall-schema`.\n";

/// The source.
///
/// # Errors
///
/// None: a text takes all that is written to it.
pub fn source(description: &Description) -> Result<String, fmt::Error> {
    let mut out = String::from(HEAD);
    for (name, definition) in &description.types {
        out.push('\n');
        write_type(&mut out, name, definition)?;
    }
    let table = Value::Object(table(description));
    writeln!(
        out,
        "\n/**\n * What differs between a value here and on the wire, by type. `kinds` are all \
         kinds of a type: a test that an app\n * has a word for each asks \
         `Object.keys(shapes.Progress.kinds)`. `optional` are fields that are not there where\n \
         * the wire has null.\n */"
    )?;
    writeln!(out, "export const shapes = {table:#} as const;")?;
    Ok(out)
}

fn write_type(out: &mut String, name: &str, definition: &Definition) -> fmt::Result {
    writeln!(out, "/** {} */", definition.doc)?;
    match &definition.body {
        Body::Words(words) => {
            write!(out, "export type {name} =")?;
            for word in words {
                write!(out, "\n  /** {} */\n  | {:?}", word.doc, word.word)?;
            }
            writeln!(out, ";")
        }
        Body::Record(fields) => {
            writeln!(out, "export interface {name} {{")?;
            for field in fields {
                writeln!(out, "  /** {} */\n  {};", field.doc, typed(field))?;
            }
            writeln!(out, "}}")
        }
        Body::Union(variants) => write_variants(out, name, variants, true),
        Body::Choice(variants) => write_variants(out, name, variants, false),
    }
}

fn write_variants(
    out: &mut String,
    name: &str,
    variants: &[Variant],
    is_told_by_kind: bool,
) -> fmt::Result {
    write!(out, "export type {name} =")?;
    for variant in variants {
        let kind = &variant.kind;
        write!(out, "\n  /** {} */\n  | ", variant.doc)?;
        let fields = match &variant.shape {
            Shape::Word if is_told_by_kind => &[],
            Shape::Word => {
                write!(out, "{kind:?}")?;
                continue;
            }
            Shape::Fields(fields) => &fields[..],
            Shape::Value(field) => std::slice::from_ref(field),
        };
        write!(out, "{{")?;
        if is_told_by_kind {
            write!(out, "\n      kind: {kind:?};")?;
        }
        for field in fields {
            write!(out, "\n      /** {} */\n      {};", field.doc, typed(field))?;
        }
        write!(out, "\n    }}")?;
    }
    writeln!(out, ";")
}

fn typed(field: &Field) -> String {
    let mark = if field.is_optional { "?" } else { "" };
    let of = match &field.kind {
        // What may be left out is never written as null here.
        Type::Nullable(of) if field.is_optional => name_of(of),
        of => name_of(of),
    };
    format!("{}{mark}: {of}", field.name)
}

fn name_of(kind: &Type) -> String {
    match kind {
        Type::Bool => "boolean".to_owned(),
        Type::Integer(_) => "number".to_owned(),
        Type::Text => "string".to_owned(),
        Type::Named(name) => name.clone(),
        Type::List(of) => format!("{}[]", name_of(of)),
        Type::Map(of) => format!("Record<string, {}>", name_of(of)),
        Type::Nullable(of) => format!("{} | null", name_of(of)),
    }
}

/// What differs, by type.
fn table(description: &Description) -> Map<String, Value> {
    let mut table = Map::new();
    for (name, definition) in &description.types {
        if !differs(description, name, &mut BTreeSet::new()) {
            continue;
        }
        let shape = match &definition.body {
            Body::Words(_) => continue,
            Body::Record(fields) => shape_of(description, fields),
            Body::Choice(variants) => {
                let fields = variants.iter().flat_map(|it| match &it.shape {
                    Shape::Fields(fields) => fields.clone(),
                    _ => Vec::new(),
                });
                shape_of(description, &fields.collect::<Vec<_>>())
            }
            Body::Union(variants) => {
                let kinds = variants.iter().map(|variant| {
                    let shape = match &variant.shape {
                        Shape::Word => Value::Null,
                        Shape::Fields(fields) => Value::Object(different(description, fields)),
                        Shape::Value(field) => {
                            json!([field.name, reference(description, &field.kind)])
                        }
                    };
                    (variant.kind.clone(), shape)
                });
                let mut shape = json!({ "kinds": kinds.collect::<Map<_, _>>() });
                let by_kind: Map<_, _> = variants
                    .iter()
                    .filter_map(|variant| match &variant.shape {
                        Shape::Fields(fields) => Some((variant.kind.clone(), optional(fields)?)),
                        _ => None,
                    })
                    .collect();
                if !by_kind.is_empty() {
                    shape["optional"] = Value::Object(by_kind);
                }
                shape
            }
        };
        table.insert(name.clone(), shape);
    }
    table
}

/// The shape of a record, or of forms that are told apart by their fields.
fn shape_of(description: &Description, fields: &[Field]) -> Value {
    let mut shape = json!({ "fields": different(description, fields) });
    if let Some(optional) = optional(fields) {
        shape["optional"] = optional;
    }
    shape
}

/// The names of those fields that are optional, in each form that has them; none if there are none.
fn optional(fields: &[Field]) -> Option<Value> {
    let is_needed = |name: &str| fields.iter().any(|it| it.name == name && !it.is_optional);
    let names: BTreeSet<&str> =
        fields.iter().map(|it| it.name.as_str()).filter(|it| !is_needed(it)).collect();
    (!names.is_empty()).then(|| json!(names))
}

/// The fields whose values differ.
fn different(description: &Description, fields: &[Field]) -> Map<String, Value> {
    let of =
        |field: &Field| Some((field.name.clone(), reference(description, &field.kind)?.into()));
    fields.iter().filter_map(of).collect()
}

/// How the table names a type whose values differ: `Name`, `Name[]` for a list, `Name{}` for a map.
fn reference(description: &Description, kind: &Type) -> Option<String> {
    match kind {
        Type::Named(name) => differs(description, name, &mut BTreeSet::new()).then(|| name.clone()),
        Type::List(of) => Some(reference(description, of)? + "[]"),
        Type::Map(of) => Some(reference(description, of)? + "{}"),
        Type::Nullable(of) => reference(description, of),
        Type::Bool | Type::Integer(_) | Type::Text => None,
    }
}

/// Whether a value of that type has a kind or an optional field, or holds one that has.
fn differs(description: &Description, name: &str, seen: &mut BTreeSet<String>) -> bool {
    if !seen.insert(name.to_owned()) {
        return false;
    }
    let Some(definition) = description.types.get(name) else { return false };
    let mut any = |fields: &[Field]| {
        fields.iter().any(|field| {
            field.is_optional || named(&field.kind).is_some_and(|it| differs(description, it, seen))
        })
    };
    match &definition.body {
        Body::Words(_) => false,
        Body::Union(_) => true,
        Body::Record(fields) => any(fields),
        Body::Choice(variants) => variants.iter().any(|variant| match &variant.shape {
            Shape::Fields(fields) => any(fields),
            _ => false,
        }),
    }
}

fn named(kind: &Type) -> Option<&str> {
    match kind {
        Type::Named(name) => Some(name),
        Type::List(of) | Type::Map(of) | Type::Nullable(of) => named(of),
        Type::Bool | Type::Integer(_) | Type::Text => None,
    }
}
