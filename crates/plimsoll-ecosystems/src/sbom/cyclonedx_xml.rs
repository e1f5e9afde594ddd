//! CycloneDX XML, 1.2 to 1.7: of it, what the JSON form is read for.
//!
//! Entities of the document are not expanded, external ones neither read nor named.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ReadError;
use super::cyclonedx::{Component, READER, finish};
use super::document::Document;
use super::draft::Draft;
use crate::lenient::Text;

/// Deeper documents are none of honest programs.
const DEPTH_MAX: usize = 128;

#[derive(Default)]
struct State {
    version: Option<String>,
    /// The names of the elements that are open.
    path: Vec<String>,
    /// The components that are open, with the depth of each.
    open: Vec<(usize, Component)>,
    subject: Option<Component>,
    components: Vec<Component>,
    text: String,
}

/// Reads a document whose namespace is CycloneDX's.
pub(super) fn read(text: &str) -> Result<Document, ReadError> {
    let mut reader = Reader::from_str(text);
    let mut state = State::default();
    loop {
        match reader.read_event() {
            Err(error) if state.version.is_some() => return Err(ReadError::broken(&error)),
            Err(_) => return Err(ReadError::NotOne),
            Ok(Event::Eof) => break,
            Ok(Event::Start(start)) => state.open(&start)?,
            Ok(Event::Empty(start)) => {
                state.open(&start)?;
                state.close();
            }
            Ok(Event::End(_)) => state.close(),
            Ok(Event::Text(text)) => state.text.push_str(&text),
            Ok(Event::CData(text)) => state.text.push_str(&text),
            Ok(Event::GeneralRef(name)) => state.text.push_str(entity(&name)),
            Ok(_) => (),
        }
    }
    match state.version {
        Some(version) if state.path.is_empty() => {
            let format = format!("CycloneDX {version} XML");
            Ok(finish(Draft::new(READER), format, state.subject, state.components))
        }
        Some(_) => Err(ReadError::Broken("the XML ends before its end".to_owned())),
        None => Err(ReadError::NotOne),
    }
}

/// The five entities that XML has without a declaration.
fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "\u{fffd}",
    }
}

impl State {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        let name = start.local_name().as_ref().to_owned();
        if self.path.len() >= DEPTH_MAX {
            return Err(ReadError::Broken("the XML is nested too deeply".to_owned()));
        }
        let attribute = |wanted: &str| {
            start
                .attributes()
                .flatten()
                .find(|it| it.key.as_ref() == wanted)
                .map(|it| it.value.replace("&quot;", "\"").replace("&amp;", "&"))
        };
        self.text.clear();
        if self.path.is_empty() && name == "bom" {
            self.version = start.attributes().flatten().find_map(|it| {
                let version = it.value.strip_prefix("http://cyclonedx.org/schema/bom/").map(str::to_owned);
                version.filter(|_| it.key.as_ref().starts_with("xmlns"))
            });
        }
        match name.as_str() {
            "component" if self.is_component() => {
                let sort = attribute("type").unwrap_or_default();
                self.open.push((self.path.len(), Component::of_sort(sort)));
            }
            "property" => {
                if let Some((_, component)) = self.open.last_mut() {
                    component.begin_property(attribute("name").unwrap_or_default());
                }
            }
            _ => (),
        }
        self.path.push(name);
        Ok(())
    }

    /// Tools and pedigrees hold components, too, which are not in the thing described.
    fn is_component(&self) -> bool {
        let foreign =
            ["tools", "pedigree", "ancestors", "descendants", "variants", "services", "formulation"];
        !self.path.iter().any(|it| foreign.contains(&it.as_str()))
    }

    fn close(&mut self) {
        let Some(name) = self.path.pop() else { return };
        let depth = self.path.len();
        let text = std::mem::take(&mut self.text).trim().to_owned();
        if self.open.last().is_some_and(|(opened, _)| *opened == depth) {
            if let Some((_, component)) = self.open.pop() {
                self.keep(component);
            }
            return;
        }
        let parent = self.path.last().map_or("", String::as_str);
        let Some((opened, component)) = self.open.last_mut() else { return };
        let is_own = depth == *opened + 1;
        match (name.as_str(), parent) {
            ("group", _) if is_own => component.group = Text(text),
            ("name", _) if is_own => component.name = Text(text),
            ("version", _) if is_own => component.version = Text(text),
            ("scope", _) if is_own => component.scope = Text(text),
            ("purl", _) if is_own => component.purl = Text(text),
            ("property", "properties") => component.end_property(text),
            ("expression", "licenses") | ("id" | "name", "license") => component.add_license(text),
            _ => (),
        }
    }

    /// A component that was read whole goes to its parent, which is flat here.
    fn keep(&mut self, component: Component) {
        match self.path.last().map(String::as_str) {
            Some("metadata") => self.subject = Some(component),
            _ => self.components.push(component),
        }
    }
}
