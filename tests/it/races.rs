//! The races that other ringing systems are known to get wrong (`peers` R1 to R70), each played on
//! the network with exactly its interleaving, crossings in both orders. A test is named after its
//! row.
//!
//! Rows that are not here:
//!
//! | row | why |
//! |---|---|
//! | R10 | not followed: a device is not busy by itself, a no is the user's (E-02, D-11) |
//! | R27 | no interleaving, the switchboard judges a number: scenarios 26 and 27 (T-06, L-04, L-05) |
//! | R44 | not followed: rooms are the host's, an accept takes no seat (E-16); a full room is L-10 |
//! | R48 | one request, answered at once: scenarios 34 and 49 (C-04) |
//! | R60 | not followed: a host that wants rate limits has them before the switchboard |
//! | R62 | no device: all inputs of a switchboard have one order (T-01); replicas compare S-03 |
//! | R65 | no device's race: scenario 53, law `a_walk_lists_once`, and D-23 by D-28 |
//! | R69 | no device: scenario 55 (C-03, C-06) |
//!
//! R45 is followed but for its grace: accepting and never coming keeps nobody from calling again
//! (E-16). Numbers that are neither here nor above are not in the catalogue.

mod answers;
mod caller;
mod clock;
mod delivery;
mod load;
mod other_rooms;
mod pushes;
mod restarts;
mod ringing;
mod rooms;
