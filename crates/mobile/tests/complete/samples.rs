//! Values that a JSON Schema allows: of each kind one at least.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A kind of an enum: the name of its definition, and its own.
pub(crate) type Kind = (String, String);

/// A value, and the kinds in it.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) value: Value,
    pub(crate) kinds: BTreeSet<Kind>,
}

/// A schema whose enums are `oneOf` words and objects with one field.
#[derive(Debug)]
pub(crate) struct Samples(Value);

impl Samples {
    pub(crate) const fn new(schema: Value) -> Self {
        Self(schema)
    }

    /// Samples of a definition. Together they have each kind that its parts may have.
    pub(crate) fn of(&self, name: &str) -> Vec<Sample> {
        self.samples(&self.0["$defs"][name], name)
    }

    /// All kinds of all enums.
    pub(crate) fn kinds(&self) -> BTreeSet<Kind> {
        let definitions = self.0["$defs"].as_object().unwrap().keys();
        let kinds = |name: &String| {
            self.kinds_of(name).into_iter().map(|kind| (name.clone(), kind)).collect::<Vec<_>>()
        };
        definitions.flat_map(kinds).collect()
    }

    /// The kinds of an enum; none of what is no enum.
    pub(crate) fn kinds_of(&self, name: &str) -> Vec<String> {
        let kinds = self.0["$defs"][name]["oneOf"].as_array();
        kinds.into_iter().flatten().map(kind_of).collect()
    }

    fn samples(&self, schema: &Value, name: &str) -> Vec<Sample> {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.strip_prefix("#/$defs/").unwrap();
            return self.of(name);
        }
        for (key, is_enum) in [("oneOf", true), ("anyOf", false)] {
            if let Some(forms) = schema[key].as_array() {
                let of = |form: &Value| {
                    let mut samples = self.samples(form, name);
                    if is_enum {
                        let kind = (name.to_owned(), kind_of(form));
                        samples.iter_mut().for_each(|it| _ = it.kinds.insert(kind.clone()));
                    }
                    samples
                };
                return forms.iter().flat_map(of).collect();
            }
        }
        if schema.get("const").is_some() {
            return vec![plain(schema["const"].clone())];
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.clone(),
            one => vec![one.clone()],
        };
        types.iter().flat_map(|it| self.of_type(it.as_str().unwrap(), schema, name)).collect()
    }

    fn of_type(&self, of: &str, schema: &Value, name: &str) -> Vec<Sample> {
        match of {
            "null" => vec![plain(Value::Null)],
            "boolean" => vec![plain(json!(false)), plain(json!(true))],
            "integer" => vec![plain(json!(7))],
            // A rule is a text, too.
            "string" => vec![plain(json!("E-01"))],
            "array" => {
                let items = self.samples(&schema["items"], name).into_iter();
                let lists = items.map(|it| Sample { value: json!([it.value]), ..it });
                std::iter::once(plain(json!([]))).chain(lists).collect()
            }
            "object" if schema.get("properties").is_some() => self.of_object(schema, name),
            "object" if schema["additionalProperties"].is_object() => {
                let values = self.samples(&schema["additionalProperties"], name);
                values
                    .into_iter()
                    .map(|it| Sample { value: json!({ "bo": it.value }), ..it })
                    .collect()
            }
            "object" => vec![plain(json!({}))],
            other => panic!("{other} in a schema"),
        }
    }

    /// One with the fields that it must have and one with all, and one for each other value that a field
    /// may have.
    fn of_object(&self, schema: &Value, name: &str) -> Vec<Sample> {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let fields = schema["properties"].as_object().unwrap();
        let all: Vec<Field> = fields
            .iter()
            .map(|(field, of)| Field {
                name: field.clone(),
                is_required: required.contains(&field.as_str()),
                values: match field.as_str() {
                    // What ended is after it.
                    "since" => vec![plain(json!(1))],
                    _ => self.samples(of, name),
                },
            })
            .collect();
        let mut objects = vec![object(&all, false, None)];
        for (place, field) in all.iter().enumerate() {
            let others = 0..field.values.len();
            objects.extend(others.map(|index| object(&all, false, Some((place, index)))));
        }
        objects.push(object(&all, true, None));
        objects
    }
}

/// A field of an object, and what it may be.
struct Field {
    name: String,
    is_required: bool,
    values: Vec<Sample>,
}

/// An object of the first value of each field, or of those that it must have; but of another value at one
/// place.
fn object(fields: &[Field], is_full: bool, but: Option<(usize, usize)>) -> Sample {
    let (mut value, mut kinds) = (Map::new(), BTreeSet::new());
    for (place, field) in fields.iter().enumerate() {
        let index = match but {
            Some((other, index)) if other == place => index,
            _ if field.is_required || is_full => 0,
            _ => continue,
        };
        value.insert(field.name.clone(), field.values[index].value.clone());
        kinds.extend(field.values[index].kinds.iter().cloned());
    }
    Sample { value: Value::Object(value), kinds }
}

const fn plain(value: Value) -> Sample {
    Sample { value, kinds: BTreeSet::new() }
}

/// The name of a kind: its word, or the name of its only field.
fn kind_of(form: &Value) -> String {
    let field = || form["properties"].as_object().unwrap().keys().next().unwrap().clone();
    form["const"].as_str().map_or_else(field, str::to_owned)
}
