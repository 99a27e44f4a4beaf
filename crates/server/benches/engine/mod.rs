//! What a server in this process uses, as the system sees it. It has the allocator of the server.
#![allow(dead_code, reason = "not every measurement uses all of it")]

use std::time::Duration;

use procfs::process::Process;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The time that the thread of the engine has used. Without such a thread nothing is measured, so then it panics.
pub(crate) fn engine_time() -> Duration {
    let threads = Process::myself().and_then(|it| it.tasks()).expect("this is Linux");
    let is_engine = |it: &procfs::process::Task| it.stat().is_ok_and(|it| it.comm == "engine");
    let engine = threads.flatten().find(is_engine).expect("the engine has a thread");
    Duration::from_nanos(engine.schedstat().expect("it runs").sum_exec_runtime)
}

/// The time that the process has used.
pub(crate) fn process_time() -> Duration {
    let stat = Process::myself().and_then(|it| it.stat()).expect("this is Linux");
    let ticks = procfs::ticks_per_second() as f64;
    Duration::from_secs_f64((stat.utime + stat.stime) as f64 / ticks)
}
