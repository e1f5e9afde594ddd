//! The same answers as dpkg and rpm themselves give, on pairs made by rule.
#![expect(clippy::disallowed_methods, reason = "tests start dpkg and rpm to compare with them")]

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use plimsoll_ecosystems::versions::{dpkg, rpm};

/// Makes the same versions on every run.
pub struct Maker(pub u64);

impl Maker {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below a usize")
    }

    pub fn word(&mut self, alphabet: &[&str], length_max: usize) -> String {
        (0..=self.below(length_max)).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }

    /// A version, and another that is like it more often than not.
    pub fn pair(&mut self, mut version: impl FnMut(&mut Maker) -> String) -> (String, String) {
        let left = version(self);
        let right = if self.below(3) == 0 {
            version(self)
        } else {
            let mut at = self.below(left.len() + 1);
            while !left.is_char_boundary(at) {
                at -= 1;
            }
            let middle = ["0", "1", "~", "a", "+", ".", ""][self.below(7)];
            format!("{}{middle}{}", &left[..at], &left[at..])
        };
        (left, right)
    }
}

/// What `program` with `arguments` prints when it is fed `input`; `None` where it is not there.
pub fn output(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().expect("it was asked for");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().ok()?;
    let _ = writer.join();
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn dpkg_itself_orders_and_refuses_the_same() {
    const SCRIPT: &str = "command -v dpkg >/dev/null || exit 1\n\
        while read -r a b; do\n\
        dpkg --compare-versions \"$a\" lt \"$b\"\n\
        case $? in 0) echo L; continue;; 1) ;; *) echo E; continue;; esac\n\
        dpkg --compare-versions \"$a\" gt \"$b\" && echo G || echo Q\n\
        done";
    let mut maker = Maker(0x9e37_79b9_7f4a_7c15);
    let version = |maker: &mut Maker| {
        let epoch = match maker.below(60) {
            0 => "2147483648:",
            1 => "a:",
            2 => ":",
            other => ["", "", "", "0:", "1:", "01:", "2147483647:"][other % 7],
        };
        let upstream = maker.word(&["0", "1", "9", "10", "09", "a", "b", "Z", ".", "+", "~", "_"], 6);
        let revision = match maker.below(60) {
            0 => "-",
            other => ["", "", "-0", "-1", "-1~bpo1", "-1+b1", "-1ubuntu1", "-a", "-1-2", "-1:2"][other % 10],
        };
        format!("{epoch}{upstream}{revision}")
    };
    // dpkg takes a sign before the epoch, which is not worth following, and would take a version
    // that begins with a hyphen for an option.
    let is_told_badly =
        |version: &str| version.starts_with('-') || version.starts_with('+') && version.contains(':');
    let pairs: Vec<_> = (0..800)
        .map(|_| maker.pair(version))
        .filter(|(a, b)| !is_told_badly(a) && !is_told_badly(b))
        .collect();
    let input: String = pairs.iter().map(|(a, b)| format!("{a} {b}\n")).collect();
    let Some(answers) = output("sh", &["-c", SCRIPT], &input) else {
        return eprintln!("SKIPPED: dpkg is not there to compare with");
    };
    assert_eq!(answers.lines().count(), pairs.len());
    let mut refused = 0;
    for ((left, right), answer) in pairs.iter().zip(answers.lines()) {
        let expected = match answer {
            "L" => Some(Ordering::Less),
            "Q" => Some(Ordering::Equal),
            "G" => Some(Ordering::Greater),
            _ => None,
        };
        refused += usize::from(expected.is_none());
        assert_eq!(dpkg::compare(left, right).ok(), expected, "{left} {right}");
    }
    eprintln!("dpkg: {} pairs agree, {refused} of them refused by both", pairs.len());
}

#[test]
fn rpm_itself_orders_the_same() {
    let mut maker = Maker(0x2545_f491_4f6c_dd1d);
    let version = |maker: &mut Maker| {
        let epoch = ["", "", "", "0:", "1:", "01:", "12:"][maker.below(7)];
        let version = maker.word(&["0", "1", "9", "10", "09", "a", "b", "Z", ".", "+", "~", "^", "_"], 6);
        let release = ["", "", "-0", "-1", "-1.el8", "-1.el8_7", "-2~rc1", "-1^git"][maker.below(8)];
        format!("{epoch}{version}{release}")
    };
    let pairs: Vec<_> = (0..1500).map(|_| maker.pair(version)).collect();
    let mut script = "%{lua:local pairs_ = {".to_owned();
    for (left, right) in &pairs {
        let _ = write!(script, "\"{left}\",\"{right}\",");
    }
    script
        .push_str("}; for i = 1, #pairs_, 2 do print(rpm.vercmp(pairs_[i], pairs_[i + 1]) .. \"\\n\") end}");
    let Some(answers) = output("rpm", &["--eval", &script], "") else {
        return eprintln!("SKIPPED: rpm is not there to compare with");
    };
    let answers: Vec<i32> = answers.split_whitespace().map(|it| it.parse().expect("a number")).collect();
    assert_eq!(answers.len(), pairs.len());
    for ((left, right), answer) in pairs.iter().zip(answers) {
        assert_eq!(rpm::order(left, right), Ok(answer.cmp(&0)), "{left} {right}");
    }
    eprintln!("rpm: {} pairs agree", pairs.len());
}
