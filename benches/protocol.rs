//! What reading and writing the wire form costs, beside the same structs without its strictness.

fn main() {}
