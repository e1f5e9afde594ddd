//! What the matcher is handed about the world, so that it need not know any of it by name.

use plimsoll_core::{Ecosystem, Package, PackageRef, Realm};

/// The most findings of one image that are kept, for [`Context::findings_max`].
///
/// Ten times what the largest honest images show; a hostile package database that names one
/// source ten thousand times must not take the machine.
pub const FINDINGS_MAX: usize = 250_000;

/// Who speaks about a package: the realms whose advisories it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judges<'a> {
    /// One vendor's realms, the image's release of a distribution say. All that they say is the
    /// word of one vendor: its "not affected" and its fixes overrule its other rows.
    Vendor(&'a [Realm]),
    /// The realm that is named as the package's purl type, a language's registry. Its feeds are
    /// independent of one another: what any of them says stands (rule 65).
    Registry,
    /// Nobody: an unknown distribution, or a package that somebody else built (rule 17). Says why,
    /// in words that follow "packages are not covered: ".
    Nobody(&'a str),
    /// Nobody ever does: no feed speaks of anything like it (a program that is known by its content,
    /// and has no name in the NVD). Says why, in the same words. A notice only: a program that
    /// Plimsoll does not know at all is not spoken of either, and knowing its name hides nothing.
    Unspoken(&'a str),
}

/// How an image stands to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// The installed version was built in it (rule 15: its suffix).
    Own,
    /// The image has it as a matter of course: as if the rows named no channel.
    Ordinary,
    /// The image gets packages from it.
    Open,
    /// The image does not have it, but it is about the same packages: what it says of their being
    /// affected holds where the image's own channels are silent (rule 36).
    Related,
    /// The image does not have it; it may have a fix that the image would need it for.
    Closed,
    /// Of another product: nothing that it says concerns the image.
    Foreign,
}

/// Everything the matcher must be told besides inventory and snapshot. Holds no state of its own, and is
/// asked by several threads at once.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The row of the ecosystems' table for a purl type.
    pub ecosystem: &'a (dyn Fn(&str) -> Option<&'static dyn Ecosystem> + Sync),
    /// Who speaks about a package. A package that a third party built is nobody's, or the realm
    /// of that party's own feed; it is never compared with the distribution's (rule 17).
    pub judges: &'a (dyn Fn(&Package) -> Judges<'a> + Sync),
    /// How the image, and a package of it, stand to a channel that rows name.
    pub reach: &'a (dyn Fn(&Package, &str) -> Reach + Sync),
    /// Whether the image can have a version that a related channel ([`Reach::Related`]) has.
    pub can_have: &'a (dyn Fn(&str, &str) -> bool + Sync),
    /// Whether a package is of the kernel's source but does not run in a container (rule 18).
    pub is_kernel_header: &'a (dyn Fn(&Package) -> bool + Sync),
    /// The vendor's package that owns the files of another package, an operating system's
    /// package that ships a language's: where that vendor says "not affected" or has fixed it,
    /// findings of the owned package about the same vulnerability are dropped, and only those
    /// (rules 48, 50, 51).
    pub owner: &'a (dyn Fn(PackageRef) -> Option<PackageRef> + Sync),
    /// The sources of ratings and CVSS vectors in order of trust, best first; others follow in the
    /// order of the snapshot. A vendor's own word for its package comes before all of them.
    pub trust: &'a [&'a str],
    /// Whether advisories that are no vulnerabilities (unmaintained, unsound) are findings, of a
    /// class of their own.
    pub informational: bool,
    /// The most findings that are kept; reaching it is a problem of the report.
    pub findings_max: usize,
}

impl Context<'_> {
    /// How much a source is trusted; smaller is more.
    pub(crate) fn rank(&self, source: &str) -> usize {
        self.trust.iter().position(|known| *known == source).unwrap_or(self.trust.len())
    }
}
