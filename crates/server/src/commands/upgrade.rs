//! `upgrade`: a store of format 1, which was one file, becomes one of this format.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use redb::{Database, ReadOnlyTable, ReadableDatabase as _, TableDefinition, TableError};
use roomcall::journal::Header;
use roomcall::protocol::Record;
use roomcall::switchboard::Switchboard;
use roomcall_server::log::{
    Appended, Batch, Before, Embedded, Entry, Log, Sequence, Store as _, open_read_only,
};
use roomcall_server::recover::{any_seed, recover};
use roomcall_server::server::TENANT;
use roomcall_server::state::{State, Unseen};
use roomcall_server::token_replay::{TokenEntry, Used};

use super::{Done, wait};

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The file of the old store; it is not written
    old: PathBuf,
    /// The directory of the new one, which is made
    new: PathBuf,
}

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const JOURNAL: TableDefinition<'_, Sequence, &[u8]> = TableDefinition::new("journal");
const TOKENS: TableDefinition<'_, (&str, &str), (u64, u64)> = TableDefinition::new("tokens");
const SNAPSHOTS: TableDefinition<'_, Sequence, &[u8]> = TableDefinition::new("snapshots");

/// Entries of one batch.
const AT_ONCE: usize = 1_024;

type Failed = Box<dyn std::error::Error>;

pub(crate) fn run(args: &Args) -> Done {
    if args.new.exists() {
        return Err(format!("{} is there already: name a new directory", args.new.display()).into());
    }
    let old = Old::open(&args.old)?;
    let store = Embedded::open(&args.new, false)?;
    store.begin()?;
    let log = store.log(TENANT)?;
    let batches = wait(upgrade(&old, &*log))??;
    println!("{}: {batches} batches", args.new.display());
    Ok(ExitCode::SUCCESS)
}

/// What an old store has.
struct Old {
    header: Header,
    tokens: Vec<Used>,
    /// The state at the beginning of the journal; `None` if that is whole.
    snapshot: Option<(Sequence, Switchboard)>,
    journal: ReadOnlyTable<Sequence, &'static [u8]>,
    /// As long as this is there, the journal can be read.
    _file: Database,
}

impl Old {
    fn open(path: &Path) -> Result<Self, Failed> {
        let file = open_read_only(path)?;
        let view = file.begin_read()?;
        let header = view.open_table(META)?.get("header")?.ok_or("the store has no header")?;
        let header = serde_json::from_slice(header.value())?;
        let tokens = match view.open_table(TOKENS) {
            Err(TableError::TableDoesNotExist(_)) => Vec::new(),
            tokens => used(&tokens?)?,
        };
        let journal = view.open_table(JOURNAL)?;
        let is_whole = journal.get(1)?.is_some();
        let mut snapshot = None;
        for stored in view.open_table(SNAPSHOTS)?.range::<Sequence>(..)? {
            let (sequence, bytes) = stored?;
            if !is_whole && snapshot.is_none() {
                snapshot = Some((sequence.value(), Switchboard::restore(bytes.value())?));
            }
        }
        Ok(Self { header, tokens, snapshot, journal, _file: file })
    }
}

fn used(tokens: &ReadOnlyTable<(&str, &str), (u64, u64)>) -> Result<Vec<Used>, redb::Error> {
    let all = tokens.range::<(&str, &str)>(..)?.map(|it| {
        let (of, times) = it?;
        let ((user, device), (issued, at)) = (of.value(), times.value());
        Ok(Used { user: user.to_owned(), device: device.to_owned(), issued, at })
    });
    all.collect()
}

/// Writes the new log. How many batches it has.
async fn upgrade(old: &Old, log: &dyn Log) -> Result<Sequence, Failed> {
    let begins = old.snapshot.as_ref().map_or(0, |(sequence, _)| *sequence);
    let mut entries = vec![Entry::Opened(old.header.clone())];
    entries.extend(old.tokens.iter().cloned().map(Entry::Token));
    let mut last = append(log, 0, std::mem::take(&mut entries)).await?;
    if let Some((_, switchboard)) = &old.snapshot {
        let tokens = old.tokens.iter().cloned().map(TokenEntry::Token).collect();
        let state = State::of(switchboard.clone(), tokens, last, any_seed());
        log.save(last, state.snapshot(), Before::One { unread: Vec::new() }).await?;
    }
    for stored in old.journal.range(begins + 1..)? {
        let record: Record = serde_json::from_slice(stored?.1.value())?;
        entries.push(Entry::Record(record));
        if entries.len() == AT_ONCE {
            last = append(log, last, std::mem::take(&mut entries)).await?;
        }
    }
    if !entries.is_empty() {
        last = append(log, last, entries).await?;
    }
    if old.snapshot.is_some() {
        // With a second snapshot the first batch is removed, which is not the beginning of this log.
        let recovered = recover(log, any_seed(), &mut Unseen).await?;
        log.save(last, recovered.state.snapshot(), Before::One { unread: Vec::new() }).await?;
    }
    Ok(last)
}

async fn append(log: &dyn Log, last: Sequence, entries: Vec<Entry>) -> Result<Sequence, Failed> {
    let record = entries.iter().rev().find_map(|entry| match entry {
        Entry::Record(record) => Some(record.at),
        _ => None,
    });
    let batch = Batch { at: record.unwrap_or(0), entries };
    match log.append(last, batch.write()).await {
        Appended::At(sequence) => Ok(sequence),
        other => Err(format!("the new store cannot be written: {other:?}").into()),
    }
}
