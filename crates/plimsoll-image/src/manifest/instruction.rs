//! From the history of a configuration to the Dockerfile's instruction for each layer.
//!
//! A history is the builder's word and nothing checks it: where it does not fit the layers,
//! no layer gets an instruction, rather than a wrong one.

use super::{History, ImageConfig};

/// The instruction that made each layer, base first; one for each `diff_id`.
pub fn instructions(config: &ImageConfig) -> Vec<Option<String>> {
    let steps: Vec<&History> = config.history.iter().filter(|step| !step.empty_layer).collect();
    if steps.len() != config.diff_ids.len() {
        return vec![None; config.diff_ids.len()];
    }
    steps.into_iter().map(|step| step.created_by.as_deref().and_then(clean)).collect()
}

/// What the Dockerfile said: without the shell that Docker and BuildKit put around it.
fn clean(created_by: &str) -> Option<String> {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
    let text = match text.strip_prefix("/bin/sh -c #(nop)") {
        Some(rest) => rest.trim().to_owned(),
        None => run(text).unwrap_or_else(|| text.to_owned()),
    };
    (!text.is_empty()).then_some(text)
}

/// `RUN …` from `[RUN ][|N ARG=value … ]/bin/sh -c …`.
fn run(text: &str) -> Option<String> {
    const SHELL: &str = "/bin/sh -c ";
    let (text, explicit) = match text.strip_prefix("RUN ") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    if let Some(command) = text.strip_prefix(SHELL) {
        return Some(format!("RUN {}", command.trim()));
    }
    let with_arguments = text.strip_prefix('|')?;
    let (count, rest) = with_arguments.split_once(' ')?;
    count.parse::<u32>().ok()?;
    match rest.split_once(SHELL) {
        Some((_, command)) => Some(format!("RUN {}", command.trim())),
        None => explicit.then(|| format!("RUN {}", rest.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(created_by: &str, expected: &str) {
        assert_eq!(clean(created_by).as_deref().unwrap_or("-"), expected);
    }

    #[test]
    fn the_classic_builder_s_shell_is_taken_off() {
        check("/bin/sh -c #(nop) ADD file:4a1c in / ", "ADD file:4a1c in /");
        check("/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD [\"bash\"]");
        check("/bin/sh -c apt-get update", "RUN apt-get update");
        check("|2 A=b C=d e /bin/sh -c make install", "RUN make install");
    }

    #[test]
    fn buildkit_s_suffix_is_taken_off() {
        check("RUN /bin/sh -c apk add curl # buildkit", "RUN apk add curl");
        check("RUN |1 V=1 /bin/sh -c make # buildkit", "RUN make");
        check(
            "RUN |1 V=1 /bin/bash -eo pipefail -c make # buildkit",
            "RUN V=1 /bin/bash -eo pipefail -c make",
        );
        check("COPY app /app # buildkit", "COPY app /app");
    }

    #[test]
    fn other_words_stay_as_they_are() {
        check("bazel build ...", "bazel build ...");
        check("", "-");
        check("  ", "-");
    }
}
