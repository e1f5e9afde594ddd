//! The walk through the XML: shows definitions one by one, and gathers what they refer to.
//!
//! Elements are known by their local names; those of no interest are passed over.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::definition::{Criteria, Cve, Definition, Leaf, Names, Reference};
use super::joined::{Operation, Oval, State, Test};
use super::stream::Stream;
use crate::FeedOutput;
use crate::feeds::shared;

/// The largest files, SUSE's, have some 400 MB.
const DOCUMENT_BYTES_MAX: u64 = 2 << 30;
/// Open elements; honest files have below fifteen. Bounds all recursion over criteria.
const DEPTH_MAX: usize = 64;
/// Criteria of one definition; a kernel's has some ten thousand.
const LEAVES_MAX: usize = 1_000_000;
/// Tests, objects and states of one file.
const ENTRIES_MAX: usize = 8_000_000;
/// References and CVEs of one definition.
const REFERENCES_MAX: usize = 10_000;
/// What of a text is kept.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// Every definition and what they refer to, for feeds that need the second to judge the first.
pub(in crate::feeds) fn read_whole(
    bytes: &[u8],
    out: &mut FeedOutput,
) -> Result<(Vec<Definition>, Oval), String> {
    let mut definitions = Vec::new();
    let oval = read(bytes, true, &mut |definition, _| {
        definitions.push(definition);
        Ok(())
    })?;
    if let Some(made) = oval.made {
        out.saw_date(made);
    }
    Ok((definitions, oval))
}

/// Shows every definition, in the order of the file; gives back what they refer to. With
/// `is_joined` off, tests, objects and states are passed over: the comments say it all.
///
/// An error means that the file as a whole cannot be read to its end.
pub(in crate::feeds) fn read(
    bytes: &[u8],
    is_joined: bool,
    visit: &mut dyn FnMut(Definition, &Names) -> Result<(), String>,
) -> Result<Oval, String> {
    let stream = Stream::new(shared::stream(bytes)?, DOCUMENT_BYTES_MAX);
    let refill = stream.refill();
    let mut reader = quick_xml::Reader::from_reader(stream);
    let mut reading = Reading { is_joined, ..Reading::default() };
    // So that number 0 means a criterion that lacks what it should have.
    reading.oval.names.number("")?;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        refill();
        match reader.read_event_into(&mut buffer).map_err(|error| error.to_string())? {
            Event::Start(start) => reading.open(&start)?,
            Event::Empty(start) => {
                reading.open(&start)?;
                reading.close(visit)?;
            }
            Event::End(_) => reading.close(visit)?,
            Event::Text(text) => reading.add(&text),
            Event::CData(text) => reading.add(&text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(letter)) => reading.add(letter.encode_utf8(&mut [0; 4])),
                _ => {
                    reading.add(quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or_default());
                }
            },
            Event::DocType(_) => return Err("it has a document type, which no OVAL has".to_owned()),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => (),
        }
    }
    if !reading.path.is_empty() || !reading.is_oval {
        return Err("it breaks off, or is no OVAL".to_owned());
    }
    Ok(reading.oval)
}

/// The elements of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Definition,
    Title,
    Description,
    Severity,
    Patchable,
    Made,
    Date,
    Cve,
    Criteria,
    Test,
    Object,
    State,
    Name,
    Evr,
    Version,
    Architecture,
    Other,
}

#[derive(Default)]
struct Reading {
    is_oval: bool,
    is_joined: bool,
    oval: Oval,
    path: Vec<Element>,
    text: String,
    definition: Option<Definition>,
    /// The open nodes of its criteria.
    criteria: Vec<Criteria>,
    leaves: usize,
    test: Option<(u32, Test)>,
    object: Option<u32>,
    state: Option<(u32, State)>,
    operation: Option<Operation>,
}

impl Reading {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let local = start.local_name();
        let name: &str = local.into_inner();
        if self.path.is_empty() {
            if self.is_oval || name != "oval_definitions" {
                return Err("it is no OVAL".to_owned());
            }
            self.is_oval = true;
        }
        if self.path.len() >= DEPTH_MAX {
            return Err(format!("elements within elements, more than {DEPTH_MAX} deep"));
        }
        self.text.clear();
        let element = match name {
            "definition" => self.open_definition(start),
            "reference" => self.reference(start),
            "cve" => self.cve(start),
            "issued" | "updated" => self.date(name, start),
            "criteria" => self.open_criteria(start),
            "criterion" => self.criterion(start)?,
            "extend_definition" => self.damage("it refers to other definitions"),
            "title" => Element::Title,
            "description" => Element::Description,
            "severity" => Element::Severity,
            "patchable" => Element::Patchable,
            "advisory_date" => Element::Date,
            "timestamp" => Element::Made,
            _ if !self.is_joined => Element::Other,
            "object" | "state" => self.link(name, start)?,
            "name" => Element::Name,
            "evr" => self.operand(start, Element::Evr),
            "version" => self.operand(start, Element::Version),
            "arch" => self.operand(start, Element::Architecture),
            "rpminfo_object" => {
                self.object = Some(self.number(start, "id")?);
                Element::Object
            }
            "rpminfo_state" => {
                self.state = Some((self.number(start, "id")?, State::default()));
                Element::State
            }
            _ if name.ends_with("_test") => self.open_test(name, start)?,
            _ => Element::Other,
        };
        self.path.push(element);
        Ok(())
    }

    fn add(&mut self, text: &str) {
        let is_wanted = self.path.last().is_some_and(|it| !matches!(it, Element::Other | Element::Criteria));
        if is_wanted {
            let left = TEXT_BYTES_MAX.saturating_sub(self.text.len());
            self.text.push_str(shared::capped(text, left));
        }
    }

    fn number(&mut self, start: &BytesStart<'_>, name: &str) -> Result<u32, String> {
        let text = attribute(start, name);
        self.oval.names.number(&text)
    }

    fn damage(&mut self, why: &'static str) -> Element {
        if let Some(definition) = &mut self.definition {
            definition.damage = Some(why);
        }
        Element::Other
    }

    fn open_definition(&mut self, start: &BytesStart<'_>) -> Element {
        self.definition = Some(Definition { id: attribute(start, "id"), ..Definition::default() });
        self.criteria.clear();
        self.leaves = 0;
        Element::Definition
    }

    fn reference(&mut self, start: &BytesStart<'_>) -> Element {
        if let Some(definition) = self.definition.as_mut().filter(|it| it.references.len() < REFERENCES_MAX) {
            definition.references.push(Reference {
                source: attribute(start, "source"),
                id: attribute(start, "ref_id"),
                url: attribute(start, "ref_url"),
            });
        }
        Element::Other
    }

    fn cve(&mut self, start: &BytesStart<'_>) -> Element {
        if let Some(definition) = self.definition.as_mut().filter(|it| it.cves.len() < REFERENCES_MAX) {
            let vectors = ["cvss4", "cvss3", "cvss2"].iter().map(|it| attribute(start, it));
            definition.cves.push(Cve {
                text: String::new(),
                vectors: vectors.filter(|it| !it.is_empty()).collect(),
                url: attribute(start, "href"),
            });
        }
        Element::Cve
    }

    fn date(&mut self, name: &str, start: &BytesStart<'_>) -> Element {
        let date = shared::date(&attribute(start, "date"));
        if let Some(definition) = &mut self.definition {
            *(if name == "issued" { &mut definition.issued } else { &mut definition.updated }) = date;
        }
        Element::Other
    }

    fn open_criteria(&mut self, start: &BytesStart<'_>) -> Element {
        if attribute(start, "negate") == "true" {
            self.damage("its criteria are negated");
        }
        let is_any = match attribute(start, "operator").as_str() {
            "OR" => true,
            "AND" | "" => false,
            _ => {
                self.damage("its criteria are joined by neither AND nor OR");
                true
            }
        };
        self.criteria.push(Criteria { is_any, ..Criteria::default() });
        Element::Criteria
    }

    /// Files consist of these, so that their attributes are read in one go and not copied.
    fn criterion(&mut self, start: &BytesStart<'_>) -> Result<Element, String> {
        self.leaves += 1;
        if self.leaves > LEAVES_MAX {
            return Ok(self.damage("it has too many criteria"));
        }
        let mut leaf = Leaf { test: 0, comment: 0 };
        for attribute in start.attributes().flatten() {
            let name: &str = attribute.key.local_name().into_inner();
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            match name {
                "test_ref" if self.is_joined => leaf.test = self.oval.names.number(&value)?,
                "comment" => leaf.comment = self.oval.names.number(&value)?,
                "negate" if value == "true" => {
                    self.damage("a criterion is negated");
                }
                _ => (),
            }
        }
        if let Some(criteria) = self.criteria.last_mut() {
            criteria.leaves.push(leaf);
        }
        Ok(Element::Other)
    }

    fn open_test(&mut self, name: &str, start: &BytesStart<'_>) -> Result<Element, String> {
        let test = Test {
            is_of_packages: name == "rpminfo_test",
            is_denial: attribute(start, "check") == "none satisfy",
            ..Test::default()
        };
        self.test = Some((self.number(start, "id")?, test));
        Ok(Element::Test)
    }

    /// `<object object_ref=>` and `<state state_ref=>` inside a test.
    fn link(&mut self, name: &str, start: &BytesStart<'_>) -> Result<Element, String> {
        if self.test.is_none() {
            return Ok(Element::Other);
        }
        let number = self.number(start, if name == "object" { "object_ref" } else { "state_ref" })?;
        if let Some((_, test)) = &mut self.test {
            if name == "object" {
                test.object = Some(number);
            } else {
                test.has_several_states = test.state.is_some();
                test.state = Some(number);
            }
        }
        Ok(Element::Other)
    }

    fn operand(&mut self, start: &BytesStart<'_>, element: Element) -> Element {
        if self.state.is_none() {
            return Element::Other;
        }
        self.operation = Some(Operation::of(&attribute(start, "operation")));
        element
    }

    fn close(
        &mut self,
        visit: &mut dyn FnMut(Definition, &Names) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some(element) = self.path.pop() else {
            return Err("an element ends that never began".to_owned());
        };
        match element {
            Element::Definition => {
                if let Some(definition) = self.definition.take() {
                    visit(definition, &self.oval.names)?;
                }
            }
            Element::Criteria => self.close_criteria(),
            Element::Test => insert(&mut self.oval.tests, self.test.take())?,
            Element::Object => self.object = None,
            Element::State => insert(&mut self.oval.states, self.state.take())?,
            Element::Name => {
                let text = self.text.trim();
                insert(&mut self.oval.objects, self.object.map(|object| (object, text.into())))?;
            }
            Element::Made => self.oval.made = shared::date(&self.text),
            Element::Evr | Element::Version | Element::Architecture => self.close_operand(element),
            Element::Other => (),
            _ => self.close_text(element),
        }
        Ok(())
    }

    fn close_text(&mut self, element: Element) {
        let Some(definition) = &mut self.definition else {
            return;
        };
        let text = self.text.trim();
        match element {
            Element::Title => text.clone_into(&mut definition.title),
            Element::Description => text.clone_into(&mut definition.description),
            Element::Severity => text.clone_into(&mut definition.severity),
            Element::Patchable => text.clone_into(&mut definition.patchable),
            Element::Date => definition.issued = shared::date(text),
            Element::Cve => {
                if let Some(cve) = definition.cves.last_mut() {
                    text.clone_into(&mut cve.text);
                }
            }
            _ => (),
        }
        self.text.clear();
    }

    fn close_criteria(&mut self) {
        let Some(closed) = self.criteria.pop() else {
            return;
        };
        match (self.criteria.last_mut(), &mut self.definition) {
            (Some(parent), _) => parent.children.push(closed),
            (None, Some(definition)) if definition.criteria.is_none() => definition.criteria = Some(closed),
            (None, Some(definition)) => definition.damage = Some("it has two trees of criteria"),
            (None, None) => (),
        }
    }

    fn close_operand(&mut self, element: Element) {
        let (Some((_, state)), Some(operation)) = (&mut self.state, self.operation.take()) else {
            return;
        };
        let text = self.text.trim();
        match element {
            Element::Evr => state.evr = Some((operation, text.into())),
            Element::Version => state.version = Some((operation, text.into())),
            _ => state.architectures = text.into(),
        }
    }
}

fn insert<V>(map: &mut std::collections::HashMap<u32, V>, entry: Option<(u32, V)>) -> Result<(), String> {
    if map.len() >= ENTRIES_MAX {
        return Err(format!("more than {ENTRIES_MAX} tests, objects or states"));
    }
    map.extend(entry);
    Ok(())
}

/// An attribute's value with predefined entities resolved; empty where it is missing.
fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let found = start.try_get_attribute(name).ok().flatten();
    let value =
        found.and_then(|it| it.normalized_value(XmlVersion::Implicit1_0).ok().map(|it| it.into_owned()));
    let mut value = value.unwrap_or_default();
    value.truncate(shared::capped(&value, TEXT_BYTES_MAX).len());
    value
}
