//! Erlang and Elixir terms as text, as far as lock files and application resources need them:
//! texts, atoms, tuples, lists and maps. Evaluates nothing.

/// A term.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// `"text"` or `<<"text">>`.
    Text(String),
    /// `hex`, `:hex`, `'hex'`, and numbers.
    Atom(String),
    /// A tuple, list, map or binary.
    Many(Vec<Term>),
}

impl Term {
    /// The text or atom that this is.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Term::Text(word) | Term::Atom(word) => Some(word),
            Term::Many(_) => None,
        }
    }

    /// What this holds; nothing if it is a word.
    pub(super) fn members(&self) -> &[Term] {
        match self {
            Term::Many(members) => members,
            Term::Text(_) | Term::Atom(_) => &[],
        }
    }
}

/// Which of the two languages, which differ in what begins a comment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Comments begin with `%`.
    Erlang,
    /// Comments begin with `#`; a map with `%`.
    Elixir,
}

/// How deep terms may be nested; those of lock files are some six deep.
const DEPTH_MAX: usize = 64;

/// The terms of a file; `None` where brackets or quotes do not close, or are too deep.
pub(super) fn read(text: &str, language: Language) -> Option<Vec<Term>> {
    let mut open: Vec<(char, Vec<Term>)> = Vec::new();
    let mut terms = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let term = match letter {
            '%' if language == Language::Elixir => continue,
            '%' | '#' => {
                while letters.next_if(|(_, letter)| *letter != '\n').is_some() {}
                continue;
            }
            '{' | '[' | '(' => {
                if open.len() >= DEPTH_MAX {
                    return None;
                }
                open.push((closing(letter), std::mem::take(&mut terms)));
                continue;
            }
            '}' | ']' | ')' => {
                let (expected, outer) = open.pop()?;
                if expected != letter {
                    return None;
                }
                Term::Many(std::mem::replace(&mut terms, outer))
            }
            '"' => Term::Text(quoted(&mut letters, '"')?),
            '\'' => Term::Atom(quoted(&mut letters, '\'')?),
            letter if is_word(letter) => {
                let mut end = at + letter.len_utf8();
                while let Some((at, letter)) = letters.next_if(|(_, letter)| is_word(*letter)) {
                    end = at + letter.len_utf8();
                }
                Term::Atom(text.get(at..end)?.to_owned())
            }
            _ => continue,
        };
        terms.push(term);
    }
    open.is_empty().then_some(terms)
}

fn closing(opening: char) -> char {
    match opening {
        '{' => '}',
        '[' => ']',
        _ => ')',
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '@')
}

fn quoted(letters: &mut impl Iterator<Item = (usize, char)>, quote: char) -> Option<String> {
    let mut text = String::new();
    while let Some((_, letter)) = letters.next() {
        match letter {
            '\\' => text.push(letters.next()?.1),
            letter if letter == quote => return Some(text),
            letter => text.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_both_languages_are_read() {
        let word = |word: &str| Term::Atom(word.to_owned());
        let text = |text: &str| Term::Text(text.to_owned());
        assert_eq!(
            read("{<<\"a\">>, [pkg, 'b c'], 1}. % x }", Language::Erlang),
            Some(vec![Term::Many(vec![text("a"), Term::Many(vec![word("pkg"), word("b c")]), word("1")])])
        );
        assert_eq!(
            read("%{\"a\": {:hex, \"1\\\"2\"}} # {", Language::Elixir),
            Some(vec![Term::Many(vec![text("a"), Term::Many(vec![word("hex"), text("1\"2")])])])
        );
    }

    #[test]
    fn what_does_not_close_is_none() {
        for broken in ["{", "}", "{]", "\"a", "'a\\", &"[".repeat(100_000)] {
            assert_eq!(read(broken, Language::Erlang), None);
        }
    }
}
