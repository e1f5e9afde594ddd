//! A walk through the elements of an XML document, in one pass and with bounded depth.
//!
//! Entities that a document declares are not expanded, and nothing outside of it is read.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Deeper documents are none of honest programs; repositories have 6 levels, OVAL a dozen.
const DEPTH_MAX: usize = 64;
/// Text of one element that is kept; descriptions of vendors have below 64 kB.
const TEXT_BYTES_MAX: usize = 256 << 10;

/// The start of an element.
pub(in crate::feeds) struct Element<'a, 'e> {
    start: &'a BytesStart<'e>,
}

impl Element<'_, '_> {
    /// The value of an attribute, without the blanks around it.
    pub(in crate::feeds) fn attribute(&self, name: &str) -> Option<String> {
        let found = self.start.try_get_attribute(name).ok().flatten()?;
        let value: Cow<'_, str> = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some(value.trim().to_owned())
    }
}

/// What is told of each element.
pub(in crate::feeds) trait Elements {
    /// An element begins; `parent` is the name of the one around it, empty at the root.
    fn open(&mut self, name: &str, parent: &str, element: &Element<'_, '_>) -> Result<(), String>;

    /// It ends; `text` is what stands in it, behind its last child.
    fn close(&mut self, name: &str, parent: &str, text: &str) -> Result<(), String>;
}

/// Shows every element of a document whose root has this name. An error means that the document
/// is another, is no XML or breaks off, or that the visitor gave up.
pub(in crate::feeds) fn walk(text: &str, root: &str, visitor: &mut dyn Elements) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk { path: Vec::new(), text: String::new(), is_begun: false };
    loop {
        let event = reader.read_event().map_err(|error| format!("it is no readable XML: {error}"))?;
        match event {
            Event::Eof if walk.path.is_empty() && walk.is_begun => return Ok(()),
            Event::Eof => return Err(format!("the XML ends before its `{root}` does")),
            Event::Start(start) => walk.open(&start, root, visitor)?,
            Event::Empty(start) => {
                walk.open(&start, root, visitor)?;
                walk.close(visitor)?;
            }
            Event::End(_) => walk.close(visitor)?,
            Event::Text(text) => walk.add(&text),
            Event::CData(text) => walk.add(&text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(letter)) => walk.add(letter.encode_utf8(&mut [0; 4])),
                _ => walk.add(quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or("\u{fffd}")),
            },
            _ => (),
        }
    }
}

struct Walk {
    /// The names of the open elements.
    path: Vec<String>,
    text: String,
    is_begun: bool,
}

impl Walk {
    fn add(&mut self, text: &str) {
        if self.text.len().saturating_add(text.len()) <= TEXT_BYTES_MAX {
            self.text.push_str(text);
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, root: &str, visitor: &mut dyn Elements) -> Result<(), String> {
        let name = start.local_name().into_inner();
        if self.path.is_empty() && (self.is_begun || name != root) {
            return Err(format!("the XML is no `{root}`"));
        }
        if self.path.len() >= DEPTH_MAX {
            return Err("the XML is nested too deeply".to_owned());
        }
        self.is_begun = true;
        self.text.clear();
        let parent = self.path.last().map(String::as_str).unwrap_or_default();
        visitor.open(name, parent, &Element { start })?;
        self.path.push(name.to_owned());
        Ok(())
    }

    fn close(&mut self, visitor: &mut dyn Elements) -> Result<(), String> {
        // The reader refuses an end without a beginning.
        let name = self.path.pop().unwrap_or_default();
        let parent = self.path.last().map(String::as_str).unwrap_or_default();
        visitor.close(&name, parent, self.text.trim())?;
        self.text.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Elements for Seen {
        fn open(&mut self, name: &str, parent: &str, element: &Element<'_, '_>) -> Result<(), String> {
            self.0.push(format!("<{parent}/{name} {}", element.attribute("id").unwrap_or_default()));
            Ok(())
        }

        fn close(&mut self, name: &str, _parent: &str, text: &str) -> Result<(), String> {
            self.0.push(format!("{text} {name}>"));
            Ok(())
        }
    }

    fn check(xml: &str, expected: Result<&[&str], &str>) {
        let mut seen = Seen::default();
        let done = walk(xml, "a", &mut seen);
        match expected {
            Ok(expected) => {
                assert_eq!((done, seen.0), (Ok(()), expected.iter().map(|it| (*it).into()).collect()))
            }
            Err(why) => assert!(done.as_ref().is_err_and(|it| it.contains(why)), "{done:?}"),
        }
    }

    #[test]
    fn elements_are_shown_with_attributes_and_texts() {
        check(
            r#"<?xml version="1.0"?><a id=" 1&amp;2 "><b>x &lt;&#33;<![CDATA[<]]></b><c id='3'/></a>"#,
            Ok(&["</a 1&2", "<a/b ", "x <!< b>", "<a/c 3", " c>", " a>"]),
        );
    }

    #[test]
    fn what_breaks_off_or_is_another_document_is_an_error() {
        check("<a><b>", Err("ends before"));
        check("", Err("ends before"));
        check("<b/>", Err("is no `a`"));
        check("<a/><a/>", Err("is no `a`"));
        check("<a></b>", Err("no readable XML"));
        check(&"<a>".repeat(100_000), Err("too deeply"));
    }

    #[test]
    fn declared_entities_are_not_expanded() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY x "yyyyyyyyyy"><!ENTITY z "&x;&x;">]><a>&z;</a>"#;
        check(bomb, Ok(&["</a ", "\u{fffd} a>"]));
    }
}
