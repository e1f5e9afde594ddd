//! Indexes: they are what their images are together, in lists as well as alone.

use super::*;

const APP: (&str, &str) = ("team", "app");
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

impl Fixture {
    async fn index(&self, text: &str, children: &[&str]) -> ArtifactId {
        let mut index = manifest(text, &[]);
        index.media_type = INDEX.to_owned();
        index.children = children.iter().map(|it| Child { digest: digest(it), platform: None }).collect();
        self.try_put(APP, Some(text), &index, NOW).await.unwrap().artifact
    }

    async fn row(&self, id: ArtifactId) -> ArtifactRow {
        self.store.artifact_row(&self.access("team").await, id).await.unwrap().unwrap()
    }

    async fn ask(&self, id: ArtifactId) {
        self.store.request_scan(&self.access("team").await, id, Priority::Asked, NOW).await.unwrap();
    }

    async fn listed_as(&self, id: ArtifactId, state: &str) {
        let page = ArtifactPage { order: ArtifactOrder::Pushed, after: None, limit: 100 };
        let filter = ArtifactFilter { state: Some(state), ..ArtifactFilter::default() };
        let rows = self.store.artifact_rows(&self.access("team").await, &filter, page).await.unwrap();
        assert!(rows.iter().any(|it| it.id == id), "not {state}, but {:?}", self.row(id).await.state);
    }
}

#[test]
fn an_index_goes_where_its_images_go() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let one = t.push(APP, "one", "one", &["layer"]).await.artifact;
        let two = t.push(APP, "two", "two", &["layer"]).await.artifact;
        let index = t.index("index", &["one", "two"]).await;
        t.listed_as(index, "not_scanned").await;
        t.ask(one).await;
        t.listed_as(index, "queued").await;
        let system = t.authoriser.system();
        let lease = t.store.claim(&system, "w", later(100), NOW).await.unwrap().unwrap();
        t.store.heartbeat(&lease, "layers", 40, later(100)).await.unwrap();
        t.listed_as(index, "scanning").await;
        let scanning = ScanState::Scanning { phase: "images".to_owned(), progress_percent: 40 };
        assert_eq!(t.row(index).await.state, scanning);
        t.store.give_up(&lease, "no archive", later(5)).await.unwrap();
        t.listed_as(index, "failed").await;
        t.ask(two).await;
        t.store.stop_scan(&t.access("team").await, two, later(6)).await.unwrap();
        t.listed_as(index, "failed").await;
        t.ask(one).await;
        t.store.stop_scan(&t.access("team").await, one, later(6)).await.unwrap();
        t.listed_as(index, "stopped").await;
        for image in [one, two] {
            t.store.mark_unsupported(&t.access("team").await, image, later(7)).await.unwrap();
        }
        t.listed_as(index, "not_supported").await;
    });
}

#[test]
fn an_index_has_the_sum_of_its_images_and_says_what_is_missing() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let none = Counts::default();
        t.with_result("one", "one", Counts { high: 2, other: 1, fixable: 1, ..none }).await;
        t.with_result("two", "two", Counts { critical: 1, ..none }).await;
        let three = t.push(APP, "three", "three", &["layer"]).await.artifact;
        let inner = t.index("inner", &["one", "two"]).await;
        // What is in it twice counts once.
        let outer = t.index("outer", &["inner", "one", "three"]).await;
        let sum = Counts { critical: 1, high: 2, other: 1, fixable: 1, ..none };
        let (inside, outside) = (t.row(inner).await, t.row(outer).await);
        assert_eq!((inside.counts, inside.together.unwrap().is_limited()), (Some(sum), false));
        assert_eq!((outside.counts, outside.state), (Some(sum), ScanState::Complete));
        let together = outside.together.unwrap();
        assert_eq!((together.scannable, together.scanned, together.is_limited()), (3, 2, true));
        t.store.mark_unsupported(&t.access("team").await, three, later(7)).await.unwrap();
        assert!(!t.row(outer).await.together.unwrap().is_limited());
        let page = ArtifactPage { order: ArtifactOrder::Severity, after: None, limit: 100 };
        let filter = ArtifactFilter { severity_at_least: Some(4), ..ArtifactFilter::default() };
        let worst = t.store.artifact_rows(&t.access("team").await, &filter, page).await.unwrap();
        assert_eq!(worst.len(), 3);
        assert_eq!(worst[0].id, outer);
        let summary = t.store.namespace_summary(&t.access("team").await).await.unwrap();
        assert_eq!((summary.artifacts, summary.critical, summary.high), (3, 1, 1));
        // Without one of its images nobody can say what an index comes to.
        let access = t.access("team").await;
        t.store.delete_artifact(&access, &repository("app"), &digest("two"), later(8)).await.unwrap();
        let inside = t.row(inner).await;
        assert_eq!(inside.counts, Some(Counts { critical: 0, ..sum }));
        assert!(inside.together.unwrap().is_limited());
        t.with_result("two", "two", Counts { critical: 1, ..none }).await;
        assert!(!t.row(inner).await.together.unwrap().is_limited());
    });
}

#[test]
fn an_image_is_as_large_as_its_blobs_and_an_index_as_its_images() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let one = t.push(APP, "one", "image one", &["a layer", "a layer", "another"]).await.artifact;
        t.push(APP, "two", "image two", &["a layer", "more"]).await;
        let index = t.index("index", &["image one", "image two"]).await;
        let outer = t.index("outer", &["index", "image one"]).await;
        let sizes = async |id| {
            let row = t.row(id).await;
            (row.size_bytes, row.manifest_size_bytes)
        };
        assert_eq!(sizes(one).await, (14, 9));
        assert_eq!(sizes(index).await, (25, 5));
        assert_eq!(sizes(outer).await, (25, 5));
    });
}

#[test]
fn an_index_of_more_than_a_thousand_images_is_summed_up_as_a_small_one_is() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let counts = Counts { high: 1, fixable: 1, ..Counts::default() };
        let mut names: Vec<String> = (0..1_010).map(|it| format!("image {it}")).collect();
        for name in &names[3..] {
            t.try_put(APP, None, &manifest(name, &[]), NOW).await.unwrap();
        }
        for (tag, name) in ["a", "b", "c"].into_iter().zip(&names) {
            t.with_result(tag, name, counts).await;
        }
        let index = t.index("index", &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let expect = async |scanned: u64, high: u64| {
            let row = t.row(index).await;
            let together = row.together.unwrap();
            assert_eq!((together.scannable, together.scanned), (1_010, scanned));
            assert_eq!(row.counts.map(|it| it.high), Some(high));
            assert!(together.is_limited());
        };
        expect(3, 3).await;
        t.listed_as(index, "complete").await;
        // What happens to any of them shows in it.
        t.with_result("last", &names[1_009], counts).await;
        expect(4, 4).await;
        let access = t.access("team").await;
        assert_eq!(t.store.children(&access, index).await.unwrap().len(), 1_010);
        t.store.delete_artifact(&access, &repository("app"), &digest(&names[0]), later(8)).await.unwrap();
        expect(3, 3).await;
        // A manifest may name so many things and no more.
        names.extend((1_010..4_097).map(|it| format!("image {it}")));
        let mut large = manifest("large", &[]);
        large.children = names.iter().map(|it| Child { digest: digest(it), platform: None }).collect();
        let error = t.try_put(APP, None, &large, NOW).await.unwrap_err();
        assert_eq!(error.to_string(), "a manifest that names more than 4096 things cannot be stored");
    });
}
