//! The OpenAPI document: what stands in the repository, and what is served.

use super::*;
use crate::api::route::Needs;
use crate::api::table;

#[test]
fn the_document_in_the_repository_is_the_one_that_the_code_says() {
    expect_test::expect_file!["../../../../../docs/openapi.json"].assert_eq(&Api::document());
}

#[test]
fn every_route_has_a_name_of_its_own_and_says_where_its_namespace_is() {
    let mut names = std::collections::BTreeSet::new();
    for route in table::routes() {
        assert!(names.insert(route.id), "{}", route.id);
        let has_namespace = route.path.starts_with("/namespaces/{namespace}");
        if matches!(route.needs, Needs::Namespace(_)) {
            assert!(has_namespace, "{}", route.path);
        }
        if has_namespace {
            let instance = matches!(route.needs, Needs::Instance(_));
            assert!(instance || matches!(route.needs, Needs::Namespace(_)), "{}", route.path);
        }
        assert!(route.about.ends_with('.'), "{}", route.id);
    }
}

#[test]
fn every_reference_of_the_document_leads_to_a_schema() {
    let document: Value = serde_json::from_str(&Api::document()).unwrap();
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    let found = document.pointer(reference.trim_start_matches('#'));
                    assert!(found.is_some_and(Value::is_object), "{reference}");
                }
                members.values().for_each(|it| walk(it, document));
            }
            Value::Array(items) => items.iter().for_each(|it| walk(it, document)),
            _ => (),
        }
    }
    walk(&document, &document);
}

#[tokio::test]
async fn the_document_and_a_page_of_it_are_served_to_everybody() {
    let test = TestApi::start().await;
    assert_eq!(test.get("", "/openapi.json").await.ok(200)["openapi"], "3.1.0");
    let page = test.get("", "/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    for foreign in ["<script", "http:", "https:", "src="] {
        assert!(!page.body.contains(foreign), "{foreign}");
    }
    assert!(page.body.contains("/api/v1/namespaces/{namespace}"));
}
