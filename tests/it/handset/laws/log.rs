//! What a device tells of its user's call log, over its whole life (D-35, D-36).

use proptest::prelude::*;
use roomcall::handset::{DeviceTick, Effect, Handset, Input};
use roomcall::protocol::{Answer, CallLog, LogEntry, MyCalls, Reply};

use super::{new, singly};
use roomcall_testkit::strategies::handset::{Journal, Move, handset_journal};
use roomcall_testkit::strategies::journal::settings;

/// What was told so far.
#[derive(Default)]
struct Told {
    /// Up to which number the log was read.
    read: u64,
    /// The newest entry that was told.
    newest: u64,
    /// The greatest Seen.
    seen: u64,
    /// What the first snapshot with a log that was applied said.
    history: Option<u64>,
}

impl Told {
    /// An input comes, and changes more than the clock does, or not.
    fn follow(
        &mut self,
        input: &Input,
        is_applied: bool,
        effects: &[Effect],
    ) -> Result<(), TestCaseError> {
        for effect in effects {
            if let Effect::Seen { up_to } = effect {
                prop_assert!(*up_to > self.seen, "{:?} after {}", effect, self.seen);
                self.seen = *up_to;
            }
        }
        let mut expected = Vec::new();
        if let (Input::Reply(Reply { answer: Ok(answer), .. }), true) = (input, is_applied) {
            match answer {
                Answer::GetMyCalls(MyCalls { log: Some(log), .. }) => {
                    self.history.get_or_insert(log.last_logged);
                }
                Answer::GetCallLog(log) => expected = self.read(log),
                _ => {}
            }
        }
        let logged = effects.iter().filter_map(|effect| match effect {
            Effect::Logged { entry, is_news } => Some((entry.clone(), *is_news)),
            _ => None,
        });
        let logged: Vec<(LogEntry, bool)> = logged.collect();
        prop_assert_eq!(&logged, &expected, "left is what it tells of {:?}", input);
        for (entry, _) in logged {
            prop_assert!(entry.number > self.newest, "{:?} after {}", entry, self.newest);
            self.newest = entry.number;
        }
        Ok(())
    }

    /// The entries that a part of the log has to tell, and whether each is news.
    fn read(&mut self, log: &CallLog) -> Vec<(LogEntry, bool)> {
        let mut new = log.entries.clone();
        new.retain(|entry| {
            let is_new = entry.number > self.read;
            self.read = self.read.max(entry.number);
            is_new
        });
        self.read = self.read.max(log.last_logged);
        let old = self.history.unwrap_or(u64::MAX).max(self.seen);
        let is_news = |entry: &LogEntry| entry.is_missed() && entry.number > old;
        new.into_iter().map(|entry| (entry.clone(), is_news(&entry))).collect()
    }
}

/// The handset is restored from what it saved each time that it is killed.
fn once(journal: &Journal) -> Result<(), TestCaseError> {
    let (mut handset, mut told) = (new(journal), Told::default());
    for play in singly(journal).moves {
        match play {
            Move::Restart { dead } => {
                let restored = Handset::restore(&handset.save(), dead);
                prop_assert_eq!(restored.as_ref(), Ok(&handset.clone().restart(dead)));
                handset = restored.unwrap();
            }
            Move::Apply { at, inputs } => {
                let (at, mut ticked) = (DeviceTick::from_millis(at), handset.clone());
                let _ = ticked.apply(at, Input::Tick);
                for input in inputs {
                    let effects = handset.apply(at, input.clone());
                    told.follow(&input, handset != ticked, &effects)?;
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings())]

    // D-35, D-36
    #[test]
    fn each_entry_is_told_once(journal in handset_journal()) {
        once(&journal)?;
    }
}
