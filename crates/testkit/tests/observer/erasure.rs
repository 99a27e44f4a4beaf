//! A user is erased (F-20), and what is right then violates nothing: what is repeated does not name the user, and whoever comes
//! by that name is somebody new. `wrong.txt` has what is wrong then.

use roomcall_testkit::observer::{Observer, Settings, Traffic, Vantage};

fn judge(settings: Settings, log: &str) -> Vec<String> {
    let mut observer = Observer::new(settings);
    let read = |line: &str| -> Traffic { serde_json::from_str(line).unwrap() };
    let mut found: Vec<_> = log.lines().flat_map(|line| observer.see(&read(line))).collect();
    found.extend(observer.finish(1_000_000));
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn who_is_erased_is_named_no_more() {
    let log = include_str!("erased.txt");
    for sees_backend in [true, false] {
        let settings = Settings { sees_backend, ..Settings::default() };
        assert_eq!(judge(settings, log), [""; 0]);
    }
}

// What was sent before may come after the fact to which the clocks of devices are compared.
#[test]
fn at_the_devices_what_is_on_its_way_may_name_the_user() {
    let mut lines: Vec<&str> = include_str!("erased.txt").lines().collect();
    let is_erased = |line: &&str| line.contains("userErased");
    let at = lines.iter().position(is_erased).unwrap();
    let fact = lines.remove(at);
    lines.insert(4, fact);
    let settings = Settings {
        vantage: Vantage::Devices,
        is_ordered: true,
        slack: 100_000,
        sees_backend: true,
        ..Settings::default()
    };
    assert_eq!(judge(settings, &lines.join("\n")), [""; 0]);
}
