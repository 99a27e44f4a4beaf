//! What of the wire form serde has no attribute for.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field that may be absent but not null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that may be null but not absent.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// The number of a request, if it has one.
pub(super) fn number<M: SerializeMap>(object: &mut M, id: Option<u64>) -> Result<(), M::Error> {
    id.map_or(Ok(()), |id| object.serialize_entry("requestID", &id))
}

/// The word of the application's own backend.
pub(super) struct Backend;

impl Serialize for Backend {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        serializer.serialize_str("backend")
    }
}

/// Reads `"backend"`, which is `None`, or an object.
pub(super) struct OrBackend<T> {
    expected: &'static str,
    object: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> OrBackend<T> {
    pub(super) fn read<D: Deserializer<'de>>(
        expected: &'static str,
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(Self { expected, object: PhantomData })
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrBackend<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Option<T>, E> {
        match word {
            "backend" => Ok(None),
            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

/// An object with a value for each user, in its own order (C-03).
pub(super) struct ByUser<'a, S, T>(pub(super) &'a [(S, T)]);

impl<S: Serialize, T: Serialize> Serialize for ByUser<'_, S, T> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        serializer.collect_map(self.0.iter().map(|(user, value)| (user, value)))
    }
}

pub(super) mod by_user {
    use alloc::vec::Vec;

    use super::*;

    pub(in super::super) fn serialize<S: Serialize, T: Serialize, O: Serializer>(
        entries: &[(S, T)],
        serializer: O,
    ) -> Result<O::Ok, O::Error> {
        ByUser(entries).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, S, T, D>(
        deserializer: D,
    ) -> Result<Vec<(S, T)>, D::Error>
    where
        S: Deserialize<'de> + AsRef<str>,
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        deserializer.deserialize_map(Entries(PhantomData))
    }

    /// The object as a field that may be absent but not null.
    pub(in super::super) fn present<'de, S, T, D>(
        deserializer: D,
    ) -> Result<Option<Vec<(S, T)>>, D::Error>
    where
        S: Deserialize<'de> + AsRef<str>,
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        deserialize(deserializer).map(Some)
    }

    struct Entries<S, T>(PhantomData<(S, T)>);

    impl<'de, S, T> Visitor<'de> for Entries<S, T>
    where
        S: Deserialize<'de> + AsRef<str>,
        T: Deserialize<'de>,
    {
        type Value = Vec<(S, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with a result for each user")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<(S, T)>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = map.next_entry::<S, T>()? {
                entries.push(entry);
            }
            let mut users: Vec<&str> = entries.iter().map(|(user, _)| user.as_ref()).collect();
            users.sort_unstable();
            users.dedup();
            if users.len() < entries.len() {
                return Err(A::Error::custom("a user is there twice"));
            }
            Ok(entries)
        }
    }
}
