//! D-28: however the network treats them, a switchboard and its handsets agree in the end.

use std::fs;
use std::path::{Path, PathBuf};

use roomcall_testkit::repository::files;
use roomcall_testkit::world::sometimes::rare;
use roomcall_testkit::world::{Run, Seen, play, play_logged, play_seed, random_run, shrink};

/// Where runs are kept that failed once.
const KEPT: &str = "tests/networks";

/// The seeds that each test run plays; `cargo xtask long networks` plays a million.
const SEEDS: u64 = 1_000;

/// Shrinks a failing run and keeps it; gives what to say.
fn keep(seed: u64) -> String {
    let Some((mut run, wrong)) = shrink(&random_run(seed)) else {
        return format!("seed {seed} fails only in its own run");
    };
    run.plan.why = format!("seed {seed}: {}", wrong.name);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(KEPT);
    let path = folder.join(format!("seed-{seed}.ndjson"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(&path, run.text().unwrap()).unwrap();
    format!("seed {seed}: {wrong}\nkept as {}", path.display())
}

// D-28
#[test]
fn every_device_agrees() {
    let mut seen = Seen::new();
    for seed in 0..SEEDS {
        match play_seed(seed) {
            Ok(counts) => {
                counts
                    .into_iter()
                    .for_each(|(what, count)| *seen.entry(what).or_default() += count);
            }
            Err(_) => panic!("{}", keep(seed)),
        }
    }
    let rare = rare(&seen, SEEDS);
    assert!(rare.is_empty(), "seldom or never seen: {rare:?}\nall: {seen:?}");
}

/// The runs that are kept.
fn kept() -> Vec<(PathBuf, Run)> {
    let read = |path: PathBuf| {
        let run = Run::read(&fs::read_to_string(&path).unwrap());
        let run = run.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, run)
    };
    files(KEPT).into_iter().map(read).collect()
}

// D-28
#[test]
fn stored_networks_still_agree() {
    let kept = kept();
    assert!(!kept.is_empty());
    for (path, run) in kept {
        assert!(!run.plan.why.is_empty(), "{}: say why it is kept", path.display());
        if let Err(wrong) = play(&run) {
            panic!("{}: {wrong}\n{}", path.display(), play_logged(&run).0);
        }
    }
}

#[test]
fn a_run_is_read_as_it_was_written() {
    for seed in 0..20 {
        let run = random_run(seed);
        assert_eq!(run, random_run(seed), "a seed is a run");
        assert_eq!(Run::read(&run.text().unwrap()).as_ref(), Ok(&run));
        let (played, generated) = (play(&run).ok(), play_seed(seed).ok());
        assert_eq!(played, generated, "a run is played as it was made");
    }
}
