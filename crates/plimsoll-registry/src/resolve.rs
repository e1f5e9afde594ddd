//! From a tag's document to images: indexes are walked, platforms chosen, configurations read.
//!
//! The same for every source. Knows nothing of where documents come from; never reads a layer.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use plimsoll_core::{Digest, Limits, Platform, Problem, ProblemKind, Subject, SubjectKind};
use plimsoll_image::manifest::{
    Descriptor, Document, ImageConfig, Index, LayerKind, Manifest, is_index, is_manifest, layer_kind, made,
    parse_config, parse_document,
};

use crate::error::excerpt;
use crate::opened::LayerSource;
use crate::{Content, Error, ErrorKind, Opened, Options, PlatformChoice, SourceImage, SourceLayer};

/// Where documents and layers come from. Documents come verified: size and digest are those of
/// the descriptor.
pub(crate) trait Store {
    fn manifest(&self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, Error>;
    /// A small blob, whole; `what` is what it is, for messages.
    fn blob(&self, what: &str, descriptor: &Descriptor, limit_bytes: u64) -> Result<Vec<u8>, Error>;
    fn layer(&self, descriptor: &Descriptor, kind: LayerKind) -> Result<LayerContent, Error>;
}

/// Whether a store holds a layer.
pub(crate) enum LayerContent {
    Here(Arc<dyn LayerSource>),
    /// A foreign layer that the store does not hold.
    Elsewhere,
}

/// What a name led to.
pub(crate) enum Root {
    /// A document by its descriptor.
    Described(Descriptor),
    /// A document that is already here, and verified.
    Read { digest: Digest, media_type: Option<String>, bytes: Vec<u8> },
    /// An index that is already read.
    Index { digest: Digest, index: Index },
}

/// Resolves what a name led to.
pub(crate) fn open(
    store: &dyn Store,
    root: Root,
    name: String,
    options: &Options,
    limits: &Limits,
) -> Result<Opened, Error> {
    let resolver = Resolver { store, limits };
    let (digest, document) = match root {
        Root::Index { digest, index } => (digest, Document::Index(index)),
        Root::Described(descriptor) => (descriptor.digest, resolver.document(&descriptor)?),
        Root::Read { digest, media_type, bytes } => {
            (digest, parse(&digest, &bytes, media_type.as_deref(), limits)?)
        }
    };
    let subject = |kind, media_type: &str| Subject {
        name,
        kind,
        digest: Some(digest),
        media_type: Some(excerpt(media_type)),
    };
    match document {
        Document::Manifest(manifest) => {
            if let Some(why) = manifest.why_no_image() {
                let subject = subject(SubjectKind::NotSupported, &manifest.media_type);
                return Ok(Opened::new(subject, Content::NotSupported { why }, Vec::new()));
            }
            let image = resolver.image(digest, &manifest, None)?;
            let subject = subject(SubjectKind::Image, &manifest.media_type);
            Ok(Opened::new(subject, Content::Images(vec![image]), Vec::new()))
        }
        Document::Index(index) => {
            let media_type = index.media_type.clone();
            let mut problems = Vec::new();
            let leaves = resolver.leaves(digest, index, &mut problems)?;
            let images = match &options.platforms {
                PlatformChoice::One(wanted) => resolver.one(&leaves, wanted, &mut problems)?,
                PlatformChoice::All => resolver.all(&leaves, &mut problems)?,
            };
            let subject_kind = if images.is_empty() { SubjectKind::NotSupported } else { SubjectKind::Index };
            let content = if images.is_empty() {
                Content::NotSupported {
                    why: "an index of artifacts, none of which is a container image".to_owned(),
                }
            } else {
                Content::Images(images)
            };
            Ok(Opened::new(subject(subject_kind, &media_type), content, problems))
        }
    }
}

struct Resolver<'a> {
    store: &'a dyn Store,
    limits: &'a Limits,
}

impl Resolver<'_> {
    fn document(&self, descriptor: &Descriptor) -> Result<Document, Error> {
        let bytes = self.store.manifest(descriptor, self.limits)?;
        parse(&descriptor.digest, &bytes, Some(&descriptor.media_type), self.limits)
    }

    /// All manifests of an index and of the indexes in it, in their order. One manifest may be
    /// listed for several platforms; an index is entered once.
    fn leaves(
        &self,
        digest: Digest,
        index: Index,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<Descriptor>, Error> {
        let mut seen: HashSet<Digest> = HashSet::from([digest]);
        let mut leaves = Vec::new();
        // A stack, so that nesting costs no recursion: (depth, what is left of an index).
        let mut open = vec![index.manifests.into_iter()];
        let mut entries = 0usize;
        while let Some(level) = open.last_mut() {
            let Some(entry) = level.next() else {
                open.pop();
                continue;
            };
            entries += 1;
            if entries > self.limits.index_entries {
                let limit = self.limits.index_entries;
                return Err(Error::limit(format!(
                    "index {digest} has more entries, nested ones included, than the limit of {limit}"
                )));
            }
            if entry.is_attachment() {
                continue;
            }
            if is_index(&entry.media_type) {
                if !seen.insert(entry.digest) {
                    continue;
                }
                if open.len() >= self.limits.index_depth {
                    let limit = self.limits.index_depth;
                    return Err(Error::limit(format!(
                        "index {digest} is nested deeper than the limit of {limit}"
                    )));
                }
                match self.document(&entry)? {
                    Document::Index(nested) => open.push(nested.manifests.into_iter()),
                    Document::Manifest(_) => leaves.push(entry),
                }
            } else if is_manifest(&entry.media_type) || entry.platform.is_some() {
                leaves.push(entry);
            } else {
                problems.push(
                    Problem::new(
                        ProblemKind::Unsupported,
                        format!(
                            "index entry {} of type `{}` is no image",
                            entry.digest,
                            excerpt(&entry.media_type)
                        ),
                    )
                    .harmless(),
                );
            }
        }
        Ok(leaves)
    }

    /// The image for one platform. Entries that name it win; those that name none are looked into.
    fn one(
        &self,
        leaves: &[Descriptor],
        wanted: &Platform,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<SourceImage>, Error> {
        let fits = |leaf: &&Descriptor| leaf.platform.as_ref().is_some_and(|it| it.satisfies(wanted));
        let exact = |leaf: &&Descriptor| leaf.platform.as_ref() == Some(wanted);
        if let Some(leaf) = leaves.iter().find(exact).or_else(|| leaves.iter().find(fits)) {
            return Ok(self.leaf(leaf, problems)?.into_iter().collect());
        }
        let mut there: BTreeSet<String> =
            leaves.iter().filter_map(|leaf| leaf.platform.as_ref()).map(Platform::to_string).collect();
        let mut any_image = !there.is_empty();
        for leaf in leaves.iter().filter(|leaf| leaf.platform.is_none()) {
            let Some(image) = self.leaf(leaf, problems)? else {
                continue;
            };
            any_image = true;
            match &image.platform {
                Some(platform) if platform.satisfies(wanted) => return Ok(vec![image]),
                Some(platform) => there.insert(platform.to_string()),
                None => there.insert("unnamed".to_owned()),
            };
        }
        if !any_image {
            return Ok(Vec::new());
        }
        let there: Vec<String> = there.into_iter().take(30).collect();
        Err(Error::usage(format!("the index has no image for {wanted}; it has {}", there.join(", "))))
    }

    /// Every image. One that cannot be had is a problem of the sum, the others are kept.
    fn all(&self, leaves: &[Descriptor], problems: &mut Vec<Problem>) -> Result<Vec<SourceImage>, Error> {
        let mut images = Vec::new();
        let mut first_error = None;
        let mut seen = HashSet::new();
        for leaf in leaves.iter().filter(|leaf| seen.insert(leaf.digest)) {
            match self.leaf(leaf, problems) {
                Ok(image) => images.extend(image),
                Err(error) => {
                    let mut problem = error.to_problem();
                    let platform =
                        leaf.platform.as_ref().map_or("an unnamed platform".to_owned(), Platform::to_string);
                    problem.what = format!("the image for {platform} cannot be read: {}", problem.what);
                    problems.push(problem);
                    first_error.get_or_insert(error);
                }
            }
        }
        match first_error {
            Some(error) if images.is_empty() => Err(error),
            _ => Ok(images),
        }
    }

    /// The image of one entry; `None`, and a harmless problem, if it is an artifact.
    fn leaf(&self, leaf: &Descriptor, problems: &mut Vec<Problem>) -> Result<Option<SourceImage>, Error> {
        let manifest = match self.document(leaf)? {
            Document::Manifest(manifest) => manifest,
            Document::Index(_) => {
                return Err(Error::malformed(format!(
                    "{} is listed as a manifest, but it is an index",
                    leaf.digest
                )));
            }
        };
        if let Some(why) = manifest.why_no_image() {
            let what = format!("index entry {} is {why}", leaf.digest);
            problems.push(Problem::new(ProblemKind::Unsupported, what).harmless());
            return Ok(None);
        }
        self.image(leaf.digest, &manifest, leaf.platform.as_ref()).map(Some)
    }

    fn image(
        &self,
        digest: Digest,
        manifest: &Manifest,
        platform: Option<&Platform>,
    ) -> Result<SourceImage, Error> {
        let Some(descriptor) = &manifest.config else {
            return Err(Error::malformed(format!("manifest {digest} has no configuration")));
        };
        let bytes = self.store.blob("configuration", descriptor, self.limits.config_bytes)?;
        let of = format!("configuration {} of manifest {digest}", descriptor.digest);
        let config = parse_config(&bytes, self.limits).map_err(|error| Error::manifest(&of, &error))?;
        manifest
            .check_config(&config)
            .map_err(|error| Error::manifest(&format!("manifest {digest}"), &error))?;
        let mut problems = Vec::new();
        let layers = self.layers(manifest, &config, &mut problems)?;
        Ok(SourceImage {
            manifest_digest: Some(digest),
            config_digest: descriptor.digest,
            platform: config.platform.or_else(|| platform.cloned()),
            layers,
            problems,
        })
    }

    fn layers(
        &self,
        manifest: &Manifest,
        config: &ImageConfig,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<SourceLayer>, Error> {
        let kinds: Vec<LayerKind> = manifest.layers.iter().map(|it| layer_kind(&it.media_type)).collect();
        if !kinds.is_empty() && kinds.iter().all(|kind| *kind == LayerKind::Encrypted) {
            return Err(Error::new(
                ErrorKind::NotSupported,
                "the image is encrypted (every layer's media type ends in `+encrypted`), which is not supported",
            ));
        }
        let mut layers = Vec::with_capacity(kinds.len());
        let rows = manifest.layers.iter().zip(kinds).zip(&config.diff_ids).zip(made(config));
        for (number, (((descriptor, kind), diff_id), made)) in (1usize..).zip(rows) {
            let unreadable = |why: &str| {
                let kind = ProblemKind::Unsupported;
                Problem::new(kind, format!("layer {number} {why}")).in_layer(descriptor.digest)
            };
            let content = match kind {
                LayerKind::Encrypted => {
                    problems.push(unreadable("is encrypted, so that its packages are not known"));
                    None
                }
                LayerKind::Other => {
                    let media_type = excerpt(&descriptor.media_type);
                    problems
                        .push(unreadable(&format!("is of the unknown type `{media_type}` and was not read")));
                    None
                }
                LayerKind::Plain | LayerKind::Foreign => match self.store.layer(descriptor, kind)? {
                    LayerContent::Here(content) => Some(content),
                    LayerContent::Elsewhere => {
                        problems.push(unreadable(
                            "is a foreign layer that is not stored with the image; what it points to is never fetched",
                        ));
                        None
                    }
                },
            };
            layers.push(SourceLayer {
                digest: Some(descriptor.digest),
                diff_id: *diff_id,
                size_bytes: Some(descriptor.size_bytes),
                media_type: excerpt(&descriptor.media_type),
                made,
                content,
            });
        }
        Ok(layers)
    }
}

fn parse(digest: &Digest, bytes: &[u8], hint: Option<&str>, limits: &Limits) -> Result<Document, Error> {
    let hint = hint.filter(|it| !it.is_empty());
    parse_document(bytes, hint, limits)
        .map_err(|error| Error::manifest(&format!("manifest {digest}"), &error))
}
