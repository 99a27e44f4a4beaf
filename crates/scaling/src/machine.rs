//! What machine it is, and which day.

use std::fs;
use std::process::Command;

/// Facts of the machine, as items of a list in Markdown.
pub fn facts() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (processor, memory) =
        (value("/proc/cpuinfo", "model name"), value("/proc/meminfo", "MemTotal"));
    let lines = [
        format!("measured on {}", said("date", &["-u", "+%F"])),
        format!("{cores} cores, {processor}, memory {memory}"),
        format!("Linux {}, {}", said("uname", &["-r"]), said("rustc", &["--version"])),
        format!("load when it began (1, 5, 15 minutes): {}", read("/proc/loadavg")),
    ];
    lines.map(|line| format!("* {line}\n")).concat()
}

/// What a file of the system says.
fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The value of a line `name : value`.
fn value(path: &str, name: &str) -> String {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

/// What a program says.
fn said(program: &str, arguments: &[&str]) -> String {
    Command::new(program).args(arguments).output().map_or_else(
        |_| "unknown".to_owned(),
        |said| String::from_utf8_lossy(&said.stdout).trim().to_owned(),
    )
}
