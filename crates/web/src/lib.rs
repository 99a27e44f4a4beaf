//! The handset and the switchboard of roomcall as WebAssembly.
//!
//! Values pass as the JSON of the library. `npm/src` makes typed ones of them: nobody else calls this.

#[cfg(feature = "handset")]
pub mod handset;
#[cfg(feature = "switchboard")]
pub mod switchboard;
#[cfg(any(feature = "handset", feature = "switchboard"))]
mod time;
