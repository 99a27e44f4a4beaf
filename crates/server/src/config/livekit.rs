//! LiveKit, as a configuration has it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ConfigError, read};
use crate::livekit::LiveKit;
use crate::livekit::rooms::Scheme;
use crate::livekit::signature::Keys;

/// A table `[tenant.livekit]`; of one tenant, the settings `livekit-...`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LiveKitSettings {
    /// A file with API keys, a line `KEY: SECRET` each.
    pub key_file: PathBuf,
    /// What is between user and device in an identity; `/` if it does not say.
    pub separator: Option<String>,
    /// The user who owns the rooms that LiveKit makes; `livekit` if it does not say.
    pub owner: Option<String>,
}

impl LiveKitSettings {
    /// LiveKit, with the keys of the file.
    pub(super) fn livekit(&self) -> Result<Arc<LiveKit>, ConfigError> {
        let keys = Keys::read(&read(&self.key_file)?);
        let keys = keys.map_err(|why| ConfigError::File(self.key_file.clone(), why.to_string()))?;
        let usual = Scheme::default();
        let scheme = Scheme {
            separator: self.separator.clone().unwrap_or(usual.separator),
            owner: self.owner.clone().unwrap_or(usual.owner),
        };
        Ok(LiveKit::new(keys, scheme))
    }
}
