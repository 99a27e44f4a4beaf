//! Random journals whose requests have numbers: most are new, some are sent again, some stand for
//! something else, some jump.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::protocol::{Actor, Command, Input, Record};
use roomcall::{Limits, Which};

use super::journal::{Journal, journal};

/// What chance decides about one line.
type Dice = [u8; 4];

/// Numbers about the highest that may be used first, and about the greatest there is.
const LEAPS: [u64; 6] = [(1 << 32) - 1, 1 << 32, (1 << 32) + 3, (1 << 53) - 1, 1 << 53, u64::MAX];

/// Journals whose requests have numbers.
pub fn numbered_journal() -> impl Strategy<Value = Journal> {
    let dice = prop::collection::vec(any::<Dice>(), 90);
    let requesters = prop_oneof![1 => Just(0), 2 => Just(1), 4 => Just(2), 3 => Just(100_u32)];
    let window = prop_oneof![1 => Just(0), 2 => Just(1), 5 => Just(3), 1 => Just(16_u32)];
    // The laws of other journals look at a state page by page, so these alone have no pages at all (E-19).
    let has_pages = prop::bool::weighted(0.9);
    let journals = (journal(), window, requesters, has_pages, dice);
    journals.prop_map(|(journal, window, requesters, has_pages, dice)| {
        let page_size = if has_pages { journal.limits.page_size } else { 0 };
        let limits =
            Limits { requests_per_requester: window, requesters, page_size, ..journal.limits };
        let mut lines: Vec<Record> = Vec::new();
        let (mut highest, mut own) = (0, BTreeMap::<Actor, u64>::new());
        for (line, dice) in journal.lines.into_iter().zip(dice.into_iter().cycle()) {
            if dice[2] % 4 == 0 {
                let numbered: Vec<&Record> =
                    lines.iter().filter(|line| line.request_id.is_some()).collect();
                // Mostly a late one: the others are forgotten.
                let back = usize::from(dice[3]) % 8;
                if let Some(duplicate) = numbered.iter().rev().nth(back) {
                    let mut duplicate = Record { at: line.at, ..(*duplicate).clone() };
                    if dice[3] >= 192 {
                        change(&mut duplicate.input);
                    }
                    lines.push(duplicate);
                }
            }
            let request_id = match &line.input {
                Input::Tick | Input::Fact(_) => None,
                Input::Ask { by, .. } | Input::Query { by, .. } => {
                    let own = own.entry(by.clone()).or_default();
                    let request_id = match dice[0] % 16 {
                        0 => None,
                        1 | 2 => Some(u64::from(dice[1]) % 6),
                        // A leap: what the others have does not follow it.
                        3 if dice[1] < 24 => {
                            let leap = LEAPS[usize::from(dice[1]) % LEAPS.len()];
                            lines.push(Record { request_id: Some(leap), ..line });
                            continue;
                        }
                        3 => Some(*own),
                        4 => Some(highest + 7),
                        5 => Some((*own).saturating_sub(2)),
                        6..=10 => Some(*own + 1),
                        _ => Some(highest + 1),
                    };
                    *own = request_id.unwrap_or(*own);
                    highest = highest.max(*own);
                    request_id
                }
            };
            lines.push(Record { request_id, ..line });
        }
        Journal { limits, lines, ..journal }
    })
}

/// Changes one field of what only the backend may ask for, or of a mark, so that the number stands for another command.
fn change(input: &mut Input) {
    match input {
        Input::Ask { command: Command::CallUserToRoom { caller, .. }, .. } => {
            *caller = if caller.is_some() { None } else { Some("bo".to_owned()) };
        }
        Input::Ask { command: Command::RevokeUserCalls { which, .. }, .. } => {
            *which = match which {
                Which::To => Which::By,
                Which::By => Which::Both,
                Which::Both => Which::To,
            };
        }
        Input::Ask { command: Command::MarkCallsSeen { up_to }, .. } => {
            *up_to = up_to.wrapping_add(1);
        }
        Input::Ask { command: Command::Ringing { attempt }, .. } => {
            *attempt = attempt.wrapping_add(1);
        }
        _ => {}
    }
}
