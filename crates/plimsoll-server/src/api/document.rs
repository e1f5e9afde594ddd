//! The OpenAPI document, written from the table of routes, and a page of it for people.
//!
//! Nothing stands in it that the code does not say; `docs/openapi.json` is a copy that a test holds.

use serde_json::{Map, Value, json};

use super::problem::{Kind, ProblemDetails};
use super::route::{Gives, Needs, Route, Verb};
use super::schema::{Definitions, Schema};
use super::table::TABLE;

/// The document as text.
pub(super) fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).expect("texts and numbers can be written");
    text.push('\n');
    text
}

/// The document.
pub(super) fn document() -> Value {
    let mut definitions = Definitions::new();
    let problem = ProblemDetails::schema(&mut definitions);
    let mut paths: Map<String, Value> = Map::new();
    let mut tags = Vec::new();
    for (tag, about, routes) in TABLE {
        tags.push(json!({ "name": tag, "description": about }));
        for route in *routes {
            let path = paths.entry(route.path).or_insert_with(|| json!({}));
            path[route.verb.name()] = operation(tag, route, &problem, &mut definitions);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Plimsoll",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/api/v1" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A personal or robot token, `plim_…`." },
                "basic": { "type": "http", "scheme": "basic", "description": "Name and password, or a token as the password." },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": super::authenticate::COOKIE,
                    "description": "The console's session. What changes something needs the header `X-CSRF-Token` as well.",
                },
            },
        },
    })
}

const ABOUT: &str = "Everything that the console shows can be scripted.\n\n\
    Times are RFC 3339 in UTC. Lists come in pages: follow `next` (also in the `Link` header) as `cursor`. \
    Refusals are problem details (RFC 9457) whose `type` is stable. Answers to `GET` have an `ETag`: send it as \
    `If-None-Match` to get 304, and as `If-Match` with `PUT`, `PATCH` and `DELETE` so that nobody's change is \
    overwritten. A `POST` with an `Idempotency-Key` is done once, however often it is sent. The headers \
    `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` say how many requests are left; after 429 wait for \
    `Retry-After` seconds. Of a namespace that one may not read nobody learns whether it is there. In the names of \
    repositories a slash is written `%2F`.";

fn operation(tag: &str, route: &Route, problem: &Value, definitions: &mut Definitions) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.about,
        "description": need(route.needs),
        "tags": [tag],
        "parameters": parameters(route, definitions),
        "responses": responses(route, problem, definitions),
        "security": security(route.needs),
        "x-permission": permission(route.needs),
    });
    if let Some(takes) = route.takes {
        operation["requestBody"] = json!({
            "required": !route.is_body_optional,
            "content": { "application/json": { "schema": takes(definitions) } },
        });
    }
    if let Some(media_type) = route.streams {
        operation["requestBody"] = json!({ "required": true, "content": { media_type: {} } });
    }
    operation
}

fn need(needs: Needs) -> String {
    match needs {
        Needs::Nobody => "Open to everybody.".to_owned(),
        Needs::Somebody => "Needs an account.".to_owned(),
        Needs::Themselves => "Needs an account, signed in without a token.".to_owned(),
        Needs::Instance(it) => format!("Needs the permission `{}` for the whole instance.", it.name()),
        Needs::Namespace(it) => format!("Needs the permission `{}` in the namespace.", it.name()),
    }
}

/// The same for programs.
fn permission(needs: Needs) -> Value {
    match needs {
        Needs::Nobody => json!({ "scope": "nobody" }),
        Needs::Somebody => json!({ "scope": "somebody" }),
        Needs::Themselves => json!({ "scope": "themselves" }),
        Needs::Instance(it) => json!({ "scope": "instance", "permission": it.name() }),
        Needs::Namespace(it) => json!({ "scope": "namespace", "permission": it.name() }),
    }
}

fn security(needs: Needs) -> Value {
    let all = json!([{ "token": [] }, { "basic": [] }, { "session": [] }]);
    match needs {
        Needs::Nobody => json!([]),
        Needs::Themselves => json!([{ "basic": [] }, { "session": [] }]),
        Needs::Somebody | Needs::Instance(_) => all,
        // A public namespace is read by everybody.
        Needs::Namespace(plimsoll_store::Permission::Read) => {
            json!([{ "token": [] }, { "basic": [] }, { "session": [] }, {}])
        }
        Needs::Namespace(_) => all,
    }
}

fn parameters(route: &Route, definitions: &mut Definitions) -> Vec<Value> {
    let mut parameters = Vec::new();
    for name in route.path_parameters() {
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": path_parameter(name).1,
            "schema": path_parameter(name).0,
        }));
    }
    for parameter in route.query.iter().copied().flatten() {
        parameters.push(json!({
            "name": parameter.name,
            "in": "query",
            "required": false,
            "description": parameter.about,
            "schema": (parameter.schema)(definitions),
        }));
    }
    if route.is_repeatable() {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "The same request with the same key is done once and answered the same, for a day.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" },
        }));
    }
    parameters
}

fn path_parameter(name: &str) -> (Value, &'static str) {
    let text = || json!({ "type": "string", "minLength": 1 });
    let number = || json!({ "type": "integer", "format": "int64", "minimum": 1 });
    match name {
        "namespace" => (json!({ "type": "string", "pattern": NAME }), "The namespace's name."),
        "repository" => (text(), "The repository's name inside of the namespace; slashes as `%2F`."),
        "reference" => (text(), "A tag or a digest."),
        "tag" => (text(), "The tag."),
        "scan" => (number(), "The scan's number."),
        "webhook" => (number(), "The webhook's number."),
        "registry" => (number(), "The registry's number."),
        "delivery" => (number(), "The delivery's number."),
        "package" => (text(), "The package's name; slashes as `%2F`."),
        "exception" => (number(), "The exception's number."),
        "token" => (number(), "The token's number."),
        "user" => (text(), "The user's name."),
        "robot" => (text(), "The robot's name."),
        "kind" => (json!({ "type": "string", "enum": ["user", "robot"] }), "What kind of account."),
        "name" => (text(), "The account's name."),
        "granted" => (json!({ "type": "string", "enum": granted() }), "The role or the permission."),
        "vulnerability" => (text(), "Any of its ids."),
        _ => (text(), ""),
    }
}

/// The grammar of the names of namespaces.
const NAME: &str = "^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*$";

fn granted() -> Vec<&'static str> {
    let roles = plimsoll_store::ROLES.iter().map(|it| it.1);
    roles.chain(plimsoll_store::Permission::ALL.map(|it| it.name())).collect()
}

fn responses(route: &Route, problem: &Value, definitions: &mut Definitions) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    let content = match route.gives {
        Gives::Nothing => None,
        Gives::Json(schema) => Some(json!({ "application/json": { "schema": schema(definitions) } })),
        Gives::Other(media_type) => Some(json!({ media_type: {} })),
    };
    let mut done = json!({ "description": done(route), "headers": headers(route) });
    if let Some(content) = content {
        done["content"] = content;
    }
    responses.insert(route.status.to_string(), done);
    if route.verb == Verb::Get && !is_stream(route) {
        responses.insert("304".to_owned(), json!({ "description": "The client has it already." }));
    }
    let mut kinds: Vec<Kind> = usual(route);
    kinds.extend(route.refusals);
    kinds.sort_unstable();
    kinds.dedup();
    for kind in &kinds {
        let status = kind.status().as_u16().to_string();
        let same = kinds.iter().filter(|it| it.status() == kind.status());
        let words: Vec<String> = same.map(|it| format!("`{}`: {}.", it.word(), it.title())).collect();
        responses.insert(
            status,
            json!({
                "description": words.join(" "),
                "content": { "application/problem+json": { "schema": problem } },
            }),
        );
    }
    Value::Object(responses)
}

fn is_stream(route: &Route) -> bool {
    matches!(route.gives, Gives::Other("text/event-stream"))
}

fn done(route: &Route) -> &'static str {
    match route.status {
        201 => "It was made.",
        202 => "It will be done.",
        204 => "It was done.",
        _ => "It is there.",
    }
}

fn headers(route: &Route) -> Value {
    let mut headers = json!({
        "RateLimit-Limit": { "schema": { "type": "integer" }, "description": "How many requests may come at once." },
        "RateLimit-Remaining": { "schema": { "type": "integer" }, "description": "How many of them are left." },
        "RateLimit-Reset": { "schema": { "type": "integer" }, "description": "In how many seconds all are left again." },
    });
    if route.verb == Verb::Get && !is_stream(route) {
        headers["ETag"] =
            json!({ "schema": { "type": "string" }, "description": "For `If-None-Match` and `If-Match`." });
    }
    if route.status == 201 {
        headers["Location"] = json!({ "schema": { "type": "string" }, "description": "Where it is." });
    }
    headers
}

/// What any route of these needs and this method may be refused for.
fn usual(route: &Route) -> Vec<Kind> {
    let mut kinds = vec![Kind::Invalid, Kind::TooManyRequests, Kind::Internal, Kind::Busy];
    match route.needs {
        Needs::Nobody => (),
        Needs::Somebody => kinds.push(Kind::Unauthenticated),
        Needs::Themselves | Needs::Instance(_) => kinds.extend([Kind::Unauthenticated, Kind::Forbidden]),
        Needs::Namespace(_) => kinds.extend([Kind::Unauthenticated, Kind::Forbidden, Kind::NotFound]),
    }
    // What names nothing is not there, whatever is wrong with the name.
    if route.path_parameters().next().is_some() {
        kinds.push(Kind::NotFound);
    }
    if route.takes.is_some() {
        kinds.extend([Kind::UnsupportedMediaType, Kind::TooLarge]);
    }
    match route.verb {
        Verb::Get => (),
        Verb::Post if route.is_repeatable() => {
            kinds.extend([Kind::Csrf, Kind::IdempotencyKeyBusy, Kind::IdempotencyKeyReused, Kind::Full]);
        }
        Verb::Post if !route.is_change() => kinds.push(Kind::Csrf),
        Verb::Post => kinds.extend([Kind::Csrf, Kind::Full]),
        Verb::Put | Verb::Patch | Verb::Delete => {
            kinds.extend([Kind::Csrf, Kind::PreconditionFailed, Kind::Full]);
        }
    }
    kinds
}

/// The document as a page: no script, and nothing from elsewhere.
pub(super) fn page() -> String {
    let document = document();
    let mut page = String::from(HEAD);
    page.push_str(&format!("<h1>Plimsoll API</h1><p>{}</p><nav>", escaped(ABOUT)));
    for (number, (tag, _, _)) in TABLE.iter().enumerate() {
        page.push_str(&format!("<a href=\"#s{number}\">{}</a> ", escaped(tag)));
    }
    page.push_str("</nav>");
    for (number, (tag, about, routes)) in TABLE.iter().enumerate() {
        page.push_str(&format!("<h2 id=\"s{number}\">{}</h2><p>{}</p>", escaped(tag), escaped(about)));
        for route in *routes {
            page.push_str(&section(route, &document));
        }
    }
    page.push_str("<h2 id=\"schemas\">Types</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        page.push_str(&format!("<h3 id=\"t-{name}\"><code>{name}</code></h3>{}", described(schema)));
    }
    page.push_str("</main></body></html>\n");
    page
}

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Plimsoll API</title>\
    <meta name=\"viewport\" content=\"width=device-width\"><style>\
    body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#fff}main{max-width:60rem;margin:auto;padding:1rem}\
    code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}details{border:1px solid #ccc;border-radius:4px;margin:.5rem 0;padding:.3rem .8rem}\
    summary{cursor:pointer}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #ddd}\
    @media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}a{color:#8ab4f8}details,td,th{border-color:#444}}\
    </style></head><body><main>";

fn section(route: &Route, document: &Value) -> String {
    let operation = &document["paths"][route.path][route.verb.name()];
    let mut section = format!(
        "<details><summary><code><b>{}</b> /api/v1{}</code> — {}</summary><p>{}</p>",
        route.verb.name().to_uppercase(),
        escaped(route.path),
        escaped(route.about),
        escaped(&need(route.needs)),
    );
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        section.push_str("<table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>");
        for it in parameters {
            section.push_str(&row(&[&it["name"], &it["in"]], &it["schema"], &it["description"]));
        }
        section.push_str("</table>");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        section.push_str(&format!("<p>Takes {}.</p>", kind(body)));
    }
    section.push_str("<table><tr><th>Status</th><th>Content</th><th></th></tr>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let content = response["content"].as_object().and_then(|it| it.iter().next());
        let content = content.map_or_else(String::new, |(media_type, it)| match &it["schema"] {
            Value::Null => format!("<code>{}</code>", escaped(media_type)),
            schema => kind(schema),
        });
        let about = response["description"].as_str().unwrap_or_default();
        section.push_str(&format!("<tr><td>{status}</td><td>{content}</td><td>{}</td></tr>", escaped(about)));
    }
    section.push_str("</table></details>");
    section
}

fn row(cells: &[&Value], schema: &Value, about: &Value) -> String {
    let mut row = String::from("<tr>");
    for cell in cells {
        row.push_str(&format!("<td><code>{}</code></td>", escaped(cell.as_str().unwrap_or_default())));
    }
    let about = about.as_str().unwrap_or_default();
    row.push_str(&format!("<td>{}</td><td>{}</td></tr>", kind(schema), escaped(about)));
    row
}

/// A schema in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
        return format!("<a href=\"#t-{name}\"><code>{name}</code></a>");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .filter_map(Value::as_str)
            .map(|it| format!("<code>{}</code>", escaped(it)))
            .collect();
        return words.join(" ");
    }
    if let Some(first) = schema["anyOf"].get(0) {
        return format!("{} or null", kind(first));
    }
    if let Some(items) = schema["properties"]["items"].get("items") {
        return format!("a page of {}", kind(items));
    }
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Value::String(name) if name == "array" => return format!("list of {}", kind(&schema["items"])),
        Value::String(name) => name.clone(),
        _ => "any".to_owned(),
    };
    format!("<code>{}</code>", escaped(&name))
}

fn described(schema: &Value) -> String {
    let mut text = format!("<p>{}</p>", escaped(schema["description"].as_str().unwrap_or_default()));
    let Some(properties) = schema["properties"].as_object() else { return text };
    text.push_str("<table><tr><th>Field</th><th>Type</th><th></th></tr>");
    for (name, schema) in properties {
        text.push_str(&row(&[&Value::from(name.as_str())], schema, &schema["description"]));
    }
    text.push_str("</table>");
    text
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.replace('\n', "<br>")
}
