//! The log of a tenant in a stream of NATS JetStream.
//!
//! A tenant has one stream, `LOG-<tenant>`, with one message for each batch; the number of a batch in its log is that of the
//! message in the stream. A message is an [`envelope`] around the batch, which says under which claim it was written: who
//! [claims](jetstream::StreamLog::claim) a log appends with the next epoch, and what others append from then on does not
//! count. The log itself is the lease, and there is no other election. Snapshots are in a bucket of objects beside it.
//!
//! The broker compares the sequence that an append expects, so at most one of two that append at once is acknowledged.
//! Safety does not rest on it: each reader judges each message by its place and its epoch, and all of them judge alike.

pub mod broker;
pub mod envelope;
pub mod jetstream;
mod monitor;
pub mod nodes;
mod released;
mod snapshots;

pub use jetstream::{JetStream, StreamLog};
pub use released::Released;
