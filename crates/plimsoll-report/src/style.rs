//! What the caller knows and a format needs: the terminal, the program, the advice.

use plimsoll_core::Ecosystem;

/// How to write a report down. The crate asks nobody else: no terminal, no environment.
#[derive(Clone)]
pub struct Style {
    /// Whether to write terminal colours. The caller has asked the terminal and `NO_COLOR`.
    pub color: bool,
    /// Columns to write in; less than 40 counts as 40. For a pipe something generous, 160 say.
    pub width_columns: usize,
    /// Whether the table lists the findings in kernel headers, which are kept apart otherwise.
    pub show_kernel_headers: bool,
    /// The version of the program, for the JSON report.
    pub tool_version: String,
    /// Sentences for "What to do next", after the upgrades that the table names itself.
    pub next_steps: Vec<String>,
    /// The ecosystems, asked for nothing but which of several fixed versions is the newest.
    pub ecosystems: &'static [&'static dyn Ecosystem],
}
