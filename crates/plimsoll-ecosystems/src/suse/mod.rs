//! Which longer supports, those that are paid for, a SUSE image gets packages from: what its
//! products and repositories say ([`SuseProducts`]), and the channels that follow
//! ([`open_channels`]).
//!
//! A channel is named as in SUSE's products, `ltss` of `SUSE Linux Enterprise Server 15 SP3-LTSS`.
//! Never guesses from versions: the same builds are handed out under several names.

mod channels;
mod products;

pub use channels::open_channels;
pub use products::SuseProducts;
