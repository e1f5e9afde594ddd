//! `hex/mix-lock` and `hex/rebar-lock`: what Mix (Elixir) and Rebar (Erlang) locked.
//!
//! Both are maps of terms from an application's name to where it comes from. Only what comes
//! from Hex has a version there; what comes from git is told, and no package of Hex.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};

use super::terms::{Language, Term, read};
use crate::listing::{Listing, text};
use crate::notes::excerpt;

/// Reads `mix.lock`.
pub struct MixLock;

/// Reads `rebar.lock`.
pub struct RebarLock;

impl Extractor for MixLock {
    fn id(&self) -> &'static str {
        "hex/mix-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("mix.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("hex", Evidence::LockFile, &input, out);
        match read(&text(&input), Language::Elixir).as_deref() {
            Some([] | [Term::Atom(_)]) => (),
            Some([map @ Term::Many(_)]) => mix(map.members(), &mut listing),
            _ => listing.problem("this lock file of Mix cannot be read"),
        }
        listing.finish();
    }
}

/// `"bunt": {:hex, :bunt, "0.2.0", …}`, name and source in turn.
fn mix(members: &[Term], listing: &mut Listing<'_>) {
    let mut elsewhere = Vec::new();
    for pair in members.chunks(2) {
        match pair {
            [key, source] => match (key.word(), source.members()) {
                (_, [Term::Atom(hex), Term::Atom(name), Term::Text(version), ..]) if hex == "hex" => {
                    listing.add(name, version);
                }
                (Some(name), [Term::Atom(git), ..]) if matches!(&**git, "git" | "path") => {
                    elsewhere.push(name);
                }
                (name, _) => listing.unreadable(name.unwrap_or_default()),
            },
            _ => listing.unreadable(pair.first().and_then(Term::word).unwrap_or_default()),
        }
    }
    tell_elsewhere(&elsewhere, listing);
}

impl Extractor for RebarLock {
    fn id(&self) -> &'static str {
        "hex/rebar-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("rebar.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("hex", Evidence::LockFile, &input, out);
        let terms = read(&text(&input), Language::Erlang);
        // `{"1.2.0", [...]}.` and checksums; before that form just `[...].`
        match terms.as_ref().map(|terms| terms.first()) {
            Some(None) => (),
            Some(Some(Term::Many(members))) => match &**members {
                [Term::Text(_), locked] => rebar(locked.members(), &mut listing),
                locked => rebar(locked, &mut listing),
            },
            _ => listing.problem("this lock file of Rebar cannot be read"),
        }
        listing.finish();
    }
}

/// `{<<"certifi">>, {pkg, <<"certifi">>, <<"2.9.0">>}, 0}`.
fn rebar(locked: &[Term], listing: &mut Listing<'_>) {
    let mut elsewhere = Vec::new();
    for entry in locked {
        match entry.members() {
            [Term::Text(key), source, ..] => match source.members() {
                [Term::Atom(pkg), Term::Text(name), Term::Text(version), ..] if pkg == "pkg" => {
                    listing.add(name, version);
                }
                [Term::Atom(_), ..] => elsewhere.push(&**key),
                _ => listing.unreadable(key),
            },
            _ => listing.unreadable(entry.word().unwrap_or_default()),
        }
    }
    tell_elsewhere(&elsewhere, listing);
}

/// Says which dependencies have no version that Hex knows.
fn tell_elsewhere(names: &[&str], listing: &mut Listing<'_>) {
    if !names.is_empty() {
        let named = excerpt(names.join(", ").as_bytes());
        listing.oddity(format!(
            "{} dependencies come from git or a folder, without a version: {named}",
            names.len()
        ));
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::lang_agreement::{Format, check as check_data};
    use crate::listing::tests::check;

    #[test]
    fn packages_of_hex_have_versions_and_the_others_are_told() {
        check(
            "app/mix.lock",
            "%{\n  \"bunt\": {:hex, :bunt, \"0.2.0\", \"95\", [:mix], [{:x, \"~> 1\", [hex: :x]}], \"hexpm\", \"7a\"},\n  \
             \"esaml\": {:git, \"https://example.org/e.git\", \"5a\", [branch: \"main\"]},\n  \
             \"jason_\": {:hex, :jason, \"1.3.0\", \"fa\"},\n}\n",
            expect![[r#"
                hex bunt 0.2.0 (lock_file)
                hex jason 1.3.0 (lock_file)
                ~ 1 dependencies come from git or a folder, without a version: esaml
            "#]],
        );
        check("mix.lock", "%{\n}\n", expect![""]);
        check(
            "rebar.lock",
            "{\"1.2.0\",\n[{<<\"certifi\">>,{pkg,<<\"certifi\">>,<<\"2.9.0\">>},0},\n {<<\"bson\">>,\n  {git,\"https://example.org/b\",\n       {ref,\"14\"}},\n  1}]}.\n[\n{pkg_hash,[\n {<<\"certifi\">>, <<\"6F\">>}]}].\n",
            expect![[r#"
                hex certifi 2.9.0 (lock_file)
                ~ 1 dependencies come from git or a folder, without a version: bson
            "#]],
        );
        check(
            "rebar.lock",
            "[{<<\"idna\">>,{pkg,<<\"idna\">>,<<\"6.1.1\">>},0}].\n",
            expect![[r#"
            hex idna 6.1.1 (lock_file)
        "#]],
        );
        check("rebar.lock", "[].\n", expect![""]);
    }

    #[test]
    fn a_broken_lock_file_is_a_problem() {
        check(
            "mix.lock",
            "%{ \"a\": {:hex, :a, \"1\"",
            expect![[r#"
            ! this lock file of Mix cannot be read
        "#]],
        );
        check(
            "mix.lock",
            "%{\"a\": {:hex, 1}, \"b\"}",
            expect![[r#"
            ! this entry cannot be read: `a`
            ! this entry cannot be read: `b`
        "#]],
        );
        check(
            "rebar.lock",
            "{\"1.2.0\", [{a}",
            expect![[r#"
            ! this lock file of Rebar cannot be read
        "#]],
        );
    }

    #[test]
    fn packages_are_those_that_others_expect() {
        let format = Format {
            kind: "hex",
            files: "dependency/parser/hex/",
            ending: "mix.lock",
            path: "app/mix.lock",
            cases: 1,
            agreed: 4,
            deviations: &[],
        };
        check_data(&[
            Format { files: "fanal/analyzer/language/elixir/", agreed: 1, ..format },
            Format {
                kind: "hex",
                files: "dependency/parser/hex/",
                ending: "mix.lock",
                path: "app/mix.lock",
                cases: 1,
                agreed: 4,
                deviations: &[],
            },
        ]);
    }
}
