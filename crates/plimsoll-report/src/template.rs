//! A report through a user's own template, in the language of Jinja.
//!
//! The template sees exactly the versioned JSON report: `{{ subject.name }}`, `{% for finding in
//! findings %}`. It can read no file, include nothing and run only so long. What it writes is
//! not escaped unless it asks (`|e` for HTML, `|tojson` for JSON), except that the value of
//! `|one_line` cannot steer a terminal.

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use plimsoll_core::{Escaped, Report};

use crate::{Style, json};

/// Steps that a template may take: a hundred for each of 50,000 findings.
const FUEL: u64 = 5_000_000;

/// Templates of templates' macros may nest so deep.
const RECURSION_MAX: usize = 50;

/// No template is longer.
const TEMPLATE_BYTES_MAX: usize = 1 << 20;

/// No output is longer.
const OUTPUT_BYTES_MAX: usize = 256 << 20;

/// Why a template gave nothing.
#[derive(Debug)]
pub struct TemplateError(String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the template: {}", Escaped(&self.0))
    }
}

impl std::error::Error for TemplateError {}

/// Writes the report as the template says.
pub fn render_template(template: &str, report: &Report, style: &Style) -> Result<String, TemplateError> {
    if template.len() > TEMPLATE_BYTES_MAX {
        return Err(TemplateError(format!("it is longer than {TEMPLATE_BYTES_MAX} bytes")));
    }
    let error = |error: minijinja::Error| TemplateError(format!("{error:#}"));
    let mut environment = environment();
    environment.add_template("template", template).map_err(error)?;
    let context = Value::from(Serde(json::document(report, style)));
    let mut out = Limited { text: Vec::new() };
    let template = environment.get_template("template").map_err(error)?;
    template.render_captured_to(context, &mut out).map_err(error)?;
    String::from_utf8(out.text).map_err(|_| TemplateError("its output is no UTF-8".to_owned()))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION_MAX);
    // A misspelt field must not look like an empty one.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(keep_last_line_feed());
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.add_filter("one_line", |text: String| Escaped(&text).to_string());
    environment
}

/// A text file ends in a line feed, and a template is one.
fn keep_last_line_feed() -> SyntaxConfig {
    SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .build()
        .expect("the delimiters are the default ones, which do not contradict each other")
}

/// Takes so many bytes and no more.
struct Limited {
    text: Vec<u8>,
}

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.text.len().saturating_add(bytes.len()) > OUTPUT_BYTES_MAX {
            return Err(std::io::Error::other(format!("more than {OUTPUT_BYTES_MAX} bytes were written")));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let text = render_template(template, &golden::everything(), &golden::style(80)).unwrap();
        assert_eq!(text, expected);
    }

    #[track_caller]
    fn fails(template: &str, expected: &str) {
        let error = render_template(template, &golden::everything(), &golden::style(80)).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn a_template_sees_the_json_report() {
        check("{{ schema_version }} {{ complete|tojson }}\n", "1 false\n");
        check(
            "{% for it in findings if it.severity == 'critical' %}{{ it.id }} {% endfor %}",
            "MAL-2024-7 CVE-2024-0001 CVE-2024-0001 CVE-2024-0011 ",
        );
        check("{{ packages[2].name|one_line|e }}", "evil\\u{1b}[2J\\u{1b}]0;title\\u{7}\\u{a}name");
        check("{{ findings|length }}", "14");
    }

    #[test]
    fn a_template_reads_no_file_and_ends() {
        fails("{% include '/etc/passwd' %}", "/etc/passwd");
        fails("{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}", "fuel");
        fails("{{ no_such_field }}", "undefined");
        fails("{% for %}", "syntax");
        fails(&" ".repeat(TEMPLATE_BYTES_MAX + 1), "longer");
    }

    #[test]
    fn recursion_ends() {
        fails("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}", "recursion");
    }
}
