//! Damage that looks whole: what an attacker would make of a snapshot.

/// The snapshot with the checksum of the rest of it, as an attacker would make it.
pub fn forge(mut snapshot: Vec<u8>) -> Vec<u8> {
    let end = snapshot.len() - 4;
    let sum = crc32(&snapshot[..end]);
    snapshot[end..].copy_from_slice(&sum.to_le_bytes());
    snapshot
}

/// CRC-32 (IEEE), bit by bit.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum: u32, _| {
            (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1))
        })
    })
}
