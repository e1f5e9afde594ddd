//! Arguments that several commands have: what others say of findings, and how to get at images and
//! registries.
//!
//! What only one command has stands with that command.

use std::path::PathBuf;

use clap::Args;

/// What others say of findings
#[derive(Debug, Default, Args)]
pub struct SuppressArgs {
    /// Mark findings that this VEX document (OpenVEX, CSAF, CycloneDX) says do not count; `oci`:
    /// those attached to the image, whose signatures are not verified (repeatable)
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<PathBuf>,
    /// Mark findings that this file names: .trivyignore, .trivyignore.yaml or .grype.yaml (repeatable)
    #[arg(long, value_name = "FILE")]
    pub ignore_file: Vec<PathBuf>,
}

/// How to get at an image
#[derive(Debug, Default, Args)]
pub struct SourceArgs {
    /// The platform to take from an index, os/architecture[/variant], or `all` [default: linux on this machine's architecture]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    #[command(flatten)]
    pub registry: RegistryArgs,
    /// Hash the layers of a Docker archive, too, and compare them with what the archive claims
    #[arg(long)]
    pub verify_layers: bool,
    /// Read every layer, and keep nothing of it
    #[arg(long)]
    pub no_cache: bool,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// How to get at a registry
#[derive(Debug, Default, Args)]
pub struct RegistryArgs {
    /// The user's name for the registry
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    pub username: Option<String>,
    /// Read the password or token from standard input
    #[arg(long, requires = "username")]
    pub password_stdin: bool,
    /// Trust the certificate authorities in this PEM file, too (repeatable)
    #[arg(long, value_name = "FILE")]
    pub ca_file: Vec<PathBuf>,
    /// Do not verify the certificate of this registry, and speak plain HTTP with it if need be (repeatable)
    #[arg(long, value_name = "HOST[:PORT]")]
    pub insecure: Vec<String>,
}
