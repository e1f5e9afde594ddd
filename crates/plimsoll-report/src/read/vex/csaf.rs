//! CSAF 2.0 (OASIS, sections 3.2.2 "product tree" and 3.2.3 "vulnerabilities"; profile "VEX").
//!
//! A product that stands in a relationship to another is read as a part of it.

use std::collections::{BTreeMap, HashMap};

use plimsoll_core::{Timestamp, VexIdentifier, VexProduct, VexStatement, VexStatus};
use serde::Deserialize;

use super::super::ReadError;
use super::super::json::{nullable, parse};
use super::{VexDocument, hash, identifier, problem};

#[derive(Deserialize)]
struct Document {
    document: Head,
    #[serde(default, deserialize_with = "nullable")]
    product_tree: Tree,
    #[serde(default, deserialize_with = "nullable")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct Head {
    publisher: Option<Publisher>,
    tracking: Option<Tracking>,
}

#[derive(Deserialize)]
struct Publisher {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Tracking {
    current_release_date: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tree {
    #[serde(deserialize_with = "nullable")]
    branches: Vec<Branch>,
    #[serde(deserialize_with = "nullable")]
    full_product_names: Vec<Product>,
    #[serde(deserialize_with = "nullable")]
    relationships: Vec<Relationship>,
    #[serde(deserialize_with = "nullable")]
    product_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default, deserialize_with = "nullable")]
    branches: Vec<Branch>,
    product: Option<Product>,
}

#[derive(Deserialize)]
struct Product {
    product_id: String,
    #[serde(default)]
    name: String,
    product_identification_helper: Option<Helper>,
}

#[derive(Deserialize)]
struct Helper {
    purl: Option<String>,
    cpe: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    hashes: Vec<Hashes>,
}

#[derive(Deserialize)]
struct Hashes {
    #[serde(default, deserialize_with = "nullable")]
    file_hashes: Vec<FileHash>,
}

#[derive(Deserialize)]
struct FileHash {
    algorithm: String,
    value: String,
}

#[derive(Deserialize)]
struct Relationship {
    product_reference: String,
    relates_to_product_reference: String,
    full_product_name: Product,
}

#[derive(Deserialize)]
struct Group {
    group_id: String,
    #[serde(default)]
    product_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Vulnerability {
    cve: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    ids: Vec<Id>,
    #[serde(default, deserialize_with = "nullable")]
    product_status: BTreeMap<String, Vec<String>>,
    #[serde(default, deserialize_with = "nullable")]
    flags: Vec<About>,
    #[serde(default, deserialize_with = "nullable")]
    threats: Vec<About>,
}

#[derive(Deserialize)]
struct Id {
    text: String,
}

/// A flag or a threat: something said of some products.
#[derive(Deserialize)]
struct About {
    label: Option<String>,
    category: Option<String>,
    details: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    product_ids: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    group_ids: Vec<String>,
}

pub(super) fn read(source: &str, text: &str, carried: bool) -> Result<VexDocument, ReadError> {
    let document: Document = parse(text, carried, "CSAF document")?;
    let products = Products::of(document.product_tree);
    let author = document.document.publisher.and_then(|it| it.name);
    let time = document.document.tracking.and_then(|it| it.current_release_date);
    let time: Option<Timestamp> = time.and_then(|it| it.parse().ok());
    let mut read = VexDocument { format: "CSAF", statements: Vec::new(), problems: Vec::new() };
    let mut unknown = 0_usize;
    for vulnerability in document.vulnerabilities {
        let names: Vec<String> = vulnerability
            .cve
            .iter()
            .cloned()
            .chain(vulnerability.ids.iter().map(|it| it.text.clone()))
            .collect();
        let reasons = Reasons::of(&vulnerability, &products);
        for (word, ids) in &vulnerability.product_status {
            let Some(status) = status(word) else { continue };
            for ((justification, text), ids) in reasons.grouped(ids) {
                let found: Vec<VexProduct> = ids.iter().filter_map(|id| products.get(id)).collect();
                unknown += ids.len() - found.len();
                read.statements.push(VexStatement {
                    source: source.to_owned(),
                    vulnerabilities: names.clone(),
                    products: found,
                    status,
                    justification: justification.map(str::to_owned),
                    text: text.map(str::to_owned),
                    author: author.clone(),
                    time,
                });
            }
        }
    }
    if unknown > 0 {
        let what = format!("{unknown} products are named that the product tree does not have");
        read.problems.push(problem(source, what));
    }
    Ok(read)
}

/// CSAF 3.2.3.9. What is recommended or first affected says nothing of other versions.
fn status(word: &str) -> Option<VexStatus> {
    match word {
        "known_not_affected" => Some(VexStatus::NotAffected),
        "fixed" | "first_fixed" => Some(VexStatus::Fixed),
        "known_affected" | "first_affected" | "last_affected" => Some(VexStatus::Affected),
        "under_investigation" => Some(VexStatus::UnderInvestigation),
        _ => None,
    }
}

/// The products of the tree by their ids.
struct Products {
    names: HashMap<String, Vec<VexIdentifier>>,
    /// Of an id: the part and the whole.
    parts: HashMap<String, (String, String)>,
    groups: HashMap<String, Vec<String>>,
}

impl Products {
    fn of(tree: Tree) -> Products {
        let mut products = Products { names: HashMap::new(), parts: HashMap::new(), groups: HashMap::new() };
        let mut waiting = tree.branches;
        while let Some(branch) = waiting.pop() {
            waiting.extend(branch.branches);
            products.extend(branch.product);
        }
        products.extend(tree.full_product_names);
        for relationship in tree.relationships {
            let id = relationship.full_product_name.product_id.clone();
            let both = (relationship.product_reference, relationship.relates_to_product_reference);
            products.parts.insert(id, both);
            products.extend(Some(relationship.full_product_name));
        }
        products.groups = tree.product_groups.into_iter().map(|it| (it.group_id, it.product_ids)).collect();
        products
    }

    fn extend(&mut self, products: impl IntoIterator<Item = Product>) {
        for product in products {
            let mut names = Vec::new();
            if let Some(helper) = product.product_identification_helper {
                names.extend(helper.purl.iter().map(|it| identifier(it)));
                names.extend(helper.cpe.map(VexIdentifier::Name));
                let hashes = helper.hashes.iter().flat_map(|it| &it.file_hashes);
                names.extend(hashes.filter_map(|it| hash(&it.algorithm, &it.value)));
            }
            if names.is_empty() && !product.name.is_empty() {
                names.push(VexIdentifier::Name(product.name));
            }
            self.names.insert(product.product_id, names);
        }
    }

    fn get(&self, id: &str) -> Option<VexProduct> {
        let Some((part, whole)) = self.parts.get(id) else {
            let identifiers = self.names.get(id)?.clone();
            return Some(VexProduct { identifiers, components: Vec::new() });
        };
        let component = self.part(part)?;
        Some(VexProduct { identifiers: self.names.get(whole)?.clone(), components: vec![component] })
    }

    /// The names of a part, which may be a relationship itself (a package of a module of a
    /// release): one step, as more say no more about the package.
    fn part(&self, id: &str) -> Option<Vec<VexIdentifier>> {
        let id = self.parts.get(id).map_or(id, |(inner, _)| inner);
        self.names.get(id).cloned()
    }
}

/// Why products are not affected: by product.
struct Reasons<'a> {
    labels: HashMap<&'a str, &'a str>,
    texts: HashMap<&'a str, &'a str>,
    text_for_all: Option<&'a str>,
}

type Reason<'a> = (Option<&'a str>, Option<&'a str>);

impl<'a> Reasons<'a> {
    fn of(vulnerability: &'a Vulnerability, products: &'a Products) -> Reasons<'a> {
        let mut reasons = Reasons { labels: HashMap::new(), texts: HashMap::new(), text_for_all: None };
        for flag in &vulnerability.flags {
            for id in meant(flag, products) {
                reasons.labels.extend(flag.label.as_deref().map(|label| (id, label)));
            }
        }
        for threat in vulnerability.threats.iter().filter(|it| it.category.as_deref() == Some("impact")) {
            if threat.product_ids.is_empty() && threat.group_ids.is_empty() {
                reasons.text_for_all = threat.details.as_deref();
            }
            for id in meant(threat, products) {
                reasons.texts.extend(threat.details.as_deref().map(|details| (id, details)));
            }
        }
        reasons
    }

    /// Products with the same reason together.
    fn grouped<'i>(&self, ids: &'i [String]) -> BTreeMap<Reason<'a>, Vec<&'i str>> {
        let mut groups: BTreeMap<Reason<'a>, Vec<&'i str>> = BTreeMap::new();
        for id in ids {
            let text = self.texts.get(id.as_str()).copied().or(self.text_for_all);
            let reason = (self.labels.get(id.as_str()).copied(), text);
            groups.entry(reason).or_default().push(id);
        }
        groups
    }
}

fn meant<'a>(about: &'a About, products: &'a Products) -> impl Iterator<Item = &'a str> {
    let groups = about.group_ids.iter().filter_map(|it| products.groups.get(it)).flatten();
    about.product_ids.iter().chain(groups).map(String::as_str)
}
