//! `python/sboms`: the SBOMs that a wheel brings along, `*.dist-info/sboms/*` (PEP 770).
//!
//! They say what was compiled or bundled into the distribution.

use plimsoll_core::{Extractor, ImagePath, Input, Observations, Pattern, Problem, ProblemKind};

/// Notes SBOMs of wheels.
pub struct PythonSboms;

impl Extractor for PythonSboms {
    fn id(&self) -> &'static str {
        "python/sboms"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::InAny("sboms", ".json")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if !belongs_to_a_wheel(input.path) {
            return;
        }
        let what = "an SBOM that a wheel brings along is not read";
        let problem = Problem::new(ProblemKind::Unsupported, what).at(input.path).harmless();
        out.problems.push(problem);
    }
}

/// Whether the file lies directly in the folder `sboms` of a `.dist-info`.
fn belongs_to_a_wheel(path: &ImagePath) -> bool {
    let Some(folder) = path.parent() else { return false };
    let above = folder.parent().unwrap_or_default();
    folder.file_name() == b"sboms" && above.file_name().ends_with(b".dist-info")
}
