//! Dealing work out to the processors, in order.

use std::panic::resume_unwind;

/// Gives each processor a share of the items that stand together; the results in the items' order.
pub(crate) fn shares<'t, T: Sync, R: Send>(items: &'t [T], work: impl Fn(&'t [T]) -> R + Sync) -> Vec<R> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(workers).max(1);
    at_once(items.chunks(share), work)
}

/// Works on all shares at the same time.
fn at_once<'t, T: Sync + 't, R: Send>(
    shares: impl Iterator<Item = &'t [T]>,
    work: impl Fn(&'t [T]) -> R + Sync,
) -> Vec<R> {
    let work = &work;
    std::thread::scope(|scope| {
        let workers: Vec<_> = shares.map(|share| scope.spawn(move || work(share))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// As [`shares`], where items are of very different weight: each processor's share weighs the same.
pub(crate) fn fair_shares<'t, T: Sync, R: Send>(
    items: &'t [T],
    weight: impl Fn(&T) -> usize,
    work: impl Fn(&'t [T]) -> R + Sync,
) -> Vec<R> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let fair = items.iter().map(&weight).sum::<usize>().div_ceil(workers);
    let (mut shares, mut rest) = (Vec::new(), items);
    while !rest.is_empty() {
        let mut weighs = 0;
        let full = rest.iter().position(|item| {
            weighs += weight(item);
            fair <= weighs
        });
        let (share, left) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
        shares.push(share);
        rest = left;
    }
    at_once(shares.into_iter(), work)
}

/// One result for each item.
pub(crate) fn map<'t, T: Sync, R: Send>(items: &'t [T], work: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    let shares = shares(items, |share| share.iter().map(&work).collect::<Vec<R>>());
    shares.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..1000).collect();
        assert_eq!(map(&items, |it| it * 2), items.iter().map(|it| it * 2).collect::<Vec<_>>());
        assert_eq!(shares(&items, <[u32]>::len).into_iter().sum::<usize>(), 1000);
        assert!(map(&[] as &[u32], |it| *it).is_empty());
        let fair = fair_shares(&items, |it| *it as usize, <[u32]>::to_vec);
        assert!(fair.iter().all(|share| !share.is_empty()));
        assert_eq!(fair.concat(), items);
        assert!(fair_shares(&[] as &[u32], |_| 1, |_| ()).is_empty());
    }
}
