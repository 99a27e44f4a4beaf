//! Who signs tokens on the command line.

use std::path::PathBuf;

use roomcall_server::config::Settings;
use roomcall_server::token::{ISSUER, Signer};

/// The arguments that say with what to sign.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Signing {
    /// The secret of the server [env: ROOMCALL_SECRET]
    #[arg(long)]
    secret: Option<String>,
    /// A file with the secret [env: ROOMCALL_SECRET_FILE]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// A file with a private key, as `roomcall-server keys` makes it, instead of a secret
    #[arg(long, value_name = "FILE", conflicts_with_all = ["secret", "secret_file"])]
    key: Option<PathBuf>,
    /// The issuer of the tokens, which chooses the tenant
    #[arg(long, env = "ROOMCALL_ISSUER", value_name = "TEXT", default_value = ISSUER)]
    issuer: String,
    /// The audience of the tokens, if the server asks for one
    #[arg(long, env = "ROOMCALL_AUDIENCE", value_name = "TEXT")]
    audience: Option<String>,
}

impl Signing {
    /// Who signs.
    pub(crate) fn signer(&self) -> Result<Signer, Box<dyn std::error::Error>> {
        let signer = match &self.key {
            Some(path) => {
                let wrong = |why: String| format!("the file {path:?}: {why}");
                let text = std::fs::read(path).map_err(|why| wrong(why.to_string()))?;
                Signer::of_jwk(&text).map_err(|why| wrong(why.to_string()))?
            }
            None => {
                let (secret, secret_file) = (self.secret.clone(), self.secret_file.clone());
                let given = Settings { secret, secret_file, ..Settings::default() };
                let env = Settings { keys: None, ..Settings::secret_of_env() };
                given.or(env).signer()?
            }
        };
        let signer = signer.issuer(&self.issuer);
        Ok(match &self.audience {
            Some(audience) => signer.audience(audience),
            None => signer,
        })
    }
}
