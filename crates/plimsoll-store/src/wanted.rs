//! A text that is looked for within others, in either case.
//!
//! Databases do not agree on the case of letters beyond ASCII: SQLite knows none, and PostgreSQL what its
//! locale says. So a statement narrows down by the letters that both know, and the last word is said here.

use crate::visible::containing_pattern;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pattern: String,
    lower: String,
}

impl Wanted {
    pub(crate) fn new(text: &str) -> Wanted {
        let mut pattern = containing_pattern(&text.to_ascii_lowercase());
        // `%` and not `_`, since some letters become two in the other case.
        pattern = pattern.split(|it: char| !it.is_ascii()).collect::<Vec<_>>().join("%");
        Wanted { pattern, lower: lower(text) }
    }

    /// For `LOWER(text) LIKE pattern ESCAPE '!'`: fits every text that has this one in it, and perhaps others.
    pub(crate) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Whether the pattern fits no others.
    pub(crate) fn is_pattern_enough(&self) -> bool {
        self.lower.is_ascii()
    }

    /// Whether a text has this one in it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        lower(text).contains(&self.lower)
    }
}

/// Letter by letter: `str::to_lowercase` looks at what stands beside a sigma.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_beyond_ascii_are_left_to_the_last_word() {
        assert_eq!(Wanted::new("Ab_1").pattern(), "%ab!_1%");
        assert_eq!(Wanted::new("Müller Ä").pattern(), "%m%ller %%");
        assert!(Wanted::new("Ab_1").is_pattern_enough() && !Wanted::new("Ä").is_pattern_enough());
    }

    #[test]
    fn a_text_is_found_in_either_case() {
        for (wanted, text) in
            [("PUL", "pull"), ("müLLER", "MÜller"), ("İ", "İzmir"), ("Σ", "οδοσ"), ("", "anything")]
        {
            assert!(Wanted::new(wanted).is_in(text), "{wanted}");
        }
        assert!(!Wanted::new("ä").is_in("a"));
    }
}
