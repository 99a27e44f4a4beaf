//! `secret` and `token`: who may sign, and who is who.

use std::io::Read as _;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use roomcall::Limits;
use roomcall_server::config::Settings;
use roomcall_server::token::{Claims, Who, now};

use super::Done;

/// The arguments of `token`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The secret [env: ROOMCALL_SECRET]
    #[arg(long)]
    secret: Option<String>,
    /// A file with the secret [env: ROOMCALL_SECRET_FILE]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<std::path::PathBuf>,
    /// For a device of this user
    #[arg(
        long,
        requires = "device",
        required_unless_present = "backend",
        conflicts_with = "backend",
        value_parser = id
    )]
    user: Option<String>,
    /// For this device of the user
    #[arg(long, requires = "user", conflicts_with = "backend", value_parser = id)]
    device: Option<String>,
    /// For the application's own backend, which states facts and may revoke
    #[arg(long)]
    backend: bool,
    /// Good for so many seconds
    #[arg(long, default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
}

/// An id, as long as a server has it by default.
fn id(text: &str) -> Result<String, String> {
    let most = Limits::DEFAULT.id_bytes;
    if text.is_empty() || text.len() > most as usize {
        return Err(format!("an id has from 1 to {most} bytes, and this has {}", text.len()));
    }
    Ok(text.to_owned())
}

/// Prints a new secret.
pub(crate) fn make() -> Done {
    println!("{}", random()?);
    Ok(ExitCode::SUCCESS)
}

/// A secret that nobody else has.
pub(crate) fn random() -> std::io::Result<String> {
    let mut secret = [0; 32];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut secret)?;
    Ok(BASE64.encode(secret))
}

/// Prints a token.
pub(crate) fn token(args: &Args) -> Done {
    let (secret, secret_file) = (args.secret.clone(), args.secret_file.clone());
    let given = Settings { secret, secret_file, ..Settings::default() };
    let secret = given.or(Settings::secret_of_env()).secret()?;
    let who = match (&args.user, &args.device) {
        (Some(user), Some(device)) => Who::Device { user: user.clone(), device: device.clone() },
        _ => Who::Backend,
    };
    let now = now();
    println!("{}", secret.sign(&Claims { who, iat: now, exp: now.saturating_add(args.seconds) }));
    Ok(ExitCode::SUCCESS)
}
