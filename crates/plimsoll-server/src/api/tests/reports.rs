//! What was found in an artifact: findings, packages, layers, and reports in every form.

use plimsoll_core::Report;
use plimsoll_store::{Access, ArtifactId, Read};

use super::*;

/// The report crate's golden report, for every artifact.
pub(super) struct Golden;

impl Reports for Golden {
    fn report<'a>(
        &'a self,
        _access: &'a Access<Read>,
        _artifact: ArtifactId,
    ) -> Asked<'a, Result<Option<Arc<Report>>, Box<dyn std::error::Error + Send + Sync>>> {
        let text = include_str!("../../../../plimsoll-report/testdata/everything.json");
        async move { Ok(Some(Arc::new(plimsoll_report::read::report::read(text.as_bytes())?))) }.boxed()
    }
}

const ARTIFACT: &str = "/namespaces/team/repositories/app/artifacts/v1";

async fn started() -> TestApi {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    test
}

#[tokio::test]
async fn a_report_is_had_in_every_form() {
    let test = started().await;
    let formats = test.get("vera", "/instance").await.ok(200)["report_formats"].clone();
    for format in formats.as_array().unwrap() {
        let reply = test.get("vera", &format!("{ARTIFACT}/report?format={}", format.as_str().unwrap())).await;
        assert_eq!((reply.status, reply.body.is_empty()), (200, false), "{format}");
        assert!(reply.header("content-security-policy").starts_with("sandbox"));
    }
    let path = format!("GET {ARTIFACT}/report");
    let by_accept = test.call("vera", &path, "accept: application/sarif+json", None).await;
    assert_eq!(by_accept.header("content-type"), "application/sarif+json");
    test.call("vera", &path, "accept: image/png", None).await.is(406, "not-acceptable");
    test.get("vera", &format!("{ARTIFACT}/report?format=poem")).await.is(400, "invalid-request");
    test.get("carl", &format!("{ARTIFACT}/report")).await.is(404, "not-found");
}

#[tokio::test]
async fn findings_are_filtered_sorted_and_read_page_by_page() {
    let test = started().await;
    let all = test.get("vera", &format!("{ARTIFACT}/findings?limit=500")).await;
    let ids = all.items("id");
    assert!(ids.len() > 3, "{ids:?}");
    for sort in ["severity", "id", "package", "epss"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{ARTIFACT}/findings?limit=2&sort={sort}{cursor}");
            let page = test.get("vera", &path).await;
            seen.extend(page.items("id"));
            match page.ok(200)["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), ids.len(), "{sort}");
    }
    let severities = all.items("severity");
    let mut sorted = severities.clone();
    let order = ["critical", "high", "medium", "low", "negligible", "unknown"];
    sorted.sort_by_key(|it| order.iter().position(|word| word == it));
    assert_eq!(severities, sorted);
    let high = test.get("vera", &format!("{ARTIFACT}/findings?severity=high")).await.items("severity");
    assert!(high.iter().all(|it| it == "high" || it == "critical"));
    let by_id = test.get("vera", &format!("{ARTIFACT}/findings?q={}", ids[0].to_lowercase())).await;
    assert!(by_id.items("id").contains(&ids[0]));
    let fixable = test.get("vera", &format!("{ARTIFACT}/findings?fixable=true")).await.ok(200);
    assert!(fixable["items"].as_array().unwrap().iter().all(|it| it["fixable"] == true));
    let suppressed = test.get("vera", &format!("{ARTIFACT}/findings?suppressed=true")).await.ok(200);
    assert!(suppressed["items"].as_array().unwrap().iter().all(|it| !it["suppressed"].is_null()));
    let mut by_origin = 0;
    for (word, from_base) in [("base", json!(true)), ("own", json!(false)), ("unknown", Value::Null)] {
        let found = test.get("vera", &format!("{ARTIFACT}/findings?limit=500&from={word}")).await.ok(200);
        let found = found["items"].as_array().unwrap();
        assert!(found.iter().all(|it| it["layer"]["from_base"] == from_base), "{word}: {found:?}");
        by_origin += found.len();
    }
    assert_eq!(by_origin, ids.len());
    test.get("vera", &format!("{ARTIFACT}/findings?layer=x")).await.is(400, "invalid-request");
    test.get("vera", &format!("{ARTIFACT}/findings?status=fine")).await.is(400, "invalid-request");
}

#[tokio::test]
async fn each_filter_of_findings_leaves_those_that_fit_and_no_others() {
    let test = started().await;
    let all = test.get("vera", &format!("{ARTIFACT}/findings?limit=500")).await.ok(200);
    let all = all["items"].as_array().unwrap().clone();
    let some = |key: &str| {
        let words = all.iter().filter_map(|it| it.pointer(key)?.as_str());
        words.min().unwrap_or_else(|| panic!("no finding has {key}")).to_owned()
    };
    for (name, key) in [
        ("status", "/status"),
        ("platform", "/platforms/0"),
        ("path", "/path"),
        ("diff_id", "/layer/diff_id"),
    ] {
        let word = some(key);
        // What is in a report may have anything in it.
        let encoded: String = word.bytes().map(|it| format!("%{it:02X}")).collect();
        let path = format!("{ARTIFACT}/findings?limit=500&{name}={encoded}");
        let found = test.get("vera", &path).await.ok(200)["items"].as_array().unwrap().clone();
        let fits = |it: &Value| match name {
            "platform" => it["platforms"].as_array().unwrap().iter().any(|it| *it == word.as_str()),
            "path" => it["path"].as_str().unwrap().contains(&word),
            _ => it.pointer(key).and_then(Value::as_str) == Some(word.as_str()),
        };
        let expected = all.iter().filter(|it| fits(it)).count();
        assert_eq!((found.len(), found.iter().all(fits)), (expected, true), "{path}");
    }
    let likely = test.get("vera", &format!("{ARTIFACT}/findings?limit=500&epss=1")).await.ok(200);
    let likely = likely["items"].as_array().unwrap();
    assert!(likely.iter().all(|it| it["epss"].as_f64().unwrap() >= 0.001));
    assert_eq!(likely.len(), all.iter().filter(|it| it["epss"].as_f64() >= Some(0.001)).count());
}

#[tokio::test]
async fn findings_are_grouped_and_their_sum_is_all_of_them() {
    let test = started().await;
    let count = test.get("vera", &format!("{ARTIFACT}/findings?limit=500")).await.items("id").len();
    for by in ["vulnerability", "package", "layer"] {
        let groups = test.get("vera", &format!("{ARTIFACT}/findings/groups?by={by}&limit=500")).await.ok(200);
        let sum: u64 =
            groups["items"].as_array().unwrap().iter().map(|it| it["findings"].as_u64().unwrap()).sum();
        assert_eq!(sum, count as u64, "{by}");
    }
}

#[tokio::test]
async fn packages_and_layers_say_where_they_come_from() {
    let test = started().await;
    let packages = test.get("vera", &format!("{ARTIFACT}/packages?limit=1")).await;
    let first = packages.items("purl");
    let next = packages.ok(200)["next"].as_str().unwrap().to_owned();
    let second = test.get("vera", &format!("{ARTIFACT}/packages?limit=1&cursor={next}")).await;
    assert_ne!(first, second.items("purl"));
    let layers = test.get("vera", &format!("{ARTIFACT}/layers")).await.ok(200);
    let layers = layers.as_array().unwrap();
    assert!(layers.iter().any(|it| it["packages"].as_u64().unwrap() > 0));
    assert!(layers.iter().any(|it| it["instruction"].is_string()));
}
