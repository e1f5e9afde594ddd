//! Users whom an issuer vouches for, and what its groups grant them.

use super::*;
use crate::{IssuerGrant, IssuerGrantChanges};

fn grant(text: &str) -> IssuerGrant {
    let (granted, place) = text.split_once('@').map_or((text, None), |it| (it.0, Some(it.1)));
    IssuerGrant { namespace: place.map(namespace), granted: Granted::parse(granted).unwrap() }
}

impl Fixture {
    async fn set(&self, user: PrincipalId, wanted: &[&str]) -> IssuerGrantChanges {
        let wanted: Vec<_> = wanted.iter().map(|it| grant(it)).collect();
        self.store.set_issuer_grants(&self.authoriser.system(), user, &wanted).await.unwrap()
    }

    async fn has(&self, user: PrincipalId, name: &str) -> String {
        let caller = self.authoriser.by_login(user).await.unwrap().unwrap();
        let permissions = self.authoriser.permissions(&caller, &namespace(name)).await.unwrap();
        permissions.each().map(Permission::name).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn what_groups_grant_follows_them_and_what_was_granted_by_hand_stays() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.namespace("other", &settings()).await;
        let system = t.authoriser.system();
        let ben = t.store.create_user(&system, "ben", None, Some("i 1"), NOW).await.unwrap();
        let team = t.access::<Administer>("team").await;
        t.store.grant(&team, ben, Granted::Role(Role::Viewer)).await.unwrap();
        let changes = t.set(ben, &["viewer@team", "developer@other", "read", "read", "push@missing"]).await;
        assert_eq!(changes.given, [grant("developer@other"), grant("read")]);
        assert_eq!(t.set(ben, &["developer@other", "read"]).await, IssuerGrantChanges::default());
        assert_eq!(t.has(ben, "other").await, "read pull push scan");
        let changes = t.set(ben, &[]).await;
        assert_eq!(changes.taken.len(), 2);
        assert_eq!(t.has(ben, "other").await, "");
        assert_eq!(t.has(ben, "team").await, "read pull");
        // What somebody grants by hand is not taken back any more.
        t.set(ben, &["scan@team"]).await;
        t.store.grant(&team, ben, Granted::Permission(Permission::Scan)).await.unwrap();
        t.set(ben, &[]).await;
        assert_eq!(t.has(ben, "team").await, "read pull scan");
    });
}

#[test]
fn the_last_administrator_stays_one_whatever_the_groups_say() {
    on_both(async |t| {
        let system = t.authoriser.system();
        let ben = t.store.create_user(&system, "ben", None, Some("i 1"), NOW).await.unwrap();
        t.set(ben, &["administrator"]).await;
        let changes = t.set(ben, &[]).await;
        assert!(changes.is_last_administrator && changes.taken.is_empty());
        assert!(t.store.has_administrator(&system).await.unwrap());
        t.store.create_administrator(&system, "root", "x", NOW).await.unwrap();
        assert_eq!(t.set(ben, &[]).await.taken, [grant("administrator")]);
    });
}

#[test]
fn only_a_user_without_a_proof_of_their_own_is_bound() {
    on_both(async |t| {
        let system = t.authoriser.system();
        t.store.create_user(&system, "anna", Some("hash"), None, NOW).await.unwrap();
        let ben = t.store.create_user(&system, "ben", None, None, NOW).await.unwrap();
        assert_eq!(t.store.bind_user(&system, "anna", "i 1").await.unwrap(), None);
        assert_eq!(t.store.bind_user(&system, "ben", "i 1").await.unwrap(), Some(ben));
        assert_eq!(t.store.bind_user(&system, "ben", "i 2").await.unwrap(), None);
        let found = t.store.user_by_subject(&system, "i 1").await.unwrap().unwrap();
        assert_eq!(found.id, ben);
    });
}
