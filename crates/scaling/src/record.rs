//! The record: what to take away from the figures, the figures, the machine, and the method.

use std::path::Path;
use std::{fs, io};

use crate::report::{Row, markdown};

const BEGIN: &str = "# Measured figures

A call's whole life costs the switchboard a few hundred nanoseconds, and three to six times what a baseline without any
rule needs, from a thousand pending calls to a million.
Names and JSON cost a host more than the decisions do, so a host that wants more speed looks there first: intern names
once a connection and apply inputs by handle.
Nothing allocates by handle in a steady state; a switchboard without `with_capacity` pays one rehash of some milliseconds
each time a table doubles, and `with_capacity` removes it.

`cargo run --profile bench -p roomcall-scaling -- --record` measures everything anew and writes this file. Ratios compare
engines that took turns in one run; absolute times are of this machine and of what else it did.

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

/// Writes the record.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(file: &Path, facts: &str, rows: &[Row]) -> io::Result<()> {
    let text = format!("{BEGIN}{}\n## The machine\n\n{facts}{METHOD}", markdown(rows));
    fs::write(file, text)
}
