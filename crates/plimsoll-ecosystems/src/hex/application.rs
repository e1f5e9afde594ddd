//! `hex/application`: the applications of an Elixir or Erlang release, and those of Erlang/OTP
//! itself, by the resource file that each must have (`ebin/NAME.app`).
//!
//! The file does not say where an application came from. Those that are part of Erlang/OTP or
//! of Elixir are known by name and listed as generic `otp/NAME`; all others as packages of Hex,
//! from which nearly all come. A release's `.rel` file lists the same applications again and is
//! not read.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Package, Pattern, Purl};

use super::terms::{Language, Term, read};
use crate::lenient::Texts;
use crate::listing::{Listing, component, text};

/// Reads `ebin/*.app`.
pub struct ErlangApplication;

/// The applications of Erlang/OTP (its "Applications" index, with former ones) and of Elixir.
const OF_THE_LANGUAGE: &[&str] = &[
    "appmon",
    "asn1",
    "common_test",
    "compiler",
    "cosEvent",
    "cosEventDomain",
    "cosFileTransfer",
    "cosNotification",
    "cosProperty",
    "cosTime",
    "cosTransactions",
    "crypto",
    "debugger",
    "dialyzer",
    "diameter",
    "edoc",
    "eex",
    "eldap",
    "elixir",
    "erl_docgen",
    "erl_interface",
    "erts",
    "et",
    "eunit",
    "ex_unit",
    "ftp",
    "gs",
    "hipe",
    "ic",
    "iex",
    "inets",
    "jinterface",
    "kernel",
    "logger",
    "megaco",
    "mix",
    "mnesia",
    "observer",
    "odbc",
    "orber",
    "os_mon",
    "ose",
    "otp_mibs",
    "parsetools",
    "percept",
    "pman",
    "public_key",
    "reltool",
    "runtime_tools",
    "sasl",
    "snmp",
    "ssh",
    "ssl",
    "stdlib",
    "syntax_tools",
    "test_server",
    "tftp",
    "toolbar",
    "tools",
    "tv",
    "typer",
    "webtool",
    "wx",
    "xmerl",
];

impl Extractor for ErlangApplication {
    fn id(&self) -> &'static str {
        "hex/application"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::InAny("ebin", ".app")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if component(input.path, 1) != b"ebin" {
            return;
        }
        let mut listing = Listing::new("hex", Evidence::Installed, &input, out);
        let terms = read(&text(&input), Language::Erlang).unwrap_or_default();
        match terms.first().map(Term::members) {
            Some([Term::Atom(application), Term::Atom(name), properties]) if application == "application" => {
                listing.add_package(package(name, properties.members()));
            }
            _ => listing.problem("this application resource of Erlang cannot be read"),
        }
        listing.finish();
    }
}

fn package(name: &str, properties: &[Term]) -> Package {
    let property = |key: &str| {
        properties.iter().find_map(|property| match property.members() {
            [Term::Atom(found), value] if found == key => Some(value),
            _ => None,
        })
    };
    let version = property("vsn").and_then(Term::word).unwrap_or_default();
    let licenses = property("licenses").map(Term::members).unwrap_or_default();
    let licenses = licenses.iter().filter_map(Term::word).map(str::to_owned).collect();
    let package = Package {
        name: name.to_owned(),
        version: version.to_owned(),
        license: Texts(licenses).any_of(),
        ..Package::default()
    };
    if !OF_THE_LANGUAGE.contains(&name) {
        return package;
    }
    let purl = Purl {
        kind: "otp".to_owned(),
        name: name.to_owned(),
        version: (!version.is_empty()).then(|| version.to_owned()),
        ..Purl::default()
    };
    Package {
        kind: "generic".to_owned(),
        name: format!("otp/{name}"),
        purl: Some(purl.to_string()),
        ..package
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::listing::tests::check;

    #[test]
    fn applications_are_of_hex_or_of_the_language() {
        check(
            "app/lib/accept-0.3.5/ebin/accept.app",
            "{application,accept,\n [{description,\"Accept }\"},\n {vsn,\"0.3.5\"},\n {modules,['a']}, %% x\n {licenses,[\"MIT\"]}]}.\n",
            expect![[r#"
                hex accept 0.3.5 under MIT (installed)
            "#]],
        );
        check(
            "usr/lib/erlang/lib/ssl-11.0/ebin/ssl.app",
            "{application, ssl, [{vsn, \"11.0\"}]}.",
            expect![[r#"
                generic otp/ssl 11.0 as pkg:otp/ssl@11.0 (installed)
            "#]],
        );
        check(
            "lib/x/ebin/x.app",
            "{application, 'x', [{vsn, {cmd, \"git\"}}]}.",
            expect![[r#"
            hex x  (installed)
        "#]],
        );
    }

    #[test]
    fn a_broken_resource_is_a_problem_and_other_files_are_none_of_ours() {
        check(
            "lib/x/ebin/x.app",
            "cation, 'rabbit', [",
            expect![[r#"
            ! this application resource of Erlang cannot be read
        "#]],
        );
        check("lib/webin/x.app", "{", expect![""]);
    }
}
