//! Where the keys of a tenant come from, and come from again when they are changed.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{KeyError, KeySet};
use crate::private_file::warn_if_open;

/// Where the keys of a tenant are.
#[derive(Clone)]
pub enum KeySource {
    /// A secret that is given.
    Secret(Vec<u8>),
    /// A file whose content, without white space at its ends, is the secret.
    SecretFile(PathBuf),
    /// A file with a JWK set.
    Keys(PathBuf),
}

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read.
    #[error("the file {0:?}: {1}")]
    File(PathBuf, String),
    /// What is in it is wrong.
    #[error("the keys in {0:?}: {1}")]
    Keys(PathBuf, KeyError),
    /// The secret that is given is wrong.
    #[error(transparent)]
    Given(#[from] KeyError),
}

impl KeySource {
    /// The keys as they are now. Warns if others may read a file with something secret in it.
    ///
    /// # Errors
    ///
    /// They cannot be read, or not be used.
    pub fn load(&self) -> Result<KeySet, SourceError> {
        let (path, keys) = match self {
            Self::Secret(secret) => return Ok(KeySet::of_secret(secret)?),
            Self::SecretFile(path) => (path, KeySet::of_secret(read(path)?.trim_ascii())),
            Self::Keys(path) => (path, KeySet::of_jwks(&read(path)?)),
        };
        let keys = keys.map_err(|why| SourceError::Keys(path.clone(), why))?;
        if keys.is_secret() {
            warn_if_open(path);
        }
        Ok(keys)
    }

    /// The secret; `None` where there are keys.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn secret(&self) -> Result<Option<Vec<u8>>, SourceError> {
        match self {
            Self::Secret(secret) => Ok(Some(secret.clone())),
            Self::SecretFile(path) => Ok(Some(read(path)?.trim_ascii().to_vec())),
            Self::Keys(_) => Ok(None),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, SourceError> {
    std::fs::read(path).map_err(|why| SourceError::File(path.to_path_buf(), why.to_string()))
}

/// Without the secret.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret(..)"),
            Self::SecretFile(path) => f.debug_tuple("SecretFile").field(path).finish(),
            Self::Keys(path) => f.debug_tuple("Keys").field(path).finish(),
        }
    }
}
