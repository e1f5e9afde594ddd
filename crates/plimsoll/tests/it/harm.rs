//! Updates that are killed, run out of disk, or run at the same time: the database in use is never
//! harmed, and the next update makes it whole.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::{DEBIAN, Sandbox, finished, sample_feed};

/// How often an update is killed.
const KILLS: u32 = 40;

/// A database, an image, and two mirrors between which updates go back and forth.
struct Harmed {
    sandbox: Sandbox,
    image: String,
    /// Each with what a scan finds of it.
    mirrors: [(String, Vec<String>); 2],
}

impl Harmed {
    fn new() -> Harmed {
        let sandbox = Sandbox::new();
        let image = sandbox.image("image", DEBIAN);
        // Enough records that there is something to be interrupted.
        let mut first = sample_feed();
        for number in 0..60 {
            let mut record = first[0].clone();
            record["id"] = format!("CVE-2022-{:04}", 1000 + number).into();
            record["affected"][0]["package"]["name"] = format!("package{number}").into();
            first.push(record);
        }
        let mut second = first.clone();
        second[2]["affected"][0]["ranges"][0]["events"][1]["fixed"] = "1:9".into();
        let mirrors = [("one", first), ("two", second)].map(|(name, records)| {
            let mirror = sandbox.mirror(name, &records);
            let ran = sandbox.run(&["db", "update", "--mirror", &mirror]);
            assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
            (mirror, found(&sandbox, &image))
        });
        assert_ne!(mirrors[0].1, mirrors[1].1);
        Harmed { sandbox, image, mirrors }
    }

    /// An update that has not begun.
    fn update(&self, mirror: usize) -> Command {
        let mut command = self.sandbox.command(&["db", "update", "--mirror", &self.mirrors[mirror].0]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A scan finds what it found before, or all that is new.
    #[track_caller]
    fn is_whole(&self, when: &str) {
        let found = found(&self.sandbox, &self.image);
        assert!(self.mirrors.iter().any(|(_, known)| *known == found), "{when}: {found:?}");
        let list = self.sandbox.run(&["db", "list"]);
        assert_eq!(list.status, 0, "{when}: {}", list.err);
    }

    /// The next update, of either mirror, ends well, and scans find what it brought.
    #[track_caller]
    fn heals(&self, when: &str) {
        for (mirror, known) in &self.mirrors {
            let ran = self.sandbox.run(&["db", "update", "--mirror", mirror]);
            assert_eq!(ran.status, 0, "{when}: {}{}", ran.out, ran.err);
            assert_eq!(found(&self.sandbox, &self.image), *known, "{when}");
            assert_eq!(self.sandbox.run(&["db", "status"]).status, 0, "{when}");
        }
    }
}

/// What a scan finds, one a line.
#[track_caller]
fn found(sandbox: &Sandbox, image: &str) -> Vec<String> {
    let report = sandbox.report(0, &[image]);
    let findings = report["findings"].as_array().unwrap();
    let mut lines: Vec<String> =
        findings.iter().map(|it| format!("{} {}", it["id"], it["fixed_version"])).collect();
    lines.sort();
    assert!(lines.len() >= 2, "{report}");
    lines
}

/// xorshift, so that a failure can be had again.
fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

#[test]
fn an_update_that_is_killed_at_any_time_harms_nothing() {
    let harmed = Harmed::new();
    let started = Instant::now();
    assert!(harmed.update(0).output().unwrap().status.success());
    let mut range_micros = u64::try_from(started.elapsed().as_micros()).unwrap();
    let mut random = 0x2545_f491_4f6c_dd1d;
    let mut killed = 0;
    for round in 0..KILLS {
        let mut update = harmed.update(1 - (round as usize % 2)).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(next(&mut random) % range_micros));
        let is_running = update.try_wait().unwrap().is_none();
        // How long an update takes depends on what else this machine does.
        range_micros = if is_running { range_micros * 5 / 4 } else { range_micros * 2 / 3 }.max(1000);
        killed += u32::from(is_running);
        update.kill().unwrap();
        update.wait().unwrap();
        harmed.is_whole(&format!("round {round}"));
    }
    eprintln!("{killed} of {KILLS} updates were killed before their end");
    assert!(killed > KILLS / 4, "only {killed} updates were killed before their end");
    harmed.heals("after all rounds");
}

#[test]
fn a_first_update_that_is_killed_leaves_no_database_or_a_whole_one() {
    let harmed = Harmed::new();
    let mut random = 7;
    for round in 0..6 {
        let database = harmed.sandbox.path("db");
        let _ = std::fs::remove_dir_all(&database);
        let mut update = harmed.update(0).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(next(&mut random) % 60_000));
        update.kill().unwrap();
        update.wait().unwrap();
        let status = harmed.sandbox.run(&["db", "status"]);
        let is_none = status.status == 3 && status.err.contains("run `plimsoll db update`");
        assert!(is_none || status.status == 0, "round {round}: {} {}", status.out, status.err);
    }
    harmed.heals("afterwards");
}

#[test]
fn a_file_that_cannot_grow_harms_nothing() {
    let harmed = Harmed::new();
    // By the order of their sizes: states, recipes, raw parts, shards, snapshots.
    for blocks in [0, 1, 2, 8, 16, 32, 128] {
        for mirror in [0, 1] {
            let update = harmed.update(mirror);
            // Without the trap the process is killed; with it, writing fails.
            for trap in ["", "trap '' XFSZ; "] {
                let mut limited = Command::new("sh");
                limited.arg("-c").arg(format!("{trap}ulimit -f {blocks}; exec \"$0\" \"$@\""));
                limited.arg(update.get_program()).args(update.get_args()).env_clear();
                limited.envs(update.get_envs().filter_map(|(name, value)| Some((name, value?))));
                let ran = limited.output().unwrap();
                let said = String::from_utf8_lossy(&ran.stderr).into_owned();
                let is_said = ran.status.success() || trap.is_empty() || said.contains("File too large");
                assert!(is_said, "{blocks} blocks: {:?} {said}", ran.status);
                harmed.is_whole(&format!("{blocks} blocks"));
            }
        }
    }
    harmed.heals("with room again");
}

/// A file system of so many bytes, while it lives.
struct TinyDisk(PathBuf);

impl TinyDisk {
    fn mount(path: &Path, size_kib: u32) -> Option<TinyDisk> {
        std::fs::create_dir_all(path).unwrap();
        let size = format!("size={size_kib}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(path).output();
        mounted.is_ok_and(|it| it.status.success()).then(|| TinyDisk(path.to_owned()))
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_harms_nothing() {
    let harmed = Harmed::new();
    let database = harmed.sandbox.path("db");
    let used = used_kib(&database);
    let mut was_full = false;
    for spare_kib in [0, 8, 32, 64, 4096] {
        let saved = harmed.sandbox.path("saved");
        copy(&database, &saved);
        let Some(disk) = TinyDisk::mount(&database, used + spare_kib) else {
            eprintln!("SKIPPED: no tmpfs can be mounted here; only root may");
            return;
        };
        copy(&saved, &database);
        for mirror in [0, 1] {
            let ran = finished(harmed.update(mirror).output().unwrap());
            was_full |= ran.err.contains("No space left");
            let is_said =
                ran.status == 0 || ran.err.contains("No space left") || ran.out.contains("No space");
            assert!(is_said, "{spare_kib} KiB: {} {}", ran.out, ran.err);
            harmed.is_whole(&format!("{spare_kib} KiB left"));
        }
        if spare_kib == 4096 {
            harmed.heals("with room again");
        }
        drop(disk);
    }
    assert!(was_full, "the disk was never full");
}

fn used_kib(folder: &Path) -> u32 {
    let mut pages = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let metadata = entry.metadata().unwrap();
        pages += if metadata.is_dir() { used_kib(&entry.path()) / 4 } else { 0 };
        pages += u32::try_from(metadata.len().div_ceil(4096)).unwrap();
    }
    pages * 4
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::create_dir_all(to);
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).output().unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
}

#[test]
fn of_updates_at_the_same_time_one_works_and_the_others_say_so() {
    let harmed = Harmed::new();
    let mut worked = 0;
    for round in 0..5 {
        let updates: Vec<_> = (0..4).map(|it| harmed.update((it + round) % 2).spawn().unwrap()).collect();
        harmed.is_whole("while they run");
        for update in updates {
            let ran = finished(update.wait_with_output().unwrap());
            let is_refused = ran.status == 3 && ran.err.contains("another process is updating");
            assert!(ran.status == 0 || is_refused, "{} {} {}", ran.status, ran.out, ran.err);
            worked += usize::from(ran.status == 0);
        }
        harmed.is_whole("when all have ended");
    }
    assert!(worked >= 5, "{worked}");
    harmed.heals("afterwards");
}
