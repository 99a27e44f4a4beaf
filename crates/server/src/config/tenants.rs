//! The tenants that a configuration has: one by its settings, or several by tables.

use std::path::PathBuf;

use roomcall::journal::Header;
use roomcall::{Limits, Policy};
use serde::{Deserialize, Serialize};

use super::range::LEEWAY_MOST;
use super::webhook::EventParts;
use super::{ConfigError, LiveKitSettings, Settings, WebhookSettings};
use crate::log::{Embedded, Store as _};
use crate::server::TenantParts;
use crate::token::{ISSUER, KeySource, LEEWAY, Signer, Tenant, TenantName, Tenants};

/// A table `[[tenant]]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TenantSettings {
    /// Its name.
    pub name: TenantName,
    /// The issuer (`iss`) of its tokens.
    pub issuer: String,
    /// The audience (`aud`) that its tokens have to name; whatever they name if there is none.
    pub audience: Option<String>,
    /// A file with the keys that may have signed them, a JWK set.
    pub keys: PathBuf,
    /// Seconds by which the clock of the issuer may differ; 60 if it does not say.
    pub leeway: Option<u64>,
    /// See the library's `Policy`.
    pub policy: Option<Policy>,
    /// See the library's `Limits`.
    pub limits: Option<Limits>,
    /// Where its events are sent.
    #[serde(default)]
    pub webhook: Vec<WebhookSettings>,
    /// LiveKit, if its webhooks are taken.
    pub livekit: Option<LiveKitSettings>,
}

impl TenantSettings {
    fn tenant(&self) -> Result<Tenant, ConfigError> {
        let mut tenant = Tenant::new(self.name.clone(), KeySource::Keys(self.keys.clone()))?;
        tenant.issuer.clone_from(&self.issuer);
        tenant.audience.clone_from(&self.audience);
        tenant.leeway = self.leeway.unwrap_or(LEEWAY);
        tenant.policy = self.policy.unwrap_or(Policy::DEFAULT);
        tenant.limits = self.limits.unwrap_or(Limits::DEFAULT);
        if !(1..=LEEWAY_MOST).contains(&tenant.leeway) {
            return Err(ConfigError::Range("leeway", tenant.leeway, LEEWAY_MOST));
        }
        Ok(tenant)
    }
}

impl Settings {
    /// The tenants, with their keys.
    ///
    /// # Errors
    ///
    /// There is no secret or key, one of them cannot be used, or two tenants have something in common.
    pub fn tenants(&self) -> Result<Tenants, ConfigError> {
        if self.tenant.is_empty() {
            let mut tenant = Tenant::new(TenantName::default(), self.source()?)?;
            self.issuer.as_deref().unwrap_or(ISSUER).clone_into(&mut tenant.issuer);
            tenant.audience.clone_from(&self.audience);
            tenant.leeway = self.leeway.unwrap_or(LEEWAY);
            tenant.policy = self.policy.unwrap_or(Policy::DEFAULT);
            tenant.limits = self.limits.unwrap_or(Limits::DEFAULT);
            return Ok(Tenants::new(Vec::from([tenant]))?);
        }
        for (name, is_given) in [
            ("secret", self.secret.is_some()),
            ("secret-file", self.secret_file.is_some()),
            ("keys", self.keys.is_some()),
            ("issuer", self.issuer.is_some()),
            ("audience", self.audience.is_some()),
            ("leeway", self.leeway.is_some()),
            ("policy", self.policy.is_some()),
            ("limits", self.limits.is_some()),
            ("webhook", self.webhook.is_some()),
            ("livekit-key-file", self.livekit_key_file.is_some()),
            ("livekit-separator", self.livekit_separator.is_some()),
            ("livekit-owner", self.livekit_owner.is_some()),
        ] {
            if is_given {
                return Err(ConfigError::Besides(name));
            }
        }
        let all = self.tenant.iter().map(TenantSettings::tenant);
        Ok(Tenants::new(all.collect::<Result<_, _>>()?)?)
    }

    /// What a server has of a tenant.
    pub(super) fn tenant_parts(
        &self,
        tenant: &Tenant,
        store: &Embedded,
        events: Option<&EventParts>,
    ) -> Result<TenantParts, ConfigError> {
        let table = self.tenant.iter().find(|it| it.name == tenant.name);
        let of_the_one = self.livekit_key_file.clone().map(|key_file| LiveKitSettings {
            key_file,
            separator: self.livekit_separator.clone(),
            owner: self.livekit_owner.clone(),
        });
        let livekit = table.map_or(of_the_one, |it| it.livekit.clone());
        let livekit = livekit.map(|it| it.livekit()).transpose()?;
        let webhooks =
            table.map_or(self.webhook.as_deref().unwrap_or_default(), |it| &it.webhook[..]);
        let events = events.map(|it| it.events(webhooks)).transpose()?;
        // What a log before this one told is in none that is new.
        let is_new = *store.log(tenant.name.as_str())?.follow().borrow() == 0;
        let is_old = is_new || self.old_store.unwrap_or(false);
        let rules = Header::new(tenant.limits, tenant.policy);
        Ok(TenantParts { name: tenant.name.clone(), is_old, rules, events, livekit })
    }

    /// Where the keys of the one tenant are.
    pub(super) fn source(&self) -> Result<KeySource, ConfigError> {
        match (&self.secret, &self.secret_file, &self.keys) {
            (Some(secret), None, None) => Ok(KeySource::Secret(secret.trim().as_bytes().to_vec())),
            (None, Some(path), None) => Ok(KeySource::SecretFile(path.clone())),
            (None, None, Some(path)) => Ok(KeySource::Keys(path.clone())),
            (None, None, None) => Err(ConfigError::NoSecret),
            _ => Err(ConfigError::SeveralSecrets),
        }
    }

    /// Signs tokens with the secret, for the issuer and audience.
    ///
    /// # Errors
    ///
    /// There is no secret, or it is too short.
    pub fn signer(&self) -> Result<Signer, ConfigError> {
        let secret = self.source()?.secret()?.ok_or(ConfigError::NoSecret)?;
        let mut signer = Signer::of_secret(&secret).map_err(crate::token::SourceError::from)?;
        if let Some(issuer) = &self.issuer {
            signer = signer.issuer(issuer);
        }
        Ok(match &self.audience {
            Some(audience) => signer.audience(audience),
            None => signer,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::token::{Kind, Made, SECRET_BYTES, Verifier as _, Who, added};

    #[test]
    fn what_is_missing_is_said() {
        let secret =
            |secret: &str| Settings { secret: Some(secret.to_owned()), ..Settings::default() };
        let why = |settings: &Settings| settings.tenants().unwrap_err().to_string();
        assert!(matches!(Settings::default().tenants(), Err(ConfigError::NoSecret)));
        assert!(why(&secret("short")).contains("the secret has 5 bytes, and needs at least 32"));
        assert!(secret(&"x".repeat(SECRET_BYTES)).tenants().is_ok());
        let both = Settings { keys: Some(PathBuf::from("keys.json")), ..secret("x") };
        assert!(why(&both).contains("only one can be given"));
        let gone = Settings { keys: Some(PathBuf::from("/no\nwhere")), ..Settings::default() };
        assert!(why(&gone).contains(r#"the file "/no\nwhere": "#), "{}", why(&gone));
    }

    fn keys(folder: &Path, name: &str, byte: u8) -> (PathBuf, Signer) {
        let made = Made::of(Kind::Ed25519, &[byte; 32], "first").unwrap();
        let path = folder.join(name);
        std::fs::write(&path, added(None, &made).unwrap().text).unwrap();
        (path, made.signer().unwrap())
    }

    #[test]
    fn the_issuer_chooses_the_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let (one, first) = keys(folder.path(), "one.json", 1);
        let (two, second) = keys(folder.path(), "two.json", 2);
        let table = |name: &str, issuer: &str, keys: &Path, more: &str| {
            let keys = keys.display();
            format!(
                "[[tenant]]\nname = \"{name}\"\nissuer = \"{issuer}\"\nkeys = \"{keys}\"\n{more}\n"
            )
        };
        let of = |text: &str| toml::from_str::<Settings>(text).map_err(|why| why.to_string());
        let why = |text: &str| match of(text) {
            Ok(settings) => settings.tenants().unwrap_err().to_string(),
            Err(why) => why,
        };
        let more = "audience = \"calls\"\nleeway = 5\npolicy = { callerLeft = \"cancelCalls\" }";
        let both = table("one", "https://one", &one, "") + &table("two", "https://two", &two, more);
        let tenants = of(&both).unwrap().tenants().unwrap();
        let who = Who::device("ana", "phone");
        let good = first.clone().issuer("https://one").sign(&who, 10, 100);
        assert_eq!(tenants.verify(&good, 50).unwrap().tenant.as_str(), "one");
        let good = second.clone().issuer("https://two").audience("calls").sign(&who, 10, 100);
        assert_eq!(tenants.verify(&good, 50).unwrap().tenant.as_str(), "two");
        assert!(tenants.verify(&good, 105).is_err(), "its leeway is 5 s");
        assert_eq!(tenants.iter().map(|it| it.leeway).collect::<Vec<_>>(), [60, 5]);

        for (text, said) in [
            (table("one", "a", &one, "") + &table("one", "b", &one, ""), "have the name one"),
            (
                table("one", "a", &one, "") + &table("two", "a", &one, ""),
                "one and two have one issuer",
            ),
            (table("One", "a", &one, ""), "each of a to z, 0 to 9 and -"),
            (table("", "a", &one, ""), "from 1 to 64 characters"),
            (table(&"x".repeat(65), "a", &one, ""), "from 1 to 64 characters"),
            (table("one", "", &one, ""), "an empty issuer"),
            (table("one", "a", Path::new("/nowhere"), ""), "the file \"/nowhere\""),
            (table("one", "a", &one, "leeway = 0"), "leeway is 0"),
            (table("one", "a", &one, "secret = \"x\""), "unknown field `secret`"),
            (format!("issuer = \"a\"\n{both}"), "`issuer` besides them"),
            (format!("secret = \"a\"\n{both}"), "`secret` besides them"),
        ] {
            assert!(why(&text).contains(said), "{text}: {}", why(&text));
        }
    }
}
