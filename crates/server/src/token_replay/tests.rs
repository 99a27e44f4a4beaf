use proptest::prelude::*;

use super::*;
use crate::token::TenantName;

impl TokenReplay {
    /// A device comes with a token that is good: what is made durable then.
    fn note(&mut self, claims: &Claims, now: u64) -> Option<TokenEntry> {
        let entry = self.newer(claims, now).map(TokenEntry::Token);
        entry.clone().into_iter().for_each(|entry| self.apply(entry));
        entry
    }

    fn revoke(&mut self, user: &str, device: Option<&str>, now: u64) {
        self.apply(TokenEntry::Revoked(self.revoked(user, device, now)));
    }
}

const LIFE: u64 = 1_000;
const REPLAYED: Result<(), TokenError> = Err(TokenError::Replayed);
const REVOKED: Result<(), TokenError> = Err(TokenError::Revoked);

fn token(device: &str, iat: u64, exp: u64) -> Claims {
    let (tenant, who) = (TenantName::default(), Who::device("ana", device));
    Claims { tenant, who, iat, exp, until: exp }
}

fn used(issued: u64, at: u64) -> Option<TokenEntry> {
    let (user, device) = ("ana".to_owned(), "phone".to_owned());
    Some(TokenEntry::Token(Used { user, device, issued, at }))
}

/// Judges a token and, if it is good, remembers it, as a server does.
fn comes(state: &mut TokenReplay, claims: &Claims, now: u64) -> Result<(), TokenError> {
    state.judge(claims, now)?;
    state.note(claims, now);
    Ok(())
}

/// The same after a restart, with what was durable.
fn restarted(state: &TokenReplay) -> TokenReplay {
    let written: Vec<String> =
        state.entries().map(|entry| serde_json::to_string(&entry).unwrap()).collect();
    let read = written.iter().map(|line| serde_json::from_str(line).unwrap());
    TokenReplay::of(read, LIFE)
}

/// A device whose token has expired is remembered until there is much to forget: the same after a restart.
#[test]
fn a_restart_forgets_nothing() {
    let mut state = TokenReplay::of([], LIFE);
    for device in 0..3_000_u64 {
        let at = 10 + device * 100;
        state.note(&token(&device.to_string(), at, at + 10), at);
        state.erase(device, &format!("user-{device}"), at);
        if device % 100 == 0 {
            let again = restarted(&state);
            assert!(again.entries().eq(state.entries()), "{device}");
        }
    }
    assert!(state.entries().count() < 3_000, "it forgets, too");
}

/// What the engine has revoked by the wall clock counts, where its own is another one.
#[test]
fn an_erasure_is_as_late_as_the_entry_before_it_says() {
    for (wall, engine) in [(500, 100), (100, 500)] {
        let mut state = TokenReplay::of([], LIFE);
        state.revoke("ana", None, wall);
        state.erase(1, "ana", engine);
        let of = |iat| state.judge(&token("phone", iat, iat + 900), wall + 1);
        assert_eq!((of(wall), of(wall + 1)), (REVOKED, Ok(())));
    }
}

#[test]
fn an_older_token_is_refused_until_it_expires() {
    let mut newest = TokenReplay::of([], LIFE);
    let (old, new) = (token("phone", 10, 1_010), token("phone", 20, 40));
    assert_eq!((newest.judge(&new, 30), newest.note(&new, 30)), (Ok(()), used(20, 30)));
    assert_eq!((newest.note(&old, 30), newest.note(&new, 30)), (None, None), "that is known");
    assert_eq!((newest.judge(&old, 30), newest.judge(&new, 30)), (REPLAYED, Ok(())));
    assert!(newest.note(&token("tablet", 1, 900), 30).is_some(), "another has its own");
    // The newer one has long expired, and many others come.
    for device in 0..5_000 {
        newest.note(&token(&device.to_string(), 1_000, 1_100), 1_009);
    }
    assert_eq!(newest.judge(&old, 1_009), REPLAYED);
    assert!(newest.oldest(1_009) <= 20);
    assert_eq!(TokenReplay::of(used(20, 30), LIFE).judge(&old, 1_009), REPLAYED);
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out_and_nothing_is_forgotten() {
    let mut newest = TokenReplay::of([], 100_000);
    newest.note(&token("phone", 5_000, 9_000), 5_010);
    // An hour back, whoever signs, too.
    let good = token("phone", 1_420, 9_000);
    assert_eq!((newest.judge(&good, 1_425), newest.note(&good, 1_425)), (Ok(()), None));
    // When the clock has caught up.
    assert_eq!(newest.judge(&good, 5_010), REPLAYED);
    assert_eq!(newest.judge(&token("phone", 5_000, 9_000), 5_010), Ok(()));
}

#[test]
fn a_clock_of_who_signs_that_is_ahead_saves_no_older_one() {
    let mut newest = TokenReplay::of([], 100_000);
    let (old, new) = (token("phone", 3_600, 9_000), token("phone", 5_400, 9_000));
    assert_eq!(newest.note(&new, 1_800), used(5_400, 1_800));
    assert_eq!((newest.judge(&old, 1_900), newest.judge(&new, 1_900)), (REPLAYED, Ok(())));
}

#[test]
fn who_came_long_ago_is_forgotten() {
    let mut newest = TokenReplay::of([], 10);
    for device in 0..200_000u64 {
        newest.note(&token(&device.to_string(), device, device + 10), device);
        newest.revoke("ana", Some(&device.to_string()), device);
        newest.revoke(&device.to_string(), None, device);
    }
    assert!(newest.devices < 190_000, "{}", newest.devices);
    assert!(newest.users.len() < 190_000, "{}", newest.users.len());
}

#[test]
fn what_was_issued_before_is_revoked_and_what_is_issued_later_is_good() {
    let mut state = TokenReplay::of([], LIFE);
    let at = |iat| token("phone", iat, iat + 100);
    assert_eq!(comes(&mut state, &at(100), 110), Ok(()));
    state.revoke("ana", Some("phone"), 200);
    for state in [&state, &restarted(&state)] {
        for (iat, expected) in [(0, REVOKED), (100, REVOKED), (200, REVOKED), (201, Ok(()))] {
            assert_eq!(state.judge(&at(iat), 210), expected, "{iat}");
        }
        assert_eq!(state.judge(&token("tablet", 100, 900), 210), Ok(()), "another device");
        // A clock that is set back gives nothing back.
        assert_eq!(state.judge(&at(100), 50), REVOKED);
    }
    // Of the user as a whole, whatever devices there are.
    state.revoke("ana", None, 300);
    for state in [&state, &restarted(&state)] {
        assert_eq!(state.judge(&token("tablet", 300, 900), 310), REVOKED);
        assert_eq!(state.judge(&at(301), 310), Ok(()));
    }
}

/// The clock that signs is a little ahead: what it has signed, and what was used, is revoked.
#[test]
fn a_token_that_was_used_is_revoked_whatever_its_time() {
    for device in [Some("phone"), None] {
        let mut state = TokenReplay::of([], LIFE);
        assert_eq!(comes(&mut state, &token("phone", 250, 900), 200), Ok(()));
        state.revoke("ana", device, 210);
        assert_eq!(state.judge(&token("phone", 250, 900), 260), REVOKED);
        assert_eq!(state.judge(&token("phone", 251, 900), 260), Ok(()));
    }
}

proptest! {
    /// Whatever comes, in whatever order and with restarts in between: a token that is good is none older than
    /// one that was used before, and none that was revoked; and a new token of a good clock is always good.
    #[test]
    fn an_older_token_is_never_good_and_a_new_one_always(
        steps in proptest::collection::vec((0u64..50, 0u64..120, 0u8..10), 1..60),
    ) {
        let (mut state, mut now) = (TokenReplay::of([], LIFE), 10_000);
        let (mut newest, mut revoked) = (0, 0);
        let other = Claims { who: Who::device("bo", "phone"), ..token("phone", 1, u64::MAX) };
        for (passed, age, what) in steps {
            now += passed;
            match what {
                0 => {
                    state.revoke("ana", Some("phone"), now);
                    revoked = now.max(newest);
                }
                1 => state = restarted(&state),
                2 => {
                    // F-20: as if all devices were revoked, and without the name.
                    state.erase(now, "ana", now);
                    revoked = now.max(newest);
                    let entries = serde_json::to_string(&state.entries().collect::<Vec<_>>()).unwrap();
                    prop_assert!(!entries.contains("ana"), "{}", entries);
                    prop_assert_eq!(state.last_erasure(), now);
                }
                _ => {
                    // The clock that signs may be up to 20 s ahead: more is refused before this.
                    let iat = now + 20 - age;
                    let came = comes(&mut state, &token("phone", iat, now + 900), now);
                    prop_assert_eq!(came.is_ok(), iat > revoked && iat >= newest, "{} {}", iat, now);
                    newest = if came.is_ok() { newest.max(iat) } else { newest };
                }
            }
            prop_assert_eq!(state.judge(&other, now), Ok(()));
            let next = now.max(newest).max(revoked) + 1;
            prop_assert_eq!(state.judge(&token("phone", next, now + 900), next), Ok(()));
        }
    }
}
