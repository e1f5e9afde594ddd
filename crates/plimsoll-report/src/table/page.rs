//! Lines of a terminal: spans of text with a look, wrapped to a width, painted or not.
//!
//! Every span is escaped when it is made, so no text can reach the terminal raw. A
//! character counts as one column, which is wrong for wide ones and good enough for wrapping.

use std::io;

use anstyle::{AnsiColor, Color, Style as Ansi};
use plimsoll_core::{Escaped, Severity};

use crate::Style;

/// Narrower than this nothing is readable; wider terminals than this get no wider lines.
const WIDTH_RANGE: std::ops::RangeInclusive<usize> = 40..=1000;

/// How much of one text is shown; the JSON report has all of it.
const SPAN_CHARS_MAX: usize = 300;

/// A space at which no line ends.
pub(super) const NO_BREAK: char = '\u{a0}';

/// How a span looks where there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Ordinary text.
    Plain,
    /// Headings and names.
    Strong,
    /// What matters less.
    Faint,
    /// What is good news.
    Good,
    /// What should be noticed.
    Caution,
    /// What must be noticed.
    Alarm,
    /// The colour of a severity.
    Severity(Severity),
}

impl Look {
    fn ansi(self) -> Ansi {
        let color = |color: AnsiColor| Ansi::new().fg_color(Some(Color::Ansi(color)));
        match self {
            Look::Plain => Ansi::new(),
            Look::Strong => Ansi::new().bold(),
            Look::Faint => Ansi::new().dimmed(),
            Look::Good => color(AnsiColor::Green),
            Look::Caution => color(AnsiColor::Yellow),
            Look::Alarm => color(AnsiColor::Red).bold(),
            Look::Severity(Severity::Critical) => color(AnsiColor::Magenta).bold(),
            Look::Severity(Severity::High) => color(AnsiColor::Red).bold(),
            Look::Severity(Severity::Medium) => color(AnsiColor::Yellow),
            Look::Severity(Severity::Low) => color(AnsiColor::Blue),
            Look::Severity(Severity::Negligible | Severity::Unknown) => color(AnsiColor::BrightBlack),
        }
    }
}

/// A text with one look. Spans that follow each other stand apart by a space.
#[derive(Clone, Debug)]
pub(super) struct Span {
    text: String,
    look: Look,
}

impl Span {
    /// A text from anywhere: escaped, and cut if it is very long.
    pub fn new(look: Look, text: impl AsRef<str>) -> Span {
        Span { text: cut(escaped(text.as_ref()), SPAN_CHARS_MAX), look }
    }

    /// Its text, escaped.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A text of several lines as one, such as an instruction of a Dockerfile.
    pub fn one_line(look: Look, text: &str) -> Span {
        let mut line = String::new();
        for word in text.split_whitespace() {
            if line.len() > SPAN_CHARS_MAX * 4 {
                break;
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        Span::new(look, line)
    }

    /// Blocks of a bar; not to be wrapped.
    pub fn bar(look: Look, cells: usize) -> Span {
        Span { text: "\u{2588}".repeat(cells), look }
    }

    /// How many columns it takes on one line.
    pub fn width(&self) -> usize {
        width(&self.text)
    }

    /// The same, not wider than this.
    pub fn shortened(&self, columns: usize) -> Span {
        Span { text: cut(self.text.clone(), columns), look: self.look }
    }
}

/// The columns of a text.
fn width(text: &str) -> usize {
    text.chars().count()
}

/// Escapes no more of the text than can be shown.
fn escaped(text: &str) -> String {
    if text.len() <= SPAN_CHARS_MAX && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let end = text.char_indices().nth(SPAN_CHARS_MAX + 1).map_or(text.len(), |(at, _)| at);
    Escaped(&text[..end]).to_string()
}

fn cut(text: String, chars_max: usize) -> String {
    if text.len() <= chars_max || width(&text) <= chars_max {
        return text;
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

/// One line, made of pieces that stand directly beside each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pieces: Vec<(String, Look)>,
    width: usize,
}

impl Line {
    /// Without the spaces at its end that were to keep a distance from what would follow.
    fn ended(mut self) -> Line {
        if let Some((text, _)) = self.pieces.last_mut() {
            let end = text.trim_end_matches(NO_BREAK).len();
            self.width -= text.split_off(end).chars().count();
        }
        self
    }

    fn push(&mut self, word: &str, look: Look) {
        let gap = if self.width == 0 { "" } else { " " };
        self.width += gap.len() + width(word);
        match self.pieces.last_mut() {
            Some((text, last)) if *last == look => {
                text.push_str(gap);
                text.push_str(word);
            }
            Some((text, _)) => {
                text.push_str(gap);
                self.pieces.push((word.to_owned(), look));
            }
            None => self.pieces.push((word.to_owned(), look)),
        }
    }
}

/// Lays spans out in lines of at most so many columns; words longer than a line are broken.
pub(super) fn wrap(spans: &[Span], columns: usize) -> Vec<Line> {
    let columns = columns.max(1);
    if let [Span { text, look }] = spans
        && text.len() <= columns
        && !text.contains([' ', NO_BREAK])
    {
        return vec![Line { pieces: vec![(text.clone(), *look)], width: width(text) }];
    }
    let mut lines = Vec::new();
    let mut line = Line::default();
    for span in spans {
        for word in span.text.split(' ').filter(|word| !word.is_empty()) {
            for piece in pieces(word, columns) {
                if line.width > 0 && line.width + 1 + width(piece) > columns {
                    lines.push(std::mem::take(&mut line).ended());
                }
                line.push(piece, span.look);
            }
        }
    }
    if line.width > 0 || lines.is_empty() {
        lines.push(line.ended());
    }
    lines
}

/// A word in parts that fit a line.
fn pieces(word: &str, columns: usize) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().nth(columns).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Where lines are written to.
pub(super) struct Page<'a> {
    out: &'a mut dyn io::Write,
    color: bool,
    width: usize,
}

impl<'a> Page<'a> {
    /// A page of this style.
    pub fn new(out: &'a mut dyn io::Write, style: &Style) -> Page<'a> {
        let width = style.width_columns.clamp(*WIDTH_RANGE.start(), *WIDTH_RANGE.end());
        Page { out, color: style.color, width }
    }

    /// The columns of a line.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether colours can be seen.
    pub fn has_color(&self) -> bool {
        self.color
    }

    /// An empty line.
    pub fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// An empty line and a heading.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        self.blank()?;
        self.paragraph(0, &[Span::new(Look::Strong, text)])
    }

    /// Text wrapped to the page, its first line at `indent`, the others two further in.
    pub fn paragraph(&mut self, indent: usize, spans: &[Span]) -> io::Result<()> {
        self.hanging(indent, indent + 2, spans)
    }

    /// Text wrapped to the page, the first line at one indent and the others at another.
    pub fn hanging(&mut self, first: usize, others: usize, spans: &[Span]) -> io::Result<()> {
        let lines = wrap(spans, self.width.saturating_sub(first.max(others)));
        for (index, line) in lines.iter().enumerate() {
            self.cells(&[(if index == 0 { first } else { others }, Some(line))])?;
        }
        Ok(())
    }

    /// One line of the terminal: lines side by side, each at its column.
    pub fn cells(&mut self, cells: &[(usize, Option<&Line>)]) -> io::Result<()> {
        let mut at = 0;
        let shown =
            cells.iter().filter_map(|(column, line)| Some((*column, line.filter(|it| it.width > 0)?)));
        for (column, line) in shown {
            let gap = column.saturating_sub(at);
            write!(self.out, "{:gap$}", "")?;
            self.line(line)?;
            at += gap + line.width;
        }
        self.blank()
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        for (text, look) in &line.pieces {
            let text = if text.is_ascii() { text } else { &text.replace(NO_BREAK, " ") };
            if self.color {
                let ansi = look.ansi();
                write!(self.out, "{}{text}{}", ansi.render(), ansi.render_reset())?;
            } else {
                self.out.write_all(text.as_bytes())?;
            }
        }
        Ok(())
    }
}
