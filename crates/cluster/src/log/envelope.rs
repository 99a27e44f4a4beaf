//! What a message of a log is: a head, then the bytes of a batch as they are.
//!
//! All numbers are little-endian: the mark `rc`, the format in a byte, the version of the rules in four, and then the epoch,
//! the previous sequence and the released one, in eight each.

use std::fmt;

use roomcall_server::log::{Batch, Sequence, StoreError};

/// How often the log has been claimed, up to here. Whoever claims it is the only one who may append, until the next claim.
pub type Epoch = u64;

/// The format that this program writes, and the only one that it reads.
pub const FORMAT: u8 = 1;

/// The version of the rules by which this program plays a batch.
pub const RULES: u32 = roomcall::journal::VERSION;

const MARK: [u8; 2] = *b"rc";
const LENGTH: usize = 2 + 1 + 4 + 3 * 8;

/// What stands before a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// The version of the rules of whoever has written it.
    pub rules: u32,
    /// Under which claim it was written.
    pub epoch: Epoch,
    /// The last message that its writer knew of: its own sequence is the next.
    pub previous: Sequence,
    /// Up to where its writer has surely told people what came of the log.
    pub released: Sequence,
}

/// What a message is to a reader.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Message<'a> {
    /// One that counts: its head, and the bytes of its batch.
    Valid(Head, &'a [u8]),
    /// One that does not count: nobody was told of it.
    Void(Void),
}

/// Why a message does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Void {
    /// It is no envelope.
    Foreign,
    /// Its writer's claim was over, or it has none.
    Epoch {
        /// Its epoch.
        found: Epoch,
        /// The one of the log before it.
        last: Epoch,
    },
    /// It was written for another place.
    Place {
        /// Behind which message.
        previous: Sequence,
    },
}

impl fmt::Display for Void {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => write!(f, "it is no envelope of roomcall"),
            Self::Epoch { found, last } => {
                write!(f, "its epoch is {found}, and may be {last} or, for a claim, one more")
            }
            Self::Place { previous } => write!(f, "it was written to follow message {previous}"),
        }
    }
}

/// The bytes of a message.
pub fn write(head: &Head, batch: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LENGTH + batch.len());
    bytes.extend(MARK);
    bytes.push(FORMAT);
    bytes.extend(head.rules.to_le_bytes());
    for number in [head.epoch, head.previous, head.released] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(batch);
    bytes
}

/// Reads the head of a message; `None` where it is not one of ours.
///
/// # Errors
///
/// It is one of a later version of this program.
pub fn head(sequence: Sequence, bytes: &[u8]) -> Result<Option<(Head, &[u8])>, StoreError> {
    let Some((mark, rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
    if *mark != MARK {
        return Ok(None);
    }
    match rest.split_first() {
        Some((&FORMAT, rest)) => match fields(rest) {
            Some((head, _)) if head.rules > RULES => {
                let found = head.rules;
                Err(StoreError::Damaged(format!(
                    "message {sequence} is of version {found} of the rules, and this program knows {RULES}: use a newer one"
                )))
            }
            read => Ok(read),
        },
        Some((format, _)) if *format > FORMAT => Err(StoreError::Damaged(format!(
            "message {sequence} is of format {format}, and this program reads {FORMAT}: use a newer one"
        ))),
        _ => Ok(None),
    }
}

fn fields(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let (rules, bytes) = bytes.split_first_chunk()?;
    let (epoch, bytes) = bytes.split_first_chunk()?;
    let (previous, bytes) = bytes.split_first_chunk()?;
    let (released, bytes) = bytes.split_first_chunk()?;
    let number = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let (epoch, previous, released) = (number(epoch), number(previous), number(released));
    Some((Head { rules: u32::from_le_bytes(*rules), epoch, previous, released }, bytes))
}

/// Judges a message by where it is, and by the epoch of the log before it. So that two writers are never both believed rests
/// on nothing that the broker compares.
///
/// # Errors
///
/// It is one of a later version of this program.
pub fn judge(sequence: Sequence, last: Epoch, bytes: &[u8]) -> Result<Message<'_>, StoreError> {
    let Some((head, batch)) = head(sequence, bytes)? else {
        return Ok(Message::Void(Void::Foreign));
    };
    if head.epoch < last || head.epoch > last.saturating_add(1) || head.epoch == 0 {
        return Ok(Message::Void(Void::Epoch { found: head.epoch, last }));
    }
    if head.previous.checked_add(1) != Some(sequence) {
        return Ok(Message::Void(Void::Place { previous: head.previous }));
    }
    Ok(Message::Valid(head, batch))
}

/// What a reader of batches gets in the place of a message that does not count.
pub fn nothing() -> Vec<u8> {
    // Nothing follows from the time of a batch without entries.
    Batch::new(0).write()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head = Head { rules: RULES, epoch: 3, previous: 6, released: 5 };

    #[test]
    fn what_is_written_is_read() {
        let bytes = write(&HEAD, b"{}");
        assert_eq!(bytes.len(), LENGTH + 2);
        assert_eq!(judge(7, 3, &bytes).unwrap(), Message::Valid(HEAD, b"{}"));
        // A claim.
        assert_eq!(judge(7, 2, &bytes).unwrap(), Message::Valid(HEAD, b"{}"));
    }

    #[test]
    fn what_is_of_another_claim_or_place_is_void() {
        let bytes = write(&HEAD, b"{}");
        for last in [0, 1, 4, u64::MAX] {
            let void = Void::Epoch { found: 3, last };
            assert_eq!(judge(7, last, &bytes).unwrap(), Message::Void(void));
        }
        for sequence in [0, 1, 6, 8] {
            let void = Void::Place { previous: 6 };
            assert_eq!(judge(sequence, 3, &bytes).unwrap(), Message::Void(void));
        }
        let unclaimed = write(&Head { epoch: 0, ..HEAD }, b"{}");
        assert!(matches!(judge(7, 0, &unclaimed).unwrap(), Message::Void(Void::Epoch { .. })));
    }

    #[test]
    fn any_bytes_are_void_or_an_error() {
        let whole = write(&HEAD, b"");
        for length in 0..LENGTH {
            assert_eq!(judge(7, 3, &whole[..length]).unwrap(), Message::Void(Void::Foreign));
        }
        assert_eq!(judge(7, 3, b"hello").unwrap(), Message::Void(Void::Foreign));
        let mut later = whole.clone();
        later[2] = FORMAT + 1;
        assert!(judge(7, 3, &later).unwrap_err().to_string().contains("use a newer one"));
        let later = write(&Head { rules: RULES + 1, ..HEAD }, b"");
        assert!(judge(7, 3, &later).unwrap_err().to_string().contains("use a newer one"));
    }

    #[test]
    fn nothing_is_a_batch() {
        assert!(Batch::read(7, &nothing()).unwrap().entries.is_empty());
    }
}
