//! The logs of all tenants in one broker.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::Client;
use roomcall_server::log::{Log, Store, StoreError};

use super::{StreamLog, start};
use crate::log::broker::{self, Settings};

/// The logs of tenants in a broker, as one process has them. Clones are of one store.
#[derive(Clone)]
pub struct JetStream {
    client: Client,
    settings: Settings,
    logs: Arc<Mutex<HashMap<String, StreamLog>>>,
}

impl JetStream {
    /// Connects a process of that name, and sees to it that the servers keep what they acknowledge.
    ///
    /// # Errors
    ///
    /// They cannot be reached, or they do not.
    pub async fn connect(settings: &Settings, name: &str) -> Result<Self, StoreError> {
        let client = broker::connect(settings, name).await?;
        start::check_servers(&client, settings).await?;
        Ok(Self { client, settings: settings.clone(), logs: Arc::default() })
    }

    /// The connection, for what is no log.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Opens the log of a tenant, and makes one where there was none. Within one process there is one handle of each.
    ///
    /// # Errors
    ///
    /// It was lost, it is not kept as it has to be, or it cannot be reached.
    pub async fn open(&self, tenant: &str) -> Result<StreamLog, StoreError> {
        if let Some(log) = self.logs().get(tenant) {
            return Ok(log.clone());
        }
        let log = start::open(&self.client, &self.settings, tenant).await?;
        // If two open it at once, the first one is the handle.
        Ok(self.logs().entry(tenant.to_owned()).or_insert(log).clone())
    }

    fn logs(&self) -> MutexGuard<'_, HashMap<String, StreamLog>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for JetStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStream").field("servers", &self.settings.servers).finish()
    }
}

impl Store for JetStream {
    /// One that was opened.
    fn log(&self, tenant: &str) -> Result<Arc<dyn Log>, StoreError> {
        let missing = || self.settings.refuse(format!("the log of {tenant} was not opened first"));
        let log = self.logs().get(tenant).cloned().ok_or_else(missing)?;
        Ok(Arc::new(log))
    }

    fn begin(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
