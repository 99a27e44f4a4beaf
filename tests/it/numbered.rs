//! Random journals whose requests have numbers: most are new, some are sent again, some stand for
//! something else, some jump.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::Limits;
use roomcall::wire::{Actor, Entry, Line};

use crate::random::{Journal, journal};

/// What chance decides about one line.
type Dice = [u8; 4];

pub(crate) fn numbered_journal() -> impl Strategy<Value = Journal> {
    let dice = prop::collection::vec(any::<Dice>(), 90);
    let requesters = prop_oneof![1 => Just(0), 2 => Just(1), 4 => Just(2), 3 => Just(100_u32)];
    let window = prop_oneof![1 => Just(0), 2 => Just(1), 5 => Just(3), 1 => Just(16_u32)];
    (journal(), window, requesters, dice).prop_map(|(journal, window, requesters, dice)| {
        let limits = Limits { requests_per_requester: window, requesters, ..journal.limits };
        let mut lines: Vec<Line> = Vec::new();
        let (mut highest, mut own) = (0, BTreeMap::<Actor, u64>::new());
        for (line, dice) in journal.lines.into_iter().zip(dice.into_iter().cycle()) {
            if dice[2] % 4 == 0 {
                let numbered: Vec<&Line> = lines.iter().filter(|line| line.no.is_some()).collect();
                // Mostly a late one: the others are forgotten.
                let back = usize::from(dice[3]) % 8;
                if let Some(again) = numbered.iter().rev().nth(back) {
                    let again = Line { at: line.at, ..(*again).clone() };
                    lines.push(again);
                }
            }
            let no = match &line.entry {
                Entry::Tick | Entry::Fact(_) => None,
                Entry::Ask { by, .. } | Entry::Query { by, .. } => {
                    let own = own.entry(by.clone()).or_default();
                    let no = match dice[0] % 16 {
                        0 => None,
                        1 | 2 => Some(u64::from(dice[1]) % 6),
                        3 => Some(*own),
                        4 => Some(highest + 7),
                        5 => Some((*own).saturating_sub(2)),
                        6..=10 => Some(*own + 1),
                        _ => Some(highest + 1),
                    };
                    *own = no.unwrap_or(*own);
                    highest = highest.max(*own);
                    no
                }
            };
            lines.push(Line { no, ..line });
        }
        Journal { limits, lines, ..journal }
    })
}
