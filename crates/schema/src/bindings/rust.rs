//! The types for UniFFI, which makes those of Swift, Kotlin and Python of them.
//!
//! They have the JSON of the library's own types, so that serde carries values from one to the other.

use std::fmt::{self, Write as _};

use heck::{ToLowerCamelCase as _, ToSnakeCase as _, ToUpperCamelCase as _};

use super::description::{Body, Definition, Description, Field, Shape, Type, Variant};

const HEAD: &str = "\
//! Generated from the schema by `cargo run -p roomcall-schema`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
";

/// The form of a kind that is one value, and of the word of an untagged kind.
const TAIL: &str = "
/// A value without the name of its field.
mod value {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// The word of whom only one is called.
mod backend {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = \"camelCase\")]
    enum Word {
        Backend,
    }

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        Word::Backend.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        Word::deserialize(deserializer).map(drop)
    }
}
";

/// The source.
///
/// # Errors
///
/// None: a text takes all that is written to it.
pub fn source(description: &Description) -> Result<String, fmt::Error> {
    let mut out = String::from(HEAD);
    for (name, definition) in &description.types {
        out.push('\n');
        write_type(&mut out, rust_name(name), definition)?;
    }
    out.push_str(TAIL);
    Ok(out)
}

fn write_type(out: &mut String, name: &str, definition: &Definition) -> fmt::Result {
    writeln!(out, "/// {}", definition.doc)?;
    let (derive, keyword) = match definition.body {
        Body::Record(_) => ("Record", "struct"),
        _ => ("Enum", "enum"),
    };
    writeln!(out, "#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::{derive})]")?;
    match definition.body {
        Body::Choice(_) => writeln!(
            out,
            "#[serde(untagged, rename_all_fields = \"camelCase\", deny_unknown_fields)]"
        )?,
        Body::Union(_) => writeln!(
            out,
            "#[serde(rename_all = \"camelCase\", rename_all_fields = \"camelCase\", deny_unknown_fields)]"
        )?,
        Body::Words(_) => writeln!(out, "#[serde(rename_all = \"camelCase\")]")?,
        Body::Record(_) => {
            writeln!(out, "#[serde(rename_all = \"camelCase\", deny_unknown_fields)]")?;
        }
    }
    if matches!(&definition.body, Body::Record(fields) if fields.is_empty()) {
        return writeln!(out, "pub struct {name} {{}}");
    }
    writeln!(out, "pub {keyword} {name} {{")?;
    match &definition.body {
        Body::Words(words) => {
            for word in words {
                let rust = word.word.to_upper_camel_case();
                writeln!(out, "    /// {}\n    {rust},", word.doc)?;
            }
        }
        Body::Record(fields) => write_fields(out, "    pub ", "    ", fields)?,
        Body::Union(variants) => variants.iter().try_for_each(|it| write_kind(out, it))?,
        Body::Choice(variants) => variants.iter().try_for_each(|it| write_form(out, it))?,
    }
    writeln!(out, "}}")
}

/// A kind of a union.
fn write_kind(out: &mut String, variant: &Variant) -> fmt::Result {
    writeln!(out, "    /// {}", variant.doc)?;
    let name = variant.kind.to_upper_camel_case();
    match &variant.shape {
        Shape::Word => writeln!(out, "    {name},"),
        Shape::Fields(fields) => {
            writeln!(out, "    {name} {{")?;
            write_fields(out, "        ", "        ", fields)?;
            writeln!(out, "    }},")
        }
        Shape::Value(field) => {
            let of = rust_type(&field.kind);
            let field = field.name.to_snake_case();
            writeln!(out, "    #[serde(with = \"value\")]")?;
            writeln!(
                out,
                "    {name} {{\n        /// {}\n        {field}: {of},\n    }},",
                variant.doc
            )
        }
    }
}

/// One of several forms.
fn write_form(out: &mut String, variant: &Variant) -> fmt::Result {
    writeln!(out, "    /// {}", variant.doc)?;
    // Two definitions of one name are told apart by a number, which means nothing.
    let name = variant.kind.trim_end_matches(char::is_numeric).to_upper_camel_case();
    match &variant.shape {
        Shape::Word => writeln!(out, "    #[serde(with = {:?})]\n    {name},", variant.kind),
        Shape::Fields(fields) => {
            writeln!(out, "    {name} {{")?;
            write_fields(out, "        ", "        ", fields)?;
            writeln!(out, "    }},")
        }
        Shape::Value(_) => Err(fmt::Error),
    }
}

fn write_fields(out: &mut String, before: &str, indent: &str, fields: &[Field]) -> fmt::Result {
    for field in fields {
        let name = field.name.to_snake_case();
        writeln!(out, "{indent}/// {}", field.doc)?;
        if name.to_lower_camel_case() != field.name {
            writeln!(out, "{indent}#[serde(rename = {:?})]", field.name)?;
        }
        if field.is_optional {
            writeln!(out, "{indent}#[serde(default, skip_serializing_if = \"Option::is_none\")]")?;
            writeln!(out, "{indent}#[uniffi(default = None)]")?;
        }
        let of = rust_type(&field.kind);
        let is_option = matches!(field.kind, Type::Nullable(_));
        if field.is_optional && !is_option {
            writeln!(out, "{before}{name}: Option<{of}>,")?;
        } else {
            writeln!(out, "{before}{name}: {of},")?;
        }
    }
    Ok(())
}

fn rust_type(kind: &Type) -> String {
    match kind {
        Type::Bool => "bool".to_owned(),
        Type::Integer(format) => format.replace("uint", "u").replace("int", "i"),
        Type::Text => "String".to_owned(),
        Type::Named(name) => rust_name(name).to_owned(),
        Type::List(of) => format!("Vec<{}>", rust_type(of)),
        Type::Map(of) => format!("HashMap<String, {}>", rust_type(of)),
        Type::Nullable(of) => format!("Option<{}>", rust_type(of)),
    }
}

/// The name of a type; Kotlin has a `Nothing` of its own.
fn rust_name(name: &str) -> &str {
    if name == "Nothing" { "EmptyObject" } else { name }
}
