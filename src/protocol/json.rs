//! The wire form, version 1: inputs and outputs by name, and their JSON.
//!
//! A host that speaks in names uses [`Switchboard::apply_named`], which resolves the names of one
//! input, applies it, and answers in names. A host on a hot path resolves names once per
//! connection and uses [`Switchboard::apply`].
//!
//! [`Switchboard::apply_named`]: crate::switchboard::Switchboard::apply_named
//! [`Switchboard::apply`]: crate::switchboard::Switchboard::apply

mod input;
mod read;
mod spell;
pub(crate) mod strict;
mod words;
