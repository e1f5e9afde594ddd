//! `javascript/yarn-lock`: what yarn locked, `yarn.lock` in the format of version 1 and in the
//! YAML of the later ones.
//!
//! Neither format says what only development needs: all packages count.

use plimsoll_core::{Extractor, Input, Observations, Pattern};

use super::{yarn_berry, yarn_classic};
use crate::locks::{Locked, came_with_a_package, text, why};

/// Reads `yarn.lock`.
pub struct YarnLock;

impl Extractor for YarnLock {
    fn id(&self) -> &'static str {
        "javascript/yarn-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("yarn.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let text = match text(input.content) {
            Ok(text) => text,
            Err(error) => {
                return out.problem(input.path, format!("yarn.lock cannot be read: {}", why(&error)));
            }
        };
        let mut locked = Locked::new("npm", input.path, out);
        if text.lines().any(|line| line.starts_with("__metadata:")) {
            yarn_berry::take(text, &mut locked);
        } else {
            yarn_classic::take(text, &mut locked);
        }
        locked.finish();
    }
}
