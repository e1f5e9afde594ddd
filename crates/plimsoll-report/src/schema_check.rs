//! A validator for as much of JSON Schema 2020-12 as `docs/report.schema.json` uses.
//!
//! It panics on a keyword that it does not know, so that the schema cannot promise what no
//! test checks. Only for tests.

use plimsoll_core::Timestamp;
use serde_json::Value;

/// Keywords that only describe.
const ANNOTATIONS: [&str; 5] = ["$schema", "$id", "$defs", "title", "description"];

/// What is wrong with `value`, each with its place; nothing where it is valid.
pub(crate) fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    Checker { root: schema, errors: &mut errors }.check(schema, value, "");
    errors
}

struct Checker<'a> {
    root: &'a Value,
    errors: &'a mut Vec<String>,
}

impl Checker<'_> {
    fn check(&mut self, schema: &Value, value: &Value, at: &str) {
        let keywords = schema.as_object().expect("a schema is an object");
        for (keyword, argument) in keywords {
            match keyword.as_str() {
                keyword if ANNOTATIONS.contains(&keyword) => (),
                "$ref" => self.check(resolve(self.root, argument), value, at),
                "type" => self.require(has_type(argument, value), at, || format!("is no {argument}")),
                "const" => self.require(argument == value, at, || format!("is not {argument}")),
                "enum" => {
                    let known = argument.as_array().expect("enum is a list").contains(value);
                    self.require(known, at, || format!("is none of {argument}"));
                }
                "anyOf" => self.any_of(argument, value, at),
                "minimum" => {
                    let fits = value.as_f64() >= argument.as_f64();
                    self.require(!value.is_number() || fits, at, || format!("is below {argument}"));
                }
                "maximum" => {
                    let fits = value.as_f64() <= argument.as_f64();
                    self.require(!value.is_number() || fits, at, || format!("is above {argument}"));
                }
                "format" => self.require(has_format(argument, value), at, || format!("is no {argument}")),
                "items" => self.items(argument, value, at),
                "properties" => self.properties(argument, value, at),
                "required" => self.required(argument, value, at),
                "additionalProperties" => self.no_others(schema, argument, value, at),
                other => panic!("keyword `{other}` is not checked by any test"),
            }
        }
    }

    fn require(&mut self, holds: bool, at: &str, what: impl Fn() -> String) {
        if !holds {
            self.errors.push(format!("{at} {}", what()));
        }
    }

    fn any_of(&mut self, schemas: &Value, value: &Value, at: &str) {
        let mut all = Vec::new();
        for schema in schemas.as_array().expect("anyOf is a list") {
            let mut errors = Vec::new();
            Checker { root: self.root, errors: &mut errors }.check(schema, value, at);
            if errors.is_empty() {
                return;
            }
            all.extend(errors);
        }
        self.errors.extend(all);
    }

    fn items(&mut self, schema: &Value, value: &Value, at: &str) {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(schema, item, &format!("{at}[{index}]"));
        }
    }

    fn properties(&mut self, properties: &Value, value: &Value, at: &str) {
        for (name, schema) in properties.as_object().expect("properties is an object") {
            if let Some(value) = value.get(name) {
                self.check(schema, value, &format!("{at}.{name}"));
            }
        }
    }

    fn required(&mut self, names: &Value, value: &Value, at: &str) {
        for name in names.as_array().expect("required is a list") {
            let name = name.as_str().expect("a name");
            self.require(!value.is_object() || value.get(name).is_some(), at, || format!("lacks `{name}`"));
        }
    }

    fn no_others(&mut self, schema: &Value, argument: &Value, value: &Value, at: &str) {
        assert_eq!(argument, &Value::Bool(false), "only `additionalProperties: false` is checked");
        for name in value.as_object().into_iter().flat_map(|it| it.keys()) {
            self.require(schema["properties"].get(name).is_some(), at, || format!("has a field `{name}`"));
        }
    }
}

fn resolve<'a>(root: &'a Value, reference: &Value) -> &'a Value {
    let pointer = reference.as_str().and_then(|it| it.strip_prefix('#')).expect("a local reference");
    root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

fn has_type(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().expect("a type is a name") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type"),
    };
    match types {
        Value::Array(types) => types.iter().any(is),
        one => is(one),
    }
}

fn has_format(format: &Value, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    let is_time = text.parse::<Timestamp>().is_ok();
    match format.as_str().expect("a format is a name") {
        "date" => is_time && text.len() == 10,
        "date-time" => is_time && text.ends_with('Z'),
        other => panic!("format `{other}` is not checked by any test"),
    }
}
