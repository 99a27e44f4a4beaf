//! Refinement: the library and the reference models agree on every answer, effect, order and query.

use proptest::prelude::*;
use roomcall::handset::{DeviceTick, Handset};
use roomcall::protocol::{Actor, Answer, Input, Outcome, Query, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Role, Tick};

use super::switchboard::numbered::NumberedModel;
use crate::play::questions;
use crate::strategies::handset::{self, DEVICE, Move, USER};
use crate::strategies::journal::{Journal, ROOMS, USERS};

/// The model does not know the wording of messages.
fn without_message(mut outcome: Outcome) -> Outcome {
    if let Some(Err(refused)) = &mut outcome.answer {
        refused.message.clear();
    }
    outcome
}

/// Plays a journal on the library and on the model, and compares all that can be seen after each line: the outcome, the
/// answers to every query, deadlines, and who is in which room with which role.
///
/// # Errors
///
/// The first line after which the two differ.
pub fn compare_switchboard(journal: &Journal) -> Result<(), TestCaseError> {
    let mut switchboard = Switchboard::new(journal.limits, journal.policy);
    let mut model = NumberedModel::new(journal.limits, journal.policy);
    for (at, line) in journal.lines.iter().enumerate() {
        let asked = questions(line.at, switchboard.limits().page_size);
        for line in std::iter::once(line).chain(&asked) {
            let (core, reference) = (switchboard.apply_record(line), model.apply(line));
            prop_assert_eq!(
                without_message(core),
                without_message(reference),
                "left is the reducer, right the model; line {} after the header: {:?}",
                at + 1,
                line
            );
        }
        compare_walk(&mut switchboard, &mut model, line.at)?;
        let (board, model) = (&switchboard, &model.model);
        let deadline = board.next_deadline().map(Tick::as_millis);
        prop_assert_eq!(deadline, model.next_deadline());
        // F-19
        prop_assert_eq!((board.limits(), board.policy()), model.rules());
        prop_assert_eq!(board.live_count() as usize, model.live());
        for (room, user) in ROOMS.iter().flat_map(|room| USERS.map(|user| (room, user))) {
            prop_assert_eq!(membership(board, room, user), model.membership(room, user));
        }
    }
    Ok(())
}

/// walks through all live calls, one a page.
fn compare_walk(
    board: &mut Switchboard,
    model: &mut NumberedModel,
    at: u64,
) -> Result<(), TestCaseError> {
    let mut cursor = None;
    for _ in 0..=model.model.live() {
        let query = Query::GetLiveCalls { cursor, page_size: 1 };
        let by = Actor::Backend;
        let line = Record { at, request_id: None, input: Input::Query { by, query } };
        let (core, reference) = (board.apply_record(&line), model.apply(&line));
        prop_assert_eq!(
            without_message(core),
            without_message(reference.clone()),
            "left is the reducer, right the model; {:?}",
            line
        );
        match reference.answer {
            Some(Ok(Answer::GetLiveCalls { next_cursor, .. })) if !next_cursor.is_empty() => {
                cursor = Some(next_cursor);
            }
            _ => return Ok(()),
        }
    }
    prop_assert!(false, "the walk does not end");
    Ok(())
}

/// F-02, F-04, F-09: whether a user is in a room, and with which role; nothing if it is not open.
fn membership(board: &Switchboard, room: &str, user: &str) -> Option<(bool, Role)> {
    let room = board.lookup_room(room).filter(|room| board.is_open(*room))?;
    // Whom nobody knows was never there.
    let Some(user) = board.lookup_user(user) else {
        return Some((false, Role::Participant));
    };
    Some((board.is_inside(room, user), board.role(room, user)?))
}

/// Plays a journal of one handset on the library and on the model, and compares effects, deadlines and what draws the screen
/// anew after each move.
///
/// # Errors
///
/// The first move after which the two differ.
pub fn compare_handset(journal: &handset::Journal) -> Result<(), TestCaseError> {
    let mut handset = Handset::new(USER, DEVICE, journal.settings);
    let mut model = journal.model();
    for (number, play) in journal.moves.iter().enumerate() {
        match play {
            Move::Apply { at, inputs } => {
                let at = DeviceTick::from_millis(*at);
                prop_assert_eq!(
                    handset.apply_all(at, inputs.clone()),
                    model.apply_all(at, inputs.clone()),
                    "left is the handset, right the model; move {}: {:?}",
                    number,
                    play
                );
            }
            Move::Restart { dead } => {
                handset = handset.restart(*dead);
                model = model.restart(*dead);
            }
        }
        prop_assert_eq!(
            handset.next_deadline(),
            model.next_deadline(),
            "left is the handset, right the model; after move {}: {:?}",
            number,
            play
        );
        prop_assert_eq!(
            handset.redraw(),
            model.redraw(),
            "left is the handset, right the model; after move {}: {:?}",
            number,
            play
        );
    }
    Ok(())
}
