//! Any bytes as a journal, and what comes of it as a snapshot (J-02, J-03, J-06, S-01, S-02).
#![no_main]

use libfuzzer_sys::fuzz_target;
use roomcall::journal::{JournalError, Lines, Replay};
use roomcall::protocol::Record;
use roomcall::switchboard::Switchboard;
use roomcall_testkit::forge::{crc32, forge};

fuzz_target!(|bytes: &[u8]| {
    let _ = Switchboard::restore(bytes);
    // In small pieces, as from a socket, it is the same as in one.
    let (replay, inputs) = read(bytes, bytes.len().max(1));
    let (by_piece, same_inputs) = read(bytes, 61);
    assert_eq!((by_piece.lines(), same_inputs), (replay.lines(), inputs.clone()), "J-03");
    let Some(board) = replay.board() else { return };
    let snapshot = board.snapshot();
    let restored = Switchboard::restore(&snapshot).expect("S-01: its own snapshot");
    assert_eq!(restored.state_hash(), board.state_hash(), "S-01");
    assert_eq!((&restored, restored.snapshot()), (board, snapshot.clone()), "S-01, X-08");
    let mut dice = rolled(bytes);
    for _ in 0..4 {
        if let Ok(board) = Switchboard::restore(&damaged(&snapshot, dice)) {
            works_on(board, &inputs);
        }
        dice = rolled(&dice);
    }
});

/// Applies lines, which arrive in pieces, until one is malformed.
fn read(bytes: &[u8], piece: usize) -> (Replay, Vec<Record>) {
    let (mut replay, mut lines, mut inputs) = (Replay::new(), Lines::new(), Vec::new());
    let mut limit = replay.line_bytes();
    for piece in bytes.chunks(piece) {
        let next = lines.feed(piece, limit, |line| {
            inputs.extend(replay.read(line)?.map(|(input, _)| input));
            let sound = replay.board().map_or(Ok(()), Switchboard::verify);
            assert_eq!(sound, Ok(()), "after line {}", replay.lines());
            Ok::<_, JournalError>(replay.line_bytes())
        });
        match next {
            Ok(next) => limit = next,
            Err(error) => {
                assert_eq!(replay.line(b""), Err(error), "J-06");
                break;
            }
        }
    }
    (replay, inputs)
}

/// Eight bytes that depend on all of these.
fn rolled(bytes: &[u8]) -> [u8; 8] {
    u64::from(crc32(bytes)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17).to_le_bytes()
}

/// A snapshot with a run of bytes in its payload overwritten, under a checksum that fits: without
/// that no damage would ever get past the checksum. The input throws which run, like dice: asked for
/// JSON and for places in a snapshot at once, libFuzzer finds neither well.
fn damaged(snapshot: &[u8], dice: [u8; 8]) -> Vec<u8> {
    const HEAD: usize = 18;
    const TAIL: usize = 4;
    let mut copy = snapshot.to_vec();
    assert_eq!(forge(copy.clone()), snapshot, "the form has changed: change `forge` too");
    let payload = &mut copy[HEAD..snapshot.len() - TAIL];
    let [low, high, length, any, value, ..] = dice;
    let from = usize::from(u16::from_le_bytes([low, high])) % payload.len();
    let length = [1, 4, 8, 16][usize::from(length % 4)];
    let value = [0, 1, u8::MAX, any][usize::from(value % 4)];
    payload[from..].iter_mut().take(length).for_each(|byte| *byte = value);
    forge(copy)
}

/// Whatever was restored is sound, and stays so.
fn works_on(mut board: Switchboard, inputs: &[Record]) {
    assert_eq!(board.verify(), Ok(()), "S-02");
    for input in inputs {
        let _ = board.apply_record(input);
        assert_eq!(board.verify(), Ok(()), "after {input:?}");
    }
}
