//! The feed over small files of its own.

use super::*;

/// A definition of these criteria; tests are `t` and the name of a state: `fixed`, `affected`,
/// `never`, `odd`.
fn parse(criteria: &str) -> (Vec<String>, FeedOutput) {
    let test = |name: &str| {
        format!(
            r#"<rpminfo_test id="t{name}" check="at least one"><object object_ref="o"/><state state_ref="{name}"/></rpminfo_test>"#
        )
    };
    let tests: String = ["fixed", "later", "affected", "never", "odd"].iter().map(|it| test(it)).collect();
    let xml = format!(
        r#"<?xml version="1.0"?><oval_definitions><definitions><definition id="d"><metadata><title>CVE-2024-0001</title>
        <reference ref_id="SUSE-SU-2024:0001-1" source="SUSE-SU"/><reference ref_id="SUSE-IU-2024:2-1" source="SUSE-SU"/>
        <advisory><severity>Moderate</severity><cve cvss3="7.5/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
        href="https://nvd.nist.gov/x">CVE-2024-0001 at NVD</cve></advisory></metadata>{criteria}</definition></definitions>
        <tests>{tests}</tests><objects><rpminfo_object id="o"><name>curl</name></rpminfo_object></objects><states>
        <rpminfo_state id="fixed"><arch operation="pattern match">(aarch64|x86_64)</arch><evr operation="less than">0:8.0.1-150400.5.26.1</evr></rpminfo_state>
        <rpminfo_state id="later"><evr operation="less than">0:8.0.1-150400.5.30.1</evr></rpminfo_state>
        <rpminfo_state id="affected"><evr operation="greater than">0:0-0</evr></rpminfo_state>
        <rpminfo_state id="never"><version operation="equals">0</version></rpminfo_state>
        <rpminfo_state id="odd"><evr operation="pattern match">x</evr></rpminfo_state>
        </states></oval_definitions>"#
    );
    let mut out = FeedOutput::default();
    let part =
        Part { name: "suse.linux.enterprise.server.15-affected", file_name: "x", bytes: xml.as_bytes() };
    Suse.parse(&part, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    let rows = out.advisories.iter().map(|it| {
        let range = match it.ranges.as_slice() {
            [] => "*".to_owned(),
            [plimsoll_core::Range { end: plimsoll_core::End::Fixed(fixed), .. }] => format!("<{fixed}"),
            other => format!("{other:?}"),
        };
        let channel = it.channel.as_deref().unwrap_or("-");
        format!("{} {channel} {} {range} {}", it.realm, it.status.name(), it.architectures.join(","))
    });
    (rows.collect(), out)
}

fn all(inner: &str) -> String {
    format!(r#"<criteria operator="AND">{inner}</criteria>"#)
}

fn any(inner: &str) -> String {
    format!(r#"<criteria operator="OR">{inner}</criteria>"#)
}

fn product(name: &str) -> String {
    format!(r#"<criterion test_ref="missing" comment="{name} is installed"/>"#)
}

fn state(name: &str, comment: &str) -> String {
    format!(r#"<criterion test_ref="t{name}" comment="{comment}"/>"#)
}

const SERVER: &str = "SUSE Linux Enterprise Server 15 SP4";
const MODULE: &str = "SUSE Linux Enterprise Module for Basesystem 15 SP4";

#[test]
fn a_choice_of_products_is_one_row_for_each_realm() {
    let products = any(&(product(SERVER) + &product(MODULE) + &product("openSUSE Leap 15.4")));
    let (rows, out) = parse(&all(&(products + &state("fixed", "curl-8.0.1-150400.5.26.1 is installed"))));
    let fixed = "- fixed <8.0.1-150400.5.26.1 aarch64,x86_64";
    assert_eq!(rows, [format!("rpm/sles:15.4 {fixed}"), format!("rpm/opensuse-leap:15.4 {fixed}")]);
    let row = &out.advisories[0];
    assert_eq!(row.advisory_ids, ["SUSE-SU-2024:0001-1"]);
    assert_eq!(row.severity, Some(Severity::Medium));
    assert_eq!(out.records[0].cvss[0].source, "nvd");
}

#[test]
fn what_has_no_fix_and_what_is_not_affected_are_told_apart() {
    let (rows, _) = parse(&all(&(product(SERVER) + &state("affected", "curl is affected"))));
    assert_eq!(rows, ["rpm/sles:15.4 - affected * "]);
    for test in ["never", "missing"] {
        let (rows, _) = parse(&all(&(product(SERVER) + &state(test, "curl is not affected"))));
        assert_eq!(rows, ["rpm/sles:15.4 - not_affected * "], "{test}");
    }
    let (rows, out) = parse(&all(&(product(SERVER) + &state("later", "curl is not affected"))));
    assert_eq!((rows.len(), out.records_quarantined), (0, 1));
}

#[test]
fn a_denial_is_no_denial_where_another_product_of_the_release_is_affected() {
    let denied = all(&(product(SERVER) + &state("never", "curl is not affected")));
    let fixed = all(&(product(MODULE) + &state("later", "curl-8 is installed")));
    assert_eq!(parse(&any(&(denied + &fixed))).0, ["rpm/sles:15.4 - fixed <8.0.1-150400.5.30.1 "]);
}

#[test]
fn a_fix_that_must_be_paid_for_leaves_the_others_affected() {
    let ltss =
        all(&(product("SUSE Linux Enterprise Server 15 SP4-LTSS") + &state("later", "curl-8 is installed")));
    assert_eq!(
        parse(&ltss).0,
        ["rpm/sles:15.4 ltss fixed <8.0.1-150400.5.30.1 ", "rpm/sles:15.4 - affected <8.0.1-150400.5.30.1 "]
    );
    let own = all(&(product(SERVER) + &state("later", "curl-8 is installed")));
    let rows = parse(&any(&(ltss + &own))).0;
    assert_eq!(
        rows,
        ["rpm/sles:15.4 - fixed <8.0.1-150400.5.30.1 ", "rpm/sles:15.4 ltss fixed <8.0.1-150400.5.30.1 "]
    );
}

#[test]
fn other_products_are_out_of_scope_and_what_is_odd_is_quarantined() {
    let (rows, out) =
        parse(&all(&(product("SUSE Manager Server 4.3") + &state("fixed", "curl-8 is installed"))));
    assert_eq!((rows.len(), out.out_of_scope), (0, 1));
    let (rows, out) = parse(&all(&(product(SERVER) + &state("odd", "curl-8 is installed"))));
    assert_eq!((rows.len(), out.records_quarantined), (0, 1));
    let (rows, out) = parse(&all(&(product(SERVER) + &state("gone", "curl-8-1 is installed"))));
    assert_eq!((rows.len(), out.records_quarantined), (0, 1));
}
