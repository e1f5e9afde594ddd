//! The reader over hostile files.

use super::definition::Cve;
use super::*;

fn refused(xml: &str) -> String {
    read(xml.as_bytes(), true, &mut |_, _| Ok(())).unwrap_err()
}

fn definitions(xml: &str) -> Vec<Definition> {
    let mut seen = Vec::new();
    read(xml.as_bytes(), true, &mut |definition, _| {
        seen.push(definition);
        Ok(())
    })
    .unwrap();
    seen
}

#[test]
fn what_is_no_whole_oval_is_refused() {
    for xml in ["", "x", "<html/>", "<oval_definitions>", "<oval_definitions><definitions>", "</a>"] {
        refused(xml);
    }
    refused("<oval_definitions/><oval_definitions/>");
}

#[test]
fn entities_are_never_expanded() {
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><oval_definitions/>"#;
    assert!(refused(bomb).contains("document type"));
    let seen = definitions(
        "<oval_definitions><definition><title>a &amp; &#98; &b;</title></definition></oval_definitions>",
    );
    assert_eq!(seen[0].title, "a & b");
}

#[test]
fn depth_is_limited() {
    let deep = format!("<oval_definitions>{}", "<criteria>".repeat(100_000));
    assert!(refused(&deep).contains("deep"));
}

#[test]
fn negation_and_extension_are_damage_and_not_passed_over() {
    for inner in [
        r#"<criteria negate="true"/>"#,
        r#"<criteria><criterion negate="true"/></criteria>"#,
        r#"<criteria operator="XOR"/>"#,
        "<criteria><extend_definition/></criteria>",
        "<criteria/><criteria/>",
    ] {
        let xml = format!("<oval_definitions><definition>{inner}</definition></oval_definitions>");
        assert!(definitions(&xml)[0].damage.is_some(), "{inner}");
    }
}

#[test]
fn tests_are_joined_with_objects_and_states_in_any_order() {
    let oval = read(
        br#"<oval_definitions><definition><criteria><criterion test_ref="t" comment="c"/></criteria></definition>
        <state><rpminfo_state id="s"><evr operation="less than"> 0:1-1 </evr></rpminfo_state></state>
        <rpminfo_test id="t"><object object_ref="o"/><state state_ref="s"/></rpminfo_test>
        <rpminfo_test id="u"><object object_ref="o"/><state state_ref="s"/><state state_ref="s"/></rpminfo_test>
        <rpminfo_test id="v"><object object_ref="o"/><state state_ref="gone"/></rpminfo_test>
        <rpminfo_test id="w" check="none satisfy"/><uname_test id="x"/>
        <rpminfo_object id="o"><name>curl</name></rpminfo_object></oval_definitions>"#,
        true,
        &mut |_, _| Ok(()),
    )
    .unwrap();
    let mut names = oval.names;
    let numbers: Vec<u32> =
        ["t", "u", "v", "w", "x", "y"].iter().map(|it| names.number(it).unwrap()).collect();
    let oval = Oval { names, ..oval };
    let checks: Vec<String> = numbers.iter().map(|it| format!("{:?}", oval.check(*it))).collect();
    let joined = r#"Some(Evr { package: "curl", operation: Less, bound: "0:1-1", architectures: "" })"#;
    assert_eq!(checks, [joined, "None", "None", "Some(Else)", "Some(Else)", "None"]);
}

#[test]
fn scores_in_front_of_vectors_are_dropped() {
    let vectors =
        ["7.8/AV:N/AC:L/Au:N/C:N/I:N/A:C", "8.1/CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", "9.9/x"];
    let cve = Cve { vectors: vectors.iter().map(|it| (*it).to_owned()).collect(), ..Cve::default() };
    let mut out = crate::FeedOutput::default();
    let tenths: Vec<u8> =
        super::vectors(&cve, "oracle", "x", &mut out).iter().map(|it| it.score_tenths).collect();
    assert_eq!((tenths, out.quarantined.len()), (vec![78, 81], 1));
}

#[test]
fn versions_are_plain_or_none() {
    for (text, expected) in [
        ("0:8.24.0-57.0.4.el7_9.3", Some("8.24.0-57.0.4.el7_9.3")),
        ("2:1.1.1g-15.ksplice1.el8_3", Some("2:1.1.1g-15.ksplice1.el8_3")),
        ("0: 1.20.10-1.azl3", Some("1.20.10-1.azl3")),
        ("0:", None),
        ("", None),
        ("1.0 or later", None),
        ("~1", None),
    ] {
        assert_eq!(plain_version(text), expected, "{text}");
    }
}
