//! Facts that come twice, late and in another order, lists of all who are there, and answers to facts.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::protocol::{Answer, Fact, FactAnswer, Input, Outcome, Present, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy, Rule};

use roomcall_testkit::play::{board, inside, live};
use roomcall_testkit::strategies::journal::{Journal, ROOMS, USERS, journal, settings};

/// As many sessions as are remembered of a user in a room (F-13), each on a device of its own.
const SESSIONS: usize = 8;

fn stated(board: &mut Switchboard, fact: Fact) -> FactAnswer {
    let Outcome { answer, unchanged, .. } =
        board.apply_record(&Record { at: 0, request_id: None, input: Input::Fact(fact) });
    let Some(Ok(Answer::Fact(answer))) = answer else { panic!("a fact is answered: {answer:?}") };
    assert_eq!(answer.ignored, unchanged);
    answer
}

fn opened(board: &mut Switchboard, room: &str) -> Option<u64> {
    stated(board, Fact::RoomOpened { room: room.into(), owner: "ana".into() }).opening
}

/// What a media server says of one session: that it began or ended, in which opening.
fn fact(session: usize, has_left: bool, opening: Option<u64>) -> Fact {
    let (room, user) = ("standup".to_owned(), "bo".to_owned());
    let (device, session) = (Some(format!("d{session}")), Some(format!("s{session}")));
    if has_left {
        Fact::UserLeft { room, user, device, session, opening }
    } else {
        Fact::UserEntered { room, user, device, session, opening }
    }
}

/// Which sessions ended, and the facts of all of them: each at least once, in some order.
fn facts() -> impl Strategy<Value = (Vec<bool>, Vec<(usize, bool)>)> {
    let ended = prop::collection::vec(any::<bool>(), 1..=SESSIONS);
    let again = prop::collection::vec(any::<prop::sample::Index>(), 0..12);
    (ended, again).prop_flat_map(|(ended, again)| {
        let begun = (0..ended.len()).map(|session| (session, false));
        let over = (0..ended.len()).filter(|session| ended[*session]).map(|it| (it, true));
        let once: Vec<_> = begun.chain(over).collect();
        let twice: Vec<_> = again.iter().map(|index| once[index.index(once.len())]).collect();
        let all = once.into_iter().chain(twice).collect::<Vec<_>>();
        (Just(ended), Just(all).prop_shuffle())
    })
}

fn list() -> impl Strategy<Value = Vec<Present>> {
    let device = prop::option::of(select(&["phone", "tablet"][..]));
    let session = prop::option::of(select(&["s0", "s1", "s2"][..]));
    let present = (select(&USERS[..]), device, session).prop_map(|(user, device, session)| {
        let (device, session) = (device.map(str::to_owned), session.map(str::to_owned));
        Present { user: user.into(), device, session }
    });
    prop::collection::vec(present, 0..6).prop_map(|mut list| {
        // One session a device, and of whom a device is unknown one presence, or the list may contradict
        // itself.
        let mut seen = BTreeSet::new();
        list.retain(|it| seen.insert((it.user.clone(), it.device.clone())));
        let unknown: Vec<_> = list.iter().filter(|it| it.device.is_none()).cloned().collect();
        list.retain(|it| unknown.iter().all(|other| other == it || other.user != it.user));
        list
    })
}

proptest! {
    #![proptest_config(settings())]

    // F-05, F-06, F-13, F-14
    #[test]
    fn facts_come_in_any_order((ended, facts) in facts(), late in prop::collection::vec(any::<prop::sample::Index>(), 0..4)) {
        let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
        let (before, room) = (opened(&mut board, "standup"), "standup".to_owned());
        stated(&mut board, Fact::room_dissolved(room, roomcall::protocol::Actor::Backend));
        let now = opened(&mut board, "standup");
        for (nth, (session, has_left)) in facts.iter().enumerate() {
            stated(&mut board, fact(*session, *has_left, now));
            // What is late of the opening before changes nothing.
            if late.iter().any(|index| index.index(facts.len()) == nth) {
                let was = board.state_hash();
                for has_left in [false, true] {
                    let answer = stated(&mut board, fact(*session, has_left, before));
                    prop_assert_eq!((answer.opening, answer.ignored), (now, Some(Rule::F14)));
                }
                prop_assert_eq!(board.state_hash(), was);
            }
        }
        let is_there = |board: &Switchboard| !inside(board).is_empty();
        prop_assert_eq!(is_there(&board), ended.iter().any(|ended| !ended));
        // Once all have ended, nobody is there, and nothing brings anybody back.
        for session in 0..ended.len() {
            stated(&mut board, fact(session, true, now));
        }
        prop_assert!(!is_there(&board));
        for session in 0..ended.len() {
            let answer = stated(&mut board, fact(session, false, now));
            prop_assert_eq!(answer.ignored, Some(Rule::F13));
        }
    }

    // F-15
    #[test]
    fn a_list_is_the_truth(journal in journal(), room in select(&ROOMS[..]), present in list()) {
        let Journal { lines, .. } = &journal;
        let mut board = board(&journal);
        for line in lines {
            let _ = board.apply_record(line);
        }
        let named: BTreeSet<String> = present.iter().map(|it| it.user.clone()).collect();
        let others = |board: &Switchboard| {
            inside(board).into_iter().filter(|(_, of)| of != room).collect::<Vec<_>>()
        };
        let elsewhere = others(&board);
        let (before, entries) = (board.state_hash(), present.clone());
        let fact = Fact::PresenceListed { room: room.into(), present, opening: None };
        let answer = stated(&mut board, fact.clone());
        match answer.ignored {
            None | Some(Rule::F15) => {
                let there = inside(&board).into_iter().filter(|(_, of)| of == room);
                prop_assert_eq!(there.map(|(user, _)| user).collect::<BTreeSet<_>>(), named.clone());
                prop_assert_eq!(others(&board), elsewhere);
                let rings = live(&board).into_iter();
                let mut rings = rings.filter(|(of, call)| *of == room && named.contains(&call.callee));
                prop_assert_eq!(rings.next(), None);
                // Said again, it is known, and so is each entry by itself: none is of a session that is over.
                let said = board.state_hash();
                prop_assert_eq!(stated(&mut board, fact).ignored, Some(Rule::F15));
                for Present { user, device, session } in entries {
                    let (room, opening) = (room.to_owned(), None);
                    let entered = Fact::UserEntered { room, user, device, session, opening };
                    prop_assert_eq!(stated(&mut board, entered).ignored, Some(Rule::F05));
                }
                prop_assert_eq!(board.state_hash(), said);
            }
            Some(rule) => {
                let is_over = named.len() > board.limits().participants_per_room as usize;
                let expected = match answer.opening {
                    None => Rule::F01,
                    Some(_) if is_over => Rule::L10,
                    Some(_) => Rule::L01,
                };
                prop_assert_eq!(rule, expected);
                prop_assert_eq!(board.state_hash(), before, "nothing of it was applied");
            }
        }
    }
}

// F-03, F-14, F-16, F-17, L-01, L-09, L-10, L-11
#[test]
fn facts_are_answered() {
    let limits = Limits {
        rooms: 2,
        participants_per_room: 1,
        admins_per_room: 0,
        id_bytes: 8,
        ..Limits::DEFAULT
    };
    let mut board = Switchboard::new(limits, Policy::DEFAULT);
    for (fact, answer) in [
        (r#"{"roomOpened":{"roomID":"standup","owner":"ana"}}"#, r#"{"opening":1}"#),
        (
            r#"{"roomOpened":{"roomID":"standup","owner":"bo"}}"#,
            r#"{"opening":1,"ignored":"F-03"}"#,
        ),
        (r#"{"roomOpened":{"roomID":"lounge","owner":"bo"}}"#, r#"{"opening":2}"#),
        (
            r#"{"roomOpened":{"roomID":"attic","owner":"bo"}}"#,
            r#"{"ignored":"L-09","limit":{"name":"rooms","value":2}}"#,
        ),
        (r#"{"userEntered":{"roomID":"standup","userID":"ana"}}"#, r#"{"opening":1}"#),
        (
            r#"{"userEntered":{"roomID":"standup","userID":"bo"}}"#,
            r#"{"opening":1,"ignored":"L-10","limit":{"name":"participantsPerRoom","value":1}}"#,
        ),
        (
            r#"{"presenceListed":{"roomID":"standup","present":[{"userID":"bo"},{"userID":"cy"}]}}"#,
            r#"{"opening":1,"ignored":"L-10","limit":{"name":"participantsPerRoom","value":1}}"#,
        ),
        (
            r#"{"roleSet":{"roomID":"standup","userID":"bo","role":"admin"}}"#,
            r#"{"opening":1,"ignored":"L-11","limit":{"name":"adminsPerRoom","value":0}}"#,
        ),
        (
            r#"{"userLeft":{"roomID":"standup","userID":"ana","sessionID":"too long"}}"#,
            r#"{"opening":1}"#,
        ),
        (
            r#"{"userLeft":{"roomID":"standup","userID":"ana","sessionID":"much too long"}}"#,
            r#"{"opening":1,"ignored":"L-01","limit":{"name":"idBytes","value":8}}"#,
        ),
        (
            r#"{"userRemoved":{"roomID":"standup","userID":"dee"}}"#,
            r#"{"opening":1,"ignored":"F-16"}"#,
        ),
        (
            r#"{"roomDissolved":{"roomID":"standup","opening":2}}"#,
            r#"{"opening":1,"ignored":"F-14"}"#,
        ),
        (r#"{"roomDissolved":{"roomID":"standup","opening":1}}"#, "{}"),
        (r#"{"roomDissolved":{"roomID":"standup","opening":1}}"#, r#"{"ignored":"F-01"}"#),
        (r#"{"roomOpened":{"roomID":"standup","owner":"ana"}}"#, r#"{"opening":3}"#),
    ] {
        let is = stated(&mut board, serde_json::from_str(fact).unwrap());
        assert_eq!(serde_json::to_string(&is).unwrap(), answer, "{fact}");
        assert_eq!(serde_json::from_str::<FactAnswer>(answer).unwrap(), is);
    }
}

// F-05, F-13: the bounds of the presences and of the sessions of one user.
#[test]
fn sessions_are_bounded() {
    let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let now = opened(&mut board, "standup");
    for session in 0..17 {
        assert_eq!(stated(&mut board, fact(session, false, now)).ignored, None);
    }
    // The seventeenth has ended the first.
    assert_eq!(stated(&mut board, fact(0, false, now)).ignored, Some(Rule::F13));
    for session in 1..17 {
        assert!(!inside(&board).is_empty(), "session {session} is there");
        assert_eq!(stated(&mut board, fact(session, true, now)).ignored, None);
    }
    assert!(inside(&board).is_empty());
    // The last eight are remembered, and none of those before.
    for session in 9..17 {
        assert_eq!(stated(&mut board, fact(session, false, now)).ignored, Some(Rule::F13));
    }
    assert_eq!(stated(&mut board, fact(8, false, now)).ignored, None);
}
