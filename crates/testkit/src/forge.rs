//! Damage that looks whole: what an attacker would make of a snapshot.

/// The snapshot with the checksum of the payload that it has, as an attacker would make it.
pub fn forge(mut snapshot: Vec<u8>, head: usize) -> Vec<u8> {
    let end = snapshot.len() - 8;
    let sum = checksum(&snapshot[head..end]);
    snapshot[end..].copy_from_slice(&sum.to_le_bytes());
    snapshot
}

/// The checksum of a snapshot: four lanes of pairs of words, and then the length and the lanes. Its
/// constants are the digits of pi after the point, the first ones made odd.
pub fn checksum(bytes: &[u8]) -> u64 {
    const FACTORS: [u64; 4] = [
        0x243f_6a88_85a3_08d3,
        0x1319_8a2e_0370_7345,
        0xa409_3822_299f_31d1,
        0x082e_fa98_ec4e_6c89,
    ];
    let mut lanes = [
        0xbe54_66cf_34e9_0c6d,
        0xc0ac_29b7_c97c_50dd,
        0x3f84_d5b5_b547_0917,
        0x9216_d5d9_8979_fb1b,
    ];
    let folded = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let mut filled = bytes.to_vec();
    filled.resize(bytes.len().next_multiple_of(64), 0);
    for (at, pair) in filled.chunks(16).enumerate() {
        let [first, second] =
            [0, 8].map(|word| u64::from_le_bytes(pair[word..word + 8].try_into().unwrap()));
        lanes[at % 4] = folded(lanes[at % 4] ^ first, FACTORS[at % 4] ^ second);
    }
    let length = folded(bytes.len() as u64 ^ FACTORS[0], FACTORS[1]);
    lanes.iter().fold(length, |sum, lane| folded(sum.rotate_left(1) ^ lane, FACTORS[2]))
}
