//! Tokens as a whole: what is good, and every way not to be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::json;

use super::*;

const NOW: u64 = 1_000;

fn made(kind: Kind, byte: u8, kid: &str) -> Made {
    Made::of(kind, &[byte; 32], kid).unwrap()
}

fn set(all: &[&Made]) -> String {
    all.iter()
        .fold(None, |set: Option<String>, made| {
            Some(added(set.as_ref().map(|it| it.as_bytes()), made).unwrap().text)
        })
        .unwrap()
}

/// A server with these keys for the issuer `roomcall`, and others for the issuer `other`.
struct Server {
    folder: tempfile::TempDir,
    tenants: Tenants,
}

impl Server {
    fn new(keys: &[&Made], others: &[&Made], audience: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tenant = |name: &str, keys: &[&Made]| {
            let path = folder.path().join(name);
            std::fs::write(&path, set(keys)).unwrap();
            Tenant::new(name.parse().unwrap(), KeySource::Keys(path)).unwrap()
        };
        let (mut ours, mut other) = (tenant("ours", keys), tenant("other", others));
        ours.audience = audience.map(str::to_owned);
        other.issuer = "other".to_owned();
        Self { tenants: Tenants::new(vec![ours, other]).unwrap(), folder }
    }

    fn judges(&self, token: &str) -> Result<String, TokenError> {
        self.tenants.verify(token, NOW).map(|it| it.tenant.to_string())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }
}

fn good(signer: &Signer) -> String {
    signer.sign(&Who::device("ana", "phone"), NOW - 10, NOW + 10)
}

fn encoded(json: &serde_json::Value) -> String {
    BASE64.encode(json.to_string())
}

const KINDS: [Kind; 3] = [Kind::Ed25519, Kind::P256, Kind::Secret];

#[test]
fn a_token_is_good_until_it_expires() {
    for kind in KINDS {
        let made = made(kind, 1, "a");
        let server = Server::new(&[&made], &[&self::made(kind, 2, "a")], None);
        let token = good(&made.signer().unwrap());
        let claims = server.tenants.verify(&token, NOW).unwrap();
        assert_eq!((claims.who, claims.iat, claims.exp), (Who::device("ana", "phone"), 990, 1_010));
        assert_eq!(claims.until, 1_070, "the clock that issued it may be behind by a minute");
        assert!(server.tenants.verify(&token, 1_069).is_ok());
        assert_eq!(server.tenants.verify(&token, 1_070), Err(TokenError::Expired));
        assert!(server.tenants.verify(&token, 930).is_ok());
        assert_eq!(server.tenants.verify(&token, 929), Err(TokenError::Future(60)));
    }
}

#[test]
fn nobody_else_can_make_one() {
    for kind in KINDS {
        let made = made(kind, 1, "a");
        let server = Server::new(&[&made], &[&self::made(kind, 2, "a")], None);
        let token = good(&made.signer().unwrap());
        assert_eq!(server.judges(&token), Ok("ours".to_owned()));
        for at in 0..token.len() {
            for change in [1, 32] {
                let mut forged = token.clone().into_bytes();
                forged[at] ^= change;
                let Ok(forged) = String::from_utf8(forged) else { continue };
                assert!(server.judges(&forged).is_err(), "{kind:?}, byte {at}: {forged}");
            }
        }
        // Another key of the same name.
        let other = self::made(kind, 3, "a").signer().unwrap();
        assert_eq!(server.judges(&good(&other)), Err(TokenError::Forged));
        for none in ["", ".", "..", "a.b.c", &"x".repeat(LONGEST + 1), &format!("{token}.x")] {
            assert!(server.judges(none).is_err(), "{none}");
        }
    }
}

/// What the head of a token says of algorithms does not count: the key is of one.
#[test]
fn the_key_decides_the_algorithm() {
    let claims =
        json!({"iss": "roomcall", "sub": "ana", "device": "phone", "iat": NOW, "exp": NOW + 10});
    for kind in [Kind::Ed25519, Kind::P256] {
        let made = made(kind, 1, "a");
        let server = Server::new(&[&made], &[&self::made(kind, 2, "a")], None);
        let public: serde_json::Value = serde_json::from_str(&made.public()).unwrap();
        let bytes = |name: &str| BASE64.decode(public[name].as_str().unwrap_or_default()).unwrap();
        let (x, y) = (bytes("x"), bytes("y"));
        let point = [&[4], &x[..], &y[..]].concat();
        // What everybody knows of the key is taken for a secret.
        for secret in [&x, &point, &made.public().into_bytes(), &set(&[&made]).into_bytes()] {
            for kid in [None, Some("a")] {
                let head = jsonwebtoken::Header {
                    kid: kid.map(str::to_owned),
                    ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
                };
                let key = jsonwebtoken::EncodingKey::from_secret(secret).unwrap();
                let token = jsonwebtoken::encode(&head, &claims, &key).unwrap();
                assert_eq!(server.judges(&token), Err(TokenError::Forged), "{kind:?} {kid:?}");
            }
        }
    }
    let server = Server::new(&[&made(Kind::Secret, 1, "a")], &[&made(Kind::Secret, 2, "b")], None);
    for alg in ["none", "None", "NONE", "HS384", "RS256", ""] {
        for kid in [None, Some("a")] {
            let head = encoded(&json!({"alg": alg, "typ": "JWT", "kid": kid}));
            for signature in ["", "AAAA"] {
                let token = format!("{head}.{}.{signature}", encoded(&claims));
                assert!(server.judges(&token).is_err(), "{alg}: {token}");
            }
        }
    }
    // An extension that has to be understood, and is not.
    let head = encoded(&json!({"alg": "HS256", "crit": ["b64"], "b64": false}));
    assert!(server.judges(&format!("{head}.{}.", encoded(&claims))).is_err());
}

#[test]
fn a_token_is_for_one_audience_of_one_issuer() {
    let (ours, others) = (made(Kind::Ed25519, 1, "ours"), made(Kind::P256, 2, "others"));
    let server = Server::new(&[&ours], &[&others], Some("calls"));
    let (ours, others) = (ours.signer().unwrap(), others.signer().unwrap());
    let judged = |signer: &Signer| server.judges(&good(signer));
    assert_eq!(judged(&ours.clone().audience("calls")), Ok("ours".to_owned()));
    assert_eq!(judged(&ours.clone().audience("mail")), Err(TokenError::Audience));
    assert_eq!(judged(&ours), Err(TokenError::Audience), "it names none");
    // The other tenant asks for none.
    assert_eq!(judged(&others.clone().issuer("other")), Ok("other".to_owned()));
    assert_eq!(judged(&others.clone().issuer("other").audience("mail")), Ok("other".to_owned()));
    // Neither signs for the other.
    assert_eq!(judged(&others.audience("calls")), Err(TokenError::Forged));
    assert_eq!(judged(&ours.clone().issuer("other")), Err(TokenError::Forged));
    assert_eq!(judged(&ours.audience("calls").issuer("nobody")), Err(TokenError::Issuer));
}

#[test]
fn several_issuers_or_none_are_no_issuer() {
    let key = jsonwebtoken::EncodingKey::from_secret(&[1; 32]).unwrap();
    let server = Server::new(&[&made(Kind::Secret, 1, "a")], &[&made(Kind::Secret, 2, "a")], None);
    let mut claims = json!({"sub": "ana", "device": "phone", "iat": NOW, "exp": NOW + 10});
    let head = jsonwebtoken::Header::default();
    for issuer in [json!(["roomcall", "other"]), json!(null), json!(7)] {
        claims["iss"] = issuer;
        let token = jsonwebtoken::encode(&head, &claims, &key).unwrap();
        assert_eq!(server.judges(&token), Err(TokenError::Claims), "{claims}");
    }
    claims["iss"] = json!("roomcall");
    claims["groups"] = json!({"of": ["an", "identity", "provider"]});
    assert!(server.judges(&jsonwebtoken::encode(&head, &claims, &key).unwrap()).is_ok());
    for missing in ["exp", "iat", "sub", "device"] {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(missing);
        let token = jsonwebtoken::encode(&head, &claims, &key).unwrap();
        assert_eq!(server.judges(&token), Err(TokenError::Claims), "without {missing}");
    }
}

#[test]
fn keys_are_rotated_by_reading_them_again() {
    let (old, new) = (made(Kind::Ed25519, 1, "1"), made(Kind::P256, 2, "2"));
    let others = made(Kind::Secret, 3, "1");
    let server = Server::new(&[&old], &[&others], None);
    let (by_old, by_new) = (good(&old.signer().unwrap()), good(&new.signer().unwrap()));
    let judged = || (server.judges(&by_old).is_ok(), server.judges(&by_new).is_ok());
    assert_eq!(judged(), (true, false));
    server.write("ours", &set(&[&old, &new]));
    assert_eq!(judged(), (true, false), "it was not read again");
    server.tenants.reload().unwrap();
    assert_eq!(judged(), (true, true), "the old one is still there");
    // One file is wrong: nothing changes, of any tenant.
    server.write("ours", &set(&[&new]));
    server.write("other", "{");
    let why = server.tenants.reload().unwrap_err().to_string();
    assert!(why.contains("other") && why.contains("no JWK set"), "{why}");
    assert_eq!(judged(), (true, true));
    server.write("other", &set(&[&others]));
    server.tenants.reload().unwrap();
    assert_eq!(judged(), (false, true), "the old one is gone");
}

/// A key that has no name is tried for each token that names none.
#[test]
fn a_token_that_names_no_key_is_tried_with_all() {
    let nameless = |byte| {
        let mut key: serde_json::Value =
            serde_json::from_str(&made(Kind::Ed25519, byte, "x").private()).unwrap();
        key.as_object_mut().unwrap().remove("kid");
        key
    };
    let public = |byte| {
        let mut key = nameless(byte);
        key.as_object_mut().unwrap().remove("d");
        key
    };
    let keys = json!({"keys": [public(1), public(2)]}).to_string();
    let server = Server::new(&[&made(Kind::Secret, 9, "a")], &[&made(Kind::Secret, 8, "a")], None);
    server.write("ours", &keys);
    server.tenants.reload().unwrap();
    let judged = |byte| {
        server.judges(&good(&Signer::of_jwk(nameless(byte).to_string().as_bytes()).unwrap()))
    };
    assert_eq!((judged(1), judged(2)), (Ok("ours".to_owned()), Ok("ours".to_owned())));
    assert_eq!(judged(3), Err(TokenError::Forged));
    let named = made(Kind::Ed25519, 1, "x").signer().unwrap();
    assert_eq!(server.judges(&good(&named)), Err(TokenError::Forged), "there is no such name");
}

/// The key and the signature of RFC 8037, appendix A.
#[test]
fn a_signature_of_rfc_8037_is_good() {
    let key = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6\
        dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    is_signed(key, token);
}

/// The key and the signature of RFC 7515, appendix A.3.
#[test]
fn a_signature_of_rfc_7515_by_p_256_is_good() {
    let key = br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19\
        yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU\
        1Q";
    is_signed(key, token);
}

/// The key and the signature of RFC 7515, appendix A.1.
#[test]
fn a_signature_of_rfc_7515_by_a_secret_is_good() {
    let key = br#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9\
        leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    is_signed(key, token);
}

/// The signature is good, so that what is wrong is what the token says; and with another end it is not.
fn is_signed(key: &[u8], token: &str) {
    let keys = KeySet::of_jwks(&[b"{\"keys\":[", key, b"]}"].concat()).unwrap();
    let judged = |token: &str| keys.read(token, "joe", None).map(drop).unwrap_err();
    assert_eq!(judged(token), TokenError::Claims, "no claims of a device");
    let (rest, end) = token.rsplit_once('.').unwrap();
    let changed = if end.starts_with('h') { "i" } else { "h" };
    assert_eq!(judged(&format!("{rest}.{changed}{}", &end[1..])), TokenError::Forged);
}

#[test]
fn keys_that_cannot_be_used_are_refused_in_words() {
    let ed = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let good = json!({"kty": "OKP", "crv": "Ed25519", "x": ed, "kid": "good"});
    let with = |name: &str, value: serde_json::Value| {
        let mut key = good.clone();
        key[name] = value;
        json!({"keys": [key]}).to_string()
    };
    let one = |key: serde_json::Value| json!({"keys": [key]}).to_string();
    for (text, said) in [
        ("{".to_owned(), "no JWK set"),
        ("[]".to_owned(), "no JWK set"),
        (json!({"keys": []}).to_string(), "there is no key in it"),
        (json!({"keys": [good, good]}).to_string(), "two keys have the kid \"good\""),
        (one(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"})), "key number 1 is of kty \"RSA\""),
        (one(json!({"kty": "EC", "crv": "P-384"})), "EC with P-256 (ES256)"),
        (
            one(json!({"kty": "oct", "k": BASE64.encode([1; 31])})),
            "has 31 bytes, and needs at least 32",
        ),
        (one(json!({"kty": "oct"})), "has no `k`"),
        (one(json!({"kty": "oct", "k": "=="})), "not in base64url"),
        (one(json!({"kty": "EC", "crv": "P-256", "x": ed, "y": ed})), "no public key of P-256"),
        (with("x", json!(BASE64.encode([0; 32]))), "no public key of Ed25519"),
        (with("x", json!("AAAA")), "no public key of Ed25519"),
        (with("d", json!(ed)), "key \"good\" has its private part"),
        (with("alg", json!("HS256")), "is for EdDSA, and says another"),
        (with("use", json!("enc")), "not for signatures"),
        (with("kid", json!("")), "from 1 to 128 bytes"),
    ] {
        let why = KeySet::of_jwks(text.as_bytes()).unwrap_err().to_string();
        assert!(why.contains(said), "{text}: {why}");
    }
    for name in ["key_ops", "x5c"] {
        assert!(KeySet::of_jwks(with(name, json!(["verify"])).as_bytes()).is_ok(), "{name}");
    }
    assert_eq!(KeySet::of_secret(b"short").unwrap_err(), KeyError::ShortSecret(5));
}

#[test]
fn a_private_key_is_whole() {
    for kind in [Kind::Ed25519, Kind::P256] {
        let (one, two) = (made(kind, 1, "a"), made(kind, 2, "b"));
        let mut mixed: serde_json::Value = serde_json::from_str(&one.private()).unwrap();
        let other: serde_json::Value = serde_json::from_str(&two.private()).unwrap();
        mixed["d"] = other["d"].clone();
        for text in [mixed.to_string(), one.public()] {
            let why = Signer::of_jwk(text.as_bytes()).unwrap_err().to_string();
            assert!(why.contains("key \"a\" has no `d`"), "{why}");
        }
        assert!(!one.public().contains("\"d\""));
        assert!(
            !format!("{one:?} {:?}", one.signer().unwrap()).contains(other["d"].as_str().unwrap())
        );
    }
    let secret = made(Kind::Secret, 1, "a");
    assert!(added(None, &secret).unwrap().is_secret);
    assert!(!added(None, &made(Kind::P256, 1, "a")).unwrap().is_secret);
    assert_eq!(
        added(Some(set(&[&secret]).as_bytes()), &secret).unwrap_err(),
        KeyError::Twice("a".to_owned())
    );
}
