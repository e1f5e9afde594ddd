//! Taking over from the snapshot before makes no difference to the bytes.

use plimsoll_core::{End, Epss, Kev, Range, Rating, Realm, Severity, Timestamp};
use proptest::prelude::*;

use super::{Before, BuildError, FeedInput, FeedMeta, KeptInput, Ledger, ShardSource, build_kept};
use crate::shard::Index;
use crate::snapshot::PackedTexts;
use crate::snapshot::tests::advisory;
use crate::{FeedOutput, Record, Shard, Snapshot};

const SEED: u64 = 11;
const IDS: [&str; 6] =
    ["CVE-2020-0001", "CVE-2020-0002", "CVE-2020-0003", "GHSA-a", "GHSA-b", "announcement-of-some-length"];
const FEEDS: [&str; 4] = ["redhat-vex", "osv-local", "debian", "debian-announcements"];

/// The snapshot of these shards, and its ledger.
fn built(
    shards: &[Shard],
    earlier: Option<&Snapshot<Vec<u8>>>,
    before: Option<&Before<'_>>,
) -> Result<(Vec<u8>, Ledger), BuildError> {
    let metas: Vec<FeedMeta> = shards.iter().map(|it| FeedMeta::named(&it.feed)).collect();
    let indexes: Vec<Index> = shards.iter().map(|it| Index::of(it, SEED).unwrap()).collect();
    let feeds = metas.iter().zip(&indexes).zip(shards);
    let feeds = feeds.map(|((meta, index), shard)| FeedInput { meta, index, shard });
    let input = KeptInput { sequence: 2, built: Timestamp(1_700_000_000), feeds: feeds.collect() };
    build_kept(&input, earlier.map(|it| it as &dyn PackedTexts), before)
}

/// What is said of one vulnerability in one package, as far as merging looks at it.
#[derive(Clone, Debug)]
struct Said {
    feed: usize,
    realm: bool,
    package: usize,
    id: usize,
    fixed: usize,
    versions: usize,
    announced: Option<usize>,
}

fn said() -> impl Strategy<Value = Said> {
    let place = (0..FEEDS.len(), any::<bool>(), 0..3usize);
    (place, 0..IDS.len(), 0..3usize, 0..4usize, prop::option::of(0..IDS.len())).prop_map(
        |((feed, realm, package), id, fixed, versions, announced)| Said {
            feed,
            realm,
            package,
            id,
            fixed,
            versions,
            announced,
        },
    )
}

#[derive(Clone, Debug)]
struct Told {
    feed: usize,
    id: usize,
    alias: Option<usize>,
    text: usize,
    withdrawn: bool,
}

fn told() -> impl Strategy<Value = Told> {
    (0..FEEDS.len(), 0..IDS.len(), prop::option::of(0..IDS.len()), 0..3usize, prop::bool::weighted(0.2))
        .prop_map(|(feed, id, alias, text, withdrawn)| Told { feed, id, alias, text, withdrawn })
}

#[derive(Clone, Debug)]
struct World {
    said: Vec<Said>,
    told: Vec<Told>,
    scores: Vec<(usize, u32)>,
    exploited: Vec<usize>,
}

fn world() -> impl Strategy<Value = World> {
    (
        prop::collection::vec(said(), 0..12),
        prop::collection::vec(told(), 0..8),
        prop::collection::vec((0..IDS.len(), 0..3u32), 0..3),
        prop::collection::vec(0..IDS.len(), 0..3),
    )
        .prop_map(|(said, told, scores, exploited)| World { said, told, scores, exploited })
}

fn shards(world: &World) -> Vec<Shard> {
    let mut outputs: Vec<FeedOutput> = FEEDS.iter().map(|_| FeedOutput::default()).collect();
    for it in &world.said {
        let mut said = advisory(FEEDS[it.feed], IDS[it.id]);
        said.realm = Realm(if it.realm { "rpm/redhat:9" } else { "npm" }.to_owned());
        said.package = format!("package-{}", it.package);
        said.ranges =
            vec![Range { introduced: None, end: End::Fixed(format!("{}.0-of-some-length", it.fixed)) }];
        said.versions = (0..it.versions).map(|version| format!("1.{version}")).collect();
        said.advisory_ids = it.announced.map(|id| IDS[id].to_owned()).into_iter().collect();
        outputs[it.feed].advisories.push(said);
    }
    for it in &world.told {
        outputs[it.feed].records.push(Record {
            id: IDS[it.id].to_owned(),
            aliases: it.alias.map(|id| IDS[id].to_owned()).into_iter().collect(),
            summary: Some(format!("text {}", it.text)),
            ratings: vec![Rating { source: "a source".to_owned(), severity: Severity::High }],
            withdrawn: it.withdrawn,
            ..Record::default()
        });
    }
    for (id, score) in &world.scores {
        let model = Some("a model with a name".to_owned());
        let epss = Epss { score_millionths: *score, percentile_millionths: None, model, date: None };
        outputs[2].epss.push((IDS[*id].to_owned(), epss));
    }
    for id in &world.exploited {
        outputs[3].kev.push((IDS[*id].to_owned(), Kev { added: None, due: None, ransomware: true }));
    }
    FEEDS.iter().zip(outputs).map(|(feed, output)| Shard::of(feed, 1, output)).collect()
}

/// Builds one world after the other, and the other from nothing.
#[track_caller]
fn check(one: &World, other: &World) {
    let (before, ledger) = built(&shards(one), None, None).unwrap();
    let before = Snapshot::open(before).unwrap();
    let ledger = Ledger::decode(&ledger.encode(&before.digest()), &before.digest(), SEED).unwrap();
    let other = shards(other);
    let from_nothing = built(&other, Some(&before), None).unwrap();
    let taken_over = Before::of(&before, &ledger).unwrap().unwrap();
    let with_it = built(&other, Some(&before), Some(&taken_over)).unwrap();
    assert!(with_it == from_nothing, "{one:#?} {other:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_after_another_is_the_one_built_from_nothing(one in world(), other in world()) {
        check(&one, &other);
    }

    #[test]
    fn so_it_is_after_a_small_change(one in world(), more in said(), text in told(), gone in 0..12usize) {
        let mut other = one.clone();
        other.said.push(more);
        check(&one, &other);
        other.told.push(text);
        check(&one, &other);
        if gone < other.said.len() {
            other.said.remove(gone);
        }
        other.exploited.push(0);
        check(&one, &other);
    }
}

/// A shard that nobody may ask for.
struct NotAsked;

impl ShardSource for NotAsked {
    fn shard(&self) -> Option<&Shard> {
        panic!("a shard was read of which nothing changed")
    }
}

#[test]
fn a_shard_of_which_nothing_changed_is_not_read() {
    let said = |feed: usize, fixed: usize| Said {
        feed,
        realm: feed == 0,
        package: feed,
        id: feed,
        fixed,
        versions: 2,
        announced: None,
    };
    let told = |feed: usize| Told { feed, id: feed, alias: None, text: feed, withdrawn: false };
    let world = |fixed| World {
        said: vec![said(0, fixed), said(2, 1)],
        told: vec![told(0), told(2)],
        scores: vec![],
        exploited: vec![],
    };
    let (one, other) = (shards(&world(1)), shards(&world(2)));
    let (before, ledger) = built(&one, None, None).unwrap();
    let before = Snapshot::open(before).unwrap();
    let taken_over = Before::of(&before, &ledger).unwrap().unwrap();
    let metas: Vec<FeedMeta> = other.iter().map(|it| FeedMeta::named(&it.feed)).collect();
    let indexes: Vec<Index> = other.iter().map(|it| Index::of(it, SEED).unwrap()).collect();
    let feed = |at: usize| FeedInput {
        meta: &metas[at],
        index: &indexes[at],
        shard: if at == 0 { &other[at] } else { &NotAsked },
    };
    let feeds = (0..FEEDS.len()).map(feed).collect();
    let input = KeptInput { sequence: 2, built: Timestamp(1_700_000_000), feeds };
    let (bytes, _) = build_kept(&input, Some(&before), Some(&taken_over)).unwrap();
    assert!(bytes == built(&other, Some(&before), None).unwrap().0);
}

#[test]
fn a_ledger_belongs_to_one_snapshot_and_one_seed() {
    let world = World { said: vec![], told: vec![], scores: vec![], exploited: vec![0] };
    let (bytes, ledger) = built(&shards(&world), None, None).unwrap();
    let digest = Snapshot::open(&bytes).unwrap().digest();
    let kept = ledger.encode(&digest);
    assert_eq!(Ledger::decode(&kept, &digest, SEED), Some(ledger));
    assert_eq!(Ledger::decode(&kept, &digest, SEED + 1), None);
    let other = plimsoll_core::Digest::sha256([0; 32]);
    assert_eq!(Ledger::decode(&kept, &other, SEED), None);
    assert_eq!(Ledger::decode(&kept[..kept.len() - 1], &digest, SEED), None);
}
