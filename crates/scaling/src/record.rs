//! The record: what to take away from the figures, the figures, the machine, and the method.

use std::path::Path;
use std::{fs, io};

use crate::report::{Row, markdown};

const COMMAND: &str = "`cargo run --profile bench -p roomcall-scaling -- --record` measures everything anew and writes this
file. Ratios compare engines that took turns in one run; absolute times are of this machine and of what else it did.
";

const METHOD: &str = "
## Method

*The workload.* N users are called, 8 into each room, each by the host of the room, so that N calls are pending at once.
Then, in random order, 60 % accept, 20 % reject, 10 % are cancelled and 10 % time out; those who accepted enter; one tick
ends the 10 %; those inside leave. That is 3.1 inputs a call, one after another, and 4.9 effects. Every engine must have
exactly the effects that the workload asks for, in every round, or nothing is reported. A first round does not count. Ids
have 17 to 23 bytes, every user has devices of its own, and the switchboard grows unless the line says \"with capacity\".

*The engines.* The *lower-bound baseline* has no rule, no check and no allocation: dense arrays, intrusive lists, and names
of at most 24 bytes in the slots of a table that is a quarter full. *Naive maps* is one thread with maps of strings and
owned strings in events. *Task per call* is a tokio task that waits for a message or for its deadline, with concurrent maps
and a channel of events, on one thread.

*Goals that were withdrawn.* 2.5 times the baseline in the cache and 1.5 times out of it, by handle, are out of reach with
rules E-18, N-03 and K as they are: endings, names and lists are records of their own, and out of the cache each record is
a miss. Batches that are faster than one input at a time, and ten million calls, needed inputs to be read ahead; that
machinery was taken out, since deciding is a tenth of the time of a real input.

*Time* is CPU time of the thread, less what reading the clock costs; inputs are prepared outside it in chunks of 128. A
ratio is the median of the ratios of samples. The longest input is by the real clock: the growth is replayed five times,
and of each input the smallest time counts. *Heap and allocations* come from a counting allocator in a program of its own,
*instructions* from cachegrind (`crates/scaling/instructions`), which is also the gate of CI.
";

/// What a reader should take away, in three sentences.
fn summary(rows: &[Row]) -> String {
    let of = |what: &str| {
        let row = rows.iter().find(|row| row.what() == what);
        row.map_or_else(|| "(not measured)".to_owned(), Row::measured)
    };
    let [handle, name] = ["handle", "name"].map(|form| {
        let baseline = if form == "handle" { "number" } else { "name" };
        let beside = format!("roomcall by {form} beside baseline by {baseline}");
        let ns = of(&format!("a call, roomcall by {form}, 1,000 pending"));
        format!(
            "{ns} by {form} ({} a baseline without rules)",
            of(&format!("a call, {beside}, 1,000 pending"))
        )
    });
    let grows = |how: &str| {
        let row = rows
            .iter()
            .find(|row| row.what().starts_with("longest input") && row.what().ends_with(how));
        row.map_or_else(|| "(not measured)".to_owned(), Row::measured)
    };
    format!(
        "At 1,000 pending calls a call's whole life takes {handle} and {name}.\n\
         A JSON line in and its lines out take {}, which is {} a borrowed parse and serialization of the same bytes: a \
         host that wants more speed interns names once a connection and applies inputs by handle.\n\
         In a steady state an input by handle allocates {} times, and while everything grows the longest input takes {} \
         without capacity and {} with it.\n",
        of("an input as JSON"),
        of("JSON lines in and out beside a borrowed parse and serialization"),
        of("allocations of an input by handle, steady state"),
        grows("without capacity"),
        grows("with capacity"),
    )
}

/// Writes the record.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(file: &Path, facts: &str, rows: &[Row]) -> io::Result<()> {
    let (summary, table) = (summary(rows), markdown(rows));
    let text = format!(
        "# Measured figures\n\n{summary}\n{COMMAND}\n{table}\n## The machine\n\n{facts}{METHOD}"
    );
    fs::write(file, text)
}

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::report::{Row, Unit};

    #[test]
    fn the_summary_has_the_figures_of_the_table() {
        let row = Row::figure("an input as JSON", 937.0, Unit::Time);
        assert!(summary(&[row]).contains("its lines out take 937 ns, which is (not measured)"));
    }
}
