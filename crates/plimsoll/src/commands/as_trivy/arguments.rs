//! Reads a command line as Trivy does: flags anywhere, `--name value` and `--name=value`,
//! lists by commas and by repetition, variables of the environment for what is not given.

use std::collections::BTreeMap;

use plimsoll_core::Escaped;

use super::flags::{self, Flag, Use};
use crate::outcome::Failure;

/// What a script asks for.
#[derive(Debug, Default)]
pub struct Asked {
    /// The command under its first name.
    pub command: String,
    /// What to scan.
    pub targets: Vec<String>,
    /// What is to be said of flags that do nothing here.
    pub notes: Vec<String>,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Asked {
    /// Reads the arguments; `variable` is asked for the flags that are not among them.
    pub fn parse(arguments: &[String], variable: impl Fn(&str) -> Option<String>) -> Result<Asked, Failure> {
        let mut asked = Asked::default();
        let mut positional = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                positional.extend(rest.by_ref().cloned());
            } else if let Some(long) = argument.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let flag = flags::by_name(name).ok_or_else(|| unknown(argument, name))?;
                asked.flag(flag, value, &mut rest)?;
            } else if let Some(letters) = argument.strip_prefix('-').filter(|it| !it.is_empty()) {
                asked.letters(argument, letters, &mut rest)?;
            } else {
                positional.push(argument.clone());
            }
        }
        asked.environment(variable)?;
        let mut positional = positional.into_iter();
        asked.command = match positional.next() {
            None if asked.is("version") => "version".to_owned(),
            None => String::new(),
            Some(command) => match command.as_str() {
                "i" => "image".to_owned(),
                "filesystem" => "fs".to_owned(),
                _ => command,
            },
        };
        asked.targets = positional.collect();
        Ok(asked)
    }

    /// `-q`, `-f json`, `-fjson`, `-qf json`.
    fn letters<'a>(
        &mut self,
        argument: &str,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), Failure> {
        for (at, letter) in letters.char_indices() {
            let flag = flags::by_short(letter).ok_or_else(|| unknown(argument, letters))?;
            if !flag.takes_value {
                self.flag(flag, None, rest)?;
                continue;
            }
            let attached = letters.get(at + letter.len_utf8()..).filter(|it| !it.is_empty());
            return self.flag(flag, attached.map(|it| it.trim_start_matches('=').to_owned()), rest);
        }
        Ok(())
    }

    fn flag<'a>(
        &mut self,
        flag: &'static Flag,
        value: Option<String>,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), Failure> {
        let value = match (value, flag.takes_value) {
            (Some(value), _) => value,
            (None, false) => "true".to_owned(),
            (None, true) => rest
                .next()
                .cloned()
                .ok_or_else(|| Failure::misuse(format!("the value of --{} is missing", flag.name)))?,
        };
        self.set(flag, value)
    }

    fn set(&mut self, flag: &'static Flag, value: String) -> Result<(), Failure> {
        match flag.becomes {
            Use::Means(_) => self.values.entry(flag.name).or_default().push(value),
            Use::Nothing(_) if value == "false" => (),
            Use::Nothing(why) => self.notes.push(format!("--{} does nothing: {why}", flag.name)),
            Use::Refused(_) if value == "false" => (),
            Use::Refused(_) if flag.name == "vuln-severity-source" && value == "auto" => (),
            Use::Refused(hint) => {
                let what =
                    format!("--{} is not understood, and leaving it out would change the answer", flag.name);
                return Err(Failure::misuse(what).hint(hint));
            }
        }
        Ok(())
    }

    /// `TRIVY_IGNORE_UNFIXED=true` is `--ignore-unfixed`, where that is not given.
    fn environment(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
        for flag in flags::FLAGS.iter().filter(|it| !matches!(it.name, "help" | "version")) {
            let name = format!("TRIVY_{}", flag.name.to_ascii_uppercase().replace('-', "_"));
            if self.values.contains_key(flag.name) {
                continue;
            }
            if let Some(value) = variable(&name) {
                self.set(flag, value)?;
            }
        }
        Ok(())
    }

    /// Whether a switch is on.
    pub fn is(&self, name: &str) -> bool {
        self.value(name).is_some_and(|it| matches!(it, "true" | "1" | "t" | "TRUE" | "True"))
    }

    /// The value that was given last.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.last().map(String::as_str)
    }

    /// All values, taken apart at commas.
    pub fn list(&self, name: &str) -> Vec<String> {
        let values = self.values.get(name).into_iter().flatten();
        let parts = values.flat_map(|it| it.split(',')).map(|it| it.trim().to_owned());
        parts.filter(|it| !it.is_empty()).collect()
    }

    /// An exit status; 0 where none is asked for.
    pub fn code(&self, name: &str) -> Result<u8, Failure> {
        let Some(text) = self.value(name) else { return Ok(0) };
        text.parse()
            .map_err(|_| Failure::misuse(format!("`{}` is no exit status from 0 to 255", Escaped(text))))
    }

    /// A time as Go writes it, `5m0s`, in seconds.
    pub fn seconds(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(text) = self.value(name) else { return Ok(None) };
        go_duration(text)
            .map(Some)
            .ok_or_else(|| Failure::misuse(format!("`{}` is no time; write 5m0s", Escaped(text))))
    }
}

fn go_duration(text: &str) -> Option<u64> {
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    let mut any = false;
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let number: u64 = digits.parse().ok()?;
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        digits.clear();
        any = true;
    }
    (any && digits.is_empty()).then_some(seconds)
}

fn unknown(argument: &str, name: &str) -> Failure {
    let failure = Failure::misuse(format!("the flag `{}` is unknown", Escaped(argument)));
    match flags::nearest(name) {
        Some(near) => failure.hint(format!("like it is --{near}; `trivy --help` lists what is understood")),
        None => failure
            .hint("`trivy --help` lists what is understood; `plimsoll scan --help` has all of Plimsoll"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Asked, Failure> {
        let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Asked::parse(&arguments, |name| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn flags_stand_anywhere_and_lists_add_up() {
        let asked =
            parse("-q i --severity HIGH,CRITICAL -s=LOW app:1 --exit-code=3 -fjson --timeout 1h2m3s", &[])
                .expect("all are known");
        assert_eq!((asked.command.as_str(), asked.targets.join(" ")), ("image", "app:1".to_owned()));
        assert_eq!(asked.list("severity"), ["HIGH", "CRITICAL", "LOW"]);
        assert!(asked.is("quiet") && !asked.is("insecure"));
        assert_eq!((asked.code("exit-code").ok(), asked.value("format")), (Some(3), Some("json")));
        assert_eq!(asked.seconds("timeout").ok().flatten(), Some(3723));
    }

    #[test]
    fn variables_stand_for_flags_that_are_not_given() {
        let environment =
            [("TRIVY_IGNORE_UNFIXED", "true"), ("TRIVY_FORMAT", "sarif"), ("TRIVY_NO_PROGRESS", "1")];
        let asked = parse("fs --format table .", &environment).expect("all are known");
        assert!(asked.is("ignore-unfixed") && asked.is("no-progress"));
        assert_eq!(asked.value("format"), Some("table"));
    }

    #[test]
    fn what_would_change_the_answer_is_refused_and_the_rest_is_noted() {
        assert!(parse("image --compliance docker-cis x", &[]).is_err());
        assert!(parse("image --severety HIGH x", &[]).is_err());
        assert!(parse("image x", &[("TRIVY_IGNORE_POLICY", "x.rego")]).is_err());
        assert!(parse("image --timeout", &[]).is_err());
        let asked =
            parse("image --db-repository ghcr.io/x --skip-db-update x", &[]).expect("both do nothing");
        assert_eq!(asked.notes.len(), 2);
        assert_eq!(flags::nearest("severety"), Some("severity"));
    }

    #[test]
    fn every_flag_has_a_name_of_its_own() {
        let mut names: Vec<&str> = flags::FLAGS.iter().map(|flag| flag.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), flags::FLAGS.len());
    }
}
