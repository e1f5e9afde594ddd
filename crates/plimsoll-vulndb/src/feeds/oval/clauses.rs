//! A tree of criteria as a list of clauses: packages, and the conditions under which they count.
//!
//! Where a tree says more than that (a package besides a choice of others), the clauses say too
//! much, never too little.

use super::definition::{Criteria, Leaf};

/// What a criterion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::feeds) enum Role {
    /// A release, an architecture, a module: where packages count.
    Condition,
    /// A state of a package.
    Package,
    /// Nothing that rows could say: a signature.
    Nothing,
}

/// What takes a clause: criteria about packages that hold together, and conditions, all of which
/// must hold; of each condition's criteria, one must.
pub(in crate::feeds) type Visit<'v> = &'v mut dyn FnMut(&[Leaf], &[Vec<Leaf>]);

/// Shows every clause of a tree.
pub(in crate::feeds) fn clauses(criteria: &Criteria, role: &dyn Fn(Leaf) -> Role, visit: Visit<'_>) {
    walk(criteria, role, &mut Vec::new(), visit);
}

fn walk(criteria: &Criteria, role: &dyn Fn(Leaf) -> Role, conditions: &mut Vec<Vec<Leaf>>, visit: Visit<'_>) {
    let packages = with(criteria, Role::Package, role);
    if criteria.is_any {
        for package in packages {
            visit(&[package], conditions);
        }
        for child in &criteria.children {
            walk(child, role, conditions, visit);
        }
        return;
    }
    let outer = conditions.len();
    conditions.extend(with(criteria, Role::Condition, role).into_iter().map(|leaf| vec![leaf]));
    let (with_packages, without): (Vec<_>, Vec<_>) =
        criteria.children.iter().partition(|child| speaks_of_packages(child, role));
    for child in without {
        add_conditions(child, role, conditions);
    }
    if !packages.is_empty() {
        visit(&packages, conditions);
    }
    for child in with_packages {
        walk(child, role, conditions, visit);
    }
    conditions.truncate(outer);
}

fn with(criteria: &Criteria, wanted: Role, role: &dyn Fn(Leaf) -> Role) -> Vec<Leaf> {
    criteria.leaves.iter().copied().filter(|leaf| role(*leaf) == wanted).collect()
}

fn speaks_of_packages(criteria: &Criteria, role: &dyn Fn(Leaf) -> Role) -> bool {
    criteria.leaves.iter().any(|leaf| role(*leaf) == Role::Package)
        || criteria.children.iter().any(|child| speaks_of_packages(child, role))
}

/// A choice is one condition; of what must hold together, each is one.
fn add_conditions(criteria: &Criteria, role: &dyn Fn(Leaf) -> Role, conditions: &mut Vec<Vec<Leaf>>) {
    if criteria.is_any {
        let mut choice = Vec::new();
        gather(criteria, role, &mut choice);
        if !choice.is_empty() {
            conditions.push(choice);
        }
        return;
    }
    conditions.extend(with(criteria, Role::Condition, role).into_iter().map(|leaf| vec![leaf]));
    for child in &criteria.children {
        add_conditions(child, role, conditions);
    }
}

fn gather(criteria: &Criteria, role: &dyn Fn(Leaf) -> Role, leaves: &mut Vec<Leaf>) {
    leaves.extend(with(criteria, Role::Condition, role));
    for child in &criteria.children {
        gather(child, role, leaves);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(number: u32) -> Leaf {
        Leaf { test: number, comment: 0 }
    }

    fn node(is_any: bool, leaves: &[u32], children: Vec<Criteria>) -> Criteria {
        Criteria { is_any, leaves: leaves.iter().map(|it| leaf(*it)).collect(), children }
    }

    /// Numbers below 10 are conditions, below 100 packages, others neither.
    fn shown(criteria: &Criteria) -> Vec<String> {
        let role = |leaf: Leaf| match leaf.test {
            0..10 => Role::Condition,
            10..100 => Role::Package,
            _ => Role::Nothing,
        };
        let numbers = |leaves: &[Leaf]| leaves.iter().map(|it| it.test).collect::<Vec<_>>();
        let mut shown = Vec::new();
        clauses(criteria, &role, &mut |packages, conditions| {
            let conditions: Vec<_> = conditions.iter().map(|it| numbers(it)).collect();
            shown.push(format!("{:?} if {conditions:?}", numbers(packages)));
        });
        shown
    }

    #[test]
    fn conditions_hold_for_what_stands_beside_and_below_them() {
        let tree = node(
            false,
            &[1],
            vec![node(
                true,
                &[],
                vec![
                    node(false, &[2], vec![node(true, &[], vec![node(false, &[10, 100], vec![])])]),
                    node(false, &[3], vec![node(true, &[11, 12], vec![])]),
                ],
            )],
        );
        assert_eq!(shown(&tree), ["[10] if [[1], [2]]", "[11] if [[1], [3]]", "[12] if [[1], [3]]"]);
    }

    #[test]
    fn a_choice_of_conditions_is_one() {
        let tree = node(false, &[], vec![node(true, &[1, 2], vec![]), node(true, &[10], vec![])]);
        assert_eq!(shown(&tree), ["[10] if [[1, 2]]"]);
    }

    #[test]
    fn states_of_packages_that_must_hold_together_stay_together() {
        assert_eq!(shown(&node(false, &[10, 11], vec![])), ["[10, 11] if []"]);
    }
}
