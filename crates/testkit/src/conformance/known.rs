//! The failures that are known: ids of cases, a line each, with `*` for any text, and `#` before a comment.

use glob::Pattern;

/// A list of known failures.
#[derive(Debug, Default)]
pub struct Known {
    patterns: Vec<(Pattern, bool)>,
}

impl Known {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// A line is no pattern.
    pub fn read(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let pattern = |line: &str| {
            Pattern::new(line).map(|line| (line, false)).map_err(|error| format!("{line}: {error}"))
        };
        let patterns = lines.filter(|line| !line.is_empty()).map(pattern);
        Ok(Self { patterns: patterns.collect::<Result<_, _>>()? })
    }

    /// Whether a case is known to fail.
    pub fn contains(&mut self, case: &str) -> bool {
        let mut is_known = false;
        for (pattern, is_met) in &mut self.patterns {
            if pattern.matches(case) {
                (*is_met, is_known) = (true, true);
            }
        }
        is_known
    }

    /// The lines that no case has met.
    pub fn unmet(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().filter(|(_, is_met)| !is_met).map(|(pattern, _)| pattern.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn a_list_has_patterns_and_comments() {
        let mut known = Known::read("# all of these\nhandset/D-3*  # later\n\n").unwrap();
        assert!(known.contains("handset/D-35-tick") && !known.contains("handset/D-04-tick"));
        assert_eq!(known.unmet().count(), 0);
    }
}
