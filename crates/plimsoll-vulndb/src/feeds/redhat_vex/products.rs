//! What the product ids of a document stand for: a product by its CPE, a component by its purl,
//! and a component in a product where a relationship joins the two.
//!
//! Ids are never taken apart: what they look like has changed more than once.

use std::collections::HashMap;

use plimsoll_core::{Purl, cpe_channel};

use super::super::shared::{package_name, version};
use super::document::{Branch, Product, ProductTree};

/// How many relationships may lead from an id to its product: package, module, product.
const STEPS_MAX: usize = 8;

/// A component, as its purl says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Component {
    Package(Package),
    /// A module's stream, `nodejs:20`, which packages are components of.
    Module(String),
    /// A whole image: its repository, and the digest if one image is meant.
    Image {
        repository: String,
        digest: Option<String>,
        architecture: Option<String>,
    },
    /// A component without a purl, which in old documents is a package.
    Unnamed,
    /// Another kind of thing: a jar, a Go module.
    Other,
    /// A purl that cannot be right.
    Unreadable(&'static str),
}

/// A package of rpm's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) name: String,
    /// With the epoch, if that is not zero.
    pub(super) version: Option<String>,
    pub(super) architecture: Option<String>,
    /// `name:stream`.
    pub(super) module: Option<String>,
}

/// What an id means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meant<'p> {
    /// The product's channel.
    pub(super) channel: &'p str,
    /// The id of the component, and what it is.
    pub(super) component: Option<(&'p str, &'p Component)>,
    /// The module that it is a component of.
    pub(super) module: Option<&'p str>,
}

/// All that a document names.
pub(super) struct Products<'a> {
    channels: HashMap<&'a str, String>,
    components: HashMap<&'a str, Component>,
    joined: HashMap<&'a str, (&'a str, &'a str)>,
}

impl<'a> Products<'a> {
    pub(super) fn of(tree: &'a ProductTree<'_>) -> Products<'a> {
        let mut products =
            Products { channels: HashMap::new(), components: HashMap::new(), joined: HashMap::new() };
        let mut waiting: Vec<&'a Branch<'_>> = tree.branches.iter().collect();
        while let Some(branch) = waiting.pop() {
            waiting.extend(&branch.branches);
            branch.product.iter().for_each(|it| products.add(it));
        }
        tree.full_product_names.iter().for_each(|it| products.add(it));
        for relationship in &tree.relationships {
            let parts =
                (relationship.product_reference.as_str(), relationship.relates_to_product_reference.as_str());
            products.joined.insert(relationship.full_product_name.product_id.as_str(), parts);
        }
        products
    }

    fn add(&mut self, product: &'a Product<'_>) {
        let id = product.product_id.as_str();
        let helper = &product.product_identification_helper;
        if let Some(channel) = helper.cpe.as_ref().and_then(|it| cpe_channel(it.as_str())) {
            self.channels.insert(id, channel);
            return;
        }
        self.components
            .insert(id, helper.purl.as_ref().map_or(Component::Unnamed, |it| component(it.as_str())));
    }

    /// What an id means, or what is wrong with it.
    pub(super) fn meant<'p>(&'p self, id: &'p str) -> Result<Meant<'p>, &'static str> {
        let (mut product, mut meant) = (id, None);
        let mut module = None;
        for _ in 0..STEPS_MAX {
            if let Some((&part, &whole)) = self.joined.get(product).map(|(part, whole)| (part, whole)) {
                product = whole;
                match self.components.get(part) {
                    Some(Component::Module(stream)) => module = module.or(Some(stream.as_str())),
                    Some(component) => meant = meant.or(Some((part, component))),
                    None => return Err("a component that is not in the product tree"),
                }
                continue;
            }
            let channel = self.channels.get(product).ok_or("a product without a CPE")?;
            return Ok(Meant { channel, component: meant, module });
        }
        Err("a product that is a component of itself")
    }
}

fn component(purl: &str) -> Component {
    let Some(purl) = Purl::parse(purl) else {
        return Component::Unreadable("a purl that is none");
    };
    match purl.kind.as_str() {
        "rpm" => package(&purl),
        "rpmmod" => match purl.version.as_deref().map(|it| format!("{}:{it}", purl.name)) {
            Some(label) => stream(&label).map_or(NO_STREAM, Component::Module),
            None => NO_STREAM,
        },
        "oci" => image(&purl),
        _ => Component::Other,
    }
}

const NO_STREAM: Component = Component::Unreadable("a module without a stream");

fn package(purl: &Purl) -> Component {
    let Some(name) = package_name(&purl.name) else {
        return Component::Unreadable("a package name that cannot be one");
    };
    let given = purl.version.as_deref();
    if given.is_some_and(|it| version(it).is_none()) {
        return Component::Unreadable("a version that cannot be one");
    }
    let epoch = match purl.qualifier("epoch").map(str::parse::<u32>) {
        None | Some(Ok(0)) => None,
        Some(Ok(epoch)) => Some(epoch),
        Some(Err(_)) => return Component::Unreadable("an epoch that is no number"),
    };
    let module = match purl.qualifier("rpmmod").map(stream) {
        Some(Some(module)) => Some(module),
        Some(None) => return NO_STREAM,
        // A module's build in the place of a package: its version is the stream.
        None => given.and_then(module_build).map(|stream| format!("{name}:{stream}")),
    };
    Component::Package(Package {
        name: name.to_owned(),
        version: given.map(|it| epoch.map_or_else(|| it.to_owned(), |epoch| format!("{epoch}:{it}"))),
        architecture: purl.qualifier("arch").map(str::to_owned),
        module,
    })
}

/// `name:stream` of a module's label, `perl-FCGI:0.78:8060020250604201935:513b2a65`.
fn stream(label: &str) -> Option<String> {
    let mut parts = label.split(':');
    let (name, stream) = (parts.next()?, parts.next()?);
    let is_word = |it: &str| !it.is_empty() && it.len() <= 128 && !it.contains(char::is_whitespace);
    (is_word(name) && is_word(stream)).then(|| format!("{name}:{stream}"))
}

/// The stream in a version that is a module's build, `3.9-8100020240826142629.d47b87a4`: stream,
/// number of the build with its date, context.
fn module_build(version: &str) -> Option<&str> {
    let (stream, release) = version.rsplit_once('-')?;
    let (build, context) = release.split_once('.')?;
    let is_build = (15..=20).contains(&build.len()) && build.bytes().all(|it| it.is_ascii_digit());
    let is_context = context.len() == 8 && context.bytes().all(|it| it.is_ascii_hexdigit());
    (is_build && is_context && !stream.is_empty()).then_some(stream)
}

fn image(purl: &Purl) -> Component {
    let own = match &purl.namespace {
        Some(namespace) => format!("{namespace}/{}", purl.name),
        None => purl.name.clone(),
    };
    let repository = purl.qualifier("repository_url").unwrap_or(&own);
    let Some(repository) = package_name(repository) else {
        return Component::Unreadable("an image's repository that cannot be one");
    };
    let digest = purl.version.as_deref().filter(|it| it.starts_with("sha256:"));
    if digest.is_some_and(|it| it.len() != 71 || version(it).is_none()) {
        return Component::Unreadable("an image's digest that cannot be one");
    }
    Component::Image {
        repository: repository.to_owned(),
        digest: digest.map(str::to_owned),
        architecture: purl.qualifier("arch").map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(purl: &str, expected: &str) {
        let actual = match component(purl) {
            Component::Package(it) => format!(
                "{} {} {} {}",
                it.name,
                it.version.as_deref().unwrap_or("-"),
                it.architecture.as_deref().unwrap_or("-"),
                it.module.as_deref().unwrap_or("-")
            ),
            Component::Image { repository, digest, .. } => {
                format!("image {repository} {}", digest.map_or(0, |it| it.len()))
            }
            other => format!("{other:?}"),
        };
        assert_eq!(actual, expected, "{purl}");
    }

    #[test]
    fn purls_say_epoch_module_and_architecture() {
        check("pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&epoch=1", "openssl 1:3.0.7-27.el9 x86_64 -");
        check("pkg:rpm/redhat/curl@7.76.1-26.el9?arch=src", "curl 7.76.1-26.el9 src -");
        check("pkg:rpm/redhat/libcurl", "libcurl - - -");
        check(
            "pkg:rpm/redhat/perl-FCGI@0.78-11.module%2Bel8.6.0%2B23193%2B83e23a7a.1?arch=src&epoch=1&rpmmod=perl-FCGI:0.78:8060020250604201935:513b2a65",
            "perl-FCGI 1:0.78-11.module+el8.6.0+23193+83e23a7a.1 src perl-FCGI:0.78",
        );
        check("pkg:rpm/redhat/python2?arch=src&rpmmod=gimp:flatpak", "python2 - src gimp:flatpak");
        check("pkg:rpm/redhat/podman?arch=src&rpmmod=container-tools", &format!("{NO_STREAM:?}"));
        check("pkg:rpmmod/redhat/nodejs@20:8080020231009152417:63b34585", r#"Module("nodejs:20")"#);
        check("pkg:maven/org.yaml/snakeyaml@1.33", "Other");
        check("pkg:rpm/redhat/a?epoch=x", r#"Unreadable("an epoch that is no number")"#);
    }

    #[test]
    fn a_build_of_a_module_is_no_version_of_a_package() {
        check(
            "pkg:rpm/redhat/python39@3.9-8100020240826142629.d47b87a4?epoch=0",
            "python39 3.9-8100020240826142629.d47b87a4 - python39:3.9",
        );
        check("pkg:rpm/redhat/tzdata@2024a-1.el9", "tzdata 2024a-1.el9 - -");
    }

    #[test]
    fn images_are_known_by_repository_and_digest() {
        let digest = "a".repeat(64);
        check(
            &format!(
                "pkg:oci/sso@sha256:{digest}?arch=s390x&repository_url=registry.redhat.io/rh-sso-7/sso&tag=7.6-22"
            ),
            "image registry.redhat.io/rh-sso-7/sso 71",
        );
        check(
            "pkg:oci/openshift-logging/elasticsearch6-rhel8",
            "image openshift-logging/elasticsearch6-rhel8 0",
        );
        check(
            "pkg:oci/sso@sha256:1?repository_url=r/sso",
            r#"Unreadable("an image's digest that cannot be one")"#,
        );
    }
}
