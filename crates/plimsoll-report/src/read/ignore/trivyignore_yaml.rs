//! `.trivyignore.yaml`: the list `vulnerabilities` with `id`, `paths`, `purls`, `expired_at` and
//! `statement`. Its lists of misconfigurations, secrets and licences are about other things.

use plimsoll_core::{IgnoreRule, Purl};
use serde::Deserialize;

use super::{IgnoreFile, Keys, only, path_pattern, yaml};
use crate::read::ReadError;

#[derive(Deserialize)]
struct Document {
    vulnerabilities: Option<Vec<Entry>>,
    misconfigurations: Option<serde::de::IgnoredAny>,
    secrets: Option<serde::de::IgnoredAny>,
    licenses: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Entry {
    id: Option<String>,
    paths: Option<Vec<String>>,
    purls: Option<Vec<String>>,
    expired_at: Option<String>,
    statement: Option<String>,
}

#[derive(Deserialize)]
struct DocumentKeys {
    vulnerabilities: Option<Vec<Keys>>,
}

/// What an entry may say.
const KNOWN: &[&str] = &["id", "paths", "purls", "expired_at", "statement"];

pub(super) fn read(source: &str, text: &str) -> Result<IgnoreFile, ReadError> {
    let document: Document = yaml(text)?;
    let others =
        document.misconfigurations.is_some() || document.secrets.is_some() || document.licenses.is_some();
    let Some(entries) = document.vulnerabilities else {
        let error = "it has neither `vulnerabilities`, as Trivy's file has, nor `ignore`, as Grype's";
        return if others { Ok(IgnoreFile::default()) } else { Err(ReadError::new(error)) };
    };
    let keys = yaml::<DocumentKeys>(text)?.vulnerabilities.unwrap_or_default();
    let mut file = IgnoreFile::default();
    for (number, (entry, keys)) in entries.into_iter().zip(keys).enumerate() {
        let place = format!("{source}#{}", number + 1);
        match only(KNOWN, &keys).and_then(|()| rule(place.clone(), entry)) {
            Ok(rule) => file.take(rule),
            Err(what) => file.problem(&place, format!("{what}; the entry is not used")),
        }
    }
    Ok(file)
}

fn rule(source: String, entry: Entry) -> Result<IgnoreRule, String> {
    let mut rule =
        IgnoreRule { source, vulnerability: entry.id, reason: entry.statement, ..IgnoreRule::default() };
    if rule.vulnerability.is_none() {
        return Err("it has no `id`".to_owned());
    }
    for text in entry.purls.unwrap_or_default() {
        rule.purls.push(Purl::parse(&text).ok_or(format!("`{text}` is no package URL"))?);
    }
    for text in entry.paths.unwrap_or_default() {
        rule.paths.push(path_pattern(&text).ok_or(format!("the pattern `{text}` is not read"))?);
    }
    if let Some(text) = entry.expired_at {
        rule.until = Some(text.parse().map_err(|_| format!("`{text}` is no date"))?);
    }
    Ok(rule)
}
