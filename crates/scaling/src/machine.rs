//! What machine it is, and which day.

use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Facts of the machine, as items of a list in Markdown.
pub fn facts() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let lines = [
        format!("measured on {}", today()),
        format!("processor: {cores} cores, {}", processor()),
        format!("memory: {}, huge pages: {}", memory(), huge_pages()),
        format!("system: Linux {}", read("/proc/sys/kernel/osrelease")),
        format!("compiler: {}", compiler()),
        format!("load when it began (1, 5, 15 minutes): {}", load()),
    ];
    lines.map(|line| format!("* {line}\n")).concat()
}

/// What a file of the system says, in one line.
fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The value of a line `name : value`.
fn value(path: &str, name: &str) -> Option<String> {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn processor() -> String {
    let of = |name| value("/proc/cpuinfo", name).unwrap_or_else(|| "unknown".to_owned());
    let (model, family, number) = (of("model name"), of("cpu family"), of("model\t"));
    let mhz = of("cpu MHz");
    format!("{model}, family {family} model {number}, {mhz} MHz, cache {}", of("cache size"))
}

fn memory() -> String {
    let kilobytes = value("/proc/meminfo", "MemTotal").unwrap_or_default();
    let number = kilobytes.split(' ').next().and_then(|number| number.parse::<u64>().ok());
    number.map_or_else(|| "unknown".to_owned(), |kb| format!("{} GiB", kb >> 20))
}

/// The choice that the system marks with brackets.
fn huge_pages() -> String {
    let text = read("/sys/kernel/mm/transparent_hugepage/enabled");
    let chosen = text.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let malloc = std::env::var("GLIBC_TUNABLES").unwrap_or_default();
    let chosen = chosen.map_or(text.as_str(), |(chosen, _)| chosen);
    if malloc.is_empty() { chosen.to_owned() } else { format!("{chosen}, {malloc}") }
}

fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    version.map_or_else(
        |_| "unknown".to_owned(),
        |said| String::from_utf8_lossy(&said.stdout).trim().to_owned(),
    )
}

/// How much the machine has to do.
pub fn load() -> String {
    read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(", ")
}

/// The date, as year, month and day.
fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = date(since.as_secs() / 86_400);
    format!("{year}-{month:02}-{day:02}")
}

/// The date that is so many days after the first of January 1970: years that begin in March have
/// their odd day at the end.
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(date(19_783), (2024, 3, 1));
        assert_eq!(date(20_453), (2025, 12, 31));
    }
}
