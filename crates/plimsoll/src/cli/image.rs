//! The arguments of the commands that look at an image or at what was found in one: `scan`,
//! `explain`, `sbom`, `convert` and `diff`.
//!
//! Only words and their places; what they come to is the commands' business.

use std::path::PathBuf;

use clap::Args;
use plimsoll_core::Severity;
use plimsoll_engine::db::AsOf;

use super::shared::{SourceArgs, SuppressArgs};
use crate::surroundings;

/// Scans an image and reports its vulnerabilities
#[derive(Debug, Args)]
#[command(after_help = "\
Images:
  debian:12, ghcr.io/org/app@sha256:…    in a registry (docker.io where none is named)
  oci:DIR[:tag|@digest]                  an OCI image layout
  oci-archive:FILE[:tag]                 the same in a tar file
  docker-archive:FILE[:name]             what `docker save` writes; `-` for standard input
  docker-daemon:NAME                     an image that the local Docker daemon holds
  dir:PATH                               a root file system
  sbom:FILE                              a CycloneDX, SPDX, Syft or Trivy document; `-` for standard input
  purl:pkg:TYPE/NAME@VERSION             one package
  purls:FILE                             package URLs, one a line
Without a prefix, what lies at a path decides; otherwise it is a registry's image.

Examples:
  plimsoll scan alpine:3.18
  plimsoll scan --platform all ghcr.io/org/app:1.2
  plimsoll scan --format json --output report.json oci:build/image
  docker save app | plimsoll scan docker-archive:-
  plimsoll scan --fail-on critical --only-fixable app:latest
  plimsoll scan --vex vendor.vex.json --ignore-file .trivyignore app:latest
  plimsoll scan sbom:app.cdx.json
  echo \"$TOKEN\" | plimsoll scan --username ci --password-stdin registry.example/app")]
pub struct ScanArgs {
    /// What to scan
    pub image: String,
    #[command(flatten)]
    pub source: SourceArgs,
    /// The form of the report
    #[arg(short, long, default_value = "table", value_name = "FORMAT")]
    pub format: String,
    /// Write the report as this Jinja template says, in place of a format (see `docs/formats.md`)
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub template: Option<PathBuf>,
    /// Write the report to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 1 if a finding is of this severity or worse: critical, high, medium, low, negligible, unknown
    #[arg(long, value_name = "LEVEL")]
    pub fail_on: Option<Severity>,
    /// Let only findings that have a fix count for --fail-on
    #[arg(long, requires = "fail_on")]
    pub only_fixable: bool,
    /// Do not count this vulnerability for --fail-on (repeatable)
    #[arg(long, value_name = "ID", requires = "fail_on")]
    pub ignore: Vec<String>,
    #[command(flatten)]
    pub suppress: SuppressArgs,
    /// List the packages and match nothing; needs no database
    #[arg(long)]
    pub packages: bool,
    /// Show findings in kernel headers, which are kept apart otherwise
    #[arg(long)]
    pub kernel_headers: bool,
    /// Show advisories that are no vulnerabilities, too (unmaintained, unsound); they never count
    #[arg(long)]
    pub informational: bool,
    /// Use the snapshot with this number (see `plimsoll db list`), or the one of this day or time
    #[arg(long, value_name = "NUMBER|DATE", alias = "snapshot", value_parser = surroundings::as_of)]
    pub as_of: Option<AsOf>,
}

/// Says why a vulnerability does or does not apply to an image
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll explain CVE-2023-4911 debian:12
  plimsoll explain GHSA-jfh8-c2jp-5v3q oci:build/image")]
pub struct ExplainArgs {
    /// The vulnerability: a CVE, or any other id that a feed gives
    pub id: String,
    /// The image, written as for `scan`
    pub image: String,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Use the snapshot with this number (see `plimsoll db list`), or the one of this day or time
    #[arg(long, value_name = "NUMBER|DATE", alias = "snapshot", value_parser = surroundings::as_of)]
    pub as_of: Option<AsOf>,
}

/// Writes down what is in an image, without judging it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll sbom debian:12
  plimsoll sbom --format spdx-json --output app.spdx.json app:latest
  plimsoll sbom --format cyclonedx sbom:app.syft.json    another format of the same")]
pub struct SbomArgs {
    /// The image, written as for `scan`
    pub image: String,
    #[command(flatten)]
    pub source: SourceArgs,
    /// The format
    #[arg(short, long, default_value = "cyclonedx", value_name = "FORMAT")]
    pub format: String,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Writes a report in another format
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll convert report.json --format table
  plimsoll scan --format json app | plimsoll convert - --format sarif")]
pub struct ConvertArgs {
    /// A JSON report of Plimsoll or an SBOM; `-` for standard input
    pub report: PathBuf,
    /// The format
    #[arg(short, long, default_value = "table", value_name = "FORMAT")]
    pub format: String,
    /// Write the report as this Jinja template says, in place of a format (see `docs/formats.md`)
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub template: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Says what is new, gone and changed between two images or reports
#[derive(Debug, Args)]
#[command(after_help = "\
Each side is a JSON report of Plimsoll, or anything that `scan` takes, which is then scanned.

Examples:
  plimsoll diff app:1.0 app:1.1
  plimsoll diff --fail-on-new high yesterday.json today.json
  plimsoll diff --format json sbom:before.json sbom:after.json")]
pub struct DiffArgs {
    /// What was
    pub from: String,
    /// What is
    pub to: String,
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub suppress: SuppressArgs,
    /// `table` or `json`
    #[arg(short, long, default_value = "table", value_name = "FORMAT")]
    pub format: String,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 1 if a new finding is of this severity or worse
    #[arg(long, value_name = "LEVEL")]
    pub fail_on_new: Option<Severity>,
    /// Use the snapshot with this number (see `plimsoll db list`), or the one of this day or time
    #[arg(long, value_name = "NUMBER|DATE", alias = "snapshot", value_parser = surroundings::as_of)]
    pub as_of: Option<AsOf>,
}
