//! What a definition says of each package in each place, read from its criteria.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::super::oval::{self, Check, Definition, Leaf, Operation, Oval, Role, clauses};
use super::super::shared::package_name;
use super::places::{PlaceNumber, Places, product_name};
use super::products::places;

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'o> {
    pub(super) place: PlaceNumber,
    pub(super) package: &'o str,
    /// As the file has it: `(aarch64|x86_64)`, or nothing for all.
    pub(super) architectures: &'o str,
}

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Statement<'o> {
    Fixed(&'o str),
    /// Fixed in this version for those who pay, and for nobody else.
    FixedElsewhere(&'o str),
    /// This one version is affected: a kernel that lacks its live patch.
    Exactly(&'o str),
    Affected,
    NotAffected,
}

/// All statements of a definition.
pub(super) type Statements<'o> = BTreeSet<(Key<'o>, Statement<'o>)>;

/// Reads the definitions of one file; remembers what its criteria are for, as they repeat.
pub(super) struct Reading<'o> {
    oval: &'o Oval,
    pub(super) places: Places,
    roles: RefCell<HashMap<u32, Role>>,
}

impl<'o> Reading<'o> {
    pub(super) fn of(oval: &'o Oval) -> Reading<'o> {
        Reading { oval, places: Places::default(), roles: RefCell::default() }
    }

    /// The statements of a definition, and what could not be read, each with why.
    pub(super) fn statements(
        &mut self,
        definition: &Definition,
    ) -> (Statements<'o>, BTreeSet<(&'o str, &'static str)>) {
        let (mut found, mut unreadable) = (Statements::new(), BTreeSet::new());
        let Some(criteria) = &definition.criteria else {
            return (found, unreadable);
        };
        let (oval, roles, places) = (self.oval, &self.roles, &mut self.places);
        // Packages that stand beside one another share their conditions.
        let (mut last, mut here) = (None, Vec::new());
        clauses(criteria, &|leaf| remembered_role(leaf, oval, roles), &mut |packages, conditions| {
            if last.as_deref() != Some(conditions) {
                here = places.of_products(conditions.iter().flatten().map(|leaf| leaf.comment), oval);
                last = Some(conditions.to_vec());
            }
            if here.is_empty() {
                return;
            }
            for leaf in packages {
                match statement(*leaf, oval) {
                    Ok((package, architectures, statement)) => {
                        let key = |place: &PlaceNumber| Key { place: *place, package, architectures };
                        found.extend(here.iter().map(|place| (key(place), statement)));
                    }
                    Err(why) => {
                        unreadable.insert((oval.names.text(leaf.comment), why));
                    }
                }
            }
        });
        (found, unreadable)
    }
}

/// What a test is for hangs on its comment only where the test is missing.
fn remembered_role(leaf: Leaf, oval: &Oval, roles: &RefCell<HashMap<u32, Role>>) -> Role {
    if let Some(role) = roles.borrow().get(&leaf.test) {
        return *role;
    }
    let role = role(leaf, oval);
    if oval.check(leaf.test).is_some() {
        roles.borrow_mut().insert(leaf.test, role);
    }
    role
}

/// A product has spaces in its name, `tar-1.34-2.2` has none.
fn role(leaf: Leaf, oval: &Oval) -> Role {
    let comment = oval.names.text(leaf.comment);
    if comment.contains(" is signed with ") {
        return Role::Nothing;
    }
    let is_release = |package: &str| package.ends_with("-release");
    match oval.check(leaf.test) {
        Some(Check::Else) => Role::Nothing,
        Some(Check::Version { package, .. }) if is_release(package) => Role::Condition,
        Some(Check::Evr { package, operation: Operation::GreaterOrEqual | Operation::Equal, .. })
            if is_release(package) =>
        {
            Role::Condition
        }
        Some(_) => Role::Package,
        // Its test is missing; of a product, the name is enough.
        None if product_name(comment).contains(' ') && comment.ends_with(" is installed") => Role::Condition,
        None if !places(product_name(comment)).is_empty() => Role::Condition,
        None => Role::Package,
    }
}

/// Package, architectures, and what is said of it.
fn statement<'o>(leaf: Leaf, oval: &'o Oval) -> Result<(&'o str, &'o str, Statement<'o>), &'static str> {
    let comment = oval.names.text(leaf.comment);
    let is_denied = comment.ends_with(" is not affected");
    if let (Some(package), None) = (comment.strip_suffix(" is not affected"), oval.check(leaf.test)) {
        let package = package_name(package).ok_or("a package name that cannot be one")?;
        return Ok((package, "", Statement::NotAffected));
    }
    let (package, operation, bound, architectures, is_evr) = match oval.check(leaf.test) {
        Some(Check::Evr { package, operation, bound, architectures }) => {
            (package, operation, bound, architectures, true)
        }
        Some(Check::Version { package, operation, bound }) => (package, operation, bound, "", false),
        Some(Check::Else) | None => return Err("its test is missing or tests no version"),
    };
    let package = package_name(package).ok_or("a package name that cannot be one")?;
    let bound = oval::plain_version(bound).ok_or("a version that cannot be one")?;
    let statement = match operation {
        // No package has version 0.
        Operation::Equal if is_denied && bound == "0" => Statement::NotAffected,
        _ if is_denied => return Err("it denies, and names a version"),
        Operation::Less if is_evr => Statement::Fixed(bound),
        Operation::Greater if is_evr && bound == "0-0" => Statement::Affected,
        Operation::Equal if is_evr => Statement::Exactly(bound),
        _ => return Err("an unexpected comparison"),
    };
    Ok((package, architectures, statement))
}

/// The architectures of `(aarch64|x86_64)`; none, which is all, where it is another pattern.
pub(super) fn architectures(pattern: &str) -> Vec<String> {
    let list = pattern.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(pattern);
    let is_word = |it: &str| {
        (1..=16).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let words: Vec<&str> = list.split('|').collect();
    if !words.iter().all(|it| is_word(it)) {
        return Vec::new();
    }
    let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}
