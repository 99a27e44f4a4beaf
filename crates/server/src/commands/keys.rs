//! `keys`: a key for who signs tokens, and its public part for the server.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use roomcall_server::private_file::{random_bytes, replace, write_new};
use roomcall_server::token::{Kind, Made, added};

use super::Done;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
The private key is for who signs tokens, and nobody else; the set is for the server:

  roomcall-server keys --private signing-1.json --set keys.json --kid 1
  roomcall-server serve --keys keys.json
  roomcall-server token --key signing-1.json --user ana --device phone

To rotate keys, add one to the set, have the server read it (kill -HUP), sign with the new key, and, once
all tokens of the old one have expired, remove that from the set and have the server read it again:

  roomcall-server keys --private signing-2.json --set keys.json --kid 2 --add")]
pub(crate) struct Args {
    /// The new file for the private key, which nobody else may read
    #[arg(long, value_name = "FILE")]
    private: PathBuf,
    /// The file for the keys of the server, a JWK set
    #[arg(long, value_name = "FILE")]
    set: PathBuf,
    /// Add the key to the set, which is there already
    #[arg(long)]
    add: bool,
    /// The name of the key, which no other of the set has
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    kid: String,
    /// What kind of key. A pair is better than a secret: the server cannot sign
    #[arg(long, default_value = "ed25519")]
    kind: Word,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Word {
    /// A pair for EdDSA
    Ed25519,
    /// A pair for ES256
    Es256,
    /// A secret for HS256: the set is as secret as the private key
    Hs256,
}

pub(crate) fn run(args: &Args) -> Done {
    let kind = match args.kind {
        Word::Ed25519 => Kind::Ed25519,
        Word::Es256 => Kind::P256,
        Word::Hs256 => Kind::Secret,
    };
    let made = Made::of(kind, &random_bytes()?, &args.kid).ok_or("no key came of it: try again")?;
    let before = if args.add {
        Some(std::fs::read(&args.set).map_err(|why| wrong(&args.set, &why))?)
    } else if args.set.exists() {
        let why = format!("the file {:?} is there already: --add adds a key to it", args.set);
        return Err(why.into());
    } else {
        None
    };
    let set = added(before.as_deref(), &made)?;
    write_new(&args.private, &made.private()).map_err(|why| wrong(&args.private, &why))?;
    replace(&args.set, &set.text, set.is_secret).map_err(|why| wrong(&args.set, &why))?;
    Ok(ExitCode::SUCCESS)
}

fn wrong(path: &Path, why: &io::Error) -> String {
    format!("the file {path:?}: {why}")
}
