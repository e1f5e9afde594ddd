//! Functions that have outgrown the screen.

use super::{Fault, Source};

/// No function may be longer; look for its second idea long before.
const LINES_MAX: usize = 120;

/// A test may hold a whole report as text.
const TEST_LINES_MAX: usize = 250;

/// A function and how long it is.
pub(super) struct Function {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) lines: usize,
    lines_max: usize,
}

pub(super) fn check(sources: &[Source]) -> Vec<Fault> {
    all(sources)
        .filter(|it| it.lines > it.lines_max)
        .map(|it| {
            let what = format!("`{}` has {} lines; {} is the most", it.name, it.lines, it.lines_max);
            Fault::at(&it.path, it.line, what)
        })
        .collect()
}

/// The longest functions, longest first.
pub(super) fn longest(sources: &[Source], count: usize) -> Vec<Function> {
    let mut functions: Vec<Function> = all(sources).collect();
    functions.sort_by_key(|it| std::cmp::Reverse(it.lines));
    functions.truncate(count);
    functions
}

fn all(sources: &[Source]) -> impl Iterator<Item = Function> {
    sources.iter().filter(|it| it.is_rust()).flat_map(functions)
}

/// rustfmt puts the closing brace under the line that begins the function, so no parser is needed.
fn functions(source: &Source) -> Vec<Function> {
    let lines: Vec<&str> = source.text.lines().collect();
    let shipped = source.shipped_lines().last().map_or(0, |(line, _)| line);
    let mut functions = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = name(line) else { continue };
        let indentation = &line[..line.len() - line.trim_start().len()];
        let closing = |it: &str| it.strip_prefix(indentation).is_some_and(|rest| rest.starts_with('}'));
        let ends = |it: &str| {
            closing(it) || it.ends_with(';') && it.starts_with(indentation) && name_is_bodyless(it)
        };
        if line.ends_with('}') || line.ends_with(';') {
            continue;
        }
        if let Some(length) = lines[index + 1..].iter().position(|it| ends(it)) {
            functions.push(Function {
                path: source.path.clone(),
                line: index + 1,
                name: name.to_owned(),
                lines: length + 2,
                lines_max: if index < shipped { LINES_MAX } else { TEST_LINES_MAX },
            });
        }
    }
    functions
}

/// A signature over several lines that ends in `) -> T;` has no body.
fn name_is_bodyless(line: &str) -> bool {
    line.trim_start().starts_with(')')
}

fn name(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let rest = code.split_once("fn ")?;
    let modifiers_only = rest.0.split_whitespace().all(|word| {
        matches!(word, "const" | "async" | "extern" | "unsafe")
            || word.starts_with("pub")
            || word.starts_with('"')
    });
    if !modifiers_only {
        return None;
    }
    let end = rest.1.find(['(', '<'])?;
    Some(&rest.1[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured() {
        let text = "impl A {\n    pub(crate) const fn one(\n        a: u8,\n    ) {\n        x();\n    }\n\n    fn two() {}\n}\nfn three() {\n}\n";
        let source = Source::new("a.rs", text);
        let found: Vec<_> = functions(&source).into_iter().map(|it| (it.name, it.line, it.lines)).collect();
        // The `) {` of a long signature stands where its `}` will, so it must not end the function.
        assert_eq!(found, [("one".to_owned(), 2, 5), ("three".to_owned(), 10, 2)]);
    }
}
