//! The flags of Trivy: a row for each, and what becomes of it.

/// What becomes of a flag.
pub enum Use {
    /// It is understood.
    Means(&'static str),
    /// It makes no difference here; why.
    Nothing(&'static str),
    /// It is refused; what to say instead.
    Refused(&'static str),
}

/// One flag.
pub struct Flag {
    /// Its name without hyphens; its variable is `TRIVY_` and this in upper case.
    pub name: &'static str,
    /// Its letter.
    pub short: Option<char>,
    /// Whether a value follows.
    pub takes_value: bool,
    /// What becomes of it.
    pub becomes: Use,
}

impl Flag {
    /// A line for the help.
    pub fn about(&self) -> String {
        match self.becomes {
            Use::Means(what) => what.to_owned(),
            Use::Nothing(why) => format!("accepted; {why}"),
            Use::Refused(hint) => format!("refused; {hint}"),
        }
    }
}

const fn value(name: &'static str, short: Option<char>, what: &'static str) -> Flag {
    Flag { name, short, takes_value: true, becomes: Use::Means(what) }
}

const fn switch(name: &'static str, short: Option<char>, what: &'static str) -> Flag {
    Flag { name, short, takes_value: false, becomes: Use::Means(what) }
}

const fn idle(name: &'static str, takes_value: bool, why: &'static str) -> Flag {
    Flag { name, short: None, takes_value, becomes: Use::Nothing(why) }
}

const fn refused(name: &'static str, takes_value: bool, hint: &'static str) -> Flag {
    Flag { name, short: None, takes_value, becomes: Use::Refused(hint) }
}

const OWN_DATABASE: &str = "the database is Plimsoll's own (`plimsoll db update`, `--mirror`)";
const NEVER_FETCHES: &str = "scans never fetch a database";
const NOT_THERE: &str = "Plimsoll has no such scanner";

/// Every flag that is known, in the order of the help.
pub static FLAGS: &[Flag] = &[
    value("severity", Some('s'), "show only these: UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL"),
    switch("ignore-unfixed", None, "show only findings with a fix"),
    value("ignore-status", None, "leave out these statuses"),
    value("exit-code", None, "the exit status where there are findings"),
    value("exit-on-eol", None, "the exit status where the system has no support any more"),
    value("format", Some('f'), "table, json, sarif, cyclonedx, spdx, spdx-json, github, cosign-vuln"),
    value("output", Some('o'), "write to this file"),
    value("scanners", None, "vuln; of others it is said that they are not there"),
    value("security-checks", None, "an old name of --scanners"),
    value("pkg-types", None, "os, library"),
    value("vuln-type", None, "an old name of --pkg-types"),
    value("ignorefile", None, "a file of exceptions instead of .trivyignore"),
    value("vex", None, "a VEX document; `oci` for those attached to the image"),
    switch("show-suppressed", None, "suppressed findings are always shown apart"),
    value("skip-dirs", None, "leave out what lies in these directories"),
    value("skip-files", None, "leave out what these files show"),
    value("platform", None, "the platform to take from an index"),
    value("input", None, "an archive or layout instead of an image of a registry"),
    value("image-src", None, "docker or remote"),
    value("timeout", None, "give up after this time, 5m0s"),
    value("cache-dir", None, "where layer facts are kept"),
    value("username", None, "the user's name for the registry"),
    value("password", None, "the password for the registry"),
    switch("insecure", None, "do not verify the registry's certificate"),
    switch("quiet", Some('q'), "no progress and no notes"),
    switch("no-progress", None, "no progress"),
    switch("download-db-only", None, "update the database and end"),
    switch("help", Some('h'), "this help"),
    switch("version", Some('v'), "the version"),
    idle("debug", false, "there is nothing more to say"),
    idle("list-all-pkgs", false, "packages are always listed in formats that have them"),
    idle("offline-scan", false, NEVER_FETCHES),
    idle("skip-db-update", false, NEVER_FETCHES),
    idle("skip-java-db-update", false, NEVER_FETCHES),
    idle("skip-update", false, NEVER_FETCHES),
    idle("skip-check-update", false, NEVER_FETCHES),
    idle("skip-policy-update", false, NEVER_FETCHES),
    idle("skip-vex-repo-update", false, NEVER_FETCHES),
    idle("skip-version-check", false, NEVER_FETCHES),
    idle("disable-telemetry", false, "there is none"),
    idle("db-repository", true, OWN_DATABASE),
    idle("java-db-repository", true, OWN_DATABASE),
    idle("checks-bundle-repository", true, OWN_DATABASE),
    idle("cache-backend", true, "facts are kept in files"),
    idle("cache-ttl", true, "facts are kept in files"),
    idle("parallel", true, "as many threads as the machine has are used"),
    idle("slow", false, "as many threads as the machine has are used"),
    idle("detection-priority", true, "matching is the same either way"),
    idle("sbom-sources", true, "no SBOM is taken in the place of an image"),
    idle("rekor-url", true, "no SBOM is taken in the place of an image"),
    idle("dependency-tree", false, "the table has no tree"),
    idle("table-mode", true, "there is one table"),
    idle("no-color", false, "colours are for terminals only; NO_COLOR turns them off"),
    refused("template", true, "`plimsoll scan --help` says how templates are given"),
    refused("server", true, "there is no client mode; the scan runs here"),
    refused("token", true, "there is no client mode; the scan runs here"),
    refused("token-header", true, "there is no client mode; the scan runs here"),
    refused("ignore-policy", true, "write the exceptions to a file for --ignorefile"),
    refused("compliance", true, NOT_THERE),
    refused("include-dev-deps", false, "packages for development only are never listed"),
    refused("removed-pkgs", false, "only what is in the image is judged"),
    refused("vuln-severity-source", true, "the vendor's severity comes first, as with `auto`"),
    refused("distro", true, "the distribution is what the image says"),
    refused("max-image-size", true, "`plimsoll scan` has limits of its own"),
    refused("config", true, "write the settings as flags or TRIVY_ variables"),
    refused("secret-config", true, NOT_THERE),
    refused("config-check", true, NOT_THERE),
    refused("license-full", false, NOT_THERE),
    refused("image-config-scanners", true, NOT_THERE),
    refused("podman-host", true, "save the image and give it with --input"),
    refused("docker-host", true, "set DOCKER_HOST"),
    refused("registry-token", true, "`docker login` keeps it where it is found"),
    refused("password-stdin", false, "`plimsoll scan --password-stdin`, or TRIVY_PASSWORD"),
    refused("reset", false, "`plimsoll cache clean`"),
    refused("clear-cache", false, "`plimsoll cache clean`"),
];

/// The flag of this name.
pub fn by_name(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name == name)
}

/// The flag of this letter.
pub fn by_short(letter: char) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.short == Some(letter))
}

/// The flag whose name is most like this one, for hints.
pub fn nearest(name: &str) -> Option<&'static str> {
    let likeness = |flag: &Flag| {
        let common = flag.name.bytes().zip(name.bytes()).take_while(|(left, right)| left == right).count();
        let contained = usize::from(flag.name.contains(name) || name.contains(flag.name)) * 3;
        common + contained
    };
    let best = FLAGS.iter().max_by_key(|flag| likeness(flag))?;
    (likeness(best) >= 3).then_some(best.name)
}

/// What to say instead of a command that is not understood.
pub fn instead_of_command(command: &str) -> &'static str {
    match command {
        "convert" => "`plimsoll convert REPORT --format F`",
        "clean" => "`plimsoll cache clean`",
        "server" | "client" => "there is no server yet",
        "registry" => "`docker login` keeps logins where they are found",
        "repository" | "repo" => "clone it and say `fs PATH`",
        "vex" | "plugin" | "module" => "VEX documents are given with --vex FILE",
        "config" | "vm" | "kubernetes" | "k8s" | "aws" => "Plimsoll scans images, directories and SBOMs",
        _ => "understood are image, fs, rootfs, sbom and version",
    }
}
