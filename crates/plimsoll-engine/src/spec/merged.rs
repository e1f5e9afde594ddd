//! What a container sees at every path that any layer names.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Cursor;

use plimsoll_core::{ImagePath, Limits, Problem};
use plimsoll_image::index::{HashKey, LayerIndex};
use plimsoll_image::pipeline::{Expected, LayerBlob, Meter, read_layer};
use plimsoll_image::squash::{Node, View};
use plimsoll_image::walk::{FileSink, Stop};
use plimsoll_testkit::{Fixture, Image};

/// Collects the names of one layer's files, as a scan does with the files that it wants.
#[derive(Default)]
struct Names(BTreeSet<ImagePath>);

impl FileSink for Names {
    fn wants(&self, _path: &ImagePath) -> bool {
        true
    }
    fn file(&mut self, path: &ImagePath, _content: &[u8]) {
        self.0.insert(path.clone());
    }
    fn replaced(&mut self, path: &ImagePath) {
        self.0.remove(path);
    }
    fn directory_replaced(&mut self, path: &ImagePath) {
        self.0.retain(|it| !it.is_within(path));
    }
    fn problem(&mut self, problem: Problem) {
        panic!("{problem}");
    }
}

/// Lets everything pass.
struct NoMeter;

impl Meter for NoMeter {
    fn advance(&self, _: u64, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

/// One line a path, in their order.
pub(super) fn files(fixture: &Fixture, image: &Image) -> String {
    let limits = Limits::standard();
    let layers: Vec<(LayerIndex, Names)> =
        image.layers.iter().map(|layer| read(&layer.stored.bytes, &limits)).collect();
    let mut view = View::new(layers.iter().map(|(index, _)| index).collect(), &limits);
    let mut paths: BTreeSet<ImagePath> = fixture
        .layers
        .iter()
        .flat_map(|layer| &layer.entries)
        .map(|entry| ImagePath::new(&entry.path))
        .collect();
    for (number, (_, names)) in layers.iter().enumerate() {
        paths.extend(names.0.iter().map(|name| view.place(number, name)));
    }
    paths.iter().map(|path| format!("/{path}  {}\n", seen(&view, path))).collect()
}

fn read(stored: &[u8], limits: &Limits) -> (LayerIndex, Names) {
    let blob = LayerBlob::Stream(Box::new(Cursor::new(stored.to_vec())));
    let (key, mut names) = (HashKey([7; 16]), Names::default());
    let read = read_layer(blob, &Expected::default(), key, limits, &NoMeter, &mut names);
    (read.expect("a layer of ours can be read").index, names)
}

fn seen(view: &View<'_>, path: &ImagePath) -> String {
    let top = view.layers();
    let Ok(real) = view.resolve(path, top, false) else { return "too many links".to_owned() };
    let mut text = match view.node(path, top) {
        _ if real != *path => "-".to_owned(),
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
