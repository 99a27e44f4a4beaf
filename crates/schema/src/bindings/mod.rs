//! The types of the bindings, generated from the schema, so that none of them can lack a kind of event.
//!
//! | keyword of the schema | what it says of a type |
//! |---|---|
//! | `x-name` | its name, where the schema has two of one name |
//! | `x-field` | of a kind whose value is not an object: the name of the field that holds it |
//! | `x-kind` | of one of several forms that are told apart by their fields: its kind |

pub mod description;
pub mod rust;
pub mod typescript;

pub use description::Description;
