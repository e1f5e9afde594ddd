//! What a bill of materials says, and the inventory that it comes to.

use std::collections::BTreeMap;

use plimsoll_core::{
    Digest, Distro, ImagePath, InstalledPackage, Inventory, Origin, Package, Problem, ProblemKind,
};

use crate::by_purl_type;

/// A bill of materials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The format with its version, for people: `CycloneDX 1.6 JSON`.
    pub format: String,
    /// What read it, as the origin of its packages: `sbom/cyclonedx`.
    pub reader: &'static str,
    /// What the document says it describes.
    pub name: Option<String>,
    /// The digest of the image that it says it describes.
    pub digest: Option<Digest>,
    /// The distribution that it names, or else that most of its package URLs name.
    pub distro: Option<Distro>,
    /// Its packages in its order, each once.
    pub packages: Vec<Listed>,
    /// What of it could not be used.
    pub problems: Vec<Problem>,
}

/// A package of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is. Of a type that is no ecosystem here its names are as the package URL has them.
    pub package: Package,
    /// Its package URL, as the document has it.
    pub purl: String,
    /// Where the document says that it lies.
    pub path: Option<ImagePath>,
}

/// Types that name no package of an ecosystem, so that nothing is missed without them.
const IMAGES_AND_SOURCES: &[&str] = &["bitbucket", "github", "gitlab", "huggingface", "mlflow", "swid"];

/// Foreign types told one by one; some forty are defined.
const TYPES_MAX: usize = 50;

impl Document {
    /// The document as an inventory, in the place of one that was scanned.
    pub fn into_inventory(self) -> Inventory {
        let installed = |Listed { package, purl, path }| InstalledPackage {
            package: Package { purl: Some(purl.clone()), ..package },
            purl,
            origin: Origin {
                path: path.unwrap_or_else(ImagePath::root),
                layer: None,
                extractor: self.reader.to_owned(),
            },
            owner: None,
        };
        let mut packages: Vec<InstalledPackage> = self.packages.into_iter().map(installed).collect();
        packages
            .sort_by(|left, right| (&left.purl, &left.origin.path).cmp(&(&right.purl, &right.origin.path)));
        Inventory { distro: self.distro, packages, problems: self.problems, ..Inventory::default() }
    }

    /// The packages of ecosystems that are known here, and the problems; of the other packages
    /// it is said how many there are. For documents found inside of images, which are only one
    /// witness among several.
    pub(crate) fn into_known(self) -> (Vec<Package>, Vec<Problem>) {
        let (mut known, mut problems) = (Vec::new(), self.problems);
        let mut foreign: BTreeMap<String, usize> = BTreeMap::new();
        for Listed { package, .. } in self.packages {
            if by_purl_type(&package.kind).is_some() {
                known.push(package);
            } else if foreign.len() < TYPES_MAX || foreign.contains_key(&package.kind) {
                *foreign.entry(package.kind).or_default() += 1;
            }
        }
        for (kind, count) in foreign {
            let what = format!("{count} package URLs are of type `{kind}`, which is no ecosystem known here");
            let mut problem = Problem::new(ProblemKind::NotCovered, what);
            problem.hides_findings = !IMAGES_AND_SOURCES.contains(&&*kind);
            problems.push(problem);
        }
        (known, problems)
    }
}
