//! `WWW-Authenticate`: what a registry wants to see (RFC 9110, 11.6.1).

/// One challenge: a scheme, lower case, and its parameters with lower-case names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the challenges of one header. What cannot be read is left out: without a challenge
/// that we know there is no login, and the registry's refusal stands.
pub(crate) fn parse(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if rest.is_empty() {
            return challenges;
        }
        match after.trim_start().strip_prefix('=') {
            Some(value) => {
                let (value, after) = read_value(value.trim_start());
                if let Some(challenge) = challenges.last_mut() {
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                }
                rest = after;
            }
            None => {
                challenges.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                rest = after;
            }
        }
    }
}

/// A token or a quoted string, and what follows it.
fn read_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: &str) {
        let actual: Vec<String> = parse(header)
            .iter()
            .map(|it| {
                let parameters: Vec<String> =
                    it.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("{}({})", it.scheme, parameters.join(";"))
            })
            .collect();
        assert_eq!(actual.join(" "), expected);
    }

    #[test]
    fn challenges_of_real_registries() {
        check(
            r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
            "bearer(realm=https://auth.docker.io/token;service=registry.docker.io;scope=repository:a/b:pull,push)",
        );
        check(r#"Basic realm="Registry Realm""#, "basic(realm=Registry Realm)");
        check(
            r#"Negotiate, BASIC Realm = x, Bearer realm="y\"z""#,
            "negotiate() basic(realm=x) bearer(realm=y\"z)",
        );
    }

    #[test]
    fn nonsense_ends() {
        check("", "");
        check(",, =", "");
        check("Bearer realm=\"open", "bearer(realm=open)");
        check("Bearer =x \u{e9}=\"", "");
    }
}
