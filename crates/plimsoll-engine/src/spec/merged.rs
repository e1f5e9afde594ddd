//! What a container sees at every path that any layer names.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Cursor;

use plimsoll_core::{ImagePath, Limits, Problem};
use plimsoll_image::index::{HashKey, LayerIndex};
use plimsoll_image::pipeline::{Expected, LayerBlob, Meter, read_layer};
use plimsoll_image::squash::{Node, View};
use plimsoll_image::walk::{FileSink, Stop};
use plimsoll_testkit::{Change, Fixture, Image};

/// Wants no content; the names are enough.
struct Names;

impl FileSink for Names {
    fn wants(&self, _path: &ImagePath) -> bool {
        false
    }
    fn file(&mut self, _path: &ImagePath, _content: &[u8]) {}
    fn replaced(&mut self, _path: &ImagePath) {}
    fn directory_replaced(&mut self, _path: &ImagePath) {}
    fn problem(&mut self, problem: Problem) {
        panic!("{problem}");
    }
}

impl Meter for Names {
    fn advance(&self, _: u64, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

/// One line a path, in their order.
pub(super) fn files(fixture: &Fixture, image: &Image) -> String {
    let limits = Limits::standard();
    let indexes: Vec<LayerIndex> = image
        .layers
        .iter()
        .map(|layer| {
            let blob = LayerBlob::Stream(Box::new(Cursor::new(layer.stored.bytes.clone())));
            let key = HashKey([7; 16]);
            read_layer(blob, &Expected::default(), key, &limits, &Names, &mut Names)
                .expect("a layer of ours can be read")
                .index
        })
        .collect();
    let mut view = View::new(indexes.iter().collect(), &limits);
    let mut paths = BTreeSet::new();
    for (number, layer) in fixture.layers.iter().enumerate() {
        for entry in &layer.entries {
            let path = ImagePath::new(&entry.path);
            if matches!(entry.change, Change::File(_)) {
                paths.insert(view.place(number, &path));
            }
            paths.insert(path);
        }
    }
    paths.iter().map(|path| format!("/{path}  {}\n", seen(&view, path))).collect()
}

fn seen(view: &View<'_>, path: &ImagePath) -> String {
    let top = view.layers();
    let mut text = match view.node(path, top) {
        Node::Regular(layer) => return format!("file of layer {layer}"),
        Node::Directory(layer) => return format!("directory of layer {layer}"),
        Node::Special(layer) => return format!("device of layer {layer}"),
        Node::Link(layer, link) => {
            let kind = if link.hard { "hard link" } else { "link" };
            let target = String::from_utf8_lossy(&link.target);
            format!("{kind} of layer {layer} to {target}")
        }
        Node::Absent => "-".to_owned(),
    };
    match view.file(path, top) {
        Ok(Some((layer, at))) => {
            let _ = write!(text, ": /{at} of layer {layer}");
        }
        Ok(None) => (),
        Err(_) => text.push_str(": too many links"),
    }
    text
}
