//! Code and comments of the languages of the specifications, told apart.

/// How comments are written: to the end of the line, or from an opening to a closing mark.
#[derive(Clone, Copy)]
pub(super) struct Syntax {
    line: &'static str,
    open: &'static str,
    close: &'static str,
}

pub(super) const TLA: Syntax = Syntax { line: "\\*", open: "(*", close: "*)" };
/// A text in three quotes is a comment here.
pub(super) const PYTHON: Syntax = Syntax { line: "#", open: "\"\"\"", close: "\"\"\"" };

/// A line of code, its indent at least, and the comment on it; or a comment of several lines.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) code: String,
    comment: String,
    /// The line began within a comment.
    is_more: bool,
}

impl Row {
    pub(super) fn is_blank(&self) -> bool {
        self.code.trim().is_empty() && self.comment.is_empty()
    }

    pub(super) fn is_comment(&self) -> bool {
        self.code.trim().is_empty() && !self.comment.is_empty()
    }

    /// What it says: all but the sentences about what is not modelled.
    pub(super) fn said(&self) -> String {
        let comment = self.comment.split_whitespace().collect::<Vec<_>>().join(" ");
        let said: Vec<&str> = comment.split(". ").filter(|s| !s.contains("not modelled")).collect();
        format!("{} {}\n", self.code, said.join(". "))
    }
}

/// The lines of a text, those of one comment as one.
pub(super) fn rows(text: &str, syntax: Syntax) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut depth = 0;
    for line in text.lines() {
        let row = row(line, &mut depth, syntax);
        match rows.last_mut() {
            Some(last)
                if row.is_more && row.code.trim().is_empty()
                    || row.is_comment() && !last.comment.is_empty() && last.code == row.code =>
            {
                last.comment.push(' ');
                last.comment.push_str(&row.comment);
            }
            _ => rows.push(row),
        }
    }
    rows
}

/// One line. `depth` is in how many comments, one within the other, it begins and ends.
fn row(line: &str, depth: &mut u32, syntax: Syntax) -> Row {
    let mut row = Row { is_more: *depth > 0, ..Row::default() };
    let (mut rest, mut is_quoted) = (line, false);
    while let Some(next) = rest.chars().next() {
        let ends = *depth > 0 && rest.starts_with(syntax.close);
        let begins = !is_quoted && rest.starts_with(syntax.open);
        if ends || begins {
            *depth = if ends { *depth - 1 } else { *depth + 1 };
            rest = &rest[syntax.open.len()..];
            continue;
        }
        if *depth > 0 {
            row.comment.push(next);
        } else if !is_quoted && rest.starts_with(syntax.line) {
            row.comment.push_str(rest.trim_start_matches(syntax.line));
            break;
        } else {
            is_quoted ^= next == '"';
            row.code.push(next);
        }
        rest = &rest[next.len_utf8()..];
    }
    row
}
