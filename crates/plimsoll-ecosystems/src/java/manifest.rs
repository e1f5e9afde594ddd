//! `META-INF/MANIFEST.MF`: its main section, and of that what names a version.
//!
//! Source: "JAR File Specification", JAR Manifest. The sections after the first empty line
//! speak of single files and packages and are never read: taking them for the archive is how
//! scanners have named one library after another.

/// Bytes of one value; longer ones are texts for people.
const VALUE_BYTES_MAX: usize = 256;

/// What the main section says; empty where it says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// `Implementation-Title`.
    pub(super) title: String,
    /// `Implementation-Version`.
    pub(super) implementation_version: String,
    /// `Bundle-Version`, OSGi's own form of a version.
    pub(super) bundle_version: String,
    /// `Bundle-License`.
    pub(super) license: String,
    /// `Group-Id`, of Jenkins' plug-ins: the Maven group.
    pub(super) plugin_group: String,
    /// `Short-Name`, of Jenkins' plug-ins: the Maven artifact.
    pub(super) plugin_name: String,
    /// `Plugin-Version`.
    pub(super) plugin_version: String,
}

impl Manifest {
    /// The version of the archive.
    pub(super) fn version(&self) -> &str {
        [&self.plugin_version, &self.implementation_version, &self.bundle_version]
            .into_iter()
            .map(String::as_str)
            .find(|version| is_version(version))
            .unwrap_or_default()
    }
}

/// Whether a text is a version: no placeholder that a build left, no sentence.
fn is_version(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|letter: char| letter.is_whitespace() || matches!(letter, '$' | '@' | '{' | '}'))
        && text.contains(|letter: char| letter.is_ascii_digit())
}

/// Reads the main section. Names know no case; of one that comes twice the last counts.
pub(super) fn read(content: &[u8]) -> Manifest {
    let mut manifest = Manifest::default();
    let (mut name, mut value) = (String::new(), Vec::new());
    let mut has_begun = false;
    for line in content.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(more) = line.strip_prefix(b" ") {
            value.extend_from_slice(more);
            continue;
        }
        manifest.take(&name, &value);
        name.clear();
        value.clear();
        if line.is_empty() && has_begun {
            return manifest;
        }
        // Some builds begin with empty lines; the section has not begun then.
        has_begun |= !line.is_empty();
        if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            name = String::from_utf8_lossy(line.get(..colon).unwrap_or_default()).to_ascii_lowercase();
            value.extend_from_slice(line.get(colon + 1..).unwrap_or_default());
        }
    }
    manifest.take(&name, &value);
    manifest
}

impl Manifest {
    fn take(&mut self, name: &str, value: &[u8]) {
        let place = match name {
            "implementation-title" => &mut self.title,
            "implementation-version" => &mut self.implementation_version,
            "bundle-version" => &mut self.bundle_version,
            "bundle-license" => &mut self.license,
            "group-id" => &mut self.plugin_group,
            "short-name" => &mut self.plugin_name,
            "plugin-version" => &mut self.plugin_version,
            _ => return,
        };
        let text = String::from_utf8_lossy(value);
        let text = text.trim().trim_matches('"');
        // "1.10.0.wso2v1 (private-0a1b2c-user)": the note of a Jenkins build is not the version.
        let text = if name == "plugin-version" { text.split(' ').next().unwrap_or_default() } else { text };
        if text.len() <= VALUE_BYTES_MAX {
            text.clone_into(place);
        }
    }
}

/// Whether `content` goes beyond its main section, so that nothing of that can be missing.
pub(super) fn is_main_section_whole(content: &[u8]) -> bool {
    let start = content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(content.len());
    let section = content.get(start..).unwrap_or_default();
    memchr::memmem::find(section, b"\n\n").is_some() || memchr::memmem::find(section, b"\n\r\n").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, expected: [&str; 4]) {
        let manifest = read(content.as_bytes());
        let actual = [&*manifest.title, manifest.version(), &manifest.plugin_group, &manifest.plugin_name];
        assert_eq!(actual, expected);
    }

    #[test]
    fn only_the_main_section_counts() {
        check(
            "Manifest-Version: 1.0\r\nImplementation-Title: x\r\nImplementation-Version: 1.2\r\n\r\n\
             Name: org/y/\r\nImplementation-Title: y\r\nImplementation-Version: 9\r\n",
            ["x", "1.2", "", ""],
        );
        check("\n\nManifest-Version: 1.0\n\nImplementation-Version: 9\n", ["", "", "", ""]);
    }

    #[test]
    fn long_values_are_continued_and_names_know_no_case() {
        check("implementation-TITLE: a-\n b\n c\nBundle-Version: 1.\r\n 0", ["a-bc", "1.0", "", ""]);
    }

    #[test]
    fn quotes_are_no_part_of_a_version() {
        check("Implementation-Version: \"1.6\"\n", ["", "1.6", "", ""]);
    }

    #[test]
    fn a_placeholder_is_no_version() {
        check("Implementation-Version: ${project.version}\nBundle-Version: 2.0.0\n", ["", "2.0.0", "", ""]);
        check("Implementation-Version: unspecified\n", ["", "", "", ""]);
    }

    #[test]
    fn plugins_of_jenkins_say_their_coordinates() {
        check(
            "Group-Id: org.jenkins\nShort-Name: git\nPlugin-Version: 4.1 (private-x)\n",
            ["", "4.1", "org.jenkins", "git"],
        );
    }

    #[test]
    fn the_end_of_the_main_section_is_seen() {
        assert!(is_main_section_whole(b"\n\nA: b\n\nName: c"));
        assert!(is_main_section_whole(b"A: b\r\n\r\n"));
        assert!(!is_main_section_whole(b"\n\nA: b\n"));
    }
}
