use super::*;

#[test]
fn a_file_says_the_same_as_flags_and_weighs_less() {
    let file: Settings = toml::from_str(
        "listen = \"0.0.0.0:80\"\nsnapshot-bytes = 5\n[policy]\nactiveCalls = \"perRoom\"\n[limits]\ncallees = 7\n",
    )
    .unwrap();
    let flags = Settings { snapshot_bytes: Some(9), ..Settings::default() };
    let both = flags.or(file);
    assert_eq!((both.snapshot_bytes, both.listen.map(|it| it.port())), (Some(9), Some(80)));
    assert_eq!(both.limits.unwrap().callees, 7);
    assert!(toml::from_str::<Settings>("lisen = \"0.0.0.0:80\"").is_err());
}

#[test]
fn a_number_that_cannot_be_is_named() {
    let text = |file: &str| {
        let settings: Settings = toml::from_str(file).unwrap();
        let tenants = Arc::new(Tenants::of_secret(&[7; 32]).unwrap());
        settings.parts(tenants).unwrap_err().to_string()
    };
    for name in [
        "snapshot-bytes",
        "batch",
        "message-bytes",
        "rate",
        "burst",
        "ping",
        "patience",
        "token-life",
        "leeway",
        "connections",
        "connections-per-user",
        "stall",
        "queue-bytes",
    ] {
        for number in ["0", "2000000000"] {
            let said = text(&format!("{name} = {number}"));
            assert!(said.starts_with(&format!("{name} is {number}, and")), "{said}");
        }
    }
}
