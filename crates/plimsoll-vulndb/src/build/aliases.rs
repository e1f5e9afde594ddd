//! Which ids name the same vulnerability, and which of them is its name.
//!
//! Alias sets are not transitive: an announcement that names two CVEs does not make them one.
//! So nothing is merged across a record with several CVEs, and never through `related`
//! (which does not even arrive here). The rule, for an id and what stands directly beside it:
//!
//! 1. a CVE is its own name;
//! 2. with exactly one CVE beside it, an id is named by that CVE;
//! 3. with several, it keeps its own name and lists them;
//! 4. with none, it is one with the ids beside it that have none either. If all ids around
//!    that group come to one name, that is the group's; else the group's only GHSA; else, in a
//!    group without any GHSA, its smallest id that has a record. In a group with several GHSA,
//!    each keeps its name, and another id follows the one GHSA beside it if there is just one.

use std::collections::BTreeSet;

use crate::texts::TextMap;

/// The names of all ids.
#[derive(Debug, Default)]
pub(super) struct Aliases<'a> {
    /// Of those that are not their own.
    canonical: TextMap<&'a str, &'a str>,
    others: TextMap<&'a str, Vec<&'a str>>,
}

impl<'a> Aliases<'a> {
    /// Closes the alias sets of records, each an id and its aliases.
    pub(super) fn of<A: Iterator<Item = &'a str>>(
        records: impl Iterator<Item = (&'a str, A)> + Clone,
    ) -> Aliases<'a> {
        let graph = Graph::of(records);
        let names = graph.names();
        let mut aliases = Aliases::default();
        for (node, &name) in names.iter().enumerate() {
            let (id, name_id) = (graph.ids[node], graph.ids[name]);
            if node != name {
                aliases.canonical.insert(id, name_id);
                aliases.others.entry(name_id).or_default().push(id);
            } else if !is_cve(id) {
                // What it names and is not one with is listed all the same.
                let listed = graph.beside[node].iter().map(|&beside| graph.ids[beside]);
                aliases.others.entry(id).or_default().extend(listed);
            }
        }
        for others in aliases.others.values_mut() {
            others.sort_unstable();
            others.dedup();
        }
        aliases
    }

    /// The name of the vulnerability that this id names; itself, where nobody said otherwise.
    pub(super) fn canonical<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.canonical.get(id).copied().unwrap_or(id)
    }

    /// Every other id of a vulnerability, by its name.
    pub(super) fn others(&self, canonical: &str) -> impl Iterator<Item = &'a str> {
        self.others.get(canonical).into_iter().flatten().copied()
    }
}

/// Whether this is a CVE's id: `CVE-`, four digits, `-`, four digits or more.
pub(super) fn is_cve(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    id.strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(year, number)| year.len() == 4 && 4 <= number.len() && digits(year) && digits(number))
}

fn is_ghsa(id: &str) -> bool {
    id.starts_with("GHSA-")
}

/// Ids, and which stand beside which because a record says so.
#[derive(Default)]
struct Graph<'a> {
    ids: Vec<&'a str>,
    has_record: Vec<bool>,
    /// Without repetitions, in order.
    beside: Vec<Vec<usize>>,
    nodes: TextMap<&'a str, usize>,
}

impl<'a> Graph<'a> {
    /// What stands alone is its own name, and needs no place here.
    fn of<A: Iterator<Item = &'a str>>(records: impl Iterator<Item = (&'a str, A)> + Clone) -> Graph<'a> {
        let mut graph = Graph::default();
        for (id, aliases) in records.clone() {
            for alias in aliases.filter(|alias| *alias != id) {
                let (node, other) = (graph.node(id), graph.node(alias));
                graph.beside[node].push(other);
                graph.beside[other].push(node);
            }
        }
        for (id, _) in records {
            if let Some(&node) = graph.nodes.get(id) {
                graph.has_record[node] = true;
            }
        }
        for beside in &mut graph.beside {
            beside.sort_unstable();
            beside.dedup();
        }
        graph
    }

    fn node(&mut self, id: &'a str) -> usize {
        *self.nodes.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.has_record.push(false);
            self.beside.push(Vec::new());
            self.ids.len() - 1
        })
    }

    /// The name of each node.
    fn names(&self) -> Vec<usize> {
        let decided: Vec<Option<usize>> = (0..self.ids.len()).map(|node| self.name_by_cve(node)).collect();
        let mut names: Vec<usize> = (0..self.ids.len()).map(|node| decided[node].unwrap_or(node)).collect();
        let mut seen = vec![false; self.ids.len()];
        for node in 0..self.ids.len() {
            if decided[node].is_none() && !seen[node] {
                let group = self.undecided_group(node, &decided, &mut seen);
                self.name_group(&group, &decided, &mut names);
            }
        }
        names
    }

    /// Rules 1 to 3; `None` where there is no CVE beside it.
    fn name_by_cve(&self, node: usize) -> Option<usize> {
        if is_cve(self.ids[node]) {
            return Some(node);
        }
        let mut cves = self.beside[node].iter().copied().filter(|&beside| is_cve(self.ids[beside]));
        match (cves.next(), cves.next()) {
            (None, _) => None,
            (Some(cve), None) => Some(cve),
            (Some(_), Some(_)) => Some(node),
        }
    }

    /// The undecided nodes that hang together with this one, in the order of ids.
    fn undecided_group(&self, start: usize, decided: &[Option<usize>], seen: &mut [bool]) -> Vec<usize> {
        let mut group = Vec::new();
        let mut waiting = vec![start];
        seen[start] = true;
        while let Some(node) = waiting.pop() {
            group.push(node);
            for &beside in &self.beside[node] {
                if decided[beside].is_none() && !seen[beside] {
                    seen[beside] = true;
                    waiting.push(beside);
                }
            }
        }
        group.sort_unstable_by_key(|&node| self.ids[node]);
        group
    }

    /// Rule 4.
    fn name_group(&self, group: &[usize], decided: &[Option<usize>], names: &mut [usize]) {
        let around: BTreeSet<usize> =
            group.iter().flat_map(|&node| &self.beside[node]).filter_map(|&beside| decided[beside]).collect();
        let ghsas: Vec<usize> = group.iter().copied().filter(|&node| is_ghsa(self.ids[node])).collect();
        let one = match (around.first(), ghsas.as_slice()) {
            (Some(&name), _) if around.len() == 1 => Some(name),
            (_, &[ghsa]) => Some(ghsa),
            (_, &[]) => group.iter().copied().min_by_key(|&node| (!self.has_record[node], self.ids[node])),
            _ => None,
        };
        for &node in group {
            names[node] = one.unwrap_or_else(|| self.only_ghsa_beside(node).unwrap_or(node));
        }
    }

    fn only_ghsa_beside(&self, node: usize) -> Option<usize> {
        if is_ghsa(self.ids[node]) {
            return None;
        }
        let mut ghsas = self.beside[node].iter().copied().filter(|&beside| is_ghsa(self.ids[beside]));
        ghsas.next().filter(|_| ghsas.next().is_none())
    }
}
