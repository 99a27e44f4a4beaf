//! LiveKit, as a configuration has it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ConfigError, read};
use crate::livekit::LiveKit;
use crate::livekit::rooms::Scheme;
use crate::livekit::signature::Keys;
use crate::server::TenantParts;
use crate::token::TenantName;

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

/// Each key is one tenant's: a webhook names no other.
///
/// # Errors
///
/// Two have the same.
pub(super) fn no_key_is_shared(tenants: &[TenantParts]) -> Result<(), ConfigError> {
    let mut known: BTreeMap<&str, &TenantName> = BTreeMap::new();
    for tenant in tenants {
        for key in tenant.livekit.iter().flat_map(|it| it.keys()) {
            if let Some(other) = known.insert(key, &tenant.name) {
                let (one, other) = (other.clone(), tenant.name.clone());
                return Err(ConfigError::SharedKey(one, other, key.to_owned()));
            }
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use roomcall::journal::Header;
    use roomcall::{Limits, Policy};

    use super::*;

    fn tenant(name: &str, key: &str) -> TenantParts {
        let keys = Keys::read(&format!("{key}: {}", "s".repeat(32))).unwrap();
        TenantParts {
            name: name.parse().unwrap(),
            is_old: false,
            rules: Header::new(Limits::DEFAULT, Policy::DEFAULT),
            events: None,
            livekit: Some(LiveKit::new(keys, Scheme::default())),
        }
    }

    #[test]
    fn a_key_is_one_tenants() {
        let others = [tenant("acme", "one"), tenant("beta", "two")];
        assert!(no_key_is_shared(&others).is_ok());
        let shared = [tenant("acme", "one"), tenant("beta", "one")];
        let why = no_key_is_shared(&shared).unwrap_err().to_string();
        assert!(why.contains("acme and beta") && why.contains("one"), "{why}");
    }
}
