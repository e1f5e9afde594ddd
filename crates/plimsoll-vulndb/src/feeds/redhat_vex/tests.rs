//! Documents made up of the shapes that occur.

use super::*;

/// A document with these products, components and statuses.
fn document(components: &str, relationships: &str, rest: &str) -> String {
    format!(
        r#"{{"document":{{"title":"a flaw","aggregate_severity":{{"text":"Moderate"}},
        "tracking":{{"current_release_date":"2026-05-07T12:22:18+00:00","initial_release_date":"2024-08-01T00:00:00+00:00"}}}},
        "product_tree":{{"branches":[{{"branches":[
        {{"product":{{"product_id":"R9","product_identification_helper":{{"cpe":"cpe:/o:redhat:enterprise_linux:9"}}}}}},
        {{"product":{{"product_id":"BaseOS","product_identification_helper":{{"cpe":"cpe:/o:redhat:enterprise_linux:9::baseos"}}}}}},
        {{"product":{{"product_id":"EUS","product_identification_helper":{{"cpe":"cpe:/a:redhat:rhel_eus:9.4::appstream"}}}}}},
        {components}]}}],"relationships":[{relationships}]}},
        "vulnerabilities":[{{"cve":"CVE-2024-0001",{rest}}}]}}"#
    )
}

fn component(id: &str, purl: &str) -> String {
    format!(r#"{{"product":{{"product_id":"{id}","product_identification_helper":{{"purl":"{purl}"}}}}}}"#)
}

fn joined(part: &str, whole: &str) -> String {
    format!(
        r#"{{"full_product_name":{{"product_id":"{whole}:{part}"}},"product_reference":"{part}","relates_to_product_reference":"{whole}"}}"#
    )
}

fn parse(json: &str) -> FeedOutput {
    let mut out = FeedOutput::default();
    let part = Part { name: "cve-2024-0001.json", file_name: "cve-2024-0001.json", bytes: json.as_bytes() };
    VEX.parse(&part, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out
}

/// The rows, one a line.
#[track_caller]
fn check(json: &str, expected: &[&str]) {
    let out = parse(json);
    let rows: Vec<String> = out
        .advisories
        .iter()
        .map(|it| {
            let kind = match it.name_kind {
                plimsoll_core::NameKind::Source => "source",
                plimsoll_core::NameKind::Binary => "binary",
            };
            let fixed = match it.ranges.as_slice() {
                [plimsoll_core::Range { end: plimsoll_core::End::Fixed(fixed), .. }] => format!(" <{fixed}"),
                _ => String::new(),
            };
            let mut line = format!(
                "{} {} {kind} {} {}{fixed}",
                it.realm,
                it.package,
                it.channel.as_deref().unwrap_or("-"),
                it.status.name()
            );
            for list in [&it.architectures, &it.versions, &it.advisory_ids] {
                if !list.is_empty() {
                    line += &format!(" [{}]", list.join(","));
                }
            }
            for text in [&it.module, &it.note].into_iter().flatten() {
                line += &format!(" ({text})");
            }
            line
        })
        .collect();
    assert_eq!(rows, expected, "{:?}", out.quarantined);
}

#[test]
fn fixes_are_by_channel_and_architecture_and_name_their_announcement() {
    let components = [
        component("a-x86", "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&epoch=1"),
        component("a-arm", "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=aarch64&epoch=1"),
        component("a-src", "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src&epoch=1"),
        component("a-eus", "pkg:rpm/redhat/openssl-libs@3.0.7-18.el9_4?arch=x86_64&epoch=1"),
    ];
    let relationships = [
        joined("a-x86", "BaseOS"),
        joined("a-arm", "BaseOS"),
        joined("a-src", "BaseOS"),
        joined("a-eus", "EUS"),
    ];
    let rest = r#""product_status":{"fixed":["BaseOS:a-x86","BaseOS:a-arm","BaseOS:a-src","EUS:a-eus"]},
        "remediations":[{"category":"vendor_fix","url":"https://access.redhat.com/errata/RHSA-2024:2447",
        "product_ids":["BaseOS:a-x86","BaseOS:a-arm","BaseOS:a-src"]}]"#;
    check(
        &document(&components.join(","), &relationships.join(","), rest),
        &[
            "rpm/redhat:9 openssl source enterprise_linux:9::baseos fixed <1:3.0.7-27.el9 [RHSA-2024:2447]",
            "rpm/redhat:9 openssl-libs binary enterprise_linux:9::baseos fixed <1:3.0.7-27.el9 [aarch64,x86_64] [RHSA-2024:2447]",
            "rpm/redhat:9 openssl-libs binary rhel_eus:9.4::appstream fixed <1:3.0.7-18.el9_4 [x86_64]",
        ],
    );
}

#[test]
fn what_has_no_fix_says_why_and_is_said_of_sources_and_binaries() {
    let components = [
        component("curl.src", "pkg:rpm/redhat/curl?arch=src"),
        component("libcurl", "pkg:rpm/redhat/libcurl"),
        component("lone", "pkg:rpm/redhat/lone"),
    ];
    let relationships = [joined("curl.src", "R9"), joined("libcurl", "R9"), joined("lone", "EUS")];
    let rest = r#""product_status":{"known_affected":["R9:curl.src","R9:libcurl"],"under_investigation":["EUS:lone"]},
        "remediations":[{"category":"no_fix_planned","details":"Will not fix","product_ids":["R9:curl.src"]},
        {"category":"none_available","details":"Fix deferred","product_ids":["R9:libcurl"]}]"#;
    check(
        &document(&components.join(","), &relationships.join(","), rest),
        &[
            "rpm/redhat:9 curl source enterprise_linux:9 will_not_fix",
            "rpm/redhat:9 libcurl binary enterprise_linux:9 fix_deferred",
            "rpm/redhat:9 lone source rhel_eus:9.4::appstream under_investigation",
            "rpm/redhat:9 lone binary rhel_eus:9.4::appstream under_investigation",
        ],
    );
}

#[test]
fn modules_come_from_purls_or_from_the_module_in_between() {
    let components = [
        component("m", "pkg:rpmmod/redhat/nodejs@20:9030020231009152417:rhel9"),
        component(
            "n",
            "pkg:rpm/redhat/nodejs@20.8.1-1.module%2Bel9.2.0.z%2B20478%2B84a9f781?arch=x86_64&epoch=1",
        ),
        component(
            "p",
            "pkg:rpm/redhat/perl-FCGI@0.78-11.module%2Bel9.6.0?arch=x86_64&rpmmod=perl-FCGI:0.78:80:5",
        ),
        component("bad", "pkg:rpm/redhat/podman?arch=src&rpmmod=container-tools"),
        component("lost", "pkg:rpm/redhat/npm@8-1.module%2Bel9.2.0?arch=x86_64"),
    ];
    let relationships = [
        joined("m", "BaseOS"),
        joined("n", "BaseOS:m"),
        joined("p", "BaseOS"),
        joined("bad", "BaseOS"),
        joined("lost", "BaseOS"),
    ];
    let rest = r#""product_status":{"fixed":["BaseOS:m:n","BaseOS:p","BaseOS:lost"],"known_affected":["BaseOS:bad"]}"#;
    let json = document(&components.join(","), &relationships.join(","), rest);
    check(
        &json,
        &[
            "rpm/redhat:9 nodejs binary enterprise_linux:9::baseos fixed <1:20.8.1-1.module+el9.2.0.z+20478+84a9f781 [x86_64] (nodejs:20)",
            "rpm/redhat:9 perl-FCGI binary enterprise_linux:9::baseos fixed <0.78-11.module+el9.6.0 [x86_64] (perl-FCGI:0.78)",
        ],
    );
    assert_eq!(parse(&json).quarantined.len(), 2, "both are said, and neither is guessed at");
}

#[test]
fn an_image_in_which_it_is_fixed_is_not_affected() {
    let digest = format!("sha256:{}", "b".repeat(64));
    let purl = format!("pkg:oci/sso@{digest}?arch=s390x&repository_url=registry.redhat.io/rh-sso-7/sso");
    let components =
        [component("i", &purl), component("j", "pkg:oci/other?repository_url=registry.redhat.io/x/other")];
    let relationships = [joined("i", "R9"), joined("j", "R9")];
    let rest = r#""product_status":{"fixed":["R9:i"],"known_affected":["R9:j"]}"#;
    check(
        &document(&components.join(","), &relationships.join(","), rest),
        &[
            "oci/redhat registry.redhat.io/x/other binary enterprise_linux:9 affected",
            &format!(
                "oci/redhat {digest} binary enterprise_linux:9 not_affected (registry.redhat.io/rh-sso-7/sso)"
            ),
        ],
    );
}

#[test]
fn one_build_that_is_not_affected_says_nothing_of_others() {
    let components = component("f", "pkg:rpm/redhat/openssl-fips-provider@3.0.7-2.el9?arch=x86_64");
    let rest = r#""product_status":{"known_not_affected":["BaseOS:f"]},
        "flags":[{"label":"vulnerable_code_not_present","product_ids":["BaseOS:f"]}]"#;
    check(
        &document(&components, &joined("f", "BaseOS"), rest),
        &[
            "rpm/redhat:9 openssl-fips-provider binary enterprise_linux:9::baseos not_affected [x86_64] [3.0.7-2.el9] (vulnerable code not present)",
        ],
    );
}

#[test]
fn whole_products_and_unknown_statuses_are_set_aside_where_they_could_hide_something() {
    let out = parse(&document(
        &component("x", "pkg:rpm/redhat/x"),
        &joined("x", "R9"),
        r#""product_status":{"known_affected":["R9","nowhere"],"fixed":["EUS"],"recommended_for_dinner":["R9:x"]}"#,
    ));
    assert_eq!((out.records_stored, out.advisories.len()), (1, 0));
    let why: Vec<&str> = out.quarantined.iter().map(|it| it.why.as_str()).collect();
    assert_eq!(
        why,
        [
            "1 times a product without a CPE, first `nowhere`",
            "1 times a whole product, without a package, first `R9`",
            "1 times the status `recommended_for_dinner`, which nobody knows, first `R9:x`",
        ]
    );
}

#[test]
fn a_product_that_contains_itself_is_no_endless_walk() {
    let relationships = r#"{"full_product_name":{"product_id":"a"},"product_reference":"x","relates_to_product_reference":"a"}"#;
    let json = document(
        &component("x", "pkg:rpm/redhat/x"),
        relationships,
        r#""product_status":{"known_affected":["a"]}"#,
    );
    assert_eq!(parse(&json).quarantined.len(), 1);
}

#[test]
fn rejected_ids_and_hostile_ones_give_no_rows() {
    let json = document("", "", r#""title":"** REJECTED ** not a flaw","product_status":{}"#)
        .replace(",\n        ]", "]");
    let out = parse(&json.replace("}}}},\n        ]}", "}}}}\n        ]}"));
    assert!(out.records.iter().all(|it| it.withdrawn));
    let json = document(&component("x", "pkg:rpm/redhat/x"), "", r#""product_status":{}"#);
    let out = parse(&json.replace("CVE-2024-0001", "CVE-2024/../../x"));
    assert_eq!((out.records_quarantined, out.records.len()), (1, 0));
}
