//! The places of one file's products, each with a number: there are some dozens, and millions of
//! criteria that name them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::oval::Oval;
use super::products::{self, Place};

/// Which of [`Places`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PlaceNumber(usize);

/// The places of one file.
#[derive(Debug, Default)]
pub(super) struct Places {
    all: Vec<Known>,
    numbers: BTreeMap<Place, PlaceNumber>,
    of_comment: HashMap<u32, Vec<PlaceNumber>>,
}

#[derive(Debug)]
struct Known {
    place: Place,
    /// The place of the same packages for those who pay for nothing.
    ordinary: PlaceNumber,
}

impl Places {
    /// The places that products mean, each once.
    pub(super) fn of_products(
        &mut self,
        comments: impl Iterator<Item = u32>,
        oval: &Oval,
    ) -> Vec<PlaceNumber> {
        let mut found = BTreeSet::new();
        for comment in comments {
            if !self.of_comment.contains_key(&comment) {
                let places = products::places(product_name(oval.names.text(comment)));
                let numbers = places.into_iter().map(|place| self.number(place)).collect();
                self.of_comment.insert(comment, numbers);
            }
            found.extend(self.of_comment.get(&comment).into_iter().flatten());
        }
        found.into_iter().collect()
    }

    fn number(&mut self, place: Place) -> PlaceNumber {
        if let Some(number) = self.numbers.get(&place) {
            return *number;
        }
        let ordinary =
            place.channel.as_ref().map(|_| self.number(Place { realm: place.realm.clone(), channel: None }));
        let number = PlaceNumber(self.all.len());
        self.all.push(Known { place: place.clone(), ordinary: ordinary.unwrap_or(number) });
        self.numbers.insert(place, number);
        number
    }

    /// The place of a number of this table's.
    pub(super) fn get(&self, number: PlaceNumber) -> Option<&Place> {
        self.all.get(number.0).map(|known| &known.place)
    }

    /// The same release without any channel.
    pub(super) fn ordinary(&self, number: PlaceNumber) -> PlaceNumber {
        self.all.get(number.0).map_or(number, |known| known.ordinary)
    }
}

/// The product of `SUSE Linux Enterprise Server 15 SP4 is installed`.
pub(super) fn product_name(comment: &str) -> &str {
    comment.strip_suffix(" is installed").unwrap_or(comment).trim()
}
