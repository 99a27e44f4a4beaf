//! Refinement: the reducer and the reference model, which was written from the rules alone, agree
//! on every answer, effect, order and query.

use proptest::prelude::*;
use roomcall::Role;
use roomcall::protocol::Outcome;
use roomcall::switchboard::Switchboard;

use crate::model;
use crate::play::questions;
use crate::random::{Journal, ROOMS, USERS, journal, settings};

/// The model does not know the wording of messages.
fn without_message(mut turn: Outcome) -> Outcome {
    if let Some(Err(refused)) = &mut turn.answer {
        refused.message.clear();
    }
    turn
}

/// Plays a journal on both and compares everything that can be seen, after each line.
pub(crate) fn compare(journal: &Journal) -> Result<(), TestCaseError> {
    let mut exchange = Switchboard::new(journal.limits, journal.policy);
    let mut model = model::exchange::Exchange::new(journal.limits, journal.policy);
    for (at, line) in journal.lines.iter().enumerate() {
        let asked = questions(line.at, journal.limits.page_size);
        for line in std::iter::once(line).chain(&asked) {
            let (core, reference) = (exchange.apply_record(line), model.apply(line));
            prop_assert_eq!(
                without_message(core),
                without_message(reference),
                "left is the reducer, right the model; line {} after the header: {:?}",
                at + 1,
                line
            );
        }
        let (board, model) = (&exchange, &model.model);
        let deadline = board.next_deadline().map(roomcall::Tick::as_millis);
        prop_assert_eq!(deadline, model.next_deadline());
        prop_assert_eq!(board.live_calls() as usize, model.live());
        for (room, user) in ROOMS.iter().flat_map(|room| USERS.map(|user| (room, user))) {
            prop_assert_eq!(stands(board, room, user), model.stands(room, user));
        }
    }
    Ok(())
}

/// F-02, F-04, F-09: whether a user is in a room, and with which role; nothing if it is not open.
fn stands(board: &Switchboard, room: &str, user: &str) -> Option<(bool, Role)> {
    let room = board.lookup_room(room).filter(|room| board.is_open(*room))?;
    // Whom nobody knows was never there.
    let Some(user) = board.lookup_user(user) else {
        return Some((false, Role::Participant));
    };
    Some((board.is_inside(room, user), board.role(room, user)?))
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_reducer_is_the_model(journal in journal()) {
        compare(&journal)?;
    }
}
