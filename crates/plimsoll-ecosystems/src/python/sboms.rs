//! `python/sboms`: the SBOMs that a wheel brings along, `*.dist-info/sboms/*` (PEP 770).
//!
//! They say what was compiled or bundled into the distribution.

use plimsoll_core::{Extractor, ImagePath, Input, Observations, Pattern, Problem, ProblemKind};

use crate::notes::Notes;
use crate::sbom::{self, ReadError};

/// Reads SBOMs of wheels.
pub struct PythonSboms;

impl Extractor for PythonSboms {
    fn id(&self) -> &'static str {
        "python/sboms"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::InAny("sboms", "")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if !belongs_to_a_wheel(input.path) {
            return;
        }
        let document = match sbom::read(input.content) {
            Ok(document) => document,
            Err(ReadError::NotOne) => {
                let what = "the SBOM of a wheel is of a form that is not read";
                return out
                    .problems
                    .push(Problem::new(ProblemKind::Unsupported, what).at(input.path).harmless());
            }
            Err(ReadError::Broken(why)) => {
                return out.problem(input.path, format!("the SBOM of a wheel cannot be read: {why}"));
            }
        };
        let mut notes = Notes::new(input.path, out);
        let (packages, problems) = document.into_known();
        packages.into_iter().for_each(|it| notes.package(it));
        problems.into_iter().for_each(|it| notes.note(it));
        notes.finish();
    }
}

/// Whether the file lies directly in the folder `sboms` of a `.dist-info`.
fn belongs_to_a_wheel(path: &ImagePath) -> bool {
    let Some(folder) = path.parent() else { return false };
    let above = folder.parent().unwrap_or_default();
    folder.file_name() == b"sboms" && above.file_name().ends_with(b".dist-info")
}
