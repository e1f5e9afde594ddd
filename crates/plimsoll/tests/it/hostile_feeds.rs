//! Feeds made by somebody who means harm: refused, or shown as the text that they are.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::sandbox::{DEBIAN, Ran, Sandbox, finished, sample_feed};

/// What an update may take, whatever it is given: seconds, and KiB of address space.
const SECONDS: u64 = 60;
const MEMORY_KIB: u64 = 3 << 20;

/// A sandbox whose mirror has the sample feed and what `add` puts there, after an update.
#[track_caller]
fn updated(add: impl FnOnce(&Path)) -> (Sandbox, Ran) {
    let sandbox = Sandbox::new();
    let mirror = sandbox.mirror("mirror", &sample_feed());
    add(Path::new(&mirror));
    let ran = limited_update(&sandbox, &mirror);
    (sandbox, ran)
}

#[track_caller]
fn limited_update(sandbox: &Sandbox, mirror: &str) -> Ran {
    let update = sandbox.command(&["db", "update", "--mirror", mirror]);
    let mut limited = std::process::Command::new("sh");
    limited.arg("-c").arg(format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\""));
    limited.arg(update.get_program()).args(update.get_args()).env_clear();
    limited.envs(update.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let started = Instant::now();
    let ran = finished(limited.output().unwrap());
    assert!(started.elapsed() < Duration::from_secs(SECONDS), "it took {:?}", started.elapsed());
    ran
}

/// The feed was refused, or its records set aside; the others are there.
#[track_caller]
fn check_neutral(sandbox: &Sandbox, ran: &Ran, feed: &str) {
    assert!(matches!(ran.status, 0 | 3), "{feed}: status {} {} {}", ran.status, ran.out, ran.err);
    let status: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["db", "status", "--json"]).out).unwrap();
    let feeds = status["feeds"].as_array().unwrap();
    let of = |id: &str| feeds.iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(of("osv-local")["health"], "good", "{}", ran.out);
    let hostile = of(feed);
    let is_set_aside = hostile["quarantined"].as_u64().is_some_and(|count| count > 0);
    assert!(hostile["health"] == "bad" || is_set_aside, "{feed}: {hostile} {}", ran.out);
    let image = sandbox.image("image", DEBIAN);
    assert!(sandbox.report(0, &[&image])["findings"].as_array().is_some_and(|it| it.len() >= 2));
}

fn put(mirror: &Path, name: &str, bytes: &[u8]) {
    let file = mirror.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
}

/// A record about curl with this id.
fn record(id: &str) -> serde_json::Value {
    json!({
        "id": id, "modified": "2024-01-01T00:00:00Z", "summary": "curl", "affected": [{
            "package": { "ecosystem": "Debian:12", "name": "curl" },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }] }] }]
    })
}

#[test]
fn ids_that_are_paths_are_set_aside_and_write_nothing() {
    let ids = [
        "../../../../tmp/plimsoll-escaped",
        "CVE-2024/../../x-0001",
        "/etc/plimsoll-escaped",
        "..",
        "CVE-2024-0001\u{0}",
        "CVE-2024-0001\n- x",
        "C:\\x",
        "",
    ];
    let records: Vec<serde_json::Value> = ids.iter().map(|id| record(id)).collect();
    let (sandbox, ran) = updated(|mirror| {
        put(mirror, "osv-local/hostile.json", serde_json::to_string(&records).unwrap().as_bytes());
    });
    check_neutral(&sandbox, &ran, "osv-local");
    let listed = sandbox.run(&["db", "status", "--quarantined"]).out;
    assert!(listed.contains("hostile.json") || listed.contains("osv-local"), "{listed}");
    assert!(!listed.contains('\u{0}'), "{listed:?}");
    let image = sandbox.image("image", DEBIAN);
    let report = sandbox.report(0, &[&image]).to_string();
    for id in ids.iter().filter(|id| !id.is_empty() && **id != "..") {
        assert!(!report.contains(&serde_json::to_string(id).unwrap()), "{id:?} is in the report");
    }
    assert!(!Path::new("/tmp/plimsoll-escaped").exists() && !Path::new("/etc/plimsoll-escaped").exists());
}

#[test]
fn texts_with_html_and_terminal_escapes_are_shown_as_texts() {
    let evil = "<script>alert(1)</script>\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\r\nFORGED";
    let mut hostile = record("CVE-2023-0002");
    hostile["summary"] = json!(evil);
    hostile["details"] = json!(evil);
    hostile["affected"][0]["package"]["name"] = json!("curl");
    hostile["references"] = json!([
        { "type": "WEB", "url": "javascript:alert(1)" },
        { "type": "WEB", "url": "https://example.org/\"><script>alert(2)</script>" },
    ]);
    let mut named = record("CVE-2023-0009");
    named["affected"][0]["package"]["name"] = json!(format!("x{evil}"));
    let (sandbox, _) = updated(|mirror| {
        put(mirror, "osv-local/CVE-2023-0002.json", hostile.to_string().as_bytes());
        put(mirror, "osv-local/named.json", named.to_string().as_bytes());
    });
    let image = sandbox.image("image", DEBIAN);
    let explained = sandbox.run(&["explain", "CVE-2023-0002", &image]);
    let outputs = [
        sandbox.run(&["scan", &image]).out,
        explained.out + &explained.err,
        sandbox.run(&["db", "status"]).out,
        sandbox.run(&["db", "status", "--quarantined"]).out,
    ];
    for output in outputs {
        let raw = output.chars().find(|it| it.is_control() && *it != '\n');
        assert_eq!(raw, None, "{output:?}");
        assert!(!output.contains('\u{202e}') && !output.contains("\nFORGED"), "{output:?}");
    }
    let html = sandbox.run(&["scan", "--format", "html", &image]).out;
    assert!(html.contains("CVE-2023-0002"));
    for forbidden in ["<script>alert", "href=\"javascript:", "\u{1b}"] {
        assert!(!html.contains(forbidden), "{forbidden} is in the page");
    }
}

#[test]
fn duplicate_ids_are_one_vulnerability() {
    let (sandbox, ran) = updated(|mirror| {
        for file in ["a", "b", "c"] {
            put(mirror, &format!("osv-local/{file}.json"), record("CVE-2023-0002").to_string().as_bytes());
        }
        let doubled: Vec<serde_json::Value> = (0..500).map(|_| record("CVE-2023-0002")).collect();
        put(mirror, "osv-local/d.json", serde_json::to_string(&doubled).unwrap().as_bytes());
    });
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    let image = sandbox.image("image", DEBIAN);
    let report = sandbox.report(0, &[&image]);
    let of_curl = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["vulnerability"] == "CVE-2023-0002")
        .count();
    assert!(of_curl <= 1, "{of_curl} findings of one vulnerability in one package");
}

#[test]
fn dates_that_cannot_be_are_no_dates_and_cost_no_record() {
    let dates = [
        "0000-00-00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "99999-01-01",
        "x",
    ];
    let (sandbox, ran) = updated(|mirror| {
        for (number, date) in dates.iter().enumerate() {
            let mut record = record(&format!("CVE-2023-01{number:02}"));
            record["modified"] = json!(date);
            record["published"] = json!(date);
            put(mirror, &format!("osv-local/date{number}.json"), record.to_string().as_bytes());
        }
        let kev = json!({ "dateReleased": "0000-00-00T00:00:00Z", "vulnerabilities": [
            { "cveID": "CVE-2023-0002", "dateAdded": "0000-00-00", "dueDate": "-1-1-1" }] });
        put(mirror, "kev/known_exploited_vulnerabilities.json", kev.to_string().as_bytes());
    });
    assert!(matches!(ran.status, 0 | 3), "{}{}", ran.out, ran.err);
    let status = sandbox.run(&["db", "status"]).out;
    assert!(
        !status.contains("9999-12-31") && !status.contains("99999"),
        "the data are not of the future: {status}"
    );
    let image = sandbox.image("image", DEBIAN);
    let report = sandbox.report(0, &[&image]).to_string();
    let found = (0..dates.len()).filter(|it| report.contains(&format!("CVE-2023-01{it:02}"))).count();
    assert_eq!(found, dates.len(), "a bad date hides no finding");
}

#[test]
fn json_that_is_deep_is_refused_in_every_feed() {
    let deep = |opening: &str, times: usize| opening.repeat(times).into_bytes();
    for (feed, file) in [
        ("cisa-kev", "kev/known_exploited_vulnerabilities.json"),
        ("debian", "debian/tracker/data.json"),
        ("arch", "arch/all.json"),
        ("osv-local", "osv-local/deep.json"),
        ("nodejs-core", "nodejs-core/index.json"),
        ("endoflife", "endoflife/products-full.json"),
        ("redhat-repositories", "redhat/repository-to-cpe.json"),
        ("kubernetes", "kubernetes/official-cve-feed.json"),
        ("nvd", "nvd/nvdcve-2.0-2024.json.gz"),
        ("azure-linux", "azure-linux/azurelinux-3.0-oval.xml"),
    ] {
        for opening in ["[", "{\"a\":", "{\"vulnerabilities\":["] {
            let (sandbox, ran) = updated(|mirror| put(mirror, file, &deep(opening, 500_000)));
            assert!(matches!(ran.status, 0 | 3), "{feed} {opening}: {} {} {}", ran.status, ran.out, ran.err);
            if ran.out.contains("REFUSED") || feed != "osv-local" {
                assert!(
                    ran.out.contains("REFUSED") || ran.err.contains(feed),
                    "{feed} {opening}: {}",
                    ran.out
                );
            }
            drop(sandbox);
        }
    }
}

/// 64 MB of zeros as deflate packs them, ending on a byte, so that it can be said many times.
fn packed_zeros() -> Vec<u8> {
    let mut packer = flate2::Compress::new(flate2::Compression::best(), false);
    let mut out = Vec::with_capacity(1 << 20);
    packer.compress_vec(&vec![0; 64 << 20], &mut out, flate2::FlushCompress::Sync).unwrap();
    out
}

/// Ten gigabytes of zeros as a deflate stream.
fn ten_gigabytes() -> Vec<u8> {
    let mut out = packed_zeros().repeat(160);
    out.extend([0x03, 0x00]);
    out
}

/// A zip with one member of this content, whose size is said to be this.
fn zip_of(name: &str, packed: &[u8], size: u32) -> Vec<u8> {
    let common = |out: &mut Vec<u8>| {
        out.extend([20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0x58]);
        out.extend(0_u32.to_le_bytes());
        out.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        out.extend(size.to_le_bytes());
        out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend([0, 0]);
    };
    let mut out = b"PK\x03\x04".to_vec();
    common(&mut out);
    out.extend(name.as_bytes());
    out.extend(packed);
    let directory_at = u32::try_from(out.len()).unwrap();
    out.extend(b"PK\x01\x02\x14\x00");
    common(&mut out);
    out.extend([0; 10]);
    out.extend(0_u32.to_le_bytes());
    out.extend(name.as_bytes());
    let directory_bytes = u32::try_from(out.len()).unwrap() - directory_at;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(directory_bytes.to_le_bytes());
    out.extend(directory_at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// Ten gigabytes of zeros as zstd says them: one block of 128 KiB, 80,000 times.
fn zstd_zeros() -> Vec<u8> {
    // The magic number, no size, a window of 128 KiB.
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    let block = |last: u32| ((128 << 10) << 3 | 1 << 1 | last).to_le_bytes();
    for _ in 0..80_000 {
        out.extend(&block(0)[..3]);
        out.push(0);
    }
    out.extend(&block(1)[..3]);
    out.push(0);
    out
}

#[test]
fn archives_that_grow_beyond_measure_are_refused() {
    let zeros = ten_gigabytes();
    let mut gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec();
    gzip.extend(&zeros);
    for (feed, file, bytes) in [
        ("osv-hex", "osv/Hex/all.zip", zip_of("GHSA-1.json", &zeros, 1000)),
        ("osv-hex", "osv/Hex/all.zip", zip_of("GHSA-1.json", &zeros, u32::MAX - 1)),
        ("osv-local", "osv-local/x.zip", zip_of("x.json", &zeros, 0)),
        ("cisa-kev", "kev/known_exploited_vulnerabilities.json", gzip.clone()),
        ("cisa-kev", "kev/known_exploited_vulnerabilities.json", zstd_zeros()),
        ("rubysec", "rubysec/ruby-advisory-db.tar.gz", gzip),
        ("rubysec", "rubysec/ruby-advisory-db.tar.zst", zstd_zeros()),
    ] {
        let (sandbox, ran) = updated(|mirror| put(mirror, file, &bytes));
        check_neutral(&sandbox, &ran, feed);
    }
}

/// Entities that would come to a billion letters.
fn bomb(root: &str, inside: &str) -> String {
    let mut xml = "<?xml version=\"1.0\"?><!DOCTYPE bomb [<!ENTITY a \"aaaaaaaaaa\">".to_owned();
    for (this, before) in ('b'..='j').zip('a'..) {
        xml += &format!("<!ENTITY {this} \"{}\">", format!("&{before};").repeat(10));
    }
    xml + "<!ENTITY file SYSTEM \"file:///etc/passwd\">]>" + &format!("<{root}>{inside}</{root}>")
}

#[test]
fn entities_of_xml_are_neither_expanded_nor_fetched() {
    let update = |text: &str| {
        bomb(
            "updates",
            &format!(
                "<update type='security'><id>{text}</id><title>{text}</title><references><reference id='CVE-2024-0001' type='cve'/></references>\
                 <pkglist><collection short='amazon-linux-2---core'><package name='{text}' version='1' release='1' arch='x86_64'/></collection></pkglist></update>"
            ),
        )
    };
    let definition = |text: &str| {
        bomb(
            "oval_definitions",
            &format!(
                "<definitions><definition id='oval:x:def:1' class='patch'><metadata><title>{text}</title><reference ref_id='{text}' source='CVE'/></metadata></definition></definitions>"
            ),
        )
    };
    for entity in ["&j;", "&file;"] {
        for (feed, file, xml) in [
            ("amazon", "amazon/amzn1/updateinfo.xml.gz", update(entity)),
            ("azure-linux", "azure-linux/azurelinux-3.0-oval.xml", definition(entity)),
            ("oracle", "oracle/com.oracle.elsa-all.xml.bz2", definition(entity)),
        ] {
            let (sandbox, ran) = updated(|mirror| put(mirror, file, xml.as_bytes()));
            check_neutral(&sandbox, &ran, feed);
            let all = ran.out + &ran.err + &sandbox.run(&["db", "status", "--quarantined"]).out;
            assert!(!all.contains("root:"), "{feed}: a file of the host is in what is said");
            let size =
                std::fs::metadata(sandbox.path("db").join("snapshots/00000001.snapshot")).unwrap().len();
            assert!(size < 1 << 20, "{feed}: {size} bytes");
        }
    }
}

#[test]
fn a_mirror_with_links_out_of_it_gives_no_file_of_the_host() {
    let (sandbox, ran) = updated(|mirror| {
        std::os::unix::fs::symlink("/etc/passwd", mirror.join("osv-local/passwd.json")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", mirror.join("osv-local/zero.json")).unwrap();
        let mut pipe = std::fs::File::create(mirror.join("osv-local/binary.json")).unwrap();
        pipe.write_all(&[0xff; 100]).unwrap();
    });
    assert!(matches!(ran.status, 0 | 3), "{}{}", ran.out, ran.err);
    assert!(!(ran.out + &ran.err).contains("root:"));
    drop(sandbox);
}
