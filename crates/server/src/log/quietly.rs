//! Calling what may panic over bytes that it did not expect.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// The result, or `None` where it panicked, of which nothing is printed.
pub(super) fn quietly<T>(risky: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |why| {
            if !IS_QUIET.get() {
                usual(why);
            }
        }));
    });
    IS_QUIET.set(true);
    // What it has seen by then is dropped with it.
    let done = catch_unwind(AssertUnwindSafe(risky));
    IS_QUIET.set(false);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_result() {
        assert_eq!(quietly(|| 7), Some(7));
        assert_eq!(quietly(|| assert_eq!(1, 2, "this is not printed")), None);
    }
}
