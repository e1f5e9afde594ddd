//! The `ignore` rules of Grype's configuration: `vulnerability`, `include-aliases`, `reason`,
//! `namespace`, `fix-state`, `vex-status`, `vex-justification`, `match-type` and `package` with
//! `name`, `version`, `type`, `language`, `location` and `upstream-name`.

use plimsoll_core::{FixState, IgnoreRule, TextPattern, VexStatus};
use serde::Deserialize;

use super::{IgnoreFile, Keys, only, path_pattern, vocabulary, yaml};
use crate::read::ReadError;

#[derive(Deserialize)]
struct Document {
    ignore: Option<Vec<Rule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rule {
    vulnerability: Option<String>,
    reason: Option<String>,
    namespace: Option<String>,
    fix_state: Option<String>,
    vex_status: Option<String>,
    vex_justification: Option<String>,
    match_type: Option<String>,
    package: Option<Package>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Package {
    name: Option<String>,
    version: Option<String>,
    language: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    location: Option<String>,
    upstream_name: Option<String>,
}

#[derive(Deserialize)]
struct DocumentKeys {
    ignore: Option<Vec<Keys>>,
}

#[derive(Deserialize)]
struct DocumentPackages {
    ignore: Option<Vec<RulePackage>>,
}

#[derive(Deserialize)]
struct RulePackage {
    package: Option<Keys>,
}

/// What a rule may say. With `include-aliases` Grype looks at all ids, as Plimsoll does anyway.
const KNOWN: &[&str] = &[
    "vulnerability",
    "include-aliases",
    "reason",
    "namespace",
    "fix-state",
    "vex-status",
    "vex-justification",
    "match-type",
    "package",
];

/// What it may say of the package.
const KNOWN_OF_PACKAGE: &[&str] = &["name", "version", "language", "type", "location", "upstream-name"];

pub(super) fn read(source: &str, text: &str) -> Result<IgnoreFile, ReadError> {
    let document: Document = yaml(text)?;
    let keys = yaml::<DocumentKeys>(text)?.ignore.unwrap_or_default();
    let packages = yaml::<DocumentPackages>(text)?.ignore.unwrap_or_default();
    let all_keys = keys.into_iter().zip(packages.into_iter().map(|it| it.package.unwrap_or_default()));
    let mut file = IgnoreFile::default();
    for (number, (entry, (keys, of_package))) in
        document.ignore.unwrap_or_default().into_iter().zip(all_keys).enumerate()
    {
        let place = format!("{source}#{}", number + 1);
        let is_known = only(KNOWN, &keys).and_then(|()| only(KNOWN_OF_PACKAGE, &of_package));
        match is_known.and_then(|()| rule(place.clone(), entry)) {
            Ok(rule) => file.take(rule),
            Err(what) => file.problem(&place, format!("{what}; the rule is not used")),
        }
    }
    Ok(file)
}

fn rule(source: String, rule: Rule) -> Result<IgnoreRule, String> {
    let package = rule.package.unwrap_or_default();
    for (name, value) in [("namespace", &rule.namespace), ("match-type", &rule.match_type)] {
        if given(value.as_ref()).is_some() {
            return Err(format!("`{name}` is about Grype's own database"));
        }
    }
    let kind = match (given(package.kind.as_ref()), given(package.language.as_ref())) {
        (Some(kind), _) => {
            Some(vocabulary::purl_type(kind).ok_or(format!("the package type `{kind}` is unknown"))?)
        }
        (None, Some(language)) => {
            Some(vocabulary::purl_type(language).ok_or(format!("the language `{language}` is unknown"))?)
        }
        (None, None) => None,
    };
    let path = given(package.location.as_ref())
        .map(|it| path_pattern(it).ok_or(format!("the pattern `{it}` is not read")))
        .transpose()?;
    Ok(IgnoreRule {
        source,
        vulnerability: given(rule.vulnerability.as_ref()).map(str::to_owned),
        package: given(package.name.as_ref()).map(expression).transpose()?,
        source_package: given(package.upstream_name.as_ref()).map(expression).transpose()?,
        version: given(package.version.as_ref()).map(str::to_owned),
        kind: kind.map(str::to_owned),
        purls: Vec::new(),
        paths: path.into_iter().collect(),
        fix_state: given(rule.fix_state.as_ref()).map(fix_state).transpose()?,
        vex_status: given(rule.vex_status.as_ref()).map(vex_status).transpose()?,
        vex_justification: given(rule.vex_justification.as_ref()).map(str::to_owned),
        reason: rule.reason,
        until: None,
    })
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|it| it.trim()).filter(|it| !it.is_empty())
}

fn fix_state(text: &str) -> Result<FixState, String> {
    match text {
        "fixed" => Ok(FixState::Fixed),
        "not-fixed" => Ok(FixState::NotFixed),
        "wont-fix" => Ok(FixState::WillNotFix),
        "unknown" => Ok(FixState::Unknown),
        other => Err(format!("the fix state `{other}` is unknown")),
    }
}

fn vex_status(text: &str) -> Result<VexStatus, String> {
    VexStatus::from_name(text).ok_or(format!("the VEX status `{text}` is unknown"))
}

/// Grype reads names as regular expressions over the whole name. Of those, what people write is
/// read: a plain name, and `.*` for anything.
fn expression(text: &str) -> Result<TextPattern, String> {
    let text = text.trim_start_matches('^').trim_end_matches('$');
    let plain = text.replace("\\.", ".").replace(".*", "");
    // A plus is a part of names such as libstdc++6, where as a repetition it makes no sense.
    if plain.contains(['*', '?', '[', ']', '(', ')', '|', '{', '}', '\\', '^', '$']) {
        return Err(format!("the expression `{text}` is not read"));
    }
    if text.contains(".*") {
        // `.*` crosses slashes.
        return Ok(TextPattern::Glob(text.replace(".*", "**").replace("\\.", ".")));
    }
    Ok(TextPattern::Exact(text.replace("\\.", ".")))
}
