//! Files that nobody else may read: secrets and private keys.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Owner may read and write, nobody else anything.
const MODE: u32 = 0o600;

/// Warns if others than its owner may read or write a file, which has something secret in it.
pub fn warn_if_open(path: &Path) {
    if let Some(mode) = open_mode(path) {
        tracing::warn!(
            path = ?path,
            mode = %format_args!("{mode:03o}"),
            "others may read or write this file, and whoever reads it can sign tokens for anybody: \
             `chmod 600` it"
        );
    }
}

/// The mode of a file that others than its owner may read or write.
pub(crate) fn open_mode(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Writes a new file that only its owner may read.
///
/// # Errors
///
/// There is one already, or it cannot be written.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)?;
    write(&mut file, text)
}

/// Writes a file in the place of one that may be there, at once: who reads it meanwhile reads the one or
/// the other.
///
/// # Errors
///
/// It cannot be written: the one that was there still is.
pub fn replace(path: &Path, text: &str, is_secret: bool) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    let mode = if is_secret { MODE } else { 0o644 };
    file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    write(file.as_file_mut(), text)?;
    file.persist(path).map_err(|why| why.error)?;
    Ok(())
}

fn write(file: &mut File, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// Bytes that nobody can guess.
///
/// # Errors
///
/// The operating system gives none.
pub fn random_bytes() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_its_owners_and_takes_the_place_of_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.txt");
        write_new(&path, "secret").unwrap();
        assert_eq!((fs::read(&path).unwrap(), open_mode(&path)), (b"secret\n".to_vec(), None));
        assert_eq!(write_new(&path, "x").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(open_mode(&path), Some(0o640));
        replace(&path, "other", true).unwrap();
        assert_eq!((fs::read(&path).unwrap(), open_mode(&path)), (b"other\n".to_vec(), None));
        replace(&path, "public", false).unwrap();
        assert_eq!(open_mode(&path), Some(0o644));
    }
}
