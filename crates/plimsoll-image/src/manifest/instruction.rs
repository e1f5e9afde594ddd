//! From the history of a configuration to the Dockerfile's instruction for each layer, and to where
//! the base image ends.
//!
//! A history is the builder's word and nothing checks it: where it does not fit the layers,
//! no layer gets an instruction, rather than a wrong one. Where a base image ends it does not say;
//! that is read off the command with which nearly every base image ends.

use super::{History, ImageConfig};

/// What the history tells of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Made {
    /// The instruction that made it.
    pub instruction: Option<String>,
    /// Whether it is one of the base image's; `None` where the history does not tell.
    pub from_base: Option<bool>,
    /// The instructions behind it that made no layer (`ENV`, `USER`, `CMD`), up to the next layer; of the first
    /// layer those before it as well.
    pub settings: Vec<String>,
}

/// What the history tells of each layer, base first; one for each `diff_id`.
pub fn made(config: &ImageConfig) -> Vec<Made> {
    let steps: Vec<&History> = config.history.iter().filter(|step| !step.empty_layer).collect();
    if steps.len() != config.diff_ids.len() {
        return vec![Made::default(); config.diff_ids.len()];
    }
    let base = base_layers(&config.history);
    let mut settings = settings(&config.history).into_iter();
    let of = |(at, step): (usize, &History)| Made {
        instruction: step.created_by.as_deref().and_then(clean),
        from_base: base.map(|base| at < base),
        settings: settings.next().unwrap_or_default(),
    };
    steps.into_iter().enumerate().map(of).collect()
}

/// The instructions that made no layer, by the layer that they stand with.
fn settings(history: &[History]) -> Vec<Vec<String>> {
    let (mut all, mut before): (Vec<Vec<String>>, Vec<String>) = (Vec::new(), Vec::new());
    for step in history {
        let instruction = || step.created_by.as_deref().and_then(clean);
        match (step.empty_layer, all.last_mut()) {
            (false, _) => all.push(std::mem::take(&mut before)),
            (true, Some(last)) => last.extend(instruction()),
            (true, None) => before.extend(instruction()),
        }
    }
    all
}

/// How many of the lowest layers are the base image's: those before the last `CMD` that layers follow.
///
/// A Dockerfile ends with its command, so that one in the middle is where another Dockerfile ended.
/// An image without such a command may have no base image, or one that sets none.
fn base_layers(history: &[History]) -> Option<usize> {
    let last = history.iter().rposition(|step| !step.empty_layer)?;
    let ends = |step: &History| {
        let instruction = step.created_by.as_deref().and_then(clean);
        step.empty_layer && instruction.is_some_and(|it| it.starts_with("CMD "))
    };
    let below = history.get(..last)?;
    let end = below.iter().rposition(ends)?;
    let layers = below.get(..end)?.iter().filter(|step| !step.empty_layer).count();
    (layers > 0).then_some(layers)
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

    /// The base image's layers of a history, a step for each word; `+` adds a layer.
    #[track_caller]
    fn check_base(steps: &str, expected: Option<usize>) {
        let step = |word: &str| History {
            created_by: Some(word.replace('+', "RUN ").replace("CMD", "/bin/sh -c #(nop)  CMD [\"x\"]")),
            comment: None,
            empty_layer: !word.starts_with('+'),
        };
        let history: Vec<History> = steps.split_whitespace().map(step).collect();
        assert_eq!(base_layers(&history), expected, "{steps}");
    }

    #[test]
    fn a_base_image_ends_with_its_command() {
        check_base("+a CMD +b +c CMD", Some(1));
        check_base("+a CMD +b CMD ENV +c ENTRYPOINT CMD CMD", Some(2));
        check_base("+a +b CMD ENV CMD +c", Some(2));
        // The image is its own base, says none, or tells nothing.
        check_base("+a +b CMD", None);
        check_base("+a ENV +b", None);
        check_base("CMD +a CMD", None);
        check_base("CMD", None);
        check_base("", None);
    }

    #[test]
    fn other_words_stay_as_they_are() {
        check("bazel build ...", "bazel build ...");
        check("", "-");
        check("  ", "-");
    }
}
