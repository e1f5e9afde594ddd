//! Figures with their bounds, as a table for people.
//!
//! Judges nothing but whether a number is larger than another.

use crate::shell::Result;

/// What a number is of.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Seconds,
    Bytes,
    PerCent,
    Count,
}

/// One number, and what it must not exceed.
pub(super) struct Figure {
    what: &'static str,
    value: f64,
    unit: Unit,
    bound: Option<f64>,
}

impl Figure {
    pub(super) fn new(what: &'static str, value: f64, unit: Unit) -> Figure {
        Figure { what, value, unit, bound: None }
    }

    pub(super) fn within(self, bound: f64) -> Figure {
        Figure { bound: Some(bound), ..self }
    }

    fn line(&self) -> String {
        let value = shown(self.value, self.unit);
        let Some(bound) = self.bound else { return format!("   {:26} {value:>12}", self.what) };
        let verdict = if self.value <= bound { "holds" } else { "EXCEEDED" };
        format!("   {:26} {value:>12}   at most {:>10}   {verdict}", self.what, shown(bound, self.unit))
    }
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds if value < 1e-3 => format!("{:.2} µs", value * 1e6),
        Unit::Seconds if value < 1.0 => format!("{:.2} ms", value * 1e3),
        Unit::Seconds => format!("{value:.2} s"),
        Unit::Bytes if value < 1e6 => format!("{:.1} kB", value / 1e3),
        Unit::Bytes => format!("{:.1} MB", value / 1e6),
        Unit::PerCent => format!("{value:.2} %"),
        Unit::Count => format!("{value:.0}"),
    }
}

pub(super) fn show(title: &str, figures: &[Figure]) {
    println!("== {title}");
    for figure in figures {
        println!("{}", figure.line());
    }
}

/// What a program told: a name and a number a line.
pub(super) struct Told(Vec<(String, f64)>);

impl Told {
    pub(super) fn read(text: &str) -> Result<Told> {
        let line = |line: &str| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        let told = text.lines().map(|it| line(it).ok_or_else(|| format!("`{it}` is no figure")));
        told.collect::<Result<_>>().map(Told)
    }

    fn of(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(known, _)| known == name);
        // What was not told must not look as if it held.
        found.map_or(f64::NAN, |(_, value)| *value)
    }
}

pub(super) fn queries(title: &str, told: &Told) {
    let mut figures = common(told, 1e-3, None);
    figures.extend(compared(told));
    show(title, &figures);
}

pub(super) fn multiplied(title: &str, told: &Told) {
    let mut figures = common(told, 2e-3, Some(10e-6));
    figures.extend(compared(told));
    figures.push(Figure::new("file", told.of("size_bytes"), Unit::Bytes));
    let both = told.of("size_bytes") + told.of("unmultiplied_bytes");
    figures.push(Figure::new("file and texts", both, Unit::Bytes).within(1e9));
    figures.push(Figure::new("time to build it", told.of("build_seconds"), Unit::Seconds));
    show(title, &figures);
}

fn common(told: &Told, open_seconds_max: f64, look_up_seconds_max: Option<f64>) -> Vec<Figure> {
    let look_up = |what, name| Figure { bound: look_up_seconds_max, ..seconds(what, told.of(name)) };
    vec![
        Figure::new("rows", told.of("rows"), Unit::Count),
        Figure::new("open, the first time", told.of("open_first_seconds"), Unit::Seconds)
            .within(open_seconds_max),
        Figure::new("open", told.of("open_seconds"), Unit::Seconds).within(open_seconds_max),
        look_up("look up a package, first", "look_up_first_seconds"),
        look_up("look up a package", "look_up_seconds"),
    ]
}

fn seconds(what: &'static str, value: f64) -> Figure {
    Figure::new(what, value, Unit::Seconds)
}

fn compared(told: &Told) -> Vec<Figure> {
    let compare = |what, name| Figure::new(what, told.of(name), Unit::Seconds).within(5e-3);
    vec![
        Figure::new("packages", told.of("packages"), Unit::Count),
        Figure::new("their rows", told.of("rows_of_packages"), Unit::Count),
        compare("look up and compare, first", "compare_first_seconds"),
        compare("look up and compare", "compare_seconds"),
        Figure::new("findings", told.of("findings"), Unit::Count),
        seconds("the same with findings made", told.of("find_seconds")),
        Figure::new("findings if never updated", told.of("old_findings"), Unit::Count),
        seconds("and the time for them", told.of("old_find_seconds")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_says_whether_its_bound_holds() {
        let line = |value| Figure::new("open", value, Unit::Seconds).within(1e-3).line();
        assert!(line(5e-6).contains("5.00 µs") && line(5e-6).ends_with("holds"), "{}", line(5e-6));
        assert!(line(2e-3).contains("at most    1.00 ms") && line(2e-3).ends_with("EXCEEDED"));
        assert!(line(f64::NAN).ends_with("EXCEEDED"), "what is not known does not hold");
    }

    #[test]
    fn what_a_program_told_is_read_by_name() {
        let told = Told::read("rows 5\nopen_seconds 0.5\n").unwrap();
        assert!((told.of("open_seconds") - 0.5).abs() < 1e-9 && told.of("none").is_nan());
        assert!(Told::read("warning: something").is_err());
    }
}
