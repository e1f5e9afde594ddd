//! `pom.xml`: a project's coordinates, what it depends on, and the properties it writes them with.
//!
//! Source: "POM Reference", Maven 3.9 (model version 4.0.0). Only what is in the file itself is
//! read: no parent, no profile, no repository, no default. Where a property cannot be resolved
//! there is no version rather than a guessed one.

use std::collections::BTreeMap;

use quick_xml::events::Event;

/// Elements within elements.
const DEPTH_MAX: usize = 64;
/// Bytes of one value.
const TEXT_BYTES_MAX: usize = 1_024;
/// Dependencies, managed ones and properties of one file; the largest honest one seen has some 2,000.
const ITEMS_MAX: usize = 20_000;
/// Properties within properties, for one value.
const REPLACEMENTS_MAX: usize = 32;

/// Group, artifact and version as written; empty where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coordinates {
    /// `groupId`.
    pub(super) group: String,
    /// `artifactId`.
    pub(super) artifact: String,
    /// `version`.
    pub(super) version: String,
}

/// One dependency, or one managed one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dependency {
    /// What is depended on.
    pub(super) on: Coordinates,
    /// `compile` (or nothing), `provided`, `runtime`, `test`, `system`, `import`.
    pub(super) scope: String,
}

/// What one `pom.xml` says.
#[derive(Debug, Default)]
pub(super) struct Pom {
    project: Coordinates,
    parent: Coordinates,
    properties: BTreeMap<String, String>,
    managed: BTreeMap<(String, String), Dependency>,
    dependencies: Vec<Dependency>,
    /// Where the file breaks off or is no XML, so that dependencies may be missing.
    pub(super) damage: Option<String>,
}

/// Reads a `pom.xml`; `None` if it is plainly something else.
pub(super) fn read(content: &[u8]) -> Option<Pom> {
    let text = decode(content);
    let mut reading = Reading::default();
    let mut reader = quick_xml::Reader::from_str(&text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => match reading.take(&event) {
                Step::Next => (),
                Step::NotOurs => return None,
                Step::Stop(why) => {
                    reading.pom.damage = Some(why.to_owned());
                    break;
                }
            },
            Err(error) => {
                reading.pom.damage = Some(error.to_string());
                break;
            }
        }
    }
    if reading.pom.damage.is_none() && !reading.path.is_empty() {
        reading.pom.damage = Some("it breaks off".to_owned());
    }
    (reading.is_project || reading.pom.damage.is_some()).then_some(reading.pom)
}

/// UTF-8, or else Latin-1, in which many old projects are written whatever they declare.
fn decode(content: &[u8]) -> String {
    match std::str::from_utf8(content) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
        Err(_) => content.iter().copied().map(char::from).collect(),
    }
}

enum Step {
    Next,
    /// The root element is no project.
    NotOurs,
    Stop(&'static str),
}

#[derive(Default)]
struct Reading {
    pom: Pom,
    is_project: bool,
    /// The names of the open elements.
    path: Vec<String>,
    text: String,
    dependency: Dependency,
    items: usize,
}

impl Reading {
    fn take(&mut self, event: &Event<'_>) -> Step {
        match event {
            Event::Start(start) => return self.open(start.local_name().into_inner()),
            Event::Empty(start) => {
                let step = self.open(start.local_name().into_inner());
                if !matches!(step, Step::Next) {
                    return step;
                }
                return self.close();
            }
            Event::End(_) => return self.close(),
            Event::Text(text) => self.add(text),
            Event::CData(text) => self.add(text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(letter)) => self.add(letter.encode_utf8(&mut [0; 4])),
                _ => self.add(quick_xml::escape::resolve_predefined_entity(reference).unwrap_or_default()),
            },
            _ => (),
        }
        Step::Next
    }

    fn add(&mut self, text: &str) {
        if self.text.len() + text.len() <= TEXT_BYTES_MAX {
            self.text.push_str(text);
        }
    }

    fn open(&mut self, name: &str) -> Step {
        if self.path.is_empty() && name != "project" {
            return Step::NotOurs;
        }
        self.is_project = true;
        if self.path.len() >= DEPTH_MAX {
            return Step::Stop("its elements are nested too deeply");
        }
        self.path.push(name.to_owned());
        self.text.clear();
        if name == "dependency" {
            self.dependency = Dependency::default();
        }
        Step::Next
    }

    fn close(&mut self) -> Step {
        let text = self.text.trim().to_owned();
        self.text.clear();
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let is_item = match path.as_slice() {
            ["project", field] => self.pom.project.set(field, text),
            ["project", "parent", field] => self.pom.parent.set(field, text),
            ["project", "properties", name] => self.pom.properties.insert((*name).to_owned(), text).is_none(),
            ["project", .., "dependencies", "dependency", "scope"] => {
                self.dependency.scope = text;
                false
            }
            ["project", .., "dependencies", "dependency", field] => self.dependency.on.set(field, text),
            ["project", "dependencies", "dependency"] => {
                self.pom.dependencies.push(std::mem::take(&mut self.dependency));
                true
            }
            ["project", "dependencyManagement", "dependencies", "dependency"] => {
                let managed = std::mem::take(&mut self.dependency);
                let key = (managed.on.group.clone(), managed.on.artifact.clone());
                self.pom.managed.entry(key).or_insert(managed);
                true
            }
            _ => false,
        };
        self.items += usize::from(is_item);
        self.path.pop();
        if self.items > ITEMS_MAX { Step::Stop("it has more dependencies than are read") } else { Step::Next }
    }
}

impl Coordinates {
    /// Sets the field of this element; never an item of its own.
    fn set(&mut self, field: &str, text: String) -> bool {
        match field {
            "groupId" => self.group = text,
            "artifactId" => self.artifact = text,
            "version" => self.version = text,
            _ => (),
        }
        false
    }
}

impl Pom {
    /// The project's own coordinates; group and version are those of its parent where it has none.
    pub(super) fn coordinates(&self) -> Coordinates {
        Coordinates {
            group: self.resolve(self.own_group()).unwrap_or_default(),
            artifact: self.resolve(&self.project.artifact).unwrap_or_default(),
            version: self.version(self.own_version()),
        }
    }

    /// What the project depends on in production, with versions from the managed ones.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = Coordinates> {
        self.dependencies.iter().filter_map(|dependency| {
            let on = &dependency.on;
            let managed = self.managed.get(&(on.group.clone(), on.artifact.clone()));
            let scope = match (&*dependency.scope, managed) {
                ("", Some(managed)) => &*managed.scope,
                (scope, _) => scope,
            };
            let version = match (&*on.version, managed) {
                ("", Some(managed)) => &*managed.on.version,
                (version, _) => version,
            };
            (scope != "test").then(|| Coordinates {
                group: self.resolve(&on.group).unwrap_or_default(),
                artifact: self.resolve(&on.artifact).unwrap_or_default(),
                version: self.version(version),
            })
        })
    }

    fn own_group(&self) -> &str {
        if self.project.group.is_empty() { &self.parent.group } else { &self.project.group }
    }

    fn own_version(&self) -> &str {
        if self.project.version.is_empty() { &self.parent.version } else { &self.project.version }
    }

    /// A version; `[1.2]` is exactly `1.2`, any other range is none.
    fn version(&self, text: &str) -> String {
        let version = self.resolve(text).unwrap_or_default();
        let exact = version.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let version = exact.unwrap_or(&version);
        if version.contains([',', '[', ']', '(', ')']) { String::new() } else { version.trim().to_owned() }
    }

    /// The text with its `${…}` replaced; `None` where one has no value.
    fn resolve(&self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        for _ in 0..REPLACEMENTS_MAX {
            let Some(start) = text.find("${") else { return Some(text) };
            let end = start + text.get(start..)?.find('}')?;
            let value = self.value(text.get(start + 2..end)?.trim())?;
            if text.len() + value.len() > TEXT_BYTES_MAX {
                return None;
            }
            text.replace_range(start..=end, value);
        }
        None
    }

    fn value(&self, name: &str) -> Option<&str> {
        let field = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom.")).unwrap_or(name);
        let value = match field {
            "groupId" => self.own_group(),
            "artifactId" => &self.project.artifact,
            "version" => self.own_version(),
            "parent.groupId" => &self.parent.group,
            "parent.artifactId" => &self.parent.artifact,
            "parent.version" => &self.parent.version,
            _ => self.properties.get(name)?,
        };
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests;
