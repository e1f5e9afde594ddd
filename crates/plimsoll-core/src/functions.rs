//! Which functions are linked into a program, and what that says of a vulnerability in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::VulnerableCode;

/// The functions of one package that are linked into a program, each as a hash of 32 bits.
///
/// Two functions may share a hash: then one that is not there seems to be, and never the other way
/// round. 50,000 functions, as many as a large program has, take 200 KB.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct LinkedFunctions(Arc<[u32]>);

impl LinkedFunctions {
    /// The functions with these hashes ([`LinkedFunctions::hash`]).
    pub fn new(hashes: impl IntoIterator<Item = u32>) -> LinkedFunctions {
        let sorted: BTreeSet<u32> = hashes.into_iter().collect();
        LinkedFunctions(sorted.into_iter().collect())
    }

    /// The hash of a function or method, `Client.Do` of `net/http`; that of a path itself, with
    /// no symbol, says that anything of it is linked.
    pub fn hash(path: &str, symbol: &str) -> u32 {
        // FNV-1a of 64 bits, folded. Source: draft-eastlake-fnv, section 2.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in path.bytes().chain([0]).chain(symbol.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        #[expect(clippy::cast_possible_truncation, reason = "folding keeps both halves")]
        let folded = (hash ^ (hash >> 32)) as u32;
        folded
    }

    /// All hashes, in order.
    pub fn hashes(&self) -> &[u32] {
        &self.0
    }

    /// Whether a function is linked, or another with the same hash.
    pub fn contains(&self, path: &str, symbol: &str) -> bool {
        self.0.binary_search(&LinkedFunctions::hash(path, symbol)).is_ok()
    }
}

/// Whether vulnerable code is part of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Reachable {
    /// It is linked into the program.
    Yes,
    /// The program's functions are known, and none of the vulnerable ones is among them.
    No,
    /// Nobody says which functions are vulnerable, or which are in the program.
    #[default]
    Unknown,
}

impl Reachable {
    /// Every answer, in the order of the manual.
    pub const ALL: [Reachable; 3] = [Reachable::Yes, Reachable::No, Reachable::Unknown];

    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Reachable::Yes => "yes",
            Reachable::No => "no",
            Reachable::Unknown => "unknown",
        }
    }

    /// The answer in words, for people; `None` where there is none to give.
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Reachable::Yes => Some("vulnerable code is linked into the program"),
            Reachable::No => Some("vulnerable code is not linked into the program"),
            Reachable::Unknown => None,
        }
    }

    /// Whether code of `package` is among its linked functions.
    pub fn of(package: &str, functions: Option<&LinkedFunctions>, code: &[VulnerableCode]) -> Reachable {
        let mut places = code.iter().filter(|it| it.package == package).peekable();
        let (Some(functions), Some(_)) = (functions, places.peek()) else {
            return Reachable::Unknown;
        };
        let mut answer = Reachable::No;
        for place in places {
            let mut symbols = place.symbols.iter().map(String::as_str);
            if place.path.is_empty() {
                answer = Reachable::Unknown;
            } else if (place.symbols.is_empty() && functions.contains(&place.path, ""))
                || symbols.any(|symbol| functions.contains(&place.path, symbol))
            {
                return Reachable::Yes;
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(path: &str, symbols: &[&str]) -> VulnerableCode {
        VulnerableCode {
            package: "golang.org/x/net".to_owned(),
            path: path.to_owned(),
            symbols: symbols.iter().map(|&it| it.to_owned()).collect(),
        }
    }

    #[test]
    fn code_that_is_not_linked_cannot_be_reached_and_doubt_is_no_answer() {
        let linked = [("golang.org/x/net/http2", ""), ("golang.org/x/net/http2", "Framer.ReadFrame")];
        let linked = LinkedFunctions::new(linked.map(|(path, symbol)| LinkedFunctions::hash(path, symbol)));
        let of = |code: &[VulnerableCode]| Reachable::of("golang.org/x/net", Some(&linked), code);
        assert_eq!(
            of(&[code("golang.org/x/net/http2", &["Server.Serve", "Framer.ReadFrame"])]),
            Reachable::Yes
        );
        assert_eq!(of(&[code("golang.org/x/net/http2", &[])]), Reachable::Yes);
        assert_eq!(of(&[code("golang.org/x/net/html", &[])]), Reachable::No);
        assert_eq!(of(&[code("golang.org/x/net/http2", &["Server.Serve"])]), Reachable::No);
        assert_eq!(of(&[code("golang.org/x/net/html", &[]), code("", &[])]), Reachable::Unknown);
        assert_eq!(of(&[]), Reachable::Unknown);
        let known = [code("golang.org/x/net/html", &[])];
        assert_eq!(Reachable::of("golang.org/x/net", None, &known), Reachable::Unknown);
        assert_eq!(Reachable::of("golang.org/x/text", Some(&linked), &known), Reachable::Unknown);
    }
}
