//! Every version order of the table must be an order. The first byte chooses one; then three
//! versions, a line each.

use std::cmp::Ordering;

use plimsoll_core::Ecosystem;
use plimsoll_ecosystems::ECOSYSTEMS;

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((chosen, rest)) = input.split_first() else { return };
    let ecosystem = ECOSYSTEMS[usize::from(*chosen) % ECOSYSTEMS.len()];
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let mut lines = text.splitn(3, '\n');
    let [a, b, c] = [(); 3].map(|()| lines.next().unwrap_or_default());
    for version in [a, b, c] {
        let _ = ecosystem.normalize(version);
        if let Ok(order) = ecosystem.compare(version, version) {
            assert_eq!(order, Ordering::Equal, "{version:?}");
        }
    }
    for (left, right) in [(a, b), (b, c), (a, c)] {
        antisymmetric(ecosystem, left, right);
    }
    if !NOT_TRANSITIVE.contains(&ecosystem.purl_type()) {
        transitive(ecosystem, a, b, c);
    }
}

/// Orders that follow tools whose own order is none: rpm takes a missing release for any; pacman's
/// `vercmp` looks at how long separators are only where both sides go on, `. > ..rr0 > 1.__ > .`; Maven's
/// `1-sp < 1.0-.RC-sp < 1-0 < 1-sp`; Conan compares a number and a word as text; PHP's
/// `version_compare` has `1.gr0 = 1.` and yet other words between them.
const NOT_TRANSITIVE: &[&str] = &["rpm", "alpm", "maven", "conan", "wordpress"];

fn antisymmetric(ecosystem: &dyn Ecosystem, left: &str, right: &str) {
    let there = ecosystem.compare(left, right);
    let back = ecosystem.compare(right, left);
    assert_eq!(there.is_ok(), back.is_ok(), "{left:?} {right:?}");
    if let (Ok(there), Ok(back)) = (there, back) {
        assert_eq!(there, back.reverse(), "{left:?} {right:?}");
    }
}

fn transitive(ecosystem: &dyn Ecosystem, a: &str, b: &str, c: &str) {
    let order = |left, right| ecosystem.compare(left, right);
    if let (Ok(ab), Ok(bc), Ok(ac)) = (order(a, b), order(b, c), order(a, c)) {
        let broken = match (ab, bc) {
            (Ordering::Less, Ordering::Less | Ordering::Equal) => ac != Ordering::Less,
            (Ordering::Greater, Ordering::Greater | Ordering::Equal) => ac != Ordering::Greater,
            (Ordering::Equal, bc) => ac != bc,
            _ => false,
        };
        assert!(!broken, "{}: {a:?} {b:?} {c:?}: {ab:?} {bc:?} {ac:?}", ecosystem.purl_type());
    }
}
