//! Each format in small.

use std::fmt::Write;

use super::*;

mod attached;
mod real;

#[track_caller]
fn check(document: &str, expected: &str) {
    let read = read("doc", document.as_bytes()).expect("it can be read");
    let mut actual = String::new();
    for it in &read.statements {
        let names = |list: &[VexIdentifier]| {
            let text = list.iter().map(|it| match it {
                VexIdentifier::Purl(purl) => purl.to_string(),
                VexIdentifier::Digest(digest) => digest.short(),
                VexIdentifier::Name(name) => format!("`{name}`"),
            });
            text.collect::<Vec<_>>().join("|")
        };
        write!(actual, "{} {}", it.vulnerabilities.join(","), it.status.name()).expect("memory");
        for product in &it.products {
            let parts: Vec<String> = product.components.iter().map(|it| names(it)).collect();
            write!(actual, " {}", names(&product.identifiers)).expect("memory");
            if !parts.is_empty() {
                write!(actual, "[{}]", parts.join(" ")).expect("memory");
            }
        }
        for (label, text) in [("why", &it.justification), ("text", &it.text), ("by", &it.author)] {
            if let Some(text) = text {
                write!(actual, " {label}={text}").expect("memory");
            }
        }
        if let Some(time) = it.time {
            write!(actual, " {time}").expect("memory");
        }
        actual.push('\n');
    }
    for problem in &read.problems {
        assert!(!problem.hides_findings);
        writeln!(actual, "! {}", problem.what).expect("memory");
    }
    assert_eq!(actual, expected);
}

#[test]
fn openvex_of_today() {
    check(
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"A","timestamp":"2024-01-01T00:00:00Z",
        "statements":[
          {"vulnerability":{"@id":"https://x/CVE-1","name":"CVE-1","aliases":["GHSA-1"]},
           "products":[{"@id":"pkg:oci/app@sha256:aa","subcomponents":[{"@id":"pkg:npm/a@1"}]},
                       {"@id":"x","identifiers":{"purl":"pkg:npm/b@2"}}],
           "status":"not_affected","justification":"component_not_present","impact_statement":"no",
           "timestamp":"2024-02-01T00:00:00Z"},
          {"vulnerability":{"name":"CVE-2"},"products":[{"@id":"pkg:npm/a"}],"status":"perhaps"},
          {"status":"fixed"}
        ]}"#,
        "CVE-1,GHSA-1 not_affected pkg:oci/app@sha256:aa[pkg:npm/a@1] `x`|pkg:npm/b@2 why=component_not_present text=no by=A 2024-02-01T00:00:00Z\n\
         CVE-2 under_investigation pkg:npm/a by=A 2024-01-01T00:00:00Z\n\
         ! doc: a statement cannot be read, number 3: missing field `vulnerability`\n\
         ! doc: statement 2 has the unknown status `perhaps`\n",
    );
}

#[test]
fn openvex_of_the_first_day() {
    check(
        r#"{"@context":"https://openvex.dev/ns","author":"A","statements":[
          {"vulnerability":"CVE-1","products":["pkg:oci/app"],"subcomponents":["pkg:apk/wolfi/git@2"],"status":"fixed"}]}"#,
        "CVE-1 fixed pkg:oci/app[pkg:apk/wolfi/git@2] by=A\n",
    );
}

#[test]
fn an_attestation_is_looked_into() {
    check(
        r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://openvex.dev/ns",
            "predicate":{"@context":"https://openvex.dev/ns/v0.2.0","statements":[
            {"vulnerability":{"name":"CVE-1"},"products":[{"@id":"pkg:npm/a"}],"status":"fixed"}]}}"#,
        "CVE-1 fixed pkg:npm/a\n",
    );
}

#[test]
fn csaf_with_relationships_flags_and_groups() {
    check(
        r#"{"document":{"category":"csaf_vex","csaf_version":"2.0","publisher":{"name":"Vendor"},
              "tracking":{"current_release_date":"2024-03-01T00:00:00Z"}},
            "product_tree":{"branches":[{"category":"vendor","name":"V","branches":[
               {"product":{"product_id":"OS","name":"OS 9","product_identification_helper":{"cpe":"cpe:/o:v:os:9"}}},
               {"product":{"product_id":"lib","name":"lib","product_identification_helper":{"purl":"pkg:rpm/v/lib@1-1?arch=x86_64"}}}]}],
              "relationships":[{"category":"default_component_of","product_reference":"lib","relates_to_product_reference":"OS",
                "full_product_name":{"product_id":"OS:lib","name":"lib on OS"}}],
              "product_groups":[{"group_id":"g","product_ids":["OS:lib"]}]},
            "vulnerabilities":[{"cve":"CVE-1","product_status":{"known_not_affected":["OS:lib","gone"],"known_affected":["lib"],"recommended":["lib"]},
               "flags":[{"label":"vulnerable_code_not_present","group_ids":["g"]}],
               "threats":[{"category":"impact","details":"none","product_ids":["OS:lib"]}]}]}"#,
        "CVE-1 affected pkg:rpm/v/lib@1-1?arch=x86_64 by=Vendor 2024-03-01T00:00:00Z\n\
         CVE-1 not_affected by=Vendor 2024-03-01T00:00:00Z\n\
         CVE-1 not_affected `cpe:/o:v:os:9`[pkg:rpm/v/lib@1-1?arch=x86_64] why=vulnerable_code_not_present text=none by=Vendor 2024-03-01T00:00:00Z\n\
         ! doc: 1 products are named that the product tree does not have\n",
    );
}

#[test]
fn cyclonedx_by_reference_and_by_link() {
    check(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"supplier":{"name":"S"}},
            "components":[{"type":"library","bom-ref":"r1","purl":"pkg:npm/a@1"}],
            "vulnerabilities":[
             {"id":"CVE-1","references":[{"id":"GHSA-1"}],"analysis":{"state":"not_affected","justification":"code_not_reachable","detail":"d"},
              "affects":[{"ref":"r1"},{"ref":"urn:cdx:3e67/1#pkg%3Anpm%2Fb%402"},{"ref":"pkg:npm/c","versions":[{"version":"3"},{"range":"vers:npm/<4"}]}]},
             {"id":"CVE-2","affects":[{"ref":"r1"}]},
             {"id":"CVE-3","analysis":{"state":"exploitable"},"affects":[]}]}"#,
        "CVE-1,GHSA-1 not_affected pkg:npm/a@1 pkg:npm/b@2 pkg:npm/c@3 why=code_not_reachable text=d by=S\n\
         CVE-3 affected by=S\n\
         ! doc: an analysis is about a range of versions, which is not read; it suppresses nothing\n",
    );
}

#[test]
fn cyclonedx_suppresses_no_version_that_it_calls_affected() {
    check(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.5",
            "vulnerabilities":[
             {"id":"CVE-1","analysis":{"state":"resolved"},"affects":[{"ref":"pkg:npm/a","versions":[
               {"version":"1","status":"affected"},{"version":"2","status":"unaffected"},
               {"version":"3","status":"unknown"},{"version":"4"}]}]},
             {"id":"CVE-2","analysis":{"state":"exploitable"},"affects":[{"ref":"pkg:npm/a","versions":[
               {"version":"1","status":"affected"}]}]}]}"#,
        "CVE-1 fixed pkg:npm/a@2 pkg:npm/a@4\n\
         CVE-2 affected pkg:npm/a@1\n\
         ! doc: an analysis says `resolved` and calls some versions affected or unknown; of those it suppresses nothing\n",
    );
}

#[test]
fn what_is_no_vex_is_an_error() {
    for text in [
        "",
        "[]",
        "{}",
        "{\"bomFormat\":1}",
        "<x/>",
        "{\"predicate\":7}",
        "{\"@context\":\"openvex\",\"statements\":3}",
    ] {
        assert!(read("doc", text.as_bytes()).is_err(), "{text}");
    }
    let deep = format!("{{\"predicate\":{}", "{\"predicate\":".repeat(100_000));
    assert!(read("doc", deep.as_bytes()).is_err());
}
