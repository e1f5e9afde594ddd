//! `cargo xtask demo`: the main job in one command, without a network once cargo has its crates.
//!
//! Builds the release binary, makes two sample images and a sample feed of our own, builds a
//! database of the feed, and scans. Everything lies in the target folder.

mod images;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll_testkit::{Image, Layout};

use crate::shell::{self, Result};

pub(crate) const USAGE: &str = "\
  cargo xtask demo

Nothing is sent anywhere and nothing outside the target folder is written.
";

pub(crate) fn run(arguments: &[String]) -> Result {
    shell::nothing_left(arguments)?;
    let demo = Demo {
        folder: shell::target_directory().join("demo"),
        plimsoll: shell::target_directory().join("release").join("plimsoll"),
    };
    demo.write().map_err(|error| format!("{}: {error}", demo.folder.display()))?;
    shell::run(&mut shell::cargo(&["build", "--release", "--locked", "-p", "plimsoll"]))?;

    demo.tell("A database of sample feeds: fifteen famous vulnerabilities");
    demo.plimsoll(&["db", "update", "--mirror", &demo.path("feed")], &[0])?;
    demo.tell("A Debian image with five layers");
    demo.plimsoll(&["scan", &demo.image("image")], &[0])?;
    demo.tell("An Alpine image; `--fail-on` makes the exit code a gate");
    demo.plimsoll(&["scan", "--fail-on", "critical", &demo.image("image-alpine")], &[0, 1])?;
    demo.tell("Why is zlib of the first image not in its report?");
    demo.plimsoll(&["explain", "CVE-2022-37434", &demo.image("image")], &[0])?;
    demo.farewell();
    Ok(())
}

struct Demo {
    folder: PathBuf,
    plimsoll: PathBuf,
}

impl Demo {
    /// Writes the images and the feed anew; the database and the cache go, so that every run
    /// is the first.
    fn write(&self) -> std::io::Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        write_image(&self.folder.join("image"), &images::debian())?;
        write_image(&self.folder.join("image-alpine"), &images::alpine())?;
        write_feed(&self.folder.join("feed"))
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn image(&self, name: &str) -> String {
        format!("oci:{}", self.path(name))
    }

    fn plimsoll(&self, arguments: &[&str], accepted: &[i32]) -> Result {
        println!("$ plimsoll {}\n", arguments.join(" "));
        let mut command = Command::new(&self.plimsoll);
        command.args(arguments);
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        let status = command.status().map_err(|error| format!("{}: {error}", self.plimsoll.display()))?;
        match status.code() {
            Some(code) if accepted.contains(&code) => Ok(()),
            _ => Err(format!("`plimsoll {}` ended with {status}", arguments.join(" "))),
        }
    }

    fn environment(&self) -> [(&'static str, String); 2] {
        [("PLIMSOLL_DB_DIR", self.path("database")), ("PLIMSOLL_CACHE_DIR", self.path("cache"))]
    }

    fn tell(&self, what: &str) {
        println!("\n\n# {what}\n");
    }

    fn farewell(&self) {
        let [(db, database), (cache, facts)] = self.environment();
        println!(
            "
# What to do next

The same commands by hand, against the sample database:

    export {db}={database} {cache}={facts}
    {plimsoll} scan --format json {image} > report.json
    {plimsoll} explain CVE-2014-6271 {image}
    {plimsoll} db status
    {plimsoll} compare --ecosystem deb 3.0.9-1 '3.0.11-1~deb12u2'

Against the world's (the first downloads the vendors' feeds):

    unset {db} {cache}
    {plimsoll} db update
    {plimsoll} scan debian:12

docs/index.md says the rest; `cargo xtask test` runs every test.",
            plimsoll = self.plimsoll.display(),
            image = self.image("image"),
        );
    }
}

fn write_image(folder: &Path, image: &Image) -> std::io::Result<()> {
    let mut layout = Layout::create(folder)?;
    layout.image("latest", image)?;
    layout.finish()
}

/// What a mirror of three feeds has, written by hand: facts about well-known vulnerabilities in
/// our sentences (OSV), which of them are known to be exploited, and when support ends.
const FEED: &[(&str, &str)] = &[
    ("osv-local/CVE-2014-0160.json", include_str!("../demo/feed/CVE-2014-0160.json")),
    ("osv-local/CVE-2014-6271.json", include_str!("../demo/feed/CVE-2014-6271.json")),
    ("osv-local/CVE-2014-7169.json", include_str!("../demo/feed/CVE-2014-7169.json")),
    ("osv-local/CVE-2021-3156.json", include_str!("../demo/feed/CVE-2021-3156.json")),
    ("osv-local/CVE-2022-37434.json", include_str!("../demo/feed/CVE-2022-37434.json")),
    ("osv-local/CVE-2022-48174.json", include_str!("../demo/feed/CVE-2022-48174.json")),
    ("osv-local/CVE-2023-38545.json", include_str!("../demo/feed/CVE-2023-38545.json")),
    ("osv-local/CVE-2023-42363.json", include_str!("../demo/feed/CVE-2023-42363.json")),
    ("osv-local/CVE-2023-4863.json", include_str!("../demo/feed/CVE-2023-4863.json")),
    ("osv-local/CVE-2023-4911.json", include_str!("../demo/feed/CVE-2023-4911.json")),
    ("osv-local/CVE-2023-5363.json", include_str!("../demo/feed/CVE-2023-5363.json")),
    ("osv-local/CVE-2024-2961.json", include_str!("../demo/feed/CVE-2024-2961.json")),
    ("osv-local/CVE-2024-3094.json", include_str!("../demo/feed/CVE-2024-3094.json")),
    ("osv-local/CVE-2024-32002.json", include_str!("../demo/feed/CVE-2024-32002.json")),
    ("osv-local/CVE-2024-6387.json", include_str!("../demo/feed/CVE-2024-6387.json")),
    (
        "kev/known_exploited_vulnerabilities.json",
        include_str!("../demo/known_exploited_vulnerabilities.json"),
    ),
    ("endoflife/products-full.json", include_str!("../demo/products-full.json")),
];

fn write_feed(mirror: &Path) -> std::io::Result<()> {
    for (name, content) in FEED {
        let file = mirror.join(name);
        fs::create_dir_all(file.parent().expect("every name has a folder"))?;
        fs::write(file, content)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_the_sample_feed_is_osv_and_in_the_list() {
        for file in fs::read_dir(shell::root().join("xtask/demo/feed")).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let name = format!("osv-local/{name}");
            assert!(FEED.iter().any(|(it, _)| *it == name), "{name} is not in the list");
        }
        for (name, record) in FEED {
            let record: serde_json::Value = serde_json::from_str(record).unwrap();
            let Some(name) = name.strip_prefix("osv-local/") else { continue };
            assert_eq!(format!("{}.json", record["id"].as_str().unwrap()), name);
            assert!(!record["affected"].as_array().unwrap().is_empty(), "{name}");
        }
    }
}
