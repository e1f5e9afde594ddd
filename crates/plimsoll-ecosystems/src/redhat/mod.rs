//! Where the packages of Red Hat's images come from: what an image says of its repositories
//! ([`RedHatBuildInfo`], [`DnfHistory`]), and which of the channels that advisories name are the image's
//! ([`Channels`]).
//!
//! A channel is the short form of a product's CPE, `enterprise_linux:9::appstream`. Never
//! guesses from packages; an image that says nothing has the ordinary repositories, and the
//! reader is told so (rule 39).

mod build_info;
mod channels;
mod dnf_history;

pub use build_info::RedHatBuildInfo;
pub use channels::{Channels, Stand};
pub use dnf_history::DnfHistory;

/// What stands before ids of repositories that dnf's history names: the image has them besides the
/// ordinary ones.
pub const DNF: &str = "dnf:";

/// The realm in which Red Hat's whole images are filed, by their digests.
pub const IMAGES_REALM: &str = "oci/redhat";
