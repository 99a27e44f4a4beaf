//! The record of a disk, and the disks that a power cut leaves.
//!
//! The form is that of the kernel's dm-log-writes: a sector with a head, and for each write a sector that says
//! where it went, and what was written.

use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::journal::Rng;

const SECTOR: usize = 512;
const MAGIC: u64 = 0x006a_7366_7773_6872;
const FLUSH: u64 = 1;

/// What a cut takes of the writes since the last flush.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Loss {
    Nothing,
    All,
    /// Any of them.
    Some,
    /// Any sectors of any of them.
    Torn,
    /// Sectors of the last one.
    Last,
}

impl Loss {
    pub(crate) const ALL: [Self; 4] = [Self::All, Self::Some, Self::Torn, Self::Last];

    /// Which sectors of a write stay, that is the last one or not.
    fn stays(self, is_last: bool, sectors: usize, rng: &mut Rng) -> Vec<bool> {
        let any = rng.below(2) == 0;
        let one = |_| match self {
            Self::Nothing => true,
            Self::All => false,
            Self::Some => any,
            Self::Torn => rng.below(2) == 0,
            Self::Last => !is_last || rng.below(2) == 0,
        };
        (0..sectors).map(one).collect()
    }
}

/// A write, or a flush of all writes before it.
enum Step {
    Write { sector: u64, bytes: Range<usize> },
    Flush,
}

/// All steps, in order, and where each ends in the record.
pub(crate) struct Record {
    bytes: Vec<u8>,
    steps: Vec<Step>,
    ends: Vec<u64>,
    /// The disk with so many steps, which were flushed.
    durable: (File, PathBuf, usize),
}

impl Record {
    pub(crate) fn read(path: &Path, base: &Path) -> Self {
        let bytes = fs::read(path).expect("it was recorded");
        let word =
            |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("it is that long"));
        assert_eq!(word(0), MAGIC, "it is a record");
        let (mut steps, mut ends, mut at) = (Vec::new(), Vec::new(), SECTOR);
        for _ in 0..word(16) {
            let (sector, count, flags) = (word(at), word(at + 8) as usize, word(at + 16));
            at += SECTOR;
            assert!(flags & !FLUSH == 0, "the disk has nothing but writes and flushes: {flags}");
            if count > 0 {
                steps.push(Step::Write { sector, bytes: at..at + count * SECTOR });
                at += count * SECTOR;
                ends.push(at as u64);
            }
            if flags & FLUSH != 0 {
                steps.push(Step::Flush);
                ends.push(at as u64);
            }
        }
        let durable = path.with_extension("durable");
        fs::copy(base, &durable).expect("there is room");
        let file = File::options().write(true).open(&durable).expect("it is ours");
        Self { bytes, steps, ends, durable: (file, durable, 0) }
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn said(&self) -> String {
        let flushes = self.steps.iter().filter(|it| matches!(it, Step::Flush)).count();
        format!("{} writes, {flushes} flushes", self.steps.len() - flushes)
    }

    /// Whether all of it makes one disk of another.
    pub(crate) fn leads_to(&self, disk: &Path, base: &Path) -> bool {
        let mut whole = fs::read(base).expect("it is ours");
        for step in &self.steps {
            if let Step::Write { sector, bytes } = step {
                let at = *sector as usize * SECTOR;
                whole[at..at + bytes.len()].copy_from_slice(&self.bytes[bytes.clone()]);
            }
        }
        whole == fs::read(disk).expect("it is ours")
    }

    /// How many steps were done when the record was so long.
    pub(crate) fn at(&self, length: u64) -> usize {
        self.ends.partition_point(|end| *end <= length)
    }

    /// Makes the disk that a cut leaves after so many steps, which are no fewer than before. How many sectors it
    /// took.
    pub(crate) fn image(&mut self, at: usize, loss: Loss, rng: &mut Rng, to: &Path) -> usize {
        let steps = &self.steps[..at];
        let flushed = steps.iter().rposition(|it| matches!(it, Step::Flush)).map_or(0, |it| it + 1);
        let (file, path, done) = &mut self.durable;
        for step in &steps[(*done).min(flushed)..flushed] {
            if let Step::Write { sector, bytes } = step {
                file.write_all_at(&self.bytes[bytes.clone()], sector * SECTOR as u64)
                    .expect("there is room");
            }
        }
        *done = flushed;
        fs::copy(path, to).expect("there is room");
        let file = File::options().write(true).open(to).expect("it is ours");
        let last = steps.iter().rposition(|it| matches!(it, Step::Write { .. }));
        let mut lost = 0;
        for (index, step) in steps.iter().enumerate().skip(flushed) {
            let Step::Write { sector, bytes } = step else { continue };
            let sectors = self.bytes[bytes.clone()].chunks(SECTOR);
            let stays = loss.stays(Some(index) == last, sectors.len(), rng);
            for ((sector, bytes), stays) in (*sector..).zip(sectors).zip(stays) {
                if stays {
                    file.write_all_at(bytes, sector * SECTOR as u64).expect("there is room");
                } else {
                    lost += 1;
                }
            }
        }
        lost
    }
}
