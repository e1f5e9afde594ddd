//! `ruby/gemspec`: gems that are installed, by the specification that RubyGems writes for each.
//!
//! A specification is a Ruby program, which is never run: what RubyGems generates
//! (`Gem::Specification#to_ruby`) assigns literals, a line each, and begins with a comment that
//! says name, version and platform. The platform is no part of the version (rule 64).

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Pattern};

use crate::listing::{Listing, component, text};

/// Reads `specifications/*.gemspec`, `specifications/default/*.gemspec`, and those that Bundler
/// writes into the checkouts of gems from git.
pub struct Gemspec;

/// Lines of one specification that are looked at; the lists of files are the longest.
const LINES_MAX: usize = 20_000;

impl Extractor for Gemspec {
    fn id(&self) -> &'static str {
        "ruby/gemspec"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Ending(".gemspec")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let is_installed = is_installed(input.path);
        if !is_installed && !is_checkout(input.path) {
            return;
        }
        let text = text(&input);
        let gem = Gem::read(&text);
        let mut listing = Listing::new("gem", Evidence::Installed, &input, out);
        match gem {
            // In a checkout only what Bundler wrote counts; the rest are sources and test data.
            _ if !is_installed && !gem.is_generated => (),
            Gem { name: Some(name), version: Some(version), .. } => {
                listing.add_licensed(&name, without_platform(&version), gem.license);
            }
            Gem { name: Some(name), .. } => {
                listing.problem(format!("no version of gem `{name}` can be read"));
            }
            _ => listing.problem("this gem specification says no name that can be read"),
        }
        listing.finish();
    }
}

/// Whether the file lies where RubyGems keeps its specifications.
fn is_installed(path: &ImagePath) -> bool {
    component(path, 1) == b"specifications"
        || (component(path, 1) == b"default" && component(path, 2) == b"specifications")
}

/// Whether the file lies in a gem that Bundler got from git, at most two folders deep.
fn is_checkout(path: &ImagePath) -> bool {
    (2..=4).any(|depth| component(path, depth) == b"gems" && component(path, depth + 1) == b"bundler")
}

/// What a specification says.
#[derive(Default)]
struct Gem {
    name: Option<String>,
    version: Option<String>,
    license: Option<String>,
    /// Whether it has the comment that RubyGems begins it with.
    is_generated: bool,
}

impl Gem {
    fn read(text: &str) -> Gem {
        let mut gem = Gem::default();
        let mut stub = None;
        let mut variable = None;
        for line in text.lines().take(LINES_MAX) {
            let line = line.trim();
            if let Some(words) = line.strip_prefix("# stub: ") {
                stub = stub.or(Some(words));
            } else if let Some(block) = line.strip_prefix("Gem::Specification.new") {
                variable = variable.or_else(|| block_variable(block));
            } else if let Some((attribute, value)) = variable.and_then(|it| assignment(line, it)) {
                gem.assign(attribute, value);
            }
        }
        gem.is_generated = stub.is_some();
        let mut words = stub.unwrap_or_default().split(' ').map(str::to_owned);
        gem.name = gem.name.or(words.next().filter(|name| !name.is_empty()));
        gem.version = gem.version.or(words.next());
        gem
    }

    fn assign(&mut self, attribute: &str, value: &str) {
        match attribute {
            "name" => self.name = string(value).or(self.name.take()),
            "version" => {
                let value = value.strip_prefix("Gem::Version.new(").unwrap_or(value);
                self.version = string(value).or(self.version.take());
            }
            "license" => self.license = string(value).or(self.license.take()),
            "licenses" => self.license = strings(value).or(self.license.take()),
            _ => (),
        }
    }
}

/// `s` of ` do |s|`.
fn block_variable(block: &str) -> Option<&str> {
    let (_, rest) = block.split_once('|')?;
    let (variable, _) = rest.split_once('|')?;
    Some(variable.trim())
}

/// `("name", "\"rake\".freeze")` of `s.name = "rake".freeze`.
fn assignment<'a>(line: &'a str, variable: &str) -> Option<(&'a str, &'a str)> {
    let (attribute, value) = line.strip_prefix(variable)?.strip_prefix('.')?.split_once('=')?;
    Some((attribute.trim(), value.trim()))
}

/// The text of a literal that the value begins with.
fn string(value: &str) -> Option<String> {
    string_and_rest(value).map(|(text, _)| text).filter(|text| !text.trim().is_empty())
}

/// The texts of `["MIT".freeze, "Ruby".freeze]`, or of a single literal.
fn strings(value: &str) -> Option<String> {
    let Some(mut rest) = value.strip_prefix('[') else { return string(value) };
    let mut texts = Vec::new();
    while let Some((text, after)) = rest.find(['"', '\'']).and_then(|at| string_and_rest(rest.get(at..)?)) {
        texts.push(text);
        rest = after;
    }
    (!texts.is_empty()).then(|| texts.join(" OR "))
}

/// A quoted literal without interpolation, and what follows it.
fn string_and_rest(value: &str) -> Option<(String, &str)> {
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let mut text = String::new();
    let mut letters = value.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => text.push(letters.next()?.1),
            '#' if quote == '"' && value.get(at + 1..)?.starts_with('{') => return None,
            letter if letter == quote => return Some((text, value.get(at + 1..)?)),
            letter => text.push(letter),
        }
    }
    None
}

/// `1.13.6` of `1.13.6-x86_64-linux`: a gem's version has no hyphen (`Gem::Version`'s pattern
/// takes one for a prerelease, and RubyGems writes it as `.pre.`).
pub(super) fn without_platform(version: &str) -> &str {
    version.split_once('-').map_or(version, |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(path: &str, content: &str, expected: Expect) {
        expected.assert_eq(&seen(path, content.as_bytes()));
    }

    const RAKE: &str = "# -*- encoding: utf-8 -*-\n# stub: rake 13.0.3 ruby lib\n\nGem::Specification.new do |s|\n  s.name = \"rake\".freeze\n  s.version = \"13.0.3\"\n\n  s.required_rubygems_version = Gem::Requirement.new(\">= 1.3.2\".freeze) if s.respond_to? :required_rubygems_version=\n  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\nend\n";

    #[test]
    fn an_installed_gem_has_name_version_and_licence() {
        let expected = "gem rake 13.0.3 under MIT OR Ruby (installed)\n";
        for path in [
            "usr/lib/ruby/gems/3.2.0/specifications/rake-13.0.3.gemspec",
            "usr/lib/ruby/gems/3.2.0/specifications/default/rake-13.0.3.gemspec",
            "app/vendor/bundle/ruby/3.2.0/specifications/rake-13.0.3.gemspec",
            "app/vendor/bundle/ruby/3.2.0/bundler/gems/rake-0a1b2c/rake.gemspec",
            "app/vendor/bundle/ruby/3.2.0/bundler/gems/all-0a1b2c/parts/rake/rake.gemspec",
        ] {
            assert_eq!(seen(path, RAKE.as_bytes()), expected, "{path}");
        }
        check_survives("specifications/rake-13.0.3.gemspec", RAKE.as_bytes());
    }

    #[test]
    fn the_sources_of_a_gem_are_no_installed_gem() {
        check("gems/rake-13.0.3/rake.gemspec", RAKE, expect![""]);
        check(
            "bundler/gems/x-1/test/x.gemspec",
            "Gem::Specification.new do |s|\n s.name = 'x'\nend\n",
            expect![""],
        );
    }

    #[test]
    fn the_platform_is_no_part_of_the_version() {
        check(
            "specifications/nokogiri-1.13.6-x86_64-linux.gemspec",
            "# stub: nokogiri 1.13.6 x86_64-linux lib\nGem::Specification.new do |s|\n  s.name = 'nokogiri'.freeze\n  s.version = \"1.13.6\"\n  s.platform = \"x86_64-linux\".freeze\nend\n",
            expect![[r#"
                gem nokogiri 1.13.6 (installed)
            "#]],
        );
        check(
            "specifications/x.gemspec",
            "# stub: x 1.0-java java lib\n",
            expect![[r#"
            gem x 1.0 (installed)
        "#]],
        );
    }

    #[test]
    fn what_is_computed_is_taken_from_the_first_lines_comment() {
        check(
            "specifications/a-1.gemspec",
            "# stub: a 1.2 ruby lib\nGem::Specification.new do |spec|\n  spec.name = \"#{x}\"\n  spec.version = A::VERSION\n  spec.license = %w(MIT)\nend\n",
            expect![[r#"
                gem a 1.2 (installed)
            "#]],
        );
    }

    #[test]
    fn a_specification_that_says_nothing_is_a_problem() {
        check(
            "specifications/a.gemspec",
            "Gem::Specification.new do |spec|\n  s.name = \"a\"\n",
            expect![[r#"
            ! this gem specification says no name that can be read
        "#]],
        );
        check(
            "specifications/a.gemspec",
            "Gem::Specification.new do |s|\n  s.name = \"a\"\n",
            expect![[r#"
            ! no version of gem `a` can be read
        "#]],
        );
    }
}
