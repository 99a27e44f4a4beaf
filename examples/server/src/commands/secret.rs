//! `secret` and `token`: who may sign, and who is who.

use std::io::Read as _;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use roomcall_server::clock::{SystemClock, Time as _};
use roomcall_server::config::Settings;
use roomcall_server::token::{Claims, Who};

use super::Done;

/// The arguments of `token`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The secret
    #[arg(long, env = "ROOMCALL_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// A file with the secret
    #[arg(long, env = "ROOMCALL_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<std::path::PathBuf>,
    /// For a device of this user
    #[arg(
        long,
        requires = "device",
        required_unless_present = "backend",
        conflicts_with = "backend"
    )]
    user: Option<String>,
    /// For this device of the user
    #[arg(long, requires = "user")]
    device: Option<String>,
    /// For the application's own backend, which states facts and may revoke
    #[arg(long)]
    backend: bool,
    /// Good for so many seconds
    #[arg(long, default_value_t = 3_600)]
    seconds: u64,
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
    let secret = Settings { secret, secret_file, ..Settings::default() }.secret()?;
    let who = match (&args.user, &args.device) {
        (Some(user), Some(device)) => Who::Device { user: user.clone(), device: device.clone() },
        _ => Who::Backend,
    };
    let now = SystemClock::new().wall() / 1_000;
    println!("{}", secret.sign(&Claims { who, iat: now, exp: now.saturating_add(args.seconds) }));
    Ok(ExitCode::SUCCESS)
}
