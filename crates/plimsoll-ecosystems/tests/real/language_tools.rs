//! The same answers as the tools of the languages themselves give, on pairs made by rule.
//!
//! Each tool gets a pair a line and answers a letter a line: `L`, `Q`, `G`, or `E` where it takes
//! one of the two for no version.

use std::cmp::Ordering;
use std::fmt::Write as _;

use plimsoll_core::Unreadable;
use plimsoll_ecosystems::versions::{
    composer, conan, gem, go, luarocks, maven, nix, pep440, perl, php_version, semver,
};

use crate::native_tools::{Maker, output};

type Compare = fn(&str, &str) -> Result<Ordering, Unreadable>;

/// How the alphabet of a version goes on: what its pieces are, and how many there are at most.
struct Pieces {
    starts: &'static [&'static str],
    middles: &'static [&'static str],
    length_max: usize,
    ends: &'static [&'static str],
}

impl Pieces {
    fn pairs(&self, count: usize) -> Vec<(String, String)> {
        let mut maker = Maker(0x9e37_79b9_7f4a_7c15);
        let version = |maker: &mut Maker| {
            let start = self.starts[maker.below(self.starts.len())];
            let middle = maker.word(self.middles, self.length_max);
            let end = self.ends[maker.below(self.ends.len())];
            format!("{start}{middle}{end}")
        };
        (0..count).map(|_| maker.pair(version)).collect()
    }
}

/// Whether what the tool refuses must be unreadable, too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusals {
    Agree,
    /// We read more than the tool; that is then not compared.
    Wider,
}

#[track_caller]
fn check(
    name: &str,
    compare: Compare,
    pairs: &[(String, String)],
    answers: Option<&str>,
    refusals: Refusals,
) {
    let Some(answers) = answers else {
        return eprintln!("SKIPPED: {name} is not there to compare with");
    };
    assert_eq!(answers.split_whitespace().count(), pairs.len(), "{name}");
    let (mut agree, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for ((left, right), answer) in pairs.iter().zip(answers.split_whitespace()) {
        let expected = match answer {
            "L" => Some(Ordering::Less),
            "Q" => Some(Ordering::Equal),
            "G" => Some(Ordering::Greater),
            _ => None,
        };
        let actual = compare(left, right).ok();
        match expected {
            None if refusals == Refusals::Wider => refused += 1,
            _ if actual != expected => wrong.push(format!("{left} {right}: {expected:?}, we {actual:?}")),
            None => refused += 1,
            Some(_) => agree += 1,
        }
    }
    assert!(wrong.is_empty(), "{name}: {} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(agree > pairs.len() / 10, "{name} takes only {agree} of the pairs");
    eprintln!("{name}: {agree} pairs agree, {refused} that it refuses");
}

/// The pairs as lines.
fn lines(pairs: &[(String, String)]) -> String {
    pairs.iter().fold(String::new(), |mut text, (left, right)| {
        let _ = writeln!(text, "{left} {right}");
        text
    })
}

/// `packaging` before 22 also orders what does not follow PEP 440; later ones refuse it.
#[test]
fn python_packaging_orders_the_same() {
    const SCRIPT: &str = "
import sys
from packaging.version import parse, InvalidVersion
for line in sys.stdin:
    a, b = line.split(' ')
    try:
        a, b = parse(a.strip()), parse(b.strip())
        print('L' if a < b else 'G' if a > b else 'Q')
    except InvalidVersion:
        print('E')
";
    let pairs = Pieces {
        starts: &["1", "0", "1.0", "1.0.1", "2022.01", "v1", "1!1", "1.10"],
        middles: &[
            "",
            "",
            ".0",
            ".1",
            "a1",
            "b2",
            "-rc1",
            ".dev3",
            ".post2",
            "-1",
            ".c",
            "a1.post2",
            "_beta.2.dev3",
            "rc1.post1.dev2",
            ".post2.dev4",
            "preview",
            ".r3",
        ],
        length_max: 1,
        ends: &["", "", "", "+local.1", "+a", "+1.a", "+0"],
    }
    .pairs(1500);
    let answers = output("python3", &["-c", SCRIPT], &lines(&pairs));
    check("Python's packaging", pep440::compare, &pairs, answers.as_deref(), Refusals::Wider);
}

#[test]
fn npm_semver_orders_the_same() {
    const SCRIPT: &str = "
const places = ['semver', '/usr/share/nodejs/semver', '/usr/lib/node_modules/npm/node_modules/semver'];
const has = it => { try { return require(it + '/functions/compare'); } catch { return false; } };
const place = places.find(has);
if (!place) process.exit(1);
const [compare, valid] = ['compare', 'valid'].map(it => require(`${place}/functions/${it}`));
const lines = require('fs').readFileSync(0, 'utf8').split('\\n').filter(it => it);
for (const line of lines) {
    const [a, b] = line.split(' ');
    if (!valid(a, true) || !valid(b, true)) { console.log('E'); continue; }
    console.log('LQG'[compare(a, b, true) + 1]);
}
";
    let pairs = Pieces {
        starts: &["1.2.3", "1.2.3", "0.0.0", "v1.2.3", "=1.10.0", "1.2.03"],
        middles: &["", "", "-alpha", "-0", ".1", ".beta", "-rc.10", ".11", "-x-y", "b"],
        length_max: 2,
        ends: &["", "", "", "+build", "+1.a"],
    }
    .pairs(1500);
    // Of `1.2.03.4` npm's pattern makes a pre-release `3.4` of 1.2.0, which is not worth following.
    let is_sane = |it: &str| {
        let core =
            it.trim_start_matches(['v', '=']).split(|it: char| !it.is_ascii_digit() && it != '.').next();
        core.is_some_and(|core| core.split('.').count() == 3) && !it.contains("-.") && !it.contains("-+")
    };
    let pairs: Vec<_> = pairs.into_iter().filter(|(a, b)| is_sane(a) && is_sane(b)).collect();
    let answers = output("node", &["-e", SCRIPT], &lines(&pairs));
    check("npm's semver", semver::compare, &pairs, answers.as_deref(), Refusals::Wider);
}

#[test]
fn rubygems_orders_the_same() {
    const SCRIPT: &str = "
STDIN.each_line do |line|
  a, b = line.chomp.split(' ', 2)
  if [a, b].all? { |it| Gem::Version.correct?(it) }
    puts 'LQG'[(Gem::Version.new(a) <=> Gem::Version.new(b)) + 1]
  else
    puts 'E'
  end
end
";
    let pairs = Pieces {
        starts: &["1", "0", "10", "1.0", "201706190042"],
        middles: &[".0", ".1", ".10", ".a", ".b2", ".rc1", "-alpha", "-1", ".beta.2", ".a10b"],
        length_max: 4,
        ends: &["", "", ".0"],
    }
    .pairs(1500);
    let answers = output("ruby", &["-e", SCRIPT], &lines(&pairs));
    check("RubyGems", gem::compare, &pairs, answers.as_deref(), Refusals::Wider);
}

#[test]
fn composer_itself_orders_the_same() {
    const SCRIPT: &str = "
if (!@include '/usr/share/php/Composer/Semver/autoload.php') exit(1);
$parser = new Composer\\Semver\\VersionParser;
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode(' ', trim($line));
    try {
        $order = version_compare($parser->normalize($a), $parser->normalize($b));
        echo 'LQG'[$order + 1], \"\\n\";
    } catch (UnexpectedValueException $refusal) {
        echo \"E\\n\";
    }
}
";
    let pairs = Pieces {
        starts: &["1", "v1", "1.0", "1.2.3", "1.2.3.4", "20230115", "2023-01-15", "100000.1", "1.x"],
        middles: &["", "", ".0", ".1", "-beta", "a1", ".RC2", "-p1", "_patch", ".2", "-3", "stable"],
        length_max: 2,
        ends: &["", "", "", "-dev", "+build"],
    }
    .pairs(1500);
    let answers = output("php", &["-r", SCRIPT], &lines(&pairs));
    check("Composer", composer::compare, &pairs, answers.as_deref(), Refusals::Wider);
}

#[test]
fn php_itself_orders_the_same() {
    const SCRIPT: &str = "
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode(' ', trim($line));
    echo 'LQG'[version_compare($a, $b) + 1], \"\\n\";
}
";
    let pairs = Pieces {
        starts: &["1", "0", "10", "1.0"],
        middles: &[".0", ".1", "-dev", "a", "b2", "RC", "rc1", "pl1", "p", "_x", "+1", "-", "any"],
        length_max: 4,
        ends: &["", "1"],
    }
    .pairs(1500);
    // PHP calls each of two versions less than the other that both end in a separator.
    let ends_well = |it: &str| it.ends_with(|last: char| last.is_ascii_alphanumeric());
    let pairs: Vec<_> = pairs.into_iter().filter(|(a, b)| ends_well(a) && ends_well(b)).collect();
    let answers = output("php", &["-r", SCRIPT], &lines(&pairs));
    check("PHP", php_version::compare, &pairs, answers.as_deref(), Refusals::Agree);
}

#[test]
fn maven_itself_orders_the_same() {
    const CLASS: &str = "org.apache.maven.artifact.versioning.ComparableVersion";
    const JARS: &str = "/usr/share/maven/lib/maven-artifact-3.x.jar:/usr/share/java/commons-lang3.jar";
    let pairs = Pieces {
        starts: &["1", "1.0", "2.0.1", "0"],
        middles: &[
            ".0",
            ".1",
            "-1",
            "-alpha",
            "a1",
            "b",
            ".RC",
            "-rc-2",
            "m3",
            "-SNAPSHOT",
            ".Final",
            "-ga",
            "sp",
            "-sp-1",
            "x",
            ".x",
            "-0",
            "-",
            "jre8",
            "01",
        ],
        length_max: 3,
        ends: &[""],
    }
    .pairs(3000);
    let arguments: Vec<&str> = ["-cp", JARS, CLASS]
        .into_iter()
        .chain(pairs.iter().flat_map(|(left, right)| [left.as_str(), right.as_str()]))
        .collect();
    // It compares each version with the next; every second comparison is of one of our pairs.
    let answers = output("java", &arguments, "").map(|text| {
        let compared = text.lines().filter_map(|line| line.strip_prefix("   "));
        let signs = compared.filter_map(|line| line.split(' ').nth(1)).step_by(2);
        signs.fold(String::new(), |mut answers, sign| {
            answers.push_str(match sign {
                "<" => "L ",
                ">" => "G ",
                _ => "Q ",
            });
            answers
        })
    });
    check("Maven", maven::compare, &pairs, answers.as_deref(), Refusals::Agree);
}

#[test]
fn go_itself_orders_toolchains_the_same() {
    const PROGRAM: &str = "
package main
import (\"bufio\"; \"fmt\"; \"go/version\"; \"os\"; \"strings\")
func main() {
    lines := bufio.NewScanner(os.Stdin)
    for lines.Scan() {
        a, b, _ := strings.Cut(lines.Text(), \" \")
        if !version.IsValid(a) || !version.IsValid(b) { fmt.Println(\"E\"); continue }
        fmt.Println(string(\"LQG\"[version.Compare(a, b)+1]))
    }
}
";
    let pairs = Pieces {
        starts: &["go1.2", "go1.9", "go1.10", "go1.18", "go1.20"],
        middles: &["", "", ".0", ".1", ".10", "rc1", "rc2", "beta1"],
        length_max: 1,
        ends: &["", "", "-vendor1"],
    }
    .pairs(1500);
    // From 1.21 on Go tells the language `go1.21` from its first release `go1.21.0`; the
    // vulnerability database does not, and so neither do we.
    let is_older = |it: &str| {
        let minor = it.strip_prefix("go1.").unwrap_or("99");
        let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().is_ok_and(|minor| minor <= 20)
    };
    let pairs: Vec<_> = pairs.into_iter().filter(|(a, b)| is_older(a) && is_older(b)).collect();
    let script = format!(
        "folder=$(mktemp -d) && cat > \"$folder/main.go\" <<'END' || exit 1\n{PROGRAM}END\n\
         cd \"$folder\" && go build -o order main.go 2>/dev/null && ./order; status=$?; rm -r \"$folder\"; \
         exit $status"
    );
    let answers = output("sh", &["-c", &script], &lines(&pairs));
    check("Go", go::compare, &pairs, answers.as_deref(), Refusals::Wider);
}

#[test]
fn perl_itself_orders_the_same() {
    const SCRIPT: &str = "
use version;
while (my $line = <STDIN>) {
    my ($a, $b) = split ' ', $line;
    my $order = eval { version->parse($a) <=> version->parse($b) };
    print defined $order ? substr('LQG', $order + 1, 1) : 'E', \"\\n\";
}
";
    let pairs = Pieces {
        starts: &["1", "0", "v1", "v1.2", "5.036"],
        middles: &[".0", ".1", ".10", ".002", ".002003", "0", "5"],
        length_max: 3,
        ends: &["", "", "", "_01"],
    }
    .pairs(1500);
    let answers = output("perl", &["-e", SCRIPT], &lines(&pairs));
    check("Perl", perl::compare, &pairs, answers.as_deref(), Refusals::Wider);
}

#[test]
fn nix_itself_orders_the_same() {
    let pairs = Pieces {
        starts: &["1", "0", "2.3", "1.0"],
        middles: &[".0", ".1", "-1", "pre", "pre1", "a", "rc2", "-unstable", "-2023-01-15", ".", "_1", "p"],
        length_max: 3,
        ends: &[""],
    }
    .pairs(1500);
    let mut expression = "builtins.concatStringsSep \" \" (map (pair: builtins.elemAt [ \"L\" \"Q\" \"G\" ] \
         ((builtins.compareVersions (builtins.head pair) (builtins.elemAt pair 1)) + 1)) ["
        .to_owned();
    for (left, right) in &pairs {
        let _ = writeln!(expression, "[\"{left}\" \"{right}\"]");
    }
    expression.push_str("])");
    let arguments = ["--store", "dummy://", "--eval", "--strict", "-"];
    let answers = output("nix-instantiate", &arguments, &expression);
    let answers = answers.map(|text| text.trim().trim_matches('"').to_owned());
    check("Nix", nix::compare, &pairs, answers.as_deref(), Refusals::Agree);
}

#[test]
fn luarocks_itself_orders_the_same() {
    const SCRIPT: &str = "
local vers = require('luarocks.core.vers')
for line in io.lines() do
    local a, b = line:match('^(%S+) (%S+)$')
    a, b = vers.parse_version(a), vers.parse_version(b)
    print(a < b and 'L' or b < a and 'G' or 'Q')
end
";
    let pairs = Pieces {
        starts: &["1", "0", "1.0", "2.10"],
        middles: &[".0", ".1", "alpha", "beta1", "rc", "rc2", "-2", "_x", ".scm", "pre", "a10"],
        length_max: 3,
        ends: &["", "", "-1", "-2"],
    }
    .pairs(1000);
    // What it warns of it orders all the same, and we do not.
    let is_plain = |it: &str| it.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let pairs: Vec<_> = pairs
        .into_iter()
        .filter(|(a, b)| is_plain(a) && is_plain(b) && !b.starts_with(['.', '-', '_']))
        .collect();
    let answers = ["lua5.4", "lua5.3", "lua5.1", "lua"]
        .iter()
        .find_map(|program| output(program, &["-e", SCRIPT], &lines(&pairs)));
    check("LuaRocks", luarocks::compare_installed, &pairs, answers.as_deref(), Refusals::Agree);
}

#[test]
fn conan_itself_orders_the_same() {
    const SCRIPT: &str = "
import sys
from conan.internal.model.version import Version
for line in sys.stdin:
    a, b = (Version(it) for it in line.split())
    print('L' if a < b else 'G' if b < a else 'Q')
";
    let pairs = Pieces {
        starts: &["1", "0", "1.0", "1.1.1", "10", "cci.2020"],
        middles: &[".0", ".1", "w", "-rc1", "-alpha.1", ".a", "-0", "10", ".01"],
        length_max: 3,
        ends: &["", "", "+1", "+a.2"],
    }
    .pairs(1500);
    // To Python `+1` is a number, which is not worth following.
    let has_digit = |it: &str| {
        it.bytes().any(|byte| byte.is_ascii_digit()) && !it.starts_with('+') && it.matches('+').count() < 2
    };
    let pairs: Vec<_> = pairs.into_iter().filter(|(a, b)| has_digit(a) && has_digit(b)).collect();
    let answers = output("python3", &["-c", SCRIPT], &lines(&pairs));
    check("Conan", conan::compare, &pairs, answers.as_deref(), Refusals::Agree);
}
