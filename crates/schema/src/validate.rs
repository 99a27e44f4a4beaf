//! Whether values are of the forms, for the tests of whoever writes some.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "this is for tests")]

use serde_json::{Value, json};

/// As much of a validator as the schema needs; anything else in a schema is an error.
#[derive(Debug)]
pub struct Schema(pub Value);

impl Schema {
    /// Whether a value is one of a definition of the schema, and if it is not, why.
    ///
    /// # Errors
    ///
    /// It is not.
    ///
    /// # Panics
    ///
    /// The schema has what this validator does not know.
    pub fn kind(&self, name: &str, value: &Value) -> Result<(), String> {
        self.fits(&json!({"$ref": format!("#/$defs/{name}")}), value)
    }

    fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let rules = schema.as_object().expect("a schema is an object");
        for (rule, says) in rules {
            let is_good = match (&**rule, says) {
                (
                    "description" | "title" | "format" | "default" | "x-name" | "x-kind"
                    | "x-field",
                    _,
                ) => true,
                ("$ref", Value::String(name)) => {
                    let name = name.strip_prefix("#/$defs/").expect("it is one of ours");
                    self.fits(&self.0["$defs"][name], value)?;
                    true
                }
                ("type", Value::Array(types)) => types.iter().any(|it| is_of_type(it, value)),
                ("type", one) => is_of_type(one, value),
                ("const", one) => one == value,
                ("enum", Value::Array(all)) => all.contains(value),
                ("minimum", least) => value.as_i64().is_none_or(|it| Some(it) >= least.as_i64()),
                ("maximum", most) => value.as_u64().is_none_or(|it| Some(it) <= most.as_u64()),
                ("anyOf", Value::Array(all)) => all.iter().any(|it| self.fits(it, value).is_ok()),
                ("oneOf", Value::Array(all)) => {
                    all.iter().filter(|it| self.fits(it, value).is_ok()).count() == 1
                }
                ("items", each) => {
                    let mut items = value.as_array().into_iter().flatten();
                    items.try_for_each(|it| self.fits(each, it))?;
                    true
                }
                ("required", Value::Array(names)) => names
                    .iter()
                    .all(|name| !value.is_object() || value.get(name.as_str().unwrap()).is_some()),
                ("properties", Value::Object(properties)) => {
                    for (name, schema) in properties {
                        value.get(name).map_or(Ok(()), |it| self.fits(schema, it))?;
                    }
                    true
                }
                ("additionalProperties", others) => {
                    self.others_fit(others, schema, value)?;
                    true
                }
                _ => panic!("this validator does not know {rule}: {says}"),
            };
            if !is_good {
                return Err(format!("{value} breaks {rule}: {says}"));
            }
        }
        Ok(())
    }

    fn others_fit(&self, others: &Value, schema: &Value, value: &Value) -> Result<(), String> {
        let known = |name: &str| schema["properties"].get(name).is_some();
        let fields = value.as_object().into_iter().flatten().filter(|(name, _)| !known(name));
        for (name, value) in fields {
            match others {
                Value::Bool(false) => return Err(format!("there is no field {name}")),
                Value::Bool(true) => {}
                schema => self.fits(schema, value)?,
            }
        }
        Ok(())
    }
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("types are words") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("there is no type {other} in this schema"),
    }
}
