//! Random journals of one handset: raw dice, which the director outcomes into inputs that meet the
//! state. Every list of dice is a journal, so shrinking keeps them legal.

#[cfg(feature = "arbitrary")]
pub mod bytes;
mod director;
pub mod history;
mod pushes;
mod replies;
mod ringing;
mod world;

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::handset::{DeviceTick, Input, LateRing, Settings};

use crate::model::handset::ModelHandset;
use director::Director;
use world::World;

/// Whose handset it is.
pub const USER: &str = "bo";
/// Its device.
pub const DEVICE: &str = "phone";

/// The least base of a second life of the switchboard (F-18): higher attempts are of that life, lower ones of the first.
pub const SECOND_LIFE: u64 = 40;

/// One move of a journal.
#[derive(Clone, Debug)]
pub enum Move {
    /// Several inputs that came together.
    Apply {
        /// When, by the device's clock.
        at: u64,
        /// What.
        inputs: Vec<Input>,
    },
    /// The process was killed and started again.
    Restart {
        /// For how many milliseconds it was dead, if anybody knows.
        dead: Option<u64>,
    },
}

/// What a handset went through.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The settings of the handset.
    pub settings: Settings,
    /// What happens, in order.
    pub moves: Vec<Move>,
}

impl Journal {
    /// The model at the start.
    pub fn model(&self) -> ModelHandset {
        ModelHandset::new(USER, DEVICE, self.settings)
    }
}

/// What chance decides about one input.
pub type Dice = [u8; 10];

/// How time goes on to the next move.
#[derive(Clone, Copy, Debug)]
enum Pace {
    Forward(u64),
    Back(u64),
    /// To the next deadline, and this much before or after it.
    Deadline(i64),
}

#[derive(Clone, Debug)]
enum Raw {
    Apply(Pace, Vec<Dice>),
    Restart(Option<u64>),
}

fn pace() -> impl Strategy<Value = Pace> {
    // Half seconds, so that inputs often come exactly at a deadline.
    prop_oneof![
        6 => Just(Pace::Forward(0)),
        5 => (1..4_u64).prop_map(|halves| Pace::Forward(halves * 500)),
        1 => Just(Pace::Forward(499)),
        1 => Just(Pace::Forward(5_000)),
        2 => (-1..2_i64).prop_map(Pace::Deadline),
        1 => (1..6_u64).prop_map(|halves| Pace::Back(halves * 500)),
        1 => select(&[999, 1_001, 30_000, u64::MAX][..]).prop_map(Pace::Back),
    ]
}

/// How long a process was dead.
fn dead() -> impl Strategy<Value = Option<u64>> {
    let small = (1..8_u64).prop_map(|halves| halves * 500);
    prop_oneof![
        2 => Just(None),
        2 => Just(Some(0)),
        1 => Just(Some(499)),
        3 => small.prop_map(Some),
        1 => select(&[30_000, 1 << 40, u64::MAX][..]).prop_map(Some),
    ]
}

fn raw() -> impl Strategy<Value = Raw> {
    let inputs = prop_oneof![
        6 => prop::collection::vec(any::<Dice>(), 1..2),
        3 => prop::collection::vec(any::<Dice>(), 2..5),
    ];
    prop_oneof![
        72 => (pace(), inputs.clone()).prop_map(|(pace, inputs)| Raw::Apply(pace, inputs)),
        4 => dead().prop_map(Raw::Restart),
        // A clock that has gone wrong, or was nearly at its end anyway; it is mostly set back then.
        1 => inputs.prop_map(|inputs| Raw::Apply(Pace::Forward(u64::MAX), inputs)),
    ]
}

/// Small settings, so that every bound is met.
pub fn handset_settings() -> impl Strategy<Value = Settings> {
    let times = (
        select(&[1_000_u64, 1_500][..]),
        select(&[None, Some(1_500_u64), Some(4_000)][..]),
        select(&[0_u64, 500, 1_000][..]),
        select(&[0_u64, 1, 500, 1_000][..]),
        select(&[LateRing::Ignore, LateRing::Report][..]),
        select(&[0_u64, 1, 500, 1_500, 4_000, Settings::DEFAULT.valid_for][..]),
        select(&[0_u64, 1, 1_500, 4_000][..]),
        select(&[0_u64, 1, 500, 1_500][..]),
    );
    let bounds = (
        select(&[1_u32, 2, 2, 4][..]),
        select(&[0_u32, 1, 2, 2, 3, 8][..]),
        select(&[0_u32, 1, 2, 2, 4, 4, 8, 8][..]),
        select(&[1_u32, 2, 2, 8][..]),
        1..3_u32,
    );
    (times, bounds).prop_map(|(times, bounds)| {
        let (retry_interval, refresh, answer_grace, min_ring, late_ring, valid_for, ..) = times;
        let (.., join_quiet, settle) = times;
        let (calls, endings, requests, outgoing, page) = bounds;
        Settings {
            retry_interval,
            refresh,
            answer_grace,
            min_ring,
            valid_for,
            join_quiet,
            settle,
            late_ring,
            calls,
            endings,
            requests,
            outgoing,
            page,
        }
    })
}

/// A journal of up to 50 moves.
pub fn handset_journal() -> impl Strategy<Value = Journal> {
    let moves = prop::collection::vec(raw(), 1..50);
    let opening = prop::bool::weighted(0.8);
    (handset_settings(), any::<[u8; 32]>(), opening, moves).prop_map(
        |(settings, world, opening, raw)| {
            let mut director = Director::new(World::new(&world), settings);
            let mut moves = Vec::new();
            if opening {
                moves.extend(director.opening());
            }
            for raw in raw {
                moves.push(directed(&mut director, raw));
            }
            Journal { settings, moves }
        },
    )
}

fn directed(director: &mut Director, raw: Raw) -> Move {
    let (pace, dice) = match raw {
        Raw::Restart(dead) => {
            director.restart(dead);
            return Move::Restart { dead };
        }
        Raw::Apply(pace, dice) => (pace, dice),
    };
    let deadline = director.next_deadline().unwrap_or(director.now());
    let at = match pace {
        Pace::Forward(by) => director.now().saturating_add(by),
        Pace::Back(by) => director.now().saturating_sub(by),
        Pace::Deadline(by) => deadline.saturating_add_signed(by),
    };
    // What comes together is decided one after another, as the handset will judge it.
    let mut inputs = Vec::new();
    for dice in dice {
        let input = director.direct(dice);
        director.follow(DeviceTick::from_millis(at), input.clone());
        inputs.push(input);
    }
    Move::Apply { at, inputs }
}
