//! OpenVEX (openvex/spec, 0.0.1 and 0.2.0).

use std::collections::BTreeMap;

use plimsoll_core::{Timestamp, VexIdentifier, VexProduct, VexStatement, VexStatus};
use serde::Deserialize;
use serde_json::Value;

use super::super::json::{each, nullable, parse};
use super::super::{ReadError, filled};
use super::{VexDocument, hash, identifier, problem};

#[derive(Deserialize)]
struct Document {
    author: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    statements: Vec<Value>,
}

#[derive(Deserialize)]
struct Statement {
    vulnerability: Named,
    #[serde(default, deserialize_with = "nullable")]
    products: Vec<Product>,
    /// Of 0.0.1, where they belong to every product.
    #[serde(default, deserialize_with = "nullable")]
    subcomponents: Vec<Product>,
    status: String,
    justification: Option<String>,
    impact_statement: Option<String>,
    action_statement: Option<String>,
    status_notes: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
}

/// A vulnerability: a plain id in 0.0.1.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Plain(String),
    Full {
        name: Option<String>,
        #[serde(rename = "@id")]
        id: Option<String>,
        #[serde(default, deserialize_with = "nullable")]
        aliases: Vec<String>,
    },
}

/// A product or component: a plain id in 0.0.1.
#[derive(Deserialize)]
#[serde(untagged)]
enum Product {
    Plain(String),
    Full {
        #[serde(rename = "@id")]
        id: Option<String>,
        #[serde(default, deserialize_with = "nullable")]
        identifiers: BTreeMap<String, String>,
        #[serde(default, deserialize_with = "nullable")]
        hashes: BTreeMap<String, String>,
        #[serde(default, deserialize_with = "nullable")]
        subcomponents: Vec<Product>,
    },
}

pub(super) fn read(source: &str, text: &str, carried: bool) -> Result<VexDocument, ReadError> {
    let document: Document = parse(text, carried, "OpenVEX document")?;
    let (statements, wrong) = each::<Statement>(document.statements);
    let mut problems: Vec<_> =
        wrong.into_iter().map(|it| problem(source, format!("a statement cannot be read, {it}"))).collect();
    let written = time(document.last_updated.as_deref()).or(time(document.timestamp.as_deref()));
    let mut read = Vec::with_capacity(statements.len());
    for (number, statement) in statements.into_iter().enumerate() {
        let status = VexStatus::from_name(&statement.status).unwrap_or_else(|| {
            let what = format!("statement {} has the unknown status `{}`", number + 1, statement.status);
            problems.push(problem(source, what));
            VexStatus::UnderInvestigation
        });
        let statement = convert(source, statement, status, document.author.as_deref(), written);
        if statement.products.is_empty() || statement.vulnerabilities.is_empty() {
            let what = format!("statement {} names no product or no vulnerability", number + 1);
            problems.push(problem(source, what));
        }
        read.push(statement);
    }
    Ok(VexDocument { format: "OpenVEX", statements: read, problems })
}

fn convert(
    source: &str,
    statement: Statement,
    status: VexStatus,
    author: Option<&str>,
    written: Option<Timestamp>,
) -> VexStatement {
    let shared: Vec<Vec<VexIdentifier>> =
        statement.subcomponents.into_iter().map(|it| product(it).identifiers).collect();
    let products = statement
        .products
        .into_iter()
        .map(product)
        .map(|mut it| {
            if it.components.is_empty() {
                it.components.clone_from(&shared);
            }
            it
        })
        .collect();
    VexStatement {
        source: source.to_owned(),
        vulnerabilities: ids(statement.vulnerability),
        products,
        status,
        justification: filled(statement.justification),
        text: filled(statement.impact_statement)
            .or(filled(statement.action_statement))
            .or(filled(statement.status_notes)),
        author: author.map(str::to_owned),
        time: time(statement.last_updated.as_deref()).or(time(statement.timestamp.as_deref())).or(written),
    }
}

/// The id of 0.2.0 is the name; `@id` is an address whose last part is often the same.
fn ids(vulnerability: Named) -> Vec<String> {
    match vulnerability {
        Named::Plain(id) => vec![id],
        Named::Full { name, id, mut aliases } => {
            let last = id.and_then(|it| it.rsplit('/').next().map(str::to_owned));
            aliases.insert(0, name.or(last).unwrap_or_default());
            aliases.retain(|it| !it.trim().is_empty());
            aliases
        }
    }
}

fn product(product: Product) -> VexProduct {
    match product {
        Product::Plain(id) => VexProduct { identifiers: vec![identifier(&id)], components: Vec::new() },
        Product::Full { id, identifiers, hashes, subcomponents } => {
            let mut names: Vec<VexIdentifier> = id.iter().map(|it| identifier(it)).collect();
            names.extend(identifiers.values().map(|it| identifier(it)));
            names.extend(hashes.iter().filter_map(|(algorithm, value)| hash(algorithm, value)));
            // Parts of parts are not in the specification; the recursion ends with the JSON's.
            let components = subcomponents.into_iter().map(|it| self::product(it).identifiers).collect();
            VexProduct { identifiers: names, components }
        }
    }
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
