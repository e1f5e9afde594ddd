//! Feeds whose vendor's address is another one here: a host that moved before Plimsoll knew, or a
//! company's proxy that keeps copies of what the vendors serve.
//!
//! Rewrites the beginnings of addresses; asks nobody and believes no answer.

use std::borrow::Cow;

/// Beginnings of addresses, and what stands in their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// The longest beginnings first: the most exact counts.
    moved: Vec<Moved>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    from: String,
    to: String,
}

impl Moved {
    /// Reads `https://old.example/path=https://new.example/path`. `https://=` stands for every
    /// address: `https://=https://proxy.example/` asks for `https://proxy.example/HOST/PATH`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Moved, String> {
        // An address may hold `=` behind its path; the second one begins behind the first `=http`.
        let at = text.find("=http").ok_or("it has the form `https://OLD=https://NEW`")?;
        let (from, to) = (text[..at].trim(), text[at + 1..].trim());
        for address in [from, to] {
            if !["https://", "http://"].iter().any(|scheme| address.starts_with(scheme)) {
                return Err(format!("`{address}` begins with neither `https://` nor `http://`"));
            }
        }
        if to.ends_with("://") {
            return Err(format!("`{to}` names no host"));
        }
        Ok(Moved { from: from.to_owned(), to: to.to_owned() })
    }

    /// The address in its new place; `None` where it does not begin so.
    fn apply(&self, url: &str) -> Option<String> {
        let rest = url.strip_prefix(&self.from)?;
        // `https://nvd.nist.gov` is not the beginning of `https://nvd.nist.gov.example`.
        let is_whole = self.from.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?']);
        is_whole.then(|| format!("{}{rest}", self.to))
    }
}

impl Hosts {
    /// These.
    pub fn new(mut moved: Vec<Moved>) -> Hosts {
        moved.sort_by_key(|it| std::cmp::Reverse(it.from.len()));
        Hosts { moved }
    }

    /// The address of a mirror without the login in it, and these with the login for it: what is
    /// asked for there goes with it, and no output, file or error has it.
    pub(super) fn with_login(mut self, mirror: &str) -> (String, Hosts) {
        let mirror = mirror.trim_end_matches('/');
        let split = mirror.split_once("://").and_then(|(scheme, rest)| {
            let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            Some(format!("{scheme}://{}{path}", host.rsplit_once('@')?.1))
        });
        let Some(clean) = split else { return (mirror.to_owned(), self) };
        self.moved.insert(0, Moved { from: clean.clone(), to: mirror.to_owned() });
        (clean, self)
    }

    /// Where to ask for what lies at `url`.
    pub(super) fn of<'a>(&self, url: &'a str) -> Cow<'a, str> {
        match self.moved.iter().find_map(|it| it.apply(url)) {
            Some(moved) => Cow::Owned(moved),
            None => Cow::Borrowed(url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(texts: &[&str]) -> Hosts {
        Hosts::new(texts.iter().map(|it| Moved::parse(it).unwrap()).collect())
    }

    #[test]
    fn the_longest_beginning_counts() {
        let hosts = hosts(&["https://=http://proxy/", "https://a.example/x=http://b.example:8080/y"]);
        assert_eq!(hosts.of("https://a.example/x/1.json"), "http://b.example:8080/y/1.json");
        assert_eq!(hosts.of("https://a.example/z"), "http://proxy/a.example/z");
        assert_eq!(hosts.of("http://a.example/z"), "http://a.example/z");
    }

    #[test]
    fn the_login_of_a_mirror_stays_where_it_is_needed() {
        let (clean, hosts) = Hosts::default().with_login("https://me:p@ss@mirror.example/feeds/");
        assert_eq!(clean, "https://mirror.example/feeds");
        assert_eq!(hosts.of("https://mirror.example/feeds/kev"), "https://me:p@ss@mirror.example/feeds/kev");
        assert_eq!(hosts.of("https://mirror.example.org/kev"), "https://mirror.example.org/kev");
        let (clean, hosts) = Hosts::default().with_login("http://mirror.example/a@b");
        assert_eq!((clean.as_str(), hosts), ("http://mirror.example/a@b", Hosts::default()));
    }

    #[test]
    fn a_host_is_not_the_beginning_of_another_host() {
        let hosts = hosts(&["https://nvd.nist.gov=https://mirror.example"]);
        assert_eq!(hosts.of("https://nvd.nist.gov.example/x"), "https://nvd.nist.gov.example/x");
        assert_eq!(hosts.of("https://nvd.nist.gov/x"), "https://mirror.example/x");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(Moved::parse("a=b").is_err());
        assert!(Moved::parse("ftp://a=https://b").is_err());
        assert!(Moved::parse("https://a=https://").is_err());
        let odd = Moved::parse("https://a/?x=1=https://b/?y=2").unwrap();
        assert_eq!(odd.apply("https://a/?x=1").as_deref(), Some("https://b/?y=2"));
    }
}
