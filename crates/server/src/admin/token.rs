//! The token of administration: a file that only its owner may read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::private_file::open_mode;

/// The fewest bytes of a token.
const SHORTEST: usize = 32;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum AdminTokenError {
    /// The file cannot be read.
    #[error("the file {0:?}: {1}")]
    File(PathBuf, String),
    /// Others may read it.
    #[error("others may read or write the file {0:?} (mode {1:03o}): `chmod 600` it")]
    Open(PathBuf, u32),
    /// It could be guessed.
    #[error(
        "the token in {0:?} has {1} bytes, and needs at least {SHORTEST}: `roomcall-server secret` makes one"
    )]
    Short(PathBuf, usize),
}

/// The token that has to be shown, read from a file, and again when that was changed.
pub struct AdminToken {
    path: PathBuf,
    /// So that comparing takes as long whatever is compared.
    hash: RwLock<[u8; 32]>,
}

impl AdminToken {
    /// The token in a file, without white space at its ends.
    ///
    /// # Errors
    ///
    /// It cannot be read, others may read it, or it is too short.
    pub fn load(path: &Path) -> Result<Self, AdminTokenError> {
        Ok(Self { path: path.to_path_buf(), hash: RwLock::new(read(path)?) })
    }

    /// Reads it again. It counts once it is [taken](Self::take).
    ///
    /// # Errors
    ///
    /// As above.
    pub fn read(&self) -> Result<NewToken, AdminTokenError> {
        read(&self.path).map(NewToken)
    }

    /// Takes what was read instead of the one from before.
    pub fn take(&self, NewToken(hash): NewToken) {
        *self.hash.write().unwrap_or_else(PoisonError::into_inner) = hash;
    }

    /// Whether a text is it.
    pub fn is(&self, text: &str) -> bool {
        let hash = *self.hash.read().unwrap_or_else(PoisonError::into_inner);
        <[u8; 32]>::from(Sha256::digest(text)).ct_eq(&hash).into()
    }
}

/// What was read, and is not taken yet.
pub struct NewToken([u8; 32]);

/// Without the token.
impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewToken(..)")
    }
}

fn read(path: &Path) -> Result<[u8; 32], AdminTokenError> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|why| AdminTokenError::File(path.to_path_buf(), why.to_string()))?;
    if let Some(mode) = open_mode(path) {
        return Err(AdminTokenError::Open(path.to_path_buf(), mode));
    }
    let token = text.trim();
    if token.len() < SHORTEST {
        return Err(AdminTokenError::Short(path.to_path_buf(), token.len()));
    }
    Ok(Sha256::digest(token).into())
}

/// Without the token.
impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AdminToken").field(&self.path).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_its_owners_and_long() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let why = || AdminToken::load(&path).unwrap_err().to_string();
        assert!(why().contains("No such file"), "{}", why());
        write(&path, "x".repeat(40)).unwrap();
        set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(why().contains("(mode 640)"), "{}", why());
        set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let token = AdminToken::load(&path).unwrap();
        assert!(token.is(&"x".repeat(40)) && !token.is(&"x".repeat(41)) && !token.is(""));
        write(&path, format!("{}\n", "y".repeat(32))).unwrap();
        token.take(token.read().unwrap());
        assert!(token.is(&"y".repeat(32)) && !token.is(&"x".repeat(40)));
        write(&path, "short").unwrap();
        assert!(token.read().is_err() && token.is(&"y".repeat(32)), "it is the one from before");
        assert!(!format!("{token:?}").contains("yyy"));
    }
}
