//! Small phrases.

use roomcall::Rule;

pub(crate) fn cite(rule: Rule) -> String {
    format!("({} {})", rule.id(), rule.title())
}

pub(crate) fn count(count: usize, thing: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{s}")
}

/// An id as it is where it reads as a word, else in quotes: it comes from outside and may be
/// empty, hold line ends, or look like the words around it.
pub(crate) fn name(id: &str) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    if !id.is_empty() && id.chars().all(is_of_word) { id.to_owned() } else { format!("{id:?}") }
}

/// Names in a sentence. Of a long list the rest is only counted.
pub(crate) fn names(ids: &[String]) -> String {
    const MOST: usize = 8;
    let (shown, rest) = ids.split_at_checked(MOST).unwrap_or((ids, &[]));
    let mut names: Vec<String> = shown.iter().map(|id| name(id)).collect();
    if !rest.is_empty() {
        names.push(format!("{} more", rest.len()));
    }
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

pub(crate) fn device_of(user: &str, device: &str) -> String {
    format!("{} ({})", name(user), name(device))
}

pub(crate) fn extension(text: &str) -> String {
    match text.len() {
        0 => String::new(),
        bytes => format!(" with {} of extension text", count(bytes, "byte")),
    }
}

pub(crate) fn seconds(millis: u64) -> String {
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}

/// How long it still rings.
pub(crate) fn time_left(millis: Option<u64>) -> String {
    match millis {
        None => "without end".to_owned(),
        Some(millis) if millis % 1_000 == 0 => format!("for {} s", millis / 1_000),
        Some(millis) => format!("for {}", seconds(millis)),
    }
}
