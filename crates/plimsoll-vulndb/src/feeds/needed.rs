//! Which feeds have to be there for silence about a realm to mean anything.
//!
//! A database may hold only some feeds. Where a realm's main feed is not among them, another that
//! says a little about the realm (announcements, rejections, a single project's list) makes it look
//! covered, and a scan would be clean of what nobody looked up. Realms of one feed alone need no row
//! here: without it they are not covered at all.

/// How a realm begins, and its main feeds, of which one has to be there.
static MAIN_FEEDS: &[(&str, &[&str])] = &[
    ("deb/debian:", &["debian", "debian-elts"]),
    ("deb/ubuntu:", &["ubuntu-tracker", "ubuntu-osv"]),
    ("apk/alpine:", &["alpine"]),
    ("golang", &["osv-go", "go-vulndb", "ghsa"]),
    ("cargo", &["osv-crates.io", "ghsa"]),
    ("pypi", &["osv-pypi", "ghsa"]),
    ("npm", &["osv-npm", "ghsa"]),
    ("gem", &["osv-rubygems", "ghsa"]),
    ("composer", &["osv-packagist", "ghsa"]),
    ("generic", &["nvd"]),
];

/// Records of one's own: who has them and nothing else of a realm has chosen that.
const OWN: &str = "osv-local";

/// The main feeds of a realm, if none of them is among those that are there.
pub fn missing_feeds(realm: &str, there: &[&str]) -> Option<&'static [&'static str]> {
    let is_of =
        |start: &str| realm.strip_prefix(start).is_some_and(|rest| rest.is_empty() || start.ends_with(':'));
    let (_, feeds) = MAIN_FEEDS.iter().find(|(start, _)| is_of(start))?;
    let is_there = there.iter().any(|id| *id == OWN || feeds.contains(id));
    (!is_there).then_some(*feeds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::by_id;

    #[test]
    fn a_realm_is_not_judged_by_its_lesser_feeds_alone() {
        assert_eq!(missing_feeds("golang", &["kubernetes", "osv-npm"]).unwrap()[0], "osv-go");
        assert!(missing_feeds("deb/debian:12", &["debian-announcements"]).is_some());
        assert_eq!(missing_feeds("deb/debian:12", &["debian"]), None);
        assert_eq!(missing_feeds("npm", &["osv-local"]), None);
        assert_eq!(missing_feeds("npmx", &[]), None);
        assert_eq!(missing_feeds("maven", &[]), None, "without its one feed it is not covered at all");
    }

    #[test]
    fn every_main_feed_is_one_of_the_table() {
        for feed in MAIN_FEEDS.iter().flat_map(|(_, feeds)| *feeds).chain([&OWN]) {
            assert!(by_id(feed).is_some(), "{feed}");
        }
    }
}
