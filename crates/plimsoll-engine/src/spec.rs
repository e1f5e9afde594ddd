//! Runs the specifications in `spec/image/*.md` at the repository's root: what a container sees of
//! layers, and what an image comes to. `spec/README.md` says what their blocks mean.

mod merged;

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use plimsoll_core::{ImageReport, LayerInfo, Limits, Outcome, Platform, Problem, Report, Timestamp};
use plimsoll_policy::Policy;
use plimsoll_registry::{Options, PlatformChoice, locate};
use plimsoll_testkit::spec::{Case, run};
use plimsoll_testkit::{Fixture, Image, Layout};

use crate::ScanError;
use crate::cache::FactCache;
use crate::judge::packages_only;
use crate::scan::{ScanOptions, scan};

#[test]
fn the_specifications_of_images_hold() {
    let ran = run::<Images>(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/image"));
    assert!(ran.results >= 20, "only {} results: have the specifications moved?", ran.results);
}

/// The images of one case; several are one index.
#[derive(Default)]
struct Images {
    images: Vec<(Fixture, Image)>,
    garbled_layers: Vec<usize>,
    platform: Option<Platform>,
}

impl Case for Images {
    fn take(&mut self, kind: &str, lines: &[&str]) -> Result<Option<String>, String> {
        let (word, rest) = kind.split_once(' ').unwrap_or((kind, ""));
        match word {
            "image" => self.image(rest, lines)?,
            "garbled" => self.garbled_layers.push(rest.parse().map_err(|_| "which layer?")?),
            "platform" => self.platform = Some(rest.parse().map_err(|_| "no platform")?),
            "files" => {
                let (fixture, image) = self.images.first().ok_or("there is no image")?;
                return Ok(Some(merged::files(fixture, image)));
            }
            "report" => return self.report().map(Some),
            other => return Err(format!("a block of a kind that is none: {other}")),
        }
        Ok(None)
    }
}

impl Images {
    fn image(&mut self, platform: &str, lines: &[&str]) -> Result<(), String> {
        let platform = if platform.is_empty() { "linux/amd64" } else { platform };
        let platform = platform.parse().map_err(|_| format!("`{platform}` is no platform"))?;
        let fixture = Fixture::parse(&lines.join("\n")).map_err(|error| error.to_string())?;
        let image = Image::build(&fixture, &platform);
        self.images.push((fixture, image));
        Ok(())
    }

    /// Scans what was described, and shows what a report of it says.
    fn report(&self) -> Result<String, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        self.write(folder.path()).map_err(|error| error.to_string())?;
        let location = locate(&format!("oci:{}", folder.path().display())).map_err(|it| it.to_string())?;
        let platforms = self.platform.clone().map_or(PlatformChoice::All, PlatformChoice::One);
        let options = ScanOptions {
            source: Options { platforms, ..Options::from_environment() },
            limits: Limits::standard(),
            cache: FactCache::off(),
            listener: &|_| (),
            cancelled: &AtomicBool::new(false),
            verify_layers: true,
        };
        let shown = match scan("image", &location, &options) {
            Ok(scan) => show(&packages_only(scan, Timestamp(0))),
            Err(error) => self.failure(&error),
        };
        Ok(shown)
    }

    fn write(&self, folder: &Path) -> std::io::Result<()> {
        let mut images: Vec<Image> = self.images.iter().map(|(_, image)| image.clone()).collect();
        for layer in &self.garbled_layers {
            for byte in &mut images[0].layers[*layer].stored.bytes {
                *byte ^= 0x55;
            }
        }
        let mut layout = Layout::create(folder)?;
        if let [image] = &images[..] {
            layout.image("latest", image)?;
        } else {
            layout.index("latest", &images)?;
        }
        layout.finish()
    }

    /// What the one who asked is told where there is no report at all.
    fn failure(&self, error: &ScanError) -> String {
        let mut text = error.to_string();
        for (_, image) in &self.images {
            for (number, layer) in image.layers.iter().enumerate() {
                for digest in [layer.stored.digest, layer.tar.digest] {
                    text = text.replace(&digest.to_string(), &number.to_string());
                }
            }
        }
        let mut parts = text.split("sha256:");
        let mut shown = format!("no report: {}", parts.next().unwrap_or_default());
        for part in parts {
            let rest = part.trim_start_matches(|it: char| it.is_ascii_hexdigit());
            let _ = write!(shown, "sha256:…{rest}");
        }
        shown + "\n"
    }
}

fn show(report: &Report) -> String {
    let mut text = String::new();
    for problem in &report.problems {
        text.push_str(&problem_line(problem, &[]));
    }
    for image in &report.images {
        if report.images.len() > 1
            && let Some(platform) = &image.platform
        {
            let _ = writeln!(text, "image {platform}");
        }
        text.push_str(&show_image(image));
    }
    let complete = if report.is_complete() { "complete" } else { "not complete" };
    let policy = Policy::of_command_line(None, false);
    let verdict = plimsoll_policy::evaluate_report(&policy, Vec::new(), report, Timestamp(0));
    let verdict = if verdict.outcome == Outcome::Deny { "denied" } else { "allowed" };
    let _ = writeln!(text, "{complete}, {verdict}");
    text
}

fn show_image(image: &ImageReport) -> String {
    let mut text = String::new();
    for installed in &image.packages {
        let package = &installed.package;
        let layer = installed.origin.layer.map(|layer| format!("  layer {layer}")).unwrap_or_default();
        let _ = write!(text, "{} {}{layer}  /{}", package.name, package.version, installed.origin.path);
        if let Some(owner) = installed.owner.and_then(|owner| image.packages.get(owner.0)) {
            let _ = write!(text, "  owned-by {}", owner.package.name);
        }
        text.push('\n');
    }
    for problem in &image.problems {
        text.push_str(&problem_line(problem, &image.layers));
    }
    text
}

fn problem_line(problem: &Problem, layers: &[LayerInfo]) -> String {
    let mark = if problem.hides_findings { '!' } else { '~' };
    let mut text = format!("{mark} {}", problem.what);
    if let Some(path) = &problem.path {
        let _ = write!(text, " (/{path})");
    }
    let number = problem.layer.and_then(|digest| layers.iter().position(|it| it.diff_id == digest));
    if let Some(number) = number {
        let _ = write!(text, " in layer {number}");
    }
    text + "\n"
}
