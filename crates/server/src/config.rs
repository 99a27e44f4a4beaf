//! How a server is set up: by flags, by environment variables, and by a file, in this order of
//! weight; what none of them says has a default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;
use roomcall::{HashKey, Limits, Policy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::admin::{AdminParts, AdminToken, Reload};
use crate::clock::SystemClock;
use crate::follower::SnapshotPace;
use crate::log::Embedded;
use crate::recover::any_key;
use crate::server::Parts;
use crate::state::Seed;
use crate::token::Tenants;

mod error;
mod front;
mod livekit;
mod range;
mod tenants;
mod webhook;

pub use error::ConfigError;
pub use livekit::LiveKitSettings;
pub use tenants::TenantSettings;
pub use webhook::WebhookSettings;

/// What can be set by a flag, by the environment, and in the file, under one name.
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen [default: 127.0.0.1:7400]
    #[arg(long, env = "ROOMCALL_LISTEN", value_name = "ADDRESS:PORT", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// A folder of static pages, as `cargo xtask npm` makes target/pages [default: none]
    #[arg(long, env = "ROOMCALL_PAGES", value_name = "DIRECTORY")]
    pub pages: Option<PathBuf>,
    /// The directory of log and snapshots, made if it is not there [default: data]
    #[arg(long, env = "ROOMCALL_STORE", value_name = "DIRECTORY")]
    pub store: Option<PathBuf>,
    /// The secret that tokens are signed with, at least 32 bytes; better in --secret-file [env:
    /// ROOMCALL_SECRET]
    #[arg(long)]
    pub secret: Option<String>,
    /// A file whose content, without white space at its ends, is the secret [env:
    /// ROOMCALL_SECRET_FILE]
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// A file with the keys that may have signed a token, a JWK set (RFC 7517), instead of a secret; read
    /// again on SIGHUP [env: ROOMCALL_KEYS]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["secret", "secret_file"])]
    pub keys: Option<PathBuf>,
    /// The issuer (`iss`) of tokens [default: roomcall]
    #[arg(long, env = "ROOMCALL_ISSUER", value_name = "TEXT")]
    pub issuer: Option<String>,
    /// The audience (`aud`) that tokens have to name [default: whatever they name]
    #[arg(long, env = "ROOMCALL_AUDIENCE", value_name = "TEXT")]
    pub audience: Option<String>,
    /// Seconds by which the clock of the issuer of tokens may differ [default: 60]
    #[arg(long, env = "ROOMCALL_LEEWAY", value_name = "SECONDS")]
    pub leeway: Option<u64>,
    /// Store a snapshot after so many bytes in the log, or after half the size of the last one, if that is
    /// more [default: 16777216]
    #[arg(long, env = "ROOMCALL_SNAPSHOT_BYTES", value_name = "BYTES")]
    pub snapshot_bytes: Option<u64>,
    /// Keep inputs that two snapshots have, so that the log can be replayed from its beginning
    #[arg(long, env = "ROOMCALL_KEEP_JOURNAL", value_name = "YES", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub keep_journal: Option<bool>,
    /// The store is a backup: what was told after it was made is lost. All that rings is revoked, and
    /// the backend states anew who is in which room
    #[arg(long, env = "ROOMCALL_OLD_STORE", value_name = "YES", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub old_store: Option<bool>,
    /// The most requests of a tenant in one batch of its log; a list of facts is one [default: 1024]
    #[arg(long, env = "ROOMCALL_BATCH", value_name = "INPUTS")]
    pub batch: Option<usize>,
    /// The longest message of a device, and body of /v1/requests, in bytes [default: 16384]
    #[arg(long, env = "ROOMCALL_MESSAGE_BYTES", value_name = "BYTES")]
    pub message_bytes: Option<usize>,
    /// Messages a second that a device may send in the long run [default: 20]
    #[arg(long, env = "ROOMCALL_RATE", value_name = "MESSAGES")]
    pub rate: Option<u32>,
    /// Messages that it may send at once after a pause [default: 60]
    #[arg(long, env = "ROOMCALL_BURST", value_name = "MESSAGES")]
    pub burst: Option<u32>,
    /// Seconds between two pings; a device that is silent for twice as long is cut off [default: 20]
    #[arg(long, env = "ROOMCALL_PING", value_name = "SECONDS")]
    pub ping: Option<u64>,
    /// Seconds in which a request has to be there, first its head and then its body [default: 10]
    #[arg(long, env = "ROOMCALL_PATIENCE", value_name = "SECONDS")]
    pub patience: Option<u64>,
    /// Seconds for which a token may be good at most; of a device the newest one that was used is
    /// known for as long [default: 2592000]
    #[arg(long, env = "ROOMCALL_TOKEN_LIFE", value_name = "SECONDS")]
    pub token_life: Option<u64>,
    /// The most connections of devices [default: 50000]
    #[arg(long, env = "ROOMCALL_CONNECTIONS", value_name = "COUNT")]
    pub connections: Option<usize>,
    /// The most connections of one user [default: 8]
    #[arg(long, env = "ROOMCALL_CONNECTIONS_PER_USER", value_name = "COUNT")]
    pub connections_per_user: Option<usize>,
    /// Seconds for which a device may take nothing of what waits for it, before it is cut off [default:
    /// as --ping]
    #[arg(long, env = "ROOMCALL_STALL", value_name = "SECONDS")]
    pub stall: Option<u64>,
    /// Bytes that may wait for a device: where there are more, it may take nothing for a quarter of
    /// --stall only [default: 1048576]
    #[arg(long, env = "ROOMCALL_QUEUE_BYTES", value_name = "BYTES")]
    pub queue_bytes: Option<usize>,
    /// Bytes that may wait for all devices together: where there are more, the slowest are cut off
    /// [default: 268435456]
    #[arg(long, env = "ROOMCALL_ALL_QUEUES_BYTES", value_name = "BYTES")]
    pub all_queues_bytes: Option<usize>,
    /// Units of cost that a device may spend a second in the long run; at once those of 5 seconds. A call costs 1, and for each
    /// callee as many as there are connected users in the room [default: 10000]
    #[arg(long, env = "ROOMCALL_COST_PER_DEVICE", value_name = "UNITS")]
    pub cost_per_device: Option<u64>,
    /// Units of cost that all devices of a user may spend a second in the long run [default: 20000]
    #[arg(long, env = "ROOMCALL_COST_PER_USER", value_name = "UNITS")]
    pub cost_per_user: Option<u64>,
    /// Units of cost that all who call in a room, and cancel and revoke, may spend a second in the long run [default: 50000]
    #[arg(long, env = "ROOMCALL_COST_PER_ROOM", value_name = "UNITS")]
    pub cost_per_room: Option<u64>,
    /// Units of cost that all devices together may spend a second in the long run [default: 1000000]
    #[arg(long, env = "ROOMCALL_COST_IN_ALL", value_name = "UNITS")]
    pub cost_in_all: Option<u64>,
    /// Where to listen for whoever administers it: metrics, who is connected, backups, and so on. Nowhere
    /// without it, and the metrics are with --listen
    #[arg(long, env = "ROOMCALL_ADMIN", value_name = "ADDRESS:PORT", value_parser = address)]
    pub admin: Option<SocketAddr>,
    /// A file whose content, without white space at its ends, is the token that they show: of mode 0600, and
    /// read again on SIGHUP
    #[arg(long, env = "ROOMCALL_ADMIN_TOKEN_FILE", value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,
    /// Seconds for which it may go on after SIGTERM while something rings; no call begins then. 0 is not at all
    /// [default: 60]
    #[arg(long, env = "ROOMCALL_DRAIN", value_name = "SECONDS")]
    pub drain: Option<u64>,
    /// Keep no events of calls for the backend: neither webhooks nor /v1/events
    #[arg(long, env = "ROOMCALL_NO_EVENTS", value_name = "YES", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub no_events: Option<bool>,
    /// Hours for which an event is kept that not all endpoints have acknowledged [default: 24]
    #[arg(long, env = "ROOMCALL_EVENT_HOURS", value_name = "HOURS")]
    pub event_hours: Option<u64>,
    /// Bytes of events that are kept of a tenant at most, the newest [default: 1073741824]
    #[arg(long, env = "ROOMCALL_EVENT_BYTES", value_name = "BYTES")]
    pub event_bytes: Option<u64>,
    /// Judge all traffic by the rules, and log and count what violates them. It costs about as much as serving
    #[arg(long, env = "ROOMCALL_OBSERVE", value_name = "YES", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub observe: Option<bool>,
    /// Where events are sent. In the file only
    #[arg(skip)]
    pub webhook: Option<Vec<WebhookSettings>>,
    /// A file with API keys of LiveKit, a line `KEY: SECRET` each: its webhooks, signed with one of them,
    /// are taken at /v1/livekit
    #[arg(long, env = "ROOMCALL_LIVEKIT_KEY_FILE", value_name = "FILE")]
    pub livekit_key_file: Option<PathBuf>,
    /// What is between user and device in an identity of LiveKit; nothing for identities that are users
    /// [default: /]
    #[arg(long, env = "ROOMCALL_LIVEKIT_SEPARATOR", value_name = "TEXT")]
    pub livekit_separator: Option<String>,
    /// The user who owns the rooms that LiveKit makes [default: livekit]
    #[arg(long, env = "ROOMCALL_LIVEKIT_OWNER", value_name = "USER")]
    pub livekit_owner: Option<String>,
    /// Who may call, and so on: see the library's `Policy`. In the file only
    #[arg(skip)]
    pub policy: Option<Policy>,
    /// How much of everything there may be: see the library's `Limits`. In the file only
    #[arg(skip)]
    pub limits: Option<Limits>,
    /// Several tenants, each with a switchboard of its own, instead of one by the settings above. In the file
    /// only
    #[arg(skip)]
    pub tenant: Vec<TenantSettings>,
}

impl Settings {
    /// What a file says.
    ///
    /// # Errors
    ///
    /// It cannot be read, or has a field that there is not.
    pub fn of_file(path: &Path) -> Result<Self, ConfigError> {
        let text = read(path)?;
        toml::from_str(&text).map_err(|why| ConfigError::File(path.to_path_buf(), why.to_string()))
    }

    /// The secret that the environment has. It is one setting in two forms, so it is not read with each
    /// flag: a secret by flag weighs more than a file of one by variable.
    pub fn secret_of_env() -> Self {
        let secret = std::env::var("ROOMCALL_SECRET").ok().filter(|it| !it.is_empty());
        let file = |name| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let (secret_file, keys) = (file("ROOMCALL_SECRET_FILE"), file("ROOMCALL_KEYS"));
        Self { secret, secret_file, keys, ..Self::default() }
    }

    const fn has_secret(&self) -> bool {
        self.secret.is_some() || self.secret_file.is_some() || self.keys.is_some()
    }

    /// These, and where they say nothing, what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        // A secret of one kind is not mixed with one of the other.
        let (secret, secret_file, keys) = if self.has_secret() {
            (self.secret, self.secret_file, self.keys)
        } else {
            (other.secret, other.secret_file, other.keys)
        };
        Self {
            listen: self.listen.or(other.listen),
            store: self.store.or(other.store),
            secret,
            secret_file,
            keys,
            issuer: self.issuer.or(other.issuer),
            audience: self.audience.or(other.audience),
            leeway: self.leeway.or(other.leeway),
            snapshot_bytes: self.snapshot_bytes.or(other.snapshot_bytes),
            keep_journal: self.keep_journal.or(other.keep_journal),
            old_store: self.old_store.or(other.old_store),
            batch: self.batch.or(other.batch),
            message_bytes: self.message_bytes.or(other.message_bytes),
            rate: self.rate.or(other.rate),
            burst: self.burst.or(other.burst),
            ping: self.ping.or(other.ping),
            patience: self.patience.or(other.patience),
            token_life: self.token_life.or(other.token_life),
            connections: self.connections.or(other.connections),
            connections_per_user: self.connections_per_user.or(other.connections_per_user),
            stall: self.stall.or(other.stall),
            queue_bytes: self.queue_bytes.or(other.queue_bytes),
            all_queues_bytes: self.all_queues_bytes.or(other.all_queues_bytes),
            cost_per_device: self.cost_per_device.or(other.cost_per_device),
            cost_per_user: self.cost_per_user.or(other.cost_per_user),
            cost_per_room: self.cost_per_room.or(other.cost_per_room),
            cost_in_all: self.cost_in_all.or(other.cost_in_all),
            admin: self.admin.or(other.admin),
            admin_token_file: self.admin_token_file.or(other.admin_token_file),
            drain: self.drain.or(other.drain),
            no_events: self.no_events.or(other.no_events),
            event_hours: self.event_hours.or(other.event_hours),
            event_bytes: self.event_bytes.or(other.event_bytes),
            pages: self.pages.or(other.pages),
            observe: self.observe.or(other.observe),
            webhook: self.webhook.or(other.webhook),
            livekit_key_file: self.livekit_key_file.or(other.livekit_key_file),
            livekit_separator: self.livekit_separator.or(other.livekit_separator),
            livekit_owner: self.livekit_owner.or(other.livekit_owner),
            policy: self.policy.or(other.policy),
            limits: self.limits.or(other.limits),
            tenant: if self.tenant.is_empty() { other.tenant } else { self.tenant },
        }
    }

    /// The names of the settings in which others differ from these.
    pub fn changed(&self, others: &Self) -> Vec<String> {
        // All of them have names, and none can refuse.
        let named = |settings: &Self| match serde_json::to_value(settings) {
            Ok(Value::Object(named)) => named,
            _ => Map::new(),
        };
        let (mine, theirs) = (named(self), named(others));
        let differs = mine.into_iter().filter(|(name, value)| theirs.get(name) != Some(value));
        differs.map(|(name, _)| name).collect()
    }

    /// How it is administered, if it is: who asks that the configuration is read again is sent to `reload`.
    ///
    /// # Errors
    ///
    /// There is no token, or it cannot be used.
    pub fn admin(&self, reload: mpsc::Sender<Reload>) -> Result<Option<AdminParts>, ConfigError> {
        let Some(listen) = self.admin else { return Ok(None) };
        let path = self.admin_token_file.as_deref().ok_or(ConfigError::NoAdminToken)?;
        let token = Arc::new(AdminToken::load(path)?);
        Ok(Some(AdminParts { listen, token, reload }))
    }

    /// Where the store is.
    pub fn store_path(&self) -> PathBuf {
        self.store.clone().unwrap_or_else(|| PathBuf::from("data"))
    }

    /// A server that is set up like this, on the store of the configuration, for whom these tenants let in.
    ///
    /// # Errors
    ///
    /// Something is missing or wrong; no store was changed.
    pub fn parts(&self, tenants: Arc<Tenants>) -> Result<Parts, ConfigError> {
        let front = self.front(tenants.clone())?;
        let batch = self.batch.unwrap_or(1_024);
        // Where nobody has a secret, nobody knows this one either.
        let secret = self.source().ok().map(|it| it.secret()).transpose()?.flatten();
        let key = secret.map_or_else(any_key, |secret| key(&secret));
        let keeps_all = self.keep_journal.unwrap_or(false);
        let store = Embedded::open(&self.store_path(), keeps_all)?;
        let events = webhook::EventParts::of(self)?;
        let parts = |tenant| self.tenant_parts(tenant, &store, events.as_ref());
        let parts = tenants.iter().map(parts).collect::<Result<Vec<_>, _>>()?;
        livekit::no_key_is_shared(&parts)?;
        Ok(Parts {
            listen: front.listen,
            store: Box::new(store),
            time: Arc::new(SystemClock::new()),
            verifier: front.verifier,
            seed: Seed { key, token_life: front.token_life },
            net: front.net,
            socket: front.socket,
            hub: front.hub,
            tenants: parts,
            costs: self.costs(),
            batch,
            admin: None,
            drain: Duration::from_secs(self.drain.unwrap_or(60)),
            snapshots: SnapshotPace { log_bytes: self.snapshot_bytes.unwrap_or(16 << 20) },
            waiting: 4 * batch,
            observe: self.observe.unwrap_or(false),
            pages: front.pages,
        })
    }
}

/// The text of a file that the configuration names.
fn read(path: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path);
    text.map_err(|why| ConfigError::File(path.to_path_buf(), why.to_string()))
}

/// An address to listen on.
fn address(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an IP address and a port, as in 127.0.0.1:7400 or [::1]:7400";
    text.parse().map_err(|_| expected.to_owned())
}

/// The key of the hash tables: nobody who does not know the secret can choose names that are slow to
/// find (N-06).
pub fn key(secret: &[u8]) -> HashKey {
    let hash = Sha256::new().chain_update(b"roomcall names").chain_update(secret).finalize();
    HashKey::new(hash.iter().take(16).fold(0, |key, byte| key << 8 | u128::from(*byte)))
}

#[cfg(test)]
mod tests;
