//! Deals work out to the processors, one item at a time, since items differ much.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Runs `work` on as many threads as there are processors, but on no more than `threads_max`; each
/// is handed the numbers below `count` that nobody else was, in ascending order. What each came to,
/// in no order that means anything.
pub(crate) fn deal<R: Send>(
    threads_max: usize,
    count: usize,
    work: impl Fn(&mut dyn Iterator<Item = usize>) -> R + Sync,
) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let others = processors.min(threads_max).min(count).saturating_sub(1);
    let next = AtomicUsize::new(0);
    let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < count);
    let run = || work(&mut std::iter::from_fn(take));
    thread::scope(|scope| {
        // Where no more threads can be had (a container's limit of processes), those that are there do
        // the work.
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, run).ok();
        let others: Vec<_> = (0..others).map_while(spawn).collect();
        let mut all = vec![run()];
        for other in others {
            all.push(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::match_inventory;
    use crate::spec::parse::Case;
    use crate::spec::show;

    #[test]
    fn every_number_is_dealt_once() {
        for threads_max in [0, 1, 2, 100] {
            let shares = deal(threads_max, 1000, |numbers| numbers.collect::<Vec<_>>());
            assert!(shares.iter().all(|share| share.is_sorted()));
            let mut all = shares.concat();
            all.sort_unstable();
            assert_eq!(all, (0..1000).collect::<Vec<_>>());
        }
        assert_eq!(deal(2, 0, |items| items.count()), [0]);
    }
    /// Four hundred packages, enough for several threads.
    fn many() -> Case {
        let mut case = Case::default();
        let names: Vec<usize> = (0..400).collect();
        let lines = |line: &dyn Fn(&usize) -> String| names.iter().map(line).collect::<Vec<_>>();
        let advisories = lines(&|it| format!("CVE-1-{it} deb/debian:12 p{it} fixed 2.0"));
        let inventory = lines(&|it| format!("deb/debian:12 p{it} 1.0"));
        for (name, lines) in [("advisory", advisories), ("inventory", inventory)] {
            case.block(name, &lines.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        }
        case
    }

    #[test]
    fn packages_are_matched_the_same_however_many_threads_do_it() {
        let mut case = many();
        let found = |case: &Case| {
            show::with(case, |snapshot, context| {
                let matches = match_inventory(&case.inventory, snapshot, context);
                let ids: Vec<String> = matches.findings.into_iter().map(|it| it.id).collect();
                (ids, matches.problems)
            })
        };
        let (ids, problems) = found(&case);
        let mut expected: Vec<String> = (0..400).map(|it| format!("CVE-1-{it}")).collect();
        expected.sort();
        assert_eq!((ids, problems), (expected, Vec::new()));
        case.findings_max = Some(100);
        let (ids, problems) = found(&case);
        assert_eq!((ids.len(), problems.len()), (100, 1));
        assert_eq!(found(&case), (ids, problems), "those that are left out are always the same");
    }
}
