//! What goes into a handset and comes out of it (rules D): the language of an app with its device's state
//! machine, in whatever language the app is written.

pub mod effect;
pub mod input;
pub mod settings;
