//! The history of a few calls to the user of a handset, and two orders in which the device hears of it.

use arbitrary::{Result, Unstructured};
use roomcall::EndingKind;

use super::super::history::{Happening, Tapped};
use super::{DEVICES, ROOMS};
use crate::strategies::bytes::one_in;

/// Calls to the user, their ends in any order, and what the device did when it heard of the first.
pub fn history(bytes: &mut Unstructured<'_>) -> Result<(Vec<Happening>, usize, Tapped)> {
    let (mut happenings, mut made, mut live, mut over) = (Vec::new(), 0, Vec::new(), Vec::new());
    let count = *bytes.choose(&[4, 2, 3, 5, 6, 7, 8_usize])?;
    for _ in 0..count {
        match bytes.int_in_range(0..=7)? {
            0..=3 if made < 4 => {
                made += 1;
                live.push(made);
                let time_left = *bytes.choose(&[Some(30_000), None, Some(60_000)])?;
                happenings.push(Happening::Called { room: bytes.choose(ROOMS)?, time_left });
            }
            4..=6 if !live.is_empty() => {
                let attempt = live.remove(bytes.choose_index(live.len())?);
                let how = *bytes.choose(&EndingKind::ALL)?;
                let device = match how {
                    EndingKind::TimedOut | EndingKind::InOtherRoom => None,
                    EndingKind::Accepted | EndingKind::Rejected | EndingKind::Entered => {
                        Some(*bytes.choose(DEVICES)?)
                    }
                    EndingKind::Cancelled => Some("mac"),
                    EndingKind::Revoked => one_in(bytes, 2)?.then_some("mac"),
                };
                happenings.push(Happening::Ending { attempt, how, device });
                if !over.is_empty() && one_in(bytes, 2)? {
                    let attempt = over.remove(bytes.choose_index(over.len())?);
                    happenings.push(Happening::Forgotten { attempt });
                }
                over.push(attempt);
            }
            7 if one_in(bytes, 2)? => happenings.push(Happening::Seen),
            7 if !live.is_empty() => {
                let attempt = live[bytes.choose_index(live.len())?];
                happenings.push(Happening::Rung { attempt });
            }
            _ => {
                made += 1;
                happenings.push(Happening::Elsewhere);
            }
        }
    }
    let ready = bytes.choose_index(happenings.len() + 1)?;
    let tapped = *bytes.choose(&[Tapped::Nothing, Tapped::Accept, Tapped::Reject])?;
    Ok((happenings, ready, tapped))
}

/// Up to six of so many messages, and another order of them.
pub fn orders(bytes: &mut Unstructured<'_>, messages: usize) -> Result<(Vec<usize>, Vec<usize>)> {
    let count = if messages == 0 { 0 } else { bytes.int_in_range(0..=6)? };
    let one: Vec<usize> =
        (0..count).map(|_| bytes.choose_index(messages)).collect::<Result<_>>()?;
    let (mut rest, mut other) = (one.clone(), Vec::new());
    while !rest.is_empty() {
        other.push(rest.remove(bytes.choose_index(rest.len())?));
    }
    Ok((one, other))
}
