//! The thread of the engine, as the system sees it.

use std::time::Duration;

use procfs::process::Process;

/// The time that it has used. Without such a thread nothing is measured, so then it panics.
pub(crate) fn engine_time() -> Duration {
    let threads = Process::myself().and_then(|it| it.tasks()).expect("this is Linux");
    let is_engine = |it: &procfs::process::Task| it.stat().is_ok_and(|it| it.comm == "engine");
    let engine = threads.flatten().find(is_engine).expect("the engine has a thread");
    Duration::from_nanos(engine.schedstat().expect("it runs").sum_exec_runtime)
}
