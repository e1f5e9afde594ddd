//! Which channels an image of Red Hat's has, and how the others stand to it (rules 34 to 39).

use plimsoll_core::{CpeProduct, Distro, Package, cpe_channel};

use super::DNF;
use crate::versions::rpm::built_for;

/// The distribution itself.
const MAINLINE: &str = "enterprise_linux";

/// Extended supports of one minor release.
const EXTENDED: &[&str] = &[
    "enterprise_linux_aus",
    "enterprise_linux_e4s",
    "enterprise_linux_eus",
    "enterprise_linux_tus",
    "rhel_aus",
    "rhel_e4s",
    "rhel_eus",
    "rhel_eus_long_life",
    "rhel_tus",
];

/// Support of a release whose ordinary updates have ended: where all that is still said of it stands.
const AFTER_LIFE: &[&str] = &["enterprise_linux_els", "rhel_els"];

/// The repositories that every image of the distribution has (rule 39).
const DEFAULT_EDITIONS: &[&str] = &["baseos", "appstream", "crb"];

/// From this release on the distribution consists of `baseos` and `appstream`; before it of
/// editions (`server`, `client`) with all packages.
const FIRST_WITH_PARTS: u32 = 8;

/// How a channel stands to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// One of the distribution's own that the image has: nothing that needs to be said.
    Ordinary,
    /// Another one that the image has.
    Open,
    /// One that the image does not have, of the same packages: what it says of their being
    /// affected holds where the image's own channels are silent.
    Related,
    /// One that the image does not have, with fixes of the same packages.
    Closed,
    /// Of another product.
    Foreign,
}

/// The channels of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channels {
    major: u32,
    /// Without those of the distribution itself.
    others: Vec<String>,
    /// The editions of the distribution itself; `None` where it is not among the channels.
    mainline: Option<Vec<String>>,
    /// The minor release that the image stays at.
    extended_minor: Option<u32>,
    /// What the reader should know.
    notes: Vec<String>,
}

impl Channels {
    /// The channels of an image. `lookup` knows those of a repository by its id.
    ///
    /// `None` for a distribution that is not Red Hat's, or no rebuild of it without channels.
    pub fn of(distro: &Distro, lookup: &dyn Fn(&str) -> Option<Vec<String>>) -> Option<Channels> {
        if !matches!(distro.id.as_str(), "rhel" | "centos") {
            return None;
        }
        let mut numbers = distro.version_id.split('.').map(|it| it.parse::<u32>().ok());
        let major = numbers.next()??;
        let (mut named, mut labelled, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for repository in &distro.repositories {
            if let Some(id) = repository.strip_prefix(DNF) {
                // One that nobody knows is a machine's own name for something.
                labelled.extend(lookup(content_set(id)).unwrap_or_default());
                continue;
            }
            match (cpe_channel(repository), lookup(content_set(repository))) {
                (Some(channel), _) => labelled.push(channel),
                (None, Some(channels)) => named.extend(channels),
                (None, None) => unknown.push(repository.as_str()),
            }
        }
        let assumed = named.is_empty();
        named.append(&mut labelled);
        let mut channels = Channels::new(major, numbers.next().flatten(), named, assumed);
        channels.tell(assumed, &unknown);
        Some(channels)
    }

    /// The channels of an image that has these, and the ordinary ones if `assumed`.
    pub fn new(major: u32, minor: Option<u32>, mut named: Vec<String>, assumed: bool) -> Channels {
        named.sort_unstable();
        named.dedup();
        let mut mainline: Option<Vec<String>> = assumed.then(|| match major {
            FIRST_WITH_PARTS.. => DEFAULT_EDITIONS.iter().map(|&it| it.to_owned()).collect(),
            _ => vec![String::new()],
        });
        let mut minors = Vec::new();
        let mut others = Vec::new();
        for channel in named {
            let Some(product) = CpeProduct::read(&channel) else { continue };
            if product.product == MAINLINE && release(product).is_some_and(|(it, _)| it == major) {
                mainline.get_or_insert_default().push(product.edition.to_owned());
                continue;
            }
            if EXTENDED.contains(&product.product)
                && let Some((_, Some(minor))) = release(product)
            {
                minors.push(minor);
            }
            others.push(channel);
        }
        // A content set without a minor release belongs to several; the image knows its own.
        let own = minor.filter(|it| minors.contains(it)).or_else(|| minors.iter().copied().max());
        let extended_minor = own.filter(|_| mainline.is_none());
        Channels { major, others, mainline, extended_minor, notes: Vec::new() }
    }

    fn tell(&mut self, assumed: bool, unknown: &[&str]) {
        if assumed {
            self.notes.push(format!(
                "the image does not say which repositories its packages are from; the ordinary ones of \
                 Red Hat Enterprise Linux {} were assumed",
                self.major
            ));
        }
        if !unknown.is_empty() {
            let shown = unknown.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            let more = if unknown.len() > 5 { ", …" } else { "" };
            self.notes.push(format!(
                "the database does not know which products these repositories belong to: {shown}{more}"
            ));
        }
    }

    /// What the reader should know of how the channels were found.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether there are channels of other products, whose packages may be for any release.
    pub fn has_layered_products(&self) -> bool {
        let is_own = |channel: &String| {
            CpeProduct::read(channel)
                .is_some_and(|it| EXTENDED.contains(&it.product) || it.product == MAINLINE)
        };
        !self.others.iter().all(is_own)
    }

    /// How a channel stands to a package of the image.
    pub fn stand(&self, package: &Package, channel: &str) -> Stand {
        let Some(product) = CpeProduct::read(channel) else { return Stand::Foreign };
        let of_release = release(product).filter(|(major, _)| *major == self.major);
        match of_release {
            Some((_, minor)) if product.product == MAINLINE => self.of_mainline(product, minor, package),
            _ if self.is_open(product) => Stand::Open,
            Some(_) if AFTER_LIFE.contains(&product.product) => Stand::Related,
            Some((_, minor)) if EXTENDED.contains(&product.product) => match (self.extended_minor, minor) {
                (Some(own), Some(minor)) if minor <= own => Stand::Related,
                _ => Stand::Closed,
            },
            _ => Stand::Foreign,
        }
    }

    fn of_mainline(&self, product: CpeProduct<'_>, minor: Option<u32>, package: &Package) -> Stand {
        let Some(editions) = &self.mainline else { return Stand::Related };
        let has =
            editions.iter().any(|it| it.is_empty() || product.edition.is_empty() || it == product.edition);
        // What was said of an earlier minor release is not said of a package of a later one.
        let built = built_for(&package.version).and_then(|(_, minor)| minor);
        let is_past = matches!((minor, built), (Some(minor), Some(built)) if minor < built);
        if has && !is_past { Stand::Ordinary } else { Stand::Related }
    }

    fn is_open(&self, product: CpeProduct<'_>) -> bool {
        self.others.iter().filter_map(|it| CpeProduct::read(it)).any(|it| product.covers(it))
    }

    /// Whether a fix of a channel that the image does not have can be had all the same: in an
    /// extended support, if it was built for that minor release or before (rule 36). One that
    /// does not say for which it was built may be.
    pub fn can_have(&self, channel: &str, version: &str) -> bool {
        let Some(own) = self.extended_minor else { return false };
        let is_after_life = CpeProduct::read(channel).is_some_and(|it| AFTER_LIFE.contains(&it.product));
        !is_after_life
            && built_for(version)
                .is_none_or(|(major, minor)| major == self.major && minor.is_none_or(|minor| minor <= own))
    }
}

/// The id of a content set, without what builders append: `__8` says nothing, `__9_DOT_2` is part
/// of the name (rule 34).
fn content_set(id: &str) -> &str {
    match id.rsplit_once("__") {
        Some((before, after)) if !after.is_empty() && after.bytes().all(|it| it.is_ascii_digit()) => before,
        _ => id,
    }
}

/// The release in a product's version: `9.4`, `10`.
fn release(product: CpeProduct<'_>) -> Option<(u32, Option<u32>)> {
    let mut numbers = product.version.split('.');
    let major = numbers.next()?.parse().ok()?;
    Some((major, numbers.next().and_then(|it| it.parse().ok())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rhel(version_id: &str, repositories: &[&str]) -> Channels {
        let distro = Distro {
            id: "rhel".to_owned(),
            version_id: version_id.to_owned(),
            repositories: repositories.iter().map(|&it| it.to_owned()).collect(),
            ..Distro::default()
        };
        let lookup = |id: &str| -> Option<Vec<String>> {
            let channels: &[&str] = match id {
                "rhel-9-for-x86_64-baseos-rpms" => &["enterprise_linux:9::baseos"],
                "rhel-10-for-x86_64-baseos-rpms" => &["enterprise_linux:10.0::baseos"],
                "rhel-9-for-x86_64-baseos-eus-rpms" => {
                    &["rhel_eus:9.0::baseos", "rhel_eus:9.2::baseos", "rhel_eus:9.4::baseos"]
                }
                "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2" => &["rhel_eus:9.2::baseos"],
                "rhocp-4.13-for-rhel-9-x86_64-rpms" => &["openshift:4.13::el9"],
                _ => return None,
            };
            Some(channels.iter().map(|&it| it.to_owned()).collect())
        };
        Channels::of(&distro, &lookup).unwrap()
    }

    #[test]
    fn what_dnf_remembers_is_had_besides_the_ordinary_repositories() {
        let channels = rhel("9.4", &["dnf:rhocp-4.13-for-rhel-9-x86_64-rpms", "dnf:my-mirror"]);
        check(&channels, "1.0-1.el9", "openshift:4.13::el9", Stand::Open);
        check(&channels, "1.0-1.el9", "enterprise_linux:9::baseos", Stand::Ordinary);
        check(&channels, "1.0-1.el9", "rhel_eus:9.4::baseos", Stand::Closed);
        assert_eq!(channels.notes().len(), 1, "{:?}", channels.notes());
    }

    #[track_caller]
    fn check(channels: &Channels, version: &str, channel: &str, expected: Stand) {
        let package = Package { version: version.to_owned(), ..Package::default() };
        assert_eq!(channels.stand(&package, channel), expected, "{channel} for {version}");
    }

    #[test]
    fn rule_39_an_image_that_says_nothing_has_the_ordinary_repositories() {
        for (version_id, channel, expected) in [
            ("9.4", "enterprise_linux:9", Stand::Ordinary),
            ("9.4", "enterprise_linux:9::baseos", Stand::Ordinary),
            ("9.4", "enterprise_linux:9::crb", Stand::Ordinary),
            ("9.4", "enterprise_linux:9::nfv", Stand::Related),
            ("9.4", "enterprise_linux:8::baseos", Stand::Foreign),
            ("9.4", "rhel_eus:9.4::baseos", Stand::Closed),
            ("9.4", "openshift:4.13::el9", Stand::Foreign),
            ("10.0", "enterprise_linux:10.1", Stand::Ordinary),
            ("7.9", "enterprise_linux:7::server", Stand::Ordinary),
            ("7.9", "rhel_els:7", Stand::Related),
        ] {
            let channels = rhel(version_id, &[]);
            check(&channels, "1-1", channel, expected);
            assert_eq!(channels.notes().len(), 1);
        }
    }

    #[test]
    fn rule_34_content_sets_are_known_without_what_builders_append() {
        let channels = rhel("9.4", &["rhel-9-for-x86_64-baseos-rpms__9"]);
        check(&channels, "1-1", "enterprise_linux:9::baseos", Stand::Ordinary);
        check(&channels, "1-1", "enterprise_linux:9::appstream", Stand::Related);
        assert_eq!(channels.notes(), [] as [&str; 0]);
        let channels = rhel("9.2", &["rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2"]);
        check(&channels, "1-1", "rhel_eus:9.2::baseos", Stand::Open);
    }

    #[test]
    fn rule_36_an_image_of_extended_support_stays_at_its_minor_release() {
        let channels = rhel("9.4", &["rhel-9-for-x86_64-baseos-eus-rpms"]);
        check(&channels, "1-1", "rhel_eus:9.4::baseos", Stand::Open);
        check(&channels, "1-1", "rhel_eus:9.4", Stand::Open);
        check(&channels, "1-1", "rhel_eus:9.6::baseos", Stand::Closed);
        check(&channels, "1-1", "enterprise_linux:9::baseos", Stand::Related);
        for (version, expected) in [
            ("1.0-2.el9_5", false),
            ("1.0-2.el9_4.1", true),
            ("1.0-2.el9_2", true),
            ("1.0-2.el9", true),
            ("1.0-2.el8", false),
            ("1.0-2", true),
        ] {
            assert_eq!(channels.can_have("enterprise_linux:9::baseos", version), expected, "{version}");
        }
    }

    #[test]
    fn what_is_said_of_an_earlier_minor_release_is_not_said_of_a_later_package() {
        let channels = rhel("10.1", &["rhel-10-for-x86_64-baseos-rpms"]);
        check(&channels, "1-1.el10_0", "enterprise_linux:10.0", Stand::Ordinary);
        check(&channels, "1-1.el10_1", "enterprise_linux:10.0", Stand::Related);
        check(&channels, "1-1.el10_1", "enterprise_linux:10.2::baseos", Stand::Ordinary);
    }

    #[test]
    fn layered_products_are_open_where_the_image_has_their_repository() {
        let channels = rhel(
            "9.4",
            &["rhel-9-for-x86_64-baseos-rpms", "rhocp-4.13-for-rhel-9-x86_64-rpms", "unheard-of"],
        );
        check(&channels, "1-1", "openshift:4", Stand::Open);
        check(&channels, "1-1", "openshift:4.1::el9", Stand::Foreign);
        assert!(channels.has_layered_products());
        assert!(channels.notes()[0].contains("unheard-of"));
    }
}
