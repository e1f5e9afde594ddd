//! The digests of what a report was made from: the inventory and the matcher.
//!
//! The canonical form of an inventory, before it is hashed, is text:
//!
//! ```text
//! plimsoll inventory 2
//! distro       id, version_id, codename, repository_release, cpe
//! repository   id                                one line a repository
//! platform     as displayed
//! layer        diff_id                        one line a layer, base first
//! package      purl, path, layer, extractor, kind, name, version, architecture, source name,
//!              source version, source rpm, vendor, module, licence, evidence, owner,
//!              SHA-256 of its linked functions' hashes                       sorted
//! problem      kind, what, layer, path, hides findings                       sorted
//! unnamed      path, label, SHA-1 (of archives that nobody names)            sorted
//! ```
//!
//! Fields stand between tabs, a line ends in a newline. In a field, backslash, tab, newline and
//! carriage return are written `\\`, `\t`, `\n` and `\r`; bytes of a path that are no UTF-8 as
//! `\xNN`; a field that is not there is `\0`. So two inventories have one form only if they are
//! the same. What only people read (the distribution's pretty name, a layer's instruction and
//! size) is left out.

use plimsoll_core::{
    Digest, ImagePath, InstalledPackage, Inventory, LinkedFunctions, Problem, UnnamedArchive,
};
use sha2::{Digest as _, Sha256};

/// Raised whenever the same inventory and snapshot may give another result.
pub const MATCHER_VERSION: u32 = 5;

/// The digest of the matcher: [`MATCHER_VERSION`] and a text that changes with the ecosystems'
/// table, one line for each row with its version.
pub fn matcher_digest(ecosystems: &str) -> Digest {
    let text = format!("plimsoll matcher {MATCHER_VERSION}\n{ecosystems}");
    Digest::sha256(Sha256::digest(text.as_bytes()).into())
}

/// The digest of an inventory's canonical form.
pub fn inventory_digest(inventory: &Inventory) -> Digest {
    Digest::sha256(Sha256::digest(canonical(inventory).as_bytes()).into())
}

fn canonical(inventory: &Inventory) -> String {
    let mut text = String::from("plimsoll inventory 2\n");
    if let Some(distro) = &inventory.distro {
        let fields = [
            Some(distro.id.as_bytes()),
            Some(distro.version_id.as_bytes()),
            distro.codename.as_ref().map(String::as_bytes),
            distro.repository_release.as_ref().map(String::as_bytes),
            distro.cpe.as_ref().map(String::as_bytes),
        ];
        text.push_str(&line("distro", fields));
        for repository in &distro.repositories {
            text.push_str(&line("repository", [Some(repository.as_bytes())]));
        }
    }
    if let Some(platform) = &inventory.platform {
        text.push_str(&line("platform", [Some(platform.to_string().as_bytes())]));
    }
    for layer in &inventory.layers {
        text.push_str(&line("layer", [Some(layer.diff_id.to_string().as_bytes())]));
    }
    for sorted in [
        inventory.packages.iter().map(|it| package(it, &inventory.packages)).collect::<Vec<_>>(),
        inventory.problems.iter().map(problem).collect(),
        inventory.unnamed.iter().map(|(path, archive)| unnamed(path, archive)).collect(),
    ] {
        let mut lines = sorted;
        lines.sort_unstable();
        text.extend(lines);
    }
    text
}

fn package(installed: &InstalledPackage, all: &[InstalledPackage]) -> String {
    let owner = installed.owner.and_then(|owner| all.get(owner.0));
    let package = &installed.package;
    let origin = &installed.origin;
    let layer = origin.layer.map(|index| index.to_string());
    let source = package.source.as_ref();
    let functions = package.functions.as_ref().map(functions);
    line(
        "package",
        [
            Some(installed.purl.as_bytes()),
            Some(origin.path.as_bytes()),
            layer.as_ref().map(String::as_bytes),
            Some(origin.extractor.as_bytes()),
            Some(package.kind.as_bytes()),
            Some(package.name.as_bytes()),
            Some(package.version.as_bytes()),
            package.architecture.as_ref().map(String::as_bytes),
            source.map(|it| it.name.as_bytes()),
            source.and_then(|it| it.version.as_ref()).map(String::as_bytes),
            package.source_rpm.as_ref().map(String::as_bytes),
            package.vendor.as_ref().map(String::as_bytes),
            package.module.as_ref().map(String::as_bytes),
            package.license.as_ref().map(String::as_bytes),
            Some(package.evidence.name().as_bytes()),
            owner.map(|it| it.purl.as_bytes()),
            functions.as_ref().map(String::as_bytes),
        ],
    )
}

/// Each hash as four bytes, the lowest first.
fn functions(linked: &LinkedFunctions) -> String {
    let bytes: Vec<u8> = linked.hashes().iter().flat_map(|hash| hash.to_le_bytes()).collect();
    Digest::sha256(Sha256::digest(bytes).into()).to_string()
}

/// Which packages it is depends on its bytes, and on the snapshot.
fn unnamed(path: &ImagePath, archive: &UnnamedArchive) -> String {
    let sha1: String = archive.sha1.iter().map(|byte| format!("{byte:02x}")).collect();
    line("unnamed", [path.as_bytes(), archive.label.as_bytes(), sha1.as_bytes()].map(Some))
}

fn problem(problem: &Problem) -> String {
    let layer = problem.layer.map(|it| it.to_string());
    line(
        "problem",
        [
            Some(problem.kind.name().as_bytes()),
            Some(problem.what.as_bytes()),
            layer.as_ref().map(String::as_bytes),
            problem.path.as_ref().map(|it| it.as_bytes()),
            Some(if problem.hides_findings { b"hides" } else { b"harmless" }),
        ],
    )
}

fn line<const FIELDS: usize>(tag: &str, fields: [Option<&[u8]>; FIELDS]) -> String {
    let bytes: usize = fields.iter().map(|field| field.map_or(3, |bytes| bytes.len() + 1)).sum();
    let mut text = String::with_capacity(tag.len() + bytes + 1);
    text.push_str(tag);
    for field in fields {
        text.push('\t');
        match field {
            None => text.push_str("\\0"),
            Some(bytes) => escape(bytes, &mut text),
        }
    }
    text.push('\n');
    text
}

fn escape(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        escape_text(chunk.valid(), out);
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
}

fn escape_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(match special.as_bytes().first() {
            Some(b'\\') => "\\\\",
            Some(b'\t') => "\\t",
            Some(b'\n') => "\\n",
            _ => "\\r",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_core::{Distro, ImagePath, Origin, Package};

    fn inventory(names: &[&str]) -> Inventory {
        let installed = |name: &&str| InstalledPackage {
            package: Package { kind: "x".into(), name: (*name).into(), ..Package::default() },
            purl: format!("pkg:x/{name}"),
            origin: Origin { path: ImagePath::new("db"), layer: Some(0), extractor: "os/x".into() },
            owner: None,
        };
        Inventory { packages: names.iter().map(installed).collect(), ..Inventory::default() }
    }

    #[test]
    fn the_order_of_packages_does_not_matter_and_everything_else_does() {
        assert_eq!(inventory_digest(&inventory(&["a", "b"])), inventory_digest(&inventory(&["b", "a"])));
        assert_ne!(inventory_digest(&inventory(&["a"])), inventory_digest(&inventory(&["a", "a"])));
        assert_ne!(inventory_digest(&inventory(&["a\tb"])), inventory_digest(&inventory(&["a\\tb"])));
        let mut other = inventory(&["a"]);
        other.packages[0].package.architecture = Some(String::new());
        assert_ne!(inventory_digest(&inventory(&["a"])), inventory_digest(&other));
    }

    #[test]
    fn linked_functions_and_the_product_are_part_of_it() {
        let plain = inventory(&["a"]);
        let linked = |hashes: &[u32]| {
            let mut it = plain.clone();
            it.packages[0].package.functions = Some(LinkedFunctions::new(hashes.iter().copied()));
            inventory_digest(&it)
        };
        assert_ne!(inventory_digest(&plain), linked(&[]));
        assert_ne!(linked(&[]), linked(&[1]));
        assert_eq!(linked(&[1, 2]), linked(&[2, 1]));
        let of = |cpe: Option<&str>| {
            let distro = Distro { cpe: cpe.map(str::to_owned), ..Distro::default() };
            inventory_digest(&Inventory { distro: Some(distro), ..plain.clone() })
        };
        assert_ne!(of(None), of(Some("cpe:/o:v:os:9")));
    }

    #[test]
    fn the_canonical_form_is_as_documented() {
        let mut inventory = inventory(&["a\n"]);
        inventory.problems.push(Problem::new(plimsoll_core::ProblemKind::Limit, "too many"));
        assert_eq!(
            canonical(&inventory),
            "plimsoll inventory 2\n\
             package\tpkg:x/a\\n\tdb\t0\tos/x\tx\ta\\n\t\t\\0\t\\0\t\\0\t\\0\t\\0\t\\0\t\\0\tinstalled\t\\0\t\\0\n\
             problem\tlimit\ttoo many\t\\0\t\\0\thides\n"
        );
    }
}
