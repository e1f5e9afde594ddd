//! The demonstration's feeds: facts about well-known vulnerabilities in our sentences (OSV), which of
//! them are known to be exploited, and when support ends.

use std::path::Path;

macro_rules! feed {
    ($($name:literal from $file:literal;)*) => {
        /// What a mirror of three feeds has: names and contents.
        const FEED: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../demo/", $file)))),*];
    };
}

feed! {
    "osv-local/CVE-2014-0160.json" from "feed/CVE-2014-0160.json";
    "osv-local/CVE-2014-6271.json" from "feed/CVE-2014-6271.json";
    "osv-local/CVE-2014-7169.json" from "feed/CVE-2014-7169.json";
    "osv-local/CVE-2021-3156.json" from "feed/CVE-2021-3156.json";
    "osv-local/CVE-2022-37434.json" from "feed/CVE-2022-37434.json";
    "osv-local/CVE-2022-48174.json" from "feed/CVE-2022-48174.json";
    "osv-local/CVE-2023-38545.json" from "feed/CVE-2023-38545.json";
    "osv-local/CVE-2023-42363.json" from "feed/CVE-2023-42363.json";
    "osv-local/CVE-2023-4863.json" from "feed/CVE-2023-4863.json";
    "osv-local/CVE-2023-4911.json" from "feed/CVE-2023-4911.json";
    "osv-local/CVE-2023-5363.json" from "feed/CVE-2023-5363.json";
    "osv-local/CVE-2024-2961.json" from "feed/CVE-2024-2961.json";
    "osv-local/CVE-2024-3094.json" from "feed/CVE-2024-3094.json";
    "osv-local/CVE-2024-32002.json" from "feed/CVE-2024-32002.json";
    "osv-local/CVE-2024-6387.json" from "feed/CVE-2024-6387.json";
    "kev/known_exploited_vulnerabilities.json" from "known_exploited_vulnerabilities.json";
    "endoflife/products-full.json" from "products-full.json";
}

/// Writes the mirror.
pub(super) fn write(mirror: &Path) -> std::io::Result<()> {
    for (name, content) in FEED {
        let file = mirror.join(name);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, content)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_the_sample_feed_is_osv_and_in_the_list() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/feed");
        for file in std::fs::read_dir(folder).unwrap() {
            let name = format!("osv-local/{}", file.unwrap().file_name().into_string().unwrap());
            assert!(FEED.iter().any(|(it, _)| *it == name), "{name} is not in the list");
        }
        for (name, record) in FEED {
            let record: serde_json::Value = serde_json::from_str(record).unwrap();
            let Some(name) = name.strip_prefix("osv-local/") else { continue };
            assert_eq!(format!("{}.json", record["id"].as_str().unwrap()), name);
            assert!(!record["affected"].as_array().unwrap().is_empty(), "{name}");
        }
    }
}
