//! How much is done: sizes, and how often each is repeated.

/// How long a person is willing to wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effort {
    /// Well under a minute; nothing with a million calls.
    Quick,
    /// Some minutes.
    Usual,
    /// With ten million calls, too.
    Large,
}

/// One size, and how often what is done with it.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Calls pending at once.
    pub callees: u32,
    /// Rounds in one sample.
    pub rounds: u32,
    /// Samples of each engine.
    pub repetitions: u32,
    /// Samples of the engines that are slow and only there to be compared with.
    pub of_peers: u32,
    /// Whether the floor and batches are looked at, too, and not only the switchboard itself.
    pub is_compared: bool,
}

impl Effort {
    /// The sizes that engines are compared at.
    pub fn sizes(self) -> Vec<Size> {
        let size = |callees, rounds, repetitions, of_peers| Size {
            callees,
            rounds,
            repetitions,
            of_peers,
            is_compared: true,
        };
        match self {
            Self::Quick => vec![size(1_000, 20, 3, 3), size(100_000, 1, 2, 1)],
            Self::Usual => vec![
                size(1_000, 100, 9, 9),
                size(10_000, 10, 5, 5),
                size(100_000, 1, 5, 5),
                size(1_000_000, 1, 3, 2),
            ],
            Self::Large => {
                let mut sizes = Self::Usual.sizes();
                sizes.push(Size { is_compared: false, ..size(10_000_000, 1, 2, 0) });
                sizes
            }
        }
    }

    /// The sizes that a goal is looked at which does not need peers.
    pub const fn plain_sizes(self) -> &'static [u32] {
        match self {
            Self::Quick => &[1_000, 100_000],
            Self::Usual | Self::Large => &[1_000, 100_000, 1_000_000],
        }
    }

    /// The size that is called large.
    pub const fn most(self) -> u32 {
        match self {
            Self::Quick => 100_000,
            Self::Usual | Self::Large => 1_000_000,
        }
    }
}

/// A number with commas.
pub fn commas(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
