//! Where reports go and in which form: what all commands that write one have in common.

use std::io::{BufWriter, Write};
use std::path::Path;

use plimsoll_core::{Escaped, Report};
use plimsoll_ecosystems::ECOSYSTEMS;
use plimsoll_report::{Format, Style};

use crate::outcome::Failure;
use crate::surroundings;

/// The width of tables in files.
const FILE_WIDTH_COLUMNS: usize = 140;

/// The format of this name.
pub fn format(name: &str) -> Result<&'static dyn Format, Failure> {
    plimsoll_report::format_named(name).ok_or_else(|| unknown_format(name))
}

/// How to write to a file, or to standard output where there is none.
pub fn style(file: Option<&Path>) -> Style {
    let to_file = file.is_some();
    Style {
        color: !to_file && surroundings::color(),
        width_columns: if to_file { FILE_WIDTH_COLUMNS } else { surroundings::width_columns() },
        show_kernel_headers: false,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        next_steps: Vec::new(),
        ecosystems: ECOSYSTEMS,
        list_packages: false,
        commit: surroundings::commit(),
    }
}

/// Writes to a file, or to standard output where there is none; there as it is made.
pub fn render(
    file: Option<&Path>,
    render: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = file else {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, UntilClosed(std::io::stdout().lock()));
        render(&mut out)?;
        return Ok(out.flush()?);
    };
    let mut text = Vec::new();
    render(&mut text)?;
    write_file(path, &text).map_err(|error| {
        Failure::unanswered(format!("the report cannot be written to {}: {error}", path.display()))
    })
}

/// A pipe whose reader may go away: what is written then is lost, and that is no failure. The command
/// goes on, for its exit status is an answer, too.
pub struct UntilClosed<W>(pub W);

impl<W: Write> Write for UntilClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        unless_closed(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        unless_closed(self.0.flush(), ())
    }
}

fn unless_closed<T>(outcome: std::io::Result<T>, otherwise: T) -> std::io::Result<T> {
    match outcome {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(otherwise),
        other => other,
    }
}

/// Writes a report as a user's own template says.
pub fn with_template(
    template: &Path,
    report: &Report,
    style: &Style,
    file: Option<&Path>,
) -> Result<(), Failure> {
    let text = std::fs::read_to_string(template).map_err(|error| {
        Failure::misuse(format!("the template {} cannot be read: {error}", template.display()))
    })?;
    let text = plimsoll_report::render_template(&text, report, style).map_err(Failure::misuse)?;
    write(text.as_bytes(), file)
}

/// Writes to a file, or to standard output where there is none.
pub fn write(text: &[u8], file: Option<&Path>) -> Result<(), Failure> {
    render(file, |out| out.write_all(text))
}

const BUFFER_BYTES: usize = 256 << 10;

/// Writes the whole report or nothing: half a report could be taken for one.
fn write_file(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !path.try_exists()? || path.is_file() {
        let mut file = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(directory)?;
        file.write_all(text)?;
        file.persist(path)?;
        return Ok(());
    }
    // A device or a pipe, which can only be written to.
    std::fs::write(path, text)
}

fn unknown_format(name: &str) -> Failure {
    let known: Vec<&str> = plimsoll_report::FORMATS.iter().map(|format| format.name()).collect();
    Failure::misuse(format!("there is no report format `{}`", Escaped(name)))
        .hint(format!("known are {}", known.join(", ")))
}
