//! The blocks of `spec/versions`: which version comes before which, what cannot be read, and
//! under which name advisories are filed.

use std::cmp::Ordering;
use std::fmt::Write;

use plimsoll_core::Ecosystem;
use plimsoll_testkit::spec::Case;

/// Knows nothing between two blocks.
#[derive(Default)]
pub(super) struct Orders;

impl Case for Orders {
    fn take(&mut self, kind: &str, lines: &[&str]) -> Result<Option<String>, String> {
        let (what, name) = kind.split_once(' ').ok_or("the ecosystem is missing")?;
        let ecosystem =
            crate::by_purl_type(name).ok_or_else(|| format!("`{name}` is the purl type of no ecosystem"))?;
        let show: fn(&dyn Ecosystem, &str) -> String = match what {
            "order" => order,
            "unreadable" => unreadable,
            "normalize" => normalize,
            other => return Err(format!("a block of a kind that is none: {other}")),
        };
        let lines = lines.iter().filter(|line| !line.trim().is_empty());
        Ok(Some(lines.map(|line| show(ecosystem, line) + "\n").collect()))
    }
}

/// `a < b = c` with the signs that hold, and a word for each pair that contradicts them: every
/// two of a chain are compared, in both directions.
fn order(ecosystem: &dyn Ecosystem, line: &str) -> String {
    let versions = versions(line);
    let signs: Vec<Option<Ordering>> =
        versions.windows(2).map(|pair| ecosystem.compare(pair[0], pair[1]).ok()).collect();
    let mut text = versions.first().copied().unwrap_or_default().to_owned();
    for (sign, version) in signs.iter().zip(versions.iter().skip(1)) {
        let _ = write!(text, " {} {version}", sign_of(*sign));
    }
    for (at, left) in versions.iter().enumerate() {
        for (to, right) in versions.iter().enumerate().skip(at + 1) {
            let between = &signs[at..to];
            let expected = match (between.iter().find(|it| **it != Some(Ordering::Equal)), between.len()) {
                (None, _) => Some(Ordering::Equal),
                (Some(first), 1) => *first,
                // Only chains that never turn say what their ends come to.
                (Some(first), _) if between.iter().all(|it| it == first || *it == Some(Ordering::Equal)) => {
                    *first
                }
                _ => continue,
            };
            let forth = ecosystem.compare(left, right).ok();
            let back = ecosystem.compare(right, left).ok().map(Ordering::reverse);
            if (forth, back) != (expected, expected) {
                let _ = write!(text, "  ! {left} {} {right}", sign_of(forth));
            }
        }
    }
    text
}

/// The versions of a chain; a version may have blanks in it, signs have blanks around them.
fn versions(line: &str) -> Vec<&str> {
    let mut versions = Vec::new();
    let mut rest = line;
    while let Some((at, _)) =
        [" < ", " = ", " > ", " ? "].iter().filter_map(|sign| Some((rest.find(sign)?, sign))).min()
    {
        versions.push(rest[..at].trim());
        rest = &rest[at + 3..];
    }
    versions.push(rest.trim());
    versions
}

fn sign_of(order: Option<Ordering>) -> char {
    match order {
        Some(Ordering::Less) => '<',
        Some(Ordering::Equal) => '=',
        Some(Ordering::Greater) => '>',
        None => '?',
    }
}

/// `VERSION  (why)`.
fn unreadable(ecosystem: &dyn Ecosystem, line: &str) -> String {
    let version = line.split("  ").next().unwrap_or_default().trim();
    match ecosystem.compare(version, version) {
        Ok(_) => format!("{version}  is read"),
        Err(error) => format!("{version}  ({})", error.why),
    }
}

/// `name -> the name under which advisories are filed`.
fn normalize(ecosystem: &dyn Ecosystem, line: &str) -> String {
    let name = line.split(" -> ").next().unwrap_or_default().trim();
    format!("{name} -> {}", ecosystem.normalize(name))
}
