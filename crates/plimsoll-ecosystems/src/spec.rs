//! Runs the specifications of what this crate knows: orders of versions and spellings of names
//! (`spec/versions`), packages in files (`spec/packages`) and distributions (`spec/distro`).
//! `spec/README.md` says what their blocks mean.

mod files;
mod given;
mod orders;

use std::path::{Path, PathBuf};

use plimsoll_testkit::spec::{Ran, run};

fn folder(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec")).join(name)
}

/// The number is what there was when the test was written: specifications must not get lost.
#[track_caller]
fn check(ran: &Ran, results_min: usize) {
    assert!(ran.results >= results_min, "only {} results: have the specifications moved?", ran.results);
}

#[test]
fn the_specifications_of_versions_hold() {
    check(&run::<orders::Orders>(&folder("versions")), 20);
}

#[test]
fn the_specifications_of_packages_hold() {
    check(&run::<files::Image>(&folder("packages")), 20);
}

#[test]
fn the_specifications_of_distributions_hold() {
    check(&run::<files::Image>(&folder("distro")), 10);
}
