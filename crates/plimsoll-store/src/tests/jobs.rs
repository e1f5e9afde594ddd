//! The queue: nothing lost, nothing done twice at a time, nobody starved.

use super::*;

fn job<'a>(key: &'a str, priority: Priority) -> NewJob<'a> {
    NewJob {
        kind: "scan",
        key,
        namespace: None,
        priority,
        payload: "{}",
        attempts_max: 2,
        while_running: WhileRunning::Join,
    }
}

impl Fixture {
    async fn put(&self, job: &NewJob<'_>) -> JobId {
        self.store.enqueue(&self.authoriser.system(), job, NOW).await.unwrap()
    }

    /// Takes a job for ten seconds.
    async fn take(&self, now: Timestamp) -> Option<Lease> {
        let until = Timestamp(now.0 + 10);
        self.store.claim(&self.authoriser.system(), "worker", until, now).await.unwrap()
    }

    async fn keys(&self, count: usize) -> String {
        let mut keys = Vec::new();
        for _ in 0..count {
            keys.push(self.take(NOW).await.map_or("-".to_owned(), |it| it.key));
        }
        keys.join(" ")
    }

    async fn counts(&self) -> String {
        let counts = self.store.job_counts(&self.authoriser.system()).await.unwrap();
        counts.iter().map(|it| format!("{} {}", it.2, it.1.name())).collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn what_is_urgent_goes_first_and_the_rest_in_order() {
    on_both(async |t| {
        t.put(&job("a", Priority::Background)).await;
        t.put(&job("b", Priority::Pushed)).await;
        t.put(&job("c", Priority::Pushed)).await;
        t.put(&job("d", Priority::Asked)).await;
        assert_eq!(t.keys(5).await, "d b c a -");
    });
}

#[test]
fn namespaces_take_turns() {
    on_both(async |t| {
        for name in ["large", "small", "late"] {
            t.namespace(name, &settings()).await;
        }
        let within = async |key, name| NewJob {
            namespace: Some(t.access::<Scan>(name).await.namespace()),
            ..job(key, Priority::Pushed)
        };
        for key in ["l1", "l2", "l3", "l4", "l5"] {
            t.put(&within(key, "large").await).await;
        }
        t.put(&within("s1", "small").await).await;
        assert_eq!(t.keys(3).await, "l1 s1 l2");
        t.put(&within("x1", "late").await).await;
        t.put(&within("x2", "late").await).await;
        assert_eq!(t.keys(5).await, "l3 x1 l4 x2 l5");
    });
}

#[test]
fn of_one_key_one_is_on_its_way() {
    on_both(async |t| {
        let first = t.put(&job("a", Priority::Background)).await;
        t.put(&job("b", Priority::Background)).await;
        let second = t.put(&job("a", Priority::Asked)).await;
        assert_eq!(first, second);
        let lease = t.take(NOW).await.unwrap();
        assert_eq!(lease.key, "a");
        assert_eq!(t.put(&job("a", Priority::Asked)).await, first);
        assert_eq!(t.store.complete(&lease, NOW).await.unwrap(), Beat::GoOn);
        assert_eq!(t.counts().await, "1 done, 1 queued");
        assert_ne!(t.put(&job("a", Priority::Asked)).await, first);
    });
}

#[test]
fn what_is_asked_for_again_while_it_runs_runs_again() {
    on_both(async |t| {
        t.put(&job("a", Priority::Pushed)).await;
        let lease = t.take(NOW).await.unwrap();
        let again = NewJob {
            while_running: WhileRunning::Again,
            payload: "{\"new\":1}",
            ..job("a", Priority::Pushed)
        };
        t.put(&again).await;
        assert!(t.take(NOW).await.is_none());
        t.store.complete(&lease, NOW).await.unwrap();
        let lease = t.take(NOW).await.unwrap();
        assert_eq!((lease.payload.as_str(), lease.attempt), ("{\"new\":1}", 1));
        t.store.complete(&lease, NOW).await.unwrap();
        assert_eq!(t.counts().await, "1 done");
    });
}

#[test]
fn a_worker_that_is_silent_loses_its_job_and_can_change_nothing() {
    on_both(async |t| {
        t.put(&job("a", Priority::Pushed)).await;
        let lost = t.take(NOW).await.unwrap();
        assert_eq!(t.store.heartbeat(&lost, "layers", 50, later(20)).await.unwrap(), Beat::GoOn);
        assert!(t.take(later(20)).await.is_none());
        let taken = t.take(later(21)).await.unwrap();
        assert_eq!((taken.job, taken.fence, taken.attempt), (lost.job, lost.fence + 1, 2));
        assert_eq!(t.store.heartbeat(&lost, "layers", 60, later(90)).await.unwrap(), Beat::Lost);
        assert_eq!(t.store.complete(&lost, later(22)).await.unwrap(), Beat::Lost);
        assert_eq!(t.store.fail(&lost, "late", later(22)).await.unwrap(), Beat::Lost);
        assert_eq!(t.store.complete(&taken, later(22)).await.unwrap(), Beat::GoOn);
    });
}

#[test]
fn a_job_whose_workers_die_is_given_up() {
    on_both(async |t| {
        t.put(&job("a", Priority::Pushed)).await;
        t.take(NOW).await.unwrap();
        t.take(later(11)).await.unwrap();
        assert!(t.take(later(22)).await.is_none());
        assert_eq!(t.counts().await, "1 failed");
    });
}

#[test]
fn a_job_that_failed_is_tried_again_later_and_not_for_ever() {
    on_both(async |t| {
        t.put(&job("a", Priority::Pushed)).await;
        let lease = t.take(NOW).await.unwrap();
        t.store.fail(&lease, "no\0 answer", NOW).await.unwrap();
        assert!(t.take(later(4)).await.is_none());
        assert_eq!(t.counts().await, "1 waiting");
        let lease = t.take(later(5)).await.unwrap();
        t.store.fail(&lease, "no answer", later(5)).await.unwrap();
        assert_eq!(t.counts().await, "1 failed");
        let access = t.authoriser.system();
        assert_eq!(t.store.delete_old_jobs(&access, later(5)).await.unwrap(), 0);
        assert_eq!(t.store.delete_old_jobs(&access, later(6)).await.unwrap(), 1);
    });
}

#[test]
fn stopping_stops_this_job_and_no_later_one() {
    on_both(async |t| {
        let first = t.put(&job("a", Priority::Pushed)).await;
        let lease = t.take(NOW).await.unwrap();
        let access = t.authoriser.system();
        assert!(t.store.stop_job(&access, first, NOW).await.unwrap());
        assert!(!t.store.stop_job(&access, first, NOW).await.unwrap());
        t.put(&job("a", Priority::Pushed)).await;
        assert_eq!(t.store.heartbeat(&lease, "layers", 1, later(9)).await.unwrap(), Beat::Lost);
        assert_eq!(t.take(NOW).await.unwrap().key, "a");
    });
}

#[test]
fn many_workers_take_each_job_once() {
    on_both(async |t| {
        for number in 0..40 {
            t.put(&job(&number.to_string(), Priority::Pushed)).await;
        }
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let (store, authoriser) = (t.store.clone(), t.authoriser.clone());
                tokio::spawn(async move {
                    let mut keys = Vec::new();
                    let access = authoriser.system();
                    while let Some(lease) = store.claim(&access, "w", later(10), NOW).await.unwrap() {
                        assert_eq!(store.complete(&lease, NOW).await.unwrap(), Beat::GoOn);
                        keys.push(lease.key);
                    }
                    keys
                })
            })
            .collect();
        let mut keys = Vec::new();
        for worker in workers {
            keys.extend(worker.await.unwrap());
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 40);
        assert_eq!(t.counts().await, "40 done");
    });
}

#[test]
fn whoever_starts_alone_takes_up_what_was_left_at_once() {
    on_both(async |t| {
        t.put(&job("a", Priority::Pushed)).await;
        let left = t.take(NOW).await.unwrap();
        assert!(t.take(later(1)).await.is_none());
        t.store.end_leases(&t.authoriser.system()).await.unwrap();
        let again = t.take(later(1)).await.unwrap();
        assert_eq!((again.key.as_str(), again.attempt), ("a", 2));
        assert_eq!(t.store.complete(&left, later(2)).await.unwrap(), Beat::Lost);
    });
}

#[test]
fn a_database_that_is_whole_has_no_faults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&format!("sqlite:{}", path.display()), &options(), NOW).await.unwrap();
        store.close().await;
        assert_eq!(check_sqlite(&path).await.unwrap(), Vec::<String>::new());
    });
}
