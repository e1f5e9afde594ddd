//! Where an image says that its packages come from, and what that changes of the findings: from the
//! files in the image, through feeds as their vendors write them, to the report.

use std::path::Path;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// A list of packages as distroless images have it, which a test can write by hand.
fn packages(rows: &[[&str; 4]]) -> String {
    let row = |[name, version, vendor, source]: &[&str; 4]| {
        let columns =
            [*name, *version, "1690000000", "1680000000", *vendor, "(none)", "5000", "x86_64", "0", *source];
        columns.join("\t") + "\n"
    };
    let rows: String = rows.iter().map(row).collect();
    format!("//- /var/lib/rpmmanifest/container-manifest-2\n{rows}")
}

fn write(mirror: &Path, name: &str, content: &str) {
    let file = mirror.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
}

/// A database of feeds in the vendors' own form.
fn sandbox(files: &[(&str, String)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let mirror = sandbox.path("mirror");
    for (name, content) in files {
        write(&mirror, name, content);
    }
    let ran = sandbox.run(&["db", "update", "--mirror", &mirror.display().to_string()]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    sandbox
}

/// Status, fixed version, channel and note of the only finding.
fn finding(report: &Value) -> [Value; 4] {
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    ["status", "fixed_version", "fix_channel", "note"].map(|field| findings[0][field].clone())
}

fn problems(report: &Value) -> String {
    let problems = report["problems"].as_array().unwrap().iter();
    problems.map(|it| it["what"].as_str().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// A flaw that Red Hat mends in the extended support of 9.4, and does not mend elsewhere.
fn red_hat() -> Sandbox {
    let product = |id: &str, cpe: &str| json!({ "product": { "product_id": id, "product_identification_helper": { "cpe": cpe } } });
    let component = |id: &str, purl: &str| json!({ "product": { "product_id": id, "product_identification_helper": { "purl": purl } } });
    let joined = |part: &str, whole: &str| {
        json!({
            "full_product_name": { "product_id": format!("{whole}:{part}") },
            "product_reference": part,
            "relates_to_product_reference": whole,
        })
    };
    let document = json!({
        "document": {
            "title": "a flaw",
            "aggregate_severity": { "text": "Moderate" },
            "tracking": { "current_release_date": "2026-05-07T12:22:18+00:00" },
        },
        "product_tree": {
            "branches": [{ "branches": [
                product("R9", "cpe:/o:redhat:enterprise_linux:9"),
                product("EUS", "cpe:/o:redhat:rhel_eus:9.4::baseos"),
                component("fixed", "pkg:rpm/redhat/openssl-libs@3.0.7-18.el9_4?arch=x86_64&epoch=1"),
                component("open", "pkg:rpm/redhat/openssl?arch=src"),
            ] }],
            "relationships": [joined("fixed", "EUS"), joined("open", "R9")],
        },
        "vulnerabilities": [{
            "cve": "CVE-2024-0001",
            "product_status": { "fixed": ["EUS:fixed"], "known_affected": ["R9:open"] },
            "remediations": [
                { "category": "vendor_fix", "url": "https://access.redhat.com/errata/RHSA-2024:2447", "product_ids": ["EUS:fixed"] },
                { "category": "no_fix_planned", "details": "Will not fix", "product_ids": ["R9:open"] },
            ],
        }],
    });
    let repositories = json!({ "data": {
        "rhel-9-for-x86_64-baseos-eus-rpms": { "cpes": ["cpe:/o:redhat:rhel_eus:9.4::baseos"] },
    } });
    sandbox(&[
        ("redhat/vex-feed/2024/cve-2024-0001.json", document.to_string()),
        ("redhat/repository-to-cpe.json", repositories.to_string()),
    ])
}

fn image_of_red_hat(more: &str) -> String {
    let openssl = ["openssl-libs", "3.0.7-16.el9_4", "Red Hat, Inc.", "openssl-3.0.7-16.el9_4.src.rpm"];
    let list = packages(&[openssl]).replace("(none)\t5000", "1\t5000").replace("x86_64\t0", "x86_64\t1");
    format!("//- layer FROM scratch\n//- /etc/os-release\nID=rhel\nVERSION_ID=9.4\n{list}{more}")
}

#[test]
fn a_content_set_of_extended_support_brings_its_fixes() {
    let sandbox = red_hat();
    let sets = "//- layer ADD content sets\n//- /root/buildinfo/content_manifests/ubi9-9.4-1.json\n\
                {\"content_sets\": [\"rhel-9-for-x86_64-baseos-eus-rpms__9\"]}\n";
    let image = sandbox.image("eus", &image_of_red_hat(sets));
    let report = sandbox.report(0, &[&image]);
    let expected = [json!("fixed"), json!("1:3.0.7-18.el9_4"), json!("rhel_eus:9.4::baseos"), Value::Null];
    assert_eq!(finding(&report), expected);
    assert!(!problems(&report).contains("were assumed"), "{}", problems(&report));
}

#[test]
fn an_image_that_names_no_content_set_has_the_ordinary_ones_and_is_told_of_the_fix() {
    let sandbox = red_hat();
    let image = sandbox.image("ordinary", &image_of_red_hat(""));
    let report = sandbox.report(0, &[&image]);
    let note = json!("a fix needs rhel_eus:9.4::baseos: 1:3.0.7-18.el9_4");
    let expected = [json!("will_not_fix"), json!("1:3.0.7-18.el9_4"), json!("rhel_eus:9.4::baseos"), note];
    assert_eq!(finding(&report), expected);
    assert!(problems(&report).contains("were assumed"), "{}", problems(&report));
}

/// A flaw that is mended in the long-term support of service pack 3 alone.
fn suse() -> Sandbox {
    let oval = r#"<?xml version="1.0"?><oval_definitions><definitions><definition id="d">
        <metadata><title>CVE-2024-0002</title><reference ref_id="SUSE-SU-2024:0001-1" source="SUSE-SU"/>
        <advisory><severity>Important</severity></advisory></metadata><criteria operator="AND">
        <criterion test_ref="p" comment="SUSE Linux Enterprise Server 15 SP3-LTSS is installed"/>
        <criterion test_ref="t" comment="libz1-1.2.11-150000.3.42.1 is installed"/></criteria></definition></definitions>
        <tests><rpminfo_test id="t"><object object_ref="o"/><state state_ref="s"/></rpminfo_test></tests>
        <objects><rpminfo_object id="o"><name>libz1</name></rpminfo_object></objects>
        <states><rpminfo_state id="s"><evr operation="less than">0:1.2.11-150000.3.42.1</evr></rpminfo_state></states>
        </oval_definitions>"#;
    sandbox(&[("suse/oval/suse.linux.enterprise.15-affected.excerpt.xml.gz", oval.to_owned())])
}

fn image_of_suse(more: &[[&str; 4]], files: &str) -> String {
    let vendor = "SUSE LLC <https://www.suse.com/>";
    let libz = ["libz1", "1.2.11-3.21.1", vendor, "zlib-1.2.11-3.21.1.src.rpm"];
    let list = packages(&[&[libz], more].concat());
    format!("//- layer FROM scratch\n//- /etc/os-release\nID=sles\nVERSION_ID=15.3\n{list}{files}")
}

#[test]
fn long_term_support_brings_its_fixes_to_images_that_have_it() {
    let sandbox = suse();
    let release = ["sles-ltss-release", "15.3-2.1", "SUSE LLC", "sles-ltss-release-15.3-2.1.src.rpm"];
    let product = "//- /etc/products.d/SLES-LTSS.prod\n<product><cpeid>cpe:/o:suse:sles-ltss:15:sp3</cpeid></product>\n";
    let repository = "//- /etc/zypp/repos.d/SLES.repo\n[SLE-Product-SLES15-SP3-LTSS-Updates]\nenabled=1\n";
    for (name, text) in [
        ("package", image_of_suse(&[release], "")),
        ("product", image_of_suse(&[], product)),
        ("repository", image_of_suse(&[], repository)),
    ] {
        let report = sandbox.report(0, &[&sandbox.image(name, &text)]);
        let expected = [json!("fixed"), json!("1.2.11-150000.3.42.1"), json!("ltss"), Value::Null];
        assert_eq!(finding(&report), expected, "{name}");
    }
}

#[test]
fn an_image_without_long_term_support_is_affected_and_told_of_the_fix() {
    let sandbox = suse();
    let ordinary =
        "//- /etc/products.d/SLES.prod\n<product><cpeid>cpe:/o:suse:sles:15:sp3</cpeid></product>\n";
    let report = sandbox.report(0, &[&sandbox.image("ordinary", &image_of_suse(&[], ordinary))]);
    let note = json!("a fix needs ltss: 1.2.11-150000.3.42.1");
    let expected = [json!("affected"), json!("1.2.11-150000.3.42.1"), json!("ltss"), note];
    assert_eq!(finding(&report), expected);
}

/// dnf's history with one repository, as an SQLite file of two pages: the schema, which names the
/// table and its root, and the table.
fn history(repository: &str) -> Vec<u8> {
    const PAGE_BYTES: usize = 512;
    let text = |text: &str| (u8::try_from(13 + 2 * text.len()).unwrap(), text.as_bytes().to_vec());
    let leaf = |head: usize, columns: &[(u8, Vec<u8>)]| {
        let mut record = vec![u8::try_from(columns.len() + 1).unwrap()];
        record.extend(columns.iter().map(|(kind, _)| *kind));
        record.extend(columns.iter().flat_map(|(_, bytes)| bytes));
        let cell = [vec![u8::try_from(record.len()).unwrap(), 1], record].concat();
        let (mut page, start) = (vec![0; PAGE_BYTES], PAGE_BYTES - cell.len());
        page[head] = 0x0d;
        page[head + 4] = 1;
        page[head + 8..head + 10].copy_from_slice(&u16::try_from(start).unwrap().to_be_bytes());
        page[start..].copy_from_slice(&cell);
        page
    };
    let schema = [text("table"), text("repo"), text("repo"), (1, vec![2]), text("CREATE TABLE")];
    let mut first = leaf(100, &schema);
    first[..16].copy_from_slice(b"SQLite format 3\0");
    first[16..18].copy_from_slice(&u16::try_from(PAGE_BYTES).unwrap().to_be_bytes());
    first[18..24].copy_from_slice(&[1, 1, 0, 64, 32, 32]);
    first[31] = 2;
    [first, leaf(0, &[(0, Vec::new()), text(repository)])].concat()
}

#[test]
fn a_repository_of_dnfs_history_is_had_besides_the_ordinary_ones() {
    let sandbox = red_hat();
    let root = sandbox.path("root");
    write(&root, "etc/os-release", "ID=rhel\nVERSION_ID=9.4\n");
    let text = image_of_red_hat("");
    let (_, list) = text.split_once("container-manifest-2\n").unwrap();
    write(&root, "var/lib/rpmmanifest/container-manifest-2", list);
    std::fs::create_dir_all(root.join("var/lib/dnf")).unwrap();
    std::fs::write(root.join("var/lib/dnf/history.sqlite"), history("rhel-9-for-x86_64-baseos-eus-rpms"))
        .unwrap();
    let report = sandbox.report(0, &[&format!("dir:{}", root.display())]);
    let expected = [json!("fixed"), json!("1:3.0.7-18.el9_4"), json!("rhel_eus:9.4::baseos"), Value::Null];
    assert_eq!(finding(&report), expected);
    assert!(problems(&report).contains("were assumed"), "{}", problems(&report));
}
