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
    /// Whether formats that may leave packages without findings out (`trivy`) list all.
    pub list_packages: bool,
    /// For which commit of a repository the image was built, if the caller knows.
    pub commit: Option<Commit>,
}

/// A commit and the job that works on it, as a build server tells its programs. What is not
/// known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The commit's hash: `GITHUB_SHA`.
    pub sha: String,
    /// The branch or tag: `GITHUB_REF`, `refs/heads/main`.
    pub reference: String,
    /// The run of the job: `GITHUB_RUN_ID`.
    pub job_id: String,
    /// What tells this job from others of the same repository: `GITHUB_WORKFLOW` and
    /// `GITHUB_JOB`; a newer snapshot with the same one takes the place of the older.
    pub correlator: String,
    /// Where people can look at the run.
    pub job_url: String,
}
