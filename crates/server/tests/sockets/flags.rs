//! What the program is told, and how it says that it was told something wrong.

use std::process::{Command, Output};

use crate::child::PROGRAM;
use crate::rig::SECRET;
use roomcall_server::token::{Tenants, Verifier as _, Who, now};

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).envs(environment.iter().copied()).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it is text")
}

/// A flag weighs more than the environment, in whichever form the secret is given.
#[test]
fn a_secret_by_flag_is_the_one() {
    let given = text(SECRET);
    let tenants = Tenants::of_secret(SECRET).expect("it is long enough");
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("secret.txt");
    std::fs::write(&file, SECRET).expect("it can be written");
    let file = file.to_str().expect("it is text");
    for (flag, variable) in [
        (["--secret", given], ("ROOMCALL_SECRET_FILE", "/nonexistent")),
        (["--secret-file", file], ("ROOMCALL_SECRET", "another secret, long enough for a server")),
        (["--secret-file", file], ("ROOMCALL_SECRET_FILE", "/nonexistent")),
    ] {
        let made = run(&[&["token", "--backend"], &flag[..]].concat(), &[variable]);
        let token = text(&made.stdout).trim();
        assert!(tenants.verify(token, now()).is_ok(), "{flag:?}: {}", text(&made.stderr));
    }
    let made = run(&["token", "--user", "ana", "--device", "phone"], &[("ROOMCALL_SECRET", given)]);
    let claims = tenants.verify(text(&made.stdout).trim(), now()).expect("it is good");
    assert_eq!(claims.who, Who::device("ana", "phone"));
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let (given, long) = (text(SECRET), "x".repeat(65));
    let serve =
        ["serve", "--listen", "127.0.0.1:0", "--store", "/nonexistent/x", "--secret", given];
    let token = ["token", "--secret", given];
    for (begin, rest, said) in [
        (&serve[..], &["--batch", "4611686018427387904"][..], "from 1 to 65536"),
        (&serve, &["--queue-bytes", "18446744073709551615"], "from 1 to 1073741824"),
        (&serve, &["--patience", "18446744073709551615"], "from 1 to 3600"),
        (&serve, &["--ping", "0"], "from 1 to 3600"),
        (&serve, &["--connections", "0"], "from 1 to 10000000"),
        (&serve[..1], &["--listen", "localhost:80"], "expected an IP address and a port"),
        (&token, &["--user", "", "--device", "phone"], "from 1 to 64 bytes"),
        (&token, &["--user", "ana", "--device", &long], "from 1 to 64 bytes, and this has 65"),
        (&token, &["--device", "phone", "--backend"], "cannot be used with"),
        (&["load", "--secret", given], &["--url", "ws://127.0.0.1:1"], "nobody listens"),
    ] {
        let output = run(&[begin, rest].concat(), &[]);
        let heard = text(&output.stderr);
        assert!(heard.contains(said) && !heard.contains("panicked"), "{rest:?}: {heard}");
        assert!(!output.status.success(), "{rest:?}");
    }
}
