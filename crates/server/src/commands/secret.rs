//! `secret` and `token`: who may sign, and who is who.

use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use roomcall::Limits;
use roomcall_server::private_file::{random_bytes, write_new};
use roomcall_server::token::{Who, now};

use super::Done;
use super::signing::Signing;

/// The arguments of `secret`.
#[derive(clap::Args, Debug)]
pub(crate) struct Secret {
    /// Write it to this new file, which nobody else may read, instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The arguments of `token`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    signing: Signing,
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

/// Prints a new secret, or writes it to a file.
pub(crate) fn make(args: &Secret) -> Done {
    match &args.out {
        Some(path) => {
            write_new(path, &random()?).map_err(|why| format!("the file {path:?}: {why}"))?;
        }
        None => println!("{}", random()?),
    }
    Ok(ExitCode::SUCCESS)
}

/// A secret that nobody else has.
pub(crate) fn random() -> std::io::Result<String> {
    Ok(BASE64.encode(random_bytes()?))
}

/// Prints a token.
pub(crate) fn token(args: &Args) -> Done {
    let signer = args.signing.signer()?;
    let who = match (&args.user, &args.device) {
        (Some(user), Some(device)) => Who::device(user, device),
        _ => Who::Backend,
    };
    let now = now();
    println!("{}", signer.sign(&who, now, now.saturating_add(args.seconds)));
    Ok(ExitCode::SUCCESS)
}
