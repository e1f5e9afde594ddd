use super::*;

fn parse(feed: &UpdateInfo, updates: &str) -> FeedOutput {
    let mut out = FeedOutput::default();
    let xml = format!("<updates>{updates}</updates>");
    let part = Part { name: "updateinfo", file_name: "updateinfo.xml", bytes: xml.as_bytes() };
    feed.parse(&part, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out
}

/// An update with these references and collections.
fn update(kind: &str, references: &str, collections: &str) -> String {
    format!(
        "<update type='{kind}' status='final'><id>ALAS2-2024-1</id><title>a fix</title><severity>medium</severity>\
         <issued date='2024-01-02 03:04'/><references>{references}</references><pkglist>{collections}</pkglist></update>"
    )
}

const CVE: &str = "<reference id='CVE-2024-0001' type='cve' href='https://example.com/1'/>";

fn package(name: &str, version: &str, architecture: &str) -> String {
    format!("<package name='{name}' epoch='0' version='{version}' release='1' arch='{architecture}'/>")
}

fn collection(short: &str, packages: &str) -> String {
    format!("<collection short='{short}'>{packages}</collection>")
}

/// The rows, as `CVE realm[ channel][ module] package version architectures`.
fn check(feed: &UpdateInfo, updates: &str, expected: &[&str]) {
    let out = parse(feed, updates);
    let rows: Vec<String> = out
        .advisories
        .iter()
        .map(|it| {
            let plimsoll_core::End::Fixed(fixed) = &it.ranges[0].end else { panic!("{it:?}") };
            [
                Some(it.vulnerability.as_str()),
                Some(it.realm.0.as_str()),
                it.channel.as_deref(),
                it.module.as_deref(),
                Some(it.package.as_str()),
                Some(fixed),
                Some(it.architectures.join(",")).as_deref().filter(|it| !it.is_empty()),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
        })
        .collect();
    assert_eq!(rows, expected, "{:?}", out.quarantined);
}

#[test]
fn a_build_for_several_architectures_is_one_row() {
    let packages = package("a", "1", "x86_64") + &package("a", "1", "aarch64") + &package("b", "1", "noarch");
    check(
        &AMAZON,
        &update("security", CVE, &collection("amazon-linux-2", &packages)),
        &["CVE-2024-0001 rpm/amazon:2 a 1-1 aarch64,x86_64", "CVE-2024-0001 rpm/amazon:2 b 1-1"],
    );
}

#[test]
fn a_topic_of_amazon_is_a_channel() {
    let one = package("docker", "20", "x86_64");
    for (short, expected) in [
        ("amazon-linux-2---docker", "CVE-2024-0001 rpm/amazon:2 extras:docker docker 20-1 x86_64"),
        ("amazon-linux-2023---nvidia", "CVE-2024-0001 rpm/amazon:2023 extras:nvidia docker 20-1 x86_64"),
        ("amazon-linux-ami", "CVE-2024-0001 rpm/amazon:1 docker 20-1 x86_64"),
    ] {
        check(&AMAZON, &update("security", CVE, &collection(short, &one)), &[expected]);
    }
}

#[test]
fn a_collection_that_nobody_knows_is_set_aside() {
    for short in ["", "amazon-linux-9", "amazon-linux-2---../x", "amazon-linux-2---"] {
        let out = parse(&AMAZON, &update("security", CVE, &collection(short, &package("a", "1", "x86_64"))));
        assert_eq!((out.records_quarantined, out.advisories.len()), (1, 0), "{short}");
    }
}

#[test]
fn updates_that_fix_no_vulnerability_are_out_of_scope() {
    let packages = collection("amazon-linux-2", &package("a", "1", "x86_64"));
    let out = parse(&AMAZON, &(update("bugfix", "", &packages) + &update("enhancement", "", &packages)));
    assert_eq!((out.records_read, out.out_of_scope), (2, 2));
    // One that names a CVE fixes it, whatever it is called.
    check(&AMAZON, &update("bugfix", CVE, &packages), &["CVE-2024-0001 rpm/amazon:2 a 1-1 x86_64"]);
}

#[test]
fn a_fix_without_a_cve_is_known_by_its_announcement() {
    let packages = collection("amazon-linux-2", &package("a", "1", "x86_64"));
    check(&AMAZON, &update("security", "", &packages), &["ALAS2-2024-1 rpm/amazon:2 a 1-1 x86_64"]);
}

#[test]
fn fedora_names_its_cves_in_the_titles_of_links() {
    let link = "<reference id='2254321' type='bugzilla' title='CVE-2023-1234 a: overflow [fedora-all]'/>";
    let source = package("a", "1", "src");
    let packages = collection("F43", &(source + &package("a", "1", "x86_64")));
    check(&FEDORA, &update("security", link, &packages), &["CVE-2023-1234 rpm/fedora:43 a 1-1 x86_64"]);
    let out =
        parse(&FEDORA, &update("security", link, &collection("FEDORA-EPEL-9", &package("a", "1", "x86_64"))));
    assert_eq!(out.out_of_scope, 1);
}

#[test]
fn a_module_is_named_by_the_collection_or_is_any() {
    let modular = package("ruby", "3.3.1-2.module+el9.4.0+20787+4c237fd3", "x86_64");
    let version = "3.3.1-2.module+el9.4.0+20787+4c237fd3-1";
    check(
        &ROCKY,
        &update("security", CVE, &collection("rocky-linux-9-x86-64-appstream-rpms", &modular)),
        &[&format!("CVE-2024-0001 rpm/rocky:9 * ruby {version} x86_64")],
    );
    let named = format!("<module name='ruby' stream='3.3'/>{modular}");
    check(
        &ROCKY,
        &update("security", CVE, &collection("rocky-linux-9-x86-64-appstream-rpms", &named)),
        &[&format!("CVE-2024-0001 rpm/rocky:9 ruby:3.3 ruby {version} x86_64")],
    );
}

#[test]
fn bad_ids_and_bad_packages_cost_themselves_alone() {
    let packages = collection("amazon-linux-2", &(package("", "1", "x86_64") + &package("a", "1", "x86_64")));
    let good = update("security", &format!("<reference id='CVE-1' type='cve'/>{CVE}"), &packages);
    let bad = good.replace("ALAS2-2024-1", "../../etc");
    let out = parse(&AMAZON, &(bad + &good));
    assert_eq!((out.records_quarantined, out.records_stored, out.advisories.len()), (1, 1, 1));
    assert_eq!(out.quarantined.len(), 3);
    let out = parse(
        &AMAZON,
        &update("security", CVE, &collection("amazon-linux-2", &package("a b", "1", "x86_64"))),
    );
    assert_eq!(out.records_quarantined, 1);
}

#[test]
fn a_retracted_update_no_longer_holds() {
    let packages = collection("F43", &package("a", "1", "x86_64"));
    let out = parse(&FEDORA, &update("security", CVE, &packages).replace("'final'", "'retracted'"));
    assert!(out.advisories.is_empty() && out.records[0].withdrawn && out.out_of_scope == 1);
}

#[test]
fn a_document_that_breaks_off_is_refused() {
    for xml in ["<updates><update>", "<updates>", "", "<html/>"] {
        let part = Part { name: "x", file_name: "x", bytes: xml.as_bytes() };
        assert!(AMAZON.parse(&part, &mut FeedOutput::default()).is_err(), "{xml}");
    }
}
