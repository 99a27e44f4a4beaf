//! A schema as types: words, records, unions.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The types that a binding has, by name.
#[derive(Debug)]
pub struct Description {
    /// Each with what it is.
    pub types: BTreeMap<String, Definition>,
}

/// A type.
#[derive(Debug)]
pub struct Definition {
    /// What it is, in words.
    pub doc: String,
    /// What it is.
    pub body: Body,
}

/// What a type is.
#[derive(Debug)]
pub enum Body {
    /// One of some words.
    Words(Vec<Word>),
    /// An object.
    Record(Vec<Field>),
    /// One of some kinds, each as a word or as an object whose only field is called like the kind.
    Union(Vec<Variant>),
    /// One of some kinds that are told apart by their fields.
    Choice(Vec<Variant>),
}

/// A word, and what it means.
#[derive(Debug)]
pub struct Word {
    /// The word.
    pub word: String,
    /// What it means.
    pub doc: String,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Its type.
    pub kind: Type,
    /// Whether it may be left out.
    pub is_optional: bool,
}

/// One of several kinds.
#[derive(Debug)]
pub struct Variant {
    /// Its name.
    pub kind: String,
    /// What it is.
    pub doc: String,
    /// What it holds.
    pub shape: Shape,
}

/// What one of several kinds holds.
#[derive(Debug)]
pub enum Shape {
    /// Nothing; in JSON it is a word.
    Word,
    /// These fields, which are those of an object in JSON.
    Fields(Vec<Field>),
    /// One field, which in JSON is a value without a name.
    Value(Field),
}

/// The type of a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A number of that format, such as `uint64`.
    Integer(String),
    /// A text.
    Text,
    /// One with a name.
    Named(String),
    /// A list.
    List(Box<Self>),
    /// Values by names.
    Map(Box<Self>),
    /// It may be null.
    Nullable(Box<Self>),
}

impl Description {
    /// All types of the bindings.
    ///
    /// # Errors
    ///
    /// A type of the schema has no place in it.
    pub fn new() -> Result<Self> {
        let schema = crate::everything();
        let mut reader = Reader { schema: &schema, types: BTreeMap::new(), pending: Vec::new() };
        for root in schema["anyOf"].as_array().context("the schema has roots")? {
            reader.type_of(root)?;
        }
        while let Some(definition) = reader.pending.pop() {
            reader.define(&definition).with_context(|| definition.clone())?;
        }
        Ok(Self { types: reader.types })
    }
}

/// Reads those types that something refers to.
struct Reader<'a> {
    schema: &'a Value,
    types: BTreeMap<String, Definition>,
    pending: Vec<String>,
}

impl<'a> Reader<'a> {
    fn definition(&self, name: &str) -> &'a Value {
        &self.schema["$defs"][name]
    }

    /// The definition that a schema refers to, if it does nothing else.
    fn referred(schema: &Value) -> Option<&str> {
        schema["$ref"].as_str()?.strip_prefix("#/$defs/")
    }

    fn define(&mut self, of: &str) -> Result<()> {
        let schema = self.definition(of);
        let name = name_of(of, schema);
        if self.types.contains_key(&name) {
            return Ok(());
        }
        let body = if let Some(kinds) = schema["oneOf"].as_array() {
            let variants = kinds.iter().map(|it| self.kind(it)).collect::<Result<Vec<_>>>()?;
            if variants.iter().all(|it| matches!(it.shape, Shape::Word)) {
                let words = variants.into_iter();
                Body::Words(words.map(|it| Word { word: it.kind, doc: it.doc }).collect())
            } else {
                Body::Union(variants)
            }
        } else if let Some(forms) = schema["anyOf"].as_array() {
            Body::Choice(forms.iter().map(|it| self.form(it)).collect::<Result<_>>()?)
        } else {
            Body::Record(self.fields(schema)?)
        };
        self.types.insert(name, Definition { doc: doc(schema), body });
        Ok(())
    }

    /// A kind of a union: a word, or an object with one field.
    fn kind(&mut self, schema: &'a Value) -> Result<Variant> {
        let doc = doc(schema);
        if let Some(word) = schema["const"].as_str() {
            return Ok(Variant { kind: word.to_owned(), doc, shape: Shape::Word });
        }
        let (kind, value) = schema["properties"]
            .as_object()
            .and_then(|properties| properties.iter().next())
            .context("a kind is a word, or an object with one field")?;
        let shape = match schema["x-field"].as_str() {
            Some(field) => Shape::Value(Field {
                name: field.to_owned(),
                doc: doc.clone(),
                kind: self.type_of(value)?,
                is_optional: false,
            }),
            None => Shape::Fields(self.fields(self.resolved(value)).context(kind.clone())?),
        };
        Ok(Variant { kind: kind.clone(), doc, shape })
    }

    /// One of several forms that are told apart by their fields.
    fn form(&mut self, schema: &'a Value) -> Result<Variant> {
        let body = self.resolved(schema);
        let kind = schema["x-kind"].as_str().or_else(|| Self::referred(schema));
        let kind = kind.context("a form has x-kind")?;
        let kind = format!("{}{}", kind[..1].to_lowercase(), &kind[1..]);
        let is_word = body["oneOf"][0]["const"].is_string();
        let shape = if is_word { Shape::Word } else { Shape::Fields(self.fields(body)?) };
        Ok(Variant { kind, doc: doc(schema), shape })
    }

    fn resolved(&self, schema: &'a Value) -> &'a Value {
        Self::referred(schema).map_or(schema, |name| self.definition(name))
    }

    /// The fields of an object: those that it must have in their order, then the others.
    fn fields(&mut self, schema: &'a Value) -> Result<Vec<Field>> {
        if schema["type"] != "object" {
            bail!("it is not an object, and has no x-field: {schema}");
        }
        let Some(properties) = schema["properties"].as_object() else { return Ok(Vec::new()) };
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let others = properties.keys().map(String::as_str).filter(|it| !required.contains(it));
        let names: Vec<&str> = required.iter().copied().chain(others).collect();
        let mut field = |name: &str| {
            let schema = &properties[name];
            let kind = self.type_of(schema).with_context(|| name.to_owned())?;
            let is_optional = !required.contains(&name);
            Ok(Field { name: name.to_owned(), doc: doc(schema), kind, is_optional })
        };
        names.into_iter().map(&mut field).collect()
    }

    fn type_of(&mut self, schema: &'a Value) -> Result<Type> {
        if let Some(name) = Self::referred(schema) {
            let definition = self.definition(name);
            if let Some(inner) = nullable(definition) {
                return Ok(Type::Nullable(Box::new(self.type_of(inner)?)));
            }
            self.pending.push(name.to_owned());
            return Ok(Type::Named(name_of(name, definition)));
        }
        if let Some(inner) = nullable(schema) {
            return Ok(Type::Nullable(Box::new(self.type_of(inner)?)));
        }
        let (word, may_be_null) = match &schema["type"] {
            Value::Array(types) => (types[0].as_str(), types.iter().any(|it| it == "null")),
            one => (one.as_str(), false),
        };
        let kind = match word.context("a type has a name")? {
            "boolean" => Type::Bool,
            "integer" => Type::Integer(schema["format"].as_str().unwrap_or("uint64").to_owned()),
            "string" => Type::Text,
            "array" => Type::List(Box::new(self.type_of(&schema["items"])?)),
            "object" => Type::Map(Box::new(self.type_of(&schema["additionalProperties"])?)),
            other => bail!("{other} has no type here"),
        };
        Ok(if may_be_null { Type::Nullable(Box::new(kind)) } else { kind })
    }
}

/// What is there where it is not null.
fn nullable(schema: &Value) -> Option<&Value> {
    match schema["anyOf"].as_array().map(Vec::as_slice) {
        Some([inner, none]) if none["type"] == "null" => Some(inner),
        _ => None,
    }
}

fn name_of(definition: &str, schema: &Value) -> String {
    schema["x-name"].as_str().unwrap_or(definition).to_owned()
}

fn doc(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ")
}
