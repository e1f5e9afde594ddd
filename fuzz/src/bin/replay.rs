//! Runs targets on the kept seeds and on random mutations of them, on stable Rust and without
//! libFuzzer: `replay SECONDS [TARGET]…`.
//!
//! Knows nothing of coverage. What it finds it writes to `artifacts/TARGET/` and ends with 1.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use plimsoll_fuzz::TARGETS;

/// Inputs grow no longer; libFuzzer is told the same.
const INPUT_BYTES_MAX: usize = 64 << 10;

/// An input that takes longer is a finding too.
const SLOW: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(seconds) = arguments.next().and_then(|it| it.parse().ok()) else {
        eprintln!("replay SECONDS [TARGET]...");
        return ExitCode::from(2);
    };
    let wanted: Vec<String> = arguments.collect();
    let mut found = false;
    for (name, target) in TARGETS {
        if wanted.is_empty() || wanted.iter().any(|it| it == name) {
            found |= !replay(name, *target, Duration::from_secs(seconds));
        }
    }
    if found { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs one target; gives whether nothing was found.
fn replay(name: &str, target: fn(&[u8]), each: Duration) -> bool {
    let seeds = seeds(name);
    for seed in &seeds {
        if !survives(name, target, seed) {
            return false;
        }
    }
    let started = Instant::now();
    // The same inputs in every run, so that a failure of CI can be had again at home.
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ name.len() as u64);
    let mut runs = seeds.len();
    while started.elapsed() < each {
        let input = mutated(&seeds, &mut random);
        if !survives(name, target, &input) {
            return false;
        }
        runs += 1;
    }
    println!("{name}: {} seeds, {runs} inputs, nothing found", seeds.len());
    true
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder().join("seeds").join(name))
        .map(|files| files.flatten().map(|file| file.path()).collect())
        .unwrap_or_default();
    paths.sort();
    let mut seeds: Vec<Vec<u8>> = paths.iter().filter_map(|path| fs::read(path).ok()).collect();
    seeds.push(Vec::new());
    seeds
}

fn survives(name: &str, target: fn(&[u8]), input: &[u8]) -> bool {
    let started = Instant::now();
    let panicked = catch_unwind(AssertUnwindSafe(|| target(input))).is_err();
    let why = match (panicked, started.elapsed()) {
        (true, _) => "panicked".to_owned(),
        (false, took) if took > SLOW => format!("took {:.0} s", took.as_secs_f64()),
        (false, _) => return true,
    };
    let artifacts = folder().join("artifacts").join(name);
    let file = artifacts.join(format!("replay-{:016x}", checksum(input)));
    let kept = fs::create_dir_all(&artifacts).and_then(|()| fs::write(&file, input));
    println!("{name}: {why}; the input is {} ({kept:?})", file.display());
    false
}

/// A seed with a few changes of the kinds that break parsers.
fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        match random.below(8) {
            0 => input.truncate(at),
            1 => input.insert(at, random.byte()),
            2 if at < input.len() => input[at] ^= 1 << random.below(8),
            3 if at < input.len() => input[at] = [0, 1, 0x7f, 0x80, 0xff, b'9', b'\n', b'"'][random.below(8)],
            4 if at < input.len() => {
                let end = (at + random.below(64)).min(input.len());
                let copy = input[at..end].to_vec();
                let to = random.below(input.len() + 1);
                input.splice(to..to, copy);
            }
            5 if at < input.len() => {
                let end = (at + random.below(32)).min(input.len());
                input.drain(at..end);
            }
            6 => {
                let other = &seeds[random.below(seeds.len())];
                input.truncate(at);
                input.extend_from_slice(&other[random.below(other.len() + 1)..]);
            }
            _ => input.extend((0..random.below(16)).map(|_| random.byte())),
        }
    }
    input.truncate(INPUT_BYTES_MAX);
    input
}

fn checksum(input: &[u8]) -> u64 {
    input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// xorshift64*: good enough to pick bytes, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % end
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.next() >> 56).unwrap_or(0)
    }
}
