//! Where events go, as a configuration has it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use serde::{Deserialize, Serialize};

use super::{ConfigError, Settings, read};
use crate::events::event::Kind;
use crate::events::sending::Events;
use crate::events::signature::NoSecret;
use crate::events::store::{EventStore, Retention};
use crate::events::webhook::{Client, Endpoint, Pace, Transport};

/// An endpoint of webhooks: a table `[[webhook]]` of the file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WebhookSettings {
    /// Its name, by which the log has how far it has come: another name begins anew.
    pub name: String,
    /// Its address, `http` or `https`.
    pub url: String,
    /// Files with the secrets that sign, each as `roomcall-server webhook-secret` prints it: two while one is
    /// replaced.
    pub secret_files: Vec<PathBuf>,
    /// Which kinds of events it wants; all if this is left out.
    #[serde(default)]
    pub kinds: Option<BTreeSet<Kind>>,
}

impl WebhookSettings {
    fn endpoint(&self) -> Result<Endpoint, ConfigError> {
        let wrong = |what: &str| ConfigError::Webhook(self.name.clone(), what.to_owned());
        let url: Uri = self.url.parse().map_err(|_| wrong("its `url` is no URL"))?;
        if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none() {
            return Err(wrong("its `url` has to begin with http:// or https://"));
        }
        if self.secret_files.is_empty() {
            return Err(wrong(
                "it has no `secret-files`: `roomcall-server webhook-secret` makes one",
            ));
        }
        let secrets = self.secret_files.iter().map(|path| {
            let no_secret = |why: NoSecret| ConfigError::File(path.clone(), why.to_string());
            read(path)?.trim().parse().map_err(no_secret)
        });
        let secrets = secrets.collect::<Result<Vec<_>, _>>()?;
        Ok(Endpoint { name: self.name.clone(), url, secrets, kinds: self.kinds.clone() })
    }
}

impl Settings {
    /// Where events are kept, if they are.
    fn event_store(&self) -> Result<Option<Arc<EventStore>>, ConfigError> {
        if self.no_events == Some(true) {
            return Ok(None);
        }
        let usual = Retention::default();
        let retention = Retention {
            unread: self.event_hours.map_or(usual.unread, |it| Duration::from_secs(3_600 * it)),
            bytes: self.event_bytes.unwrap_or(usual.bytes),
            ..usual
        };
        let path = self.store_path().join("events.redb");
        Ok(Some(Arc::new(EventStore::new(&path, retention))))
    }
}

/// What the events of all tenants share.
pub(super) struct EventParts {
    store: Arc<EventStore>,
    transport: Option<Arc<dyn Transport>>,
}

impl EventParts {
    /// None where no events are kept. What sends to endpoints, if there are any, reads whom the system
    /// trusts.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, ConfigError> {
        let Some(store) = settings.event_store()? else { return Ok(None) };
        let of_tenants = settings.tenant.iter().flat_map(|it| &it.webhook);
        let has_endpoints = settings.webhook.iter().flatten().chain(of_tenants).next().is_some();
        let client = has_endpoints.then(Client::new).transpose().map_err(ConfigError::Client)?;
        Ok(Some(Self { store, transport: client.map(|it| Arc::new(it) as Arc<dyn Transport>) }))
    }

    /// The events of a tenant with these endpoints.
    pub(super) fn events(&self, webhooks: &[WebhookSettings]) -> Result<Events, ConfigError> {
        let endpoints = webhooks.iter().map(WebhookSettings::endpoint);
        let endpoints = endpoints.collect::<Result<Vec<_>, _>>()?;
        let mut names = BTreeSet::new();
        if let Some(twice) = endpoints.iter().find(|it| !names.insert(&it.name)) {
            let why = "another one of the tenant has this name: give each its own".to_owned();
            return Err(ConfigError::Webhook(twice.name.clone(), why));
        }
        let (store, transport) = (self.store.clone(), self.transport.clone());
        // What is no longer kept is not sent either.
        let usual = Pace::default();
        let pace = Pace { give_up: usual.give_up.min(store.retention().unread), ..usual };
        Ok(Events { store, endpoints, pace, transport })
    }
}
