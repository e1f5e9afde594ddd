//! Registries of others, and namespaces whose images lie there.

use super::*;

fn harbor() -> OtherRegistrySettings {
    OtherRegistrySettings {
        name: "harbor".to_owned(),
        host: "harbor.example".to_owned(),
        username: Some("robot$scanner".to_owned()),
        insecure: false,
    }
}

fn everything(registry: OtherRegistryId) -> SourceSettings {
    SourceSettings {
        registry,
        repositories: vec!["library/*".to_owned()],
        tags: vec!["*".to_owned()],
        every_minutes: 15,
    }
}

impl Fixture {
    async fn registry(&self) -> OtherRegistryId {
        let password = RegistryPassword::new("hush");
        let access = self.authoriser.system::<Configure>();
        self.store.create_other_registry(&access, (&harbor(), Some(&password)), NOW).await.unwrap()
    }

    /// A namespace whose images lie in a registry.
    async fn elsewhere(&self, name: &str) -> OtherRegistryId {
        self.namespace(name, &settings()).await;
        let (registry, access) = (self.registry().await, self.authoriser.system::<Configure>());
        self.store.set_source(&access, &namespace(name), &everything(registry), NOW).await.unwrap();
        registry
    }
}

#[test]
fn a_registry_is_known_by_name_and_its_password_is_shown_to_nobody() {
    on_both(async |t| {
        let (configure, scan) = (t.authoriser.system::<Configure>(), t.authoriser.system::<Scan>());
        let id = t.registry().await;
        let again = t.store.create_other_registry(&configure, (&harbor(), None), NOW).await;
        assert!(matches!(again, Err(Error::Exists { what: Noun::Registry, .. })));
        let nameless = OtherRegistrySettings { name: " ".to_owned(), ..harbor() };
        assert!(t.store.create_other_registry(&configure, (&nameless, None), NOW).await.is_err());
        t.store.note_registry(&scan, id, Ok("harbor"), later(1)).await.unwrap();
        t.store.note_registry(&scan, id, Err("it does not answer"), later(2)).await.unwrap();
        let found = t.store.other_registries(&configure, None, 10).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind.as_deref(), found[0].checked_at), (Some("harbor"), Some(later(2))));
        assert_eq!(found[0].problem.as_deref(), Some("it does not answer"));
        assert_eq!(t.store.other_registries(&configure, Some("harbor"), 10).await.unwrap(), []);
        let login = t.store.registry_login(&scan, id).await.unwrap();
        assert_eq!(login.password.as_ref().map(RegistryPassword::expose), Some("hush"));
        assert!(!format!("{login:?}").contains("hush"));
        let moved = OtherRegistrySettings { host: "other.example".to_owned(), username: None, ..harbor() };
        t.store.change_other_registry(&configure, id, (&moved, None)).await.unwrap();
        let found = t.store.other_registry(&configure, id).await.unwrap();
        assert_eq!((found.settings, found.kind, found.problem), (moved, None, None));
        assert_eq!(t.store.registry_login(&scan, id).await.unwrap().password, None);
        t.store.delete_other_registry(&configure, id).await.unwrap();
        assert!(t.store.other_registry(&configure, id).await.is_err());
    });
}

#[test]
fn a_namespace_has_its_images_here_or_elsewhere_and_not_both() {
    on_both(async |t| {
        let configure = t.authoriser.system::<Configure>();
        let registry = t.elsewhere("far").await;
        t.namespace("near", &settings()).await;
        t.push(("near", "app"), "1", "image", &["blob"]).await;
        let refused = t.store.set_source(&configure, &namespace("near"), &everything(registry), NOW).await;
        assert!(matches!(refused, Err(Error::InUse { what: Noun::Namespace, .. })));
        let none = SourceSettings { repositories: Vec::new(), ..everything(registry) };
        assert!(t.store.set_source(&configure, &namespace("far"), &none, NOW).await.is_err());
        let never = SourceSettings { every_minutes: 0, ..everything(registry) };
        assert!(t.store.set_source(&configure, &namespace("far"), &never, NOW).await.is_err());
        let nowhere = everything(OtherRegistryId::from_number(99));
        assert!(t.store.set_source(&configure, &namespace("far"), &nowhere, NOW).await.is_err());
        let far = t.store.namespace(&t.access("far").await).await.unwrap();
        assert_eq!(far.source_host.as_deref(), Some("harbor.example"));
        assert_eq!(t.store.namespace(&t.access("near").await).await.unwrap().source_host, None);
        let system = t.authoriser.system::<Scan>();
        let host = t.store.source_host(&system, far.id).await.unwrap();
        assert_eq!(host.as_deref(), Some("harbor.example"));
        let in_use = t.store.delete_other_registry(&configure, registry).await;
        assert!(matches!(in_use, Err(Error::InUse { what: Noun::Registry, .. })));
        assert_eq!(t.store.other_registry(&configure, registry).await.unwrap().namespaces, 1);
        t.store.remove_source(&configure, &namespace("far")).await.unwrap();
        assert!(t.store.remove_source(&configure, &namespace("far")).await.is_err());
        t.store.delete_other_registry(&configure, registry).await.unwrap();
    });
}

#[test]
fn a_look_is_taken_once_and_asked_for_at_any_time() {
    on_both(async |t| {
        let registry = t.elsewhere("far").await;
        let (system, access) = (t.authoriser.system::<Scan>(), t.access::<Configure>("far").await);
        let due = t.store.take_due_source(&system, later(600), NOW).await.unwrap().unwrap();
        assert_eq!((due.namespace, &due.settings), (access.namespace(), &everything(registry)));
        assert_eq!((due.name.as_str(), due.login.settings), ("far", harbor()));
        assert_eq!(t.store.take_due_source(&system, later(700), later(1)).await.unwrap(), None);
        let looked = Looked { repositories: 2, images: 7, is_cut: true, ..Looked::default() };
        let times = (later(600), later(900));
        t.store.note_look(&system, due.namespace, &looked, times, later(5)).await.unwrap();
        let source = t.store.source(&access).await.unwrap().unwrap();
        assert_eq!((source.synced_at, source.next_at), (Some(later(5)), later(900)));
        assert_eq!((source.looked, source.host.as_str()), (looked, "harbor.example"));
        // Asked for while a look goes on: the next one follows at once.
        t.store.take_due_source(&system, later(2_000), later(900)).await.unwrap().unwrap();
        t.store.look_at_source(&access, later(901)).await.unwrap();
        let failed = Looked { problem: Some("x".repeat(5_000)), ..Looked::default() };
        let times = (later(2_000), later(3_000));
        t.store.note_look(&system, due.namespace, &failed, times, later(902)).await.unwrap();
        let source = t.store.source(&access).await.unwrap().unwrap();
        assert_eq!((source.next_at, source.looked.problem.unwrap().len()), (later(901), 1_000));
    });
}

#[test]
fn what_lies_elsewhere_is_listed_without_its_blobs() {
    on_both(async |t| {
        t.elsewhere("far").await;
        let (access, system) = (t.access::<Push>("far").await, t.authoriser.system::<Scan>());
        let (app, image) = (repository("library/app"), manifest("image", &["config", "layer"]));
        let listed = async |name: &str, manifest: &NewManifest, bytes| {
            let name = tag(name);
            let place = (&app, Some(&name));
            t.store.list_manifest(&access, place, (manifest, bytes), NOW).await.unwrap()
        };
        assert!(listed("1", &image, 5_000).await.is_new);
        assert!(t.store.is_listed(&access, &app, &image.digest).await.unwrap());
        let found = t.store.elsewhere(&system, &image.digest).await.unwrap().unwrap();
        assert_eq!((found.repository, found.login.settings), (app.clone(), harbor()));
        assert_eq!(t.store.stored_manifest(&system, &image.digest).await.unwrap().blobs, []);
        let place = access.namespace();
        let row = t.store.artifact(&t.access::<Read>("far").await, &app, &by_tag("1")).await.unwrap();
        assert_eq!(t.store.candidate(&system, row.id).await.unwrap().namespace, place);
        // The tag moves on: what it has left is named by nobody.
        listed("1", &manifest("newer", &[]), 0).await;
        assert_eq!(t.store.unnamed(&access, &app, 10).await.unwrap(), [image.digest]);
        // The same image in a repository of our own is read there.
        t.namespace("near", &settings()).await;
        t.push(("near", "app"), "1", "image", &["config", "layer"]).await;
        assert_eq!(t.store.stored_manifest(&system, &image.digest).await.unwrap().blobs.len(), 2);
        let configure = t.authoriser.system::<Configure>();
        let kept = t.store.remove_source(&configure, &namespace("far")).await;
        assert!(matches!(kept, Err(Error::InUse { what: Noun::Source, .. })));
        t.store.delete_repository(&access, &app, later(1)).await.unwrap();
        t.check_sum("far").await;
        t.store.remove_source(&configure, &namespace("far")).await.unwrap();
    });
}
