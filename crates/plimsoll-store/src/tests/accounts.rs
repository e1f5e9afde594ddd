//! Users, robots, tokens, sessions, and what they may.

use super::*;
use crate::database::sql;

fn new_token<'a>(hash: &'a str, permissions: &[Permission]) -> NewToken<'a> {
    NewToken {
        name: "laptop",
        prefix: "plm_abc",
        hash,
        permissions: Permissions::of(permissions),
        namespace: None,
        expires_at: Some(later(1_000)),
    }
}

impl Fixture {
    async fn user(&self, name: &str) -> (PrincipalId, Caller) {
        let access = self.authoriser.system();
        let id = self.store.create_user(&access, name, Some("$argon2id$"), None, NOW).await.unwrap();
        (id, self.authoriser.by_login(id).await.unwrap().unwrap())
    }

    async fn administrator(&self, name: &str) -> PrincipalId {
        let access = self.authoriser.system();
        self.store.create_administrator(&access, name, "$argon2id$", NOW).await.unwrap()
    }

    async fn may(&self, caller: &Caller, name: &str) -> String {
        let permissions = self.authoriser.permissions(caller, &namespace(name)).await.unwrap();
        permissions.each().map(Permission::name).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_user_may_what_was_granted_until_it_is_revoked() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.namespace("other", &settings()).await;
        let (id, caller) = t.user("anna").await;
        assert_eq!(t.may(&caller, "team").await, "");
        let admin = t.access::<Administer>("team").await;
        let role = Granted::Role(Role::Developer);
        t.store.grant(&admin, id, role).await.unwrap();
        t.store.grant(&admin, id, role).await.unwrap();
        assert_eq!(t.store.grants(&admin).await.unwrap().len(), 1);
        assert_eq!(t.may(&caller, "team").await, "read pull push scan");
        assert_eq!(t.may(&caller, "other").await, "");
        let push = t.authoriser.namespace::<Push>(&caller, &namespace("team")).await.unwrap();
        assert_eq!(push.actor().as_str(), "user/anna");
        let denied = t.authoriser.namespace::<Configure>(&caller, &namespace("team")).await;
        assert!(matches!(denied, Err(Error::Denied)));
        assert!(t.store.revoke(&admin, id, role).await.unwrap());
        assert!(!t.store.revoke(&admin, id, role).await.unwrap());
        assert_eq!(t.may(&caller, "team").await, "");
    });
}

#[test]
fn a_namespace_that_is_not_there_looks_like_one_that_is_not_for_you() {
    on_both(async |t| {
        t.namespace("secret", &settings()).await;
        let anonymous = Caller::anonymous();
        for name in ["secret", "missing"] {
            let denied = t.authoriser.namespace::<Pull>(&anonymous, &namespace(name)).await;
            assert_eq!(denied.unwrap_err().to_string(), "not allowed");
        }
        t.namespace("open", &NamespaceSettings { public: true, ..settings() }).await;
        assert_eq!(t.may(&anonymous, "open").await, "read pull");
    });
}

#[test]
fn an_administrator_may_everything_and_nobody_becomes_one_in_a_namespace() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let (id, caller) = t.user("root").await;
        assert!(matches!(t.authoriser.instance::<Administer>(&caller).await, Err(Error::Denied)));
        let admin = t.access::<Administer>("team").await;
        let role = Granted::Role(Role::Administrator);
        assert!(matches!(t.store.grant(&admin, id, role).await, Err(Error::Invalid { .. })));
        t.store.grant_everywhere(&t.authoriser.system(), id, role).await.unwrap();
        t.authoriser.instance::<Administer>(&caller).await.unwrap();
        assert_eq!(t.may(&caller, "team").await, "read pull push scan configure administer");
        t.administrator("other").await;
        assert!(t.store.revoke_everywhere(&t.authoriser.system(), id, role).await.unwrap());
        assert_eq!(t.may(&caller, "team").await, "");
    });
}

#[test]
fn a_token_may_less_than_its_owner_and_ends() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let (id, caller) = t.user("anna").await;
        t.store.grant(&t.access("team").await, id, Granted::Role(Role::Developer)).await.unwrap();
        let token = new_token("h1", &[Permission::Pull, Permission::Administer]);
        let number = t.store.create_token(&caller, &token, NOW).await.unwrap();
        let by_token = t.authoriser.by_token("h1", later(5)).await.unwrap().unwrap();
        assert_eq!(t.may(&by_token, "team").await, "pull");
        // Nobody makes a longer token out of a short one.
        let more = t.store.create_token(&by_token, &new_token("h2", &Permission::ALL), NOW).await;
        assert!(matches!(more, Err(Error::Denied)));
        assert_eq!(t.store.tokens(&caller).await.unwrap()[0].used_at, Some(later(5)));
        t.authoriser.by_token("h1", later(30)).await.unwrap().unwrap();
        assert_eq!(t.store.tokens(&caller).await.unwrap()[0].used_at, Some(later(5)));
        assert!(t.authoriser.by_token("h1", later(1_000)).await.unwrap().is_none());
        assert!(t.authoriser.by_token("h3", NOW).await.unwrap().is_none());
        t.store.delete_token(&caller, number).await.unwrap();
        assert!(t.authoriser.by_token("h1", NOW).await.unwrap().is_none());
    });
}

#[test]
fn a_robot_belongs_to_its_namespace() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.namespace("other", &settings()).await;
        let (admin, other) = (t.access::<Administer>("team").await, t.access::<Administer>("other").await);
        let robot = t.store.create_robot(&admin, "ci", NOW).await.unwrap();
        t.store.grant(&admin, robot, Granted::Permission(Permission::Push)).await.unwrap();
        let token = new_token("h", &Permission::ALL);
        let error = t.store.create_robot_token(&other, robot, &token, NOW).await.unwrap_err();
        assert!(matches!(error, Error::Unknown { what: Noun::Robot, .. }));
        t.store.create_robot_token(&admin, robot, &token, NOW).await.unwrap();
        let caller = t.authoriser.by_token("h", NOW).await.unwrap().unwrap();
        assert_eq!((caller.actor().as_str(), t.may(&caller, "team").await.as_str()), ("robot/ci", "push"));
        assert!(t.store.delete_robot(&other, robot).await.is_err());
        assert_eq!(t.store.robots(&admin, None, 10).await.unwrap().len(), 1);
        t.store.delete_namespace(&t.authoriser.system(), &namespace("team")).await.unwrap();
        assert!(t.authoriser.by_token("h", NOW).await.unwrap().is_none());
    });
}

#[test]
fn who_is_disabled_or_has_a_new_password_is_out() {
    on_both(async |t| {
        t.administrator("root").await;
        let (id, caller) = t.user("anna").await;
        let access = t.authoriser.system();
        t.store.create_session(&caller, "s1", "csrf", later(100), NOW).await.unwrap();
        t.store.create_token(&caller, &new_token("h1", &Permission::ALL), NOW).await.unwrap();
        assert_eq!(t.authoriser.by_session("s1", later(99)).await.unwrap().unwrap().csrf, "csrf");
        assert!(t.authoriser.by_session("s1", later(100)).await.unwrap().is_none());
        t.store.change_password(&access, id, "$argon2id$new").await.unwrap();
        assert!(t.authoriser.by_session("s1", NOW).await.unwrap().is_none());
        assert!(t.authoriser.by_token("h1", NOW).await.unwrap().is_none());
        let login = t.store.login("anna").await.unwrap().unwrap();
        assert_eq!((login.id, login.password_hash.as_deref()), (id, Some("$argon2id$new")));
        t.store.disable(&access, id, true).await.unwrap();
        assert!(t.store.login("anna").await.unwrap().is_none());
        assert!(t.authoriser.by_login(id).await.unwrap().is_none());
        t.store.disable(&access, id, false).await.unwrap();
        assert!(t.authoriser.by_login(id).await.unwrap().is_some());
        t.store.delete_principal(&access, id).await.unwrap();
        assert!(t.store.delete_principal(&access, id).await.is_err());
    });
}

#[test]
fn the_last_administrator_stays() {
    on_both(async |t| {
        let access = t.authoriser.system();
        assert!(!t.store.has_administrator(&access).await.unwrap());
        let (first, second) = (t.administrator("first").await, t.administrator("second").await);
        t.user("anna").await;
        t.store.disable(&access, second, true).await.unwrap();
        let role = Granted::Role(Role::Administrator);
        for refused in [
            t.store.disable(&access, first, true).await,
            t.store.delete_principal(&access, first).await,
            t.store.revoke_everywhere(&access, first, role).await.map(|_| ()),
        ] {
            assert!(matches!(refused, Err(Error::LastAdministrator)), "{refused:?}");
        }
        t.store.disable(&access, second, false).await.unwrap();
        let (one, other) = tokio::join!(
            t.store.delete_principal(&access, first),
            t.store.revoke_everywhere(&access, second, role),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        assert!(t.store.has_administrator(&access).await.unwrap());
    });
}

#[test]
fn a_token_is_known_by_its_number_until_it_ends() {
    on_both(async |t| {
        let (_, caller) = t.user("anna").await;
        let id = t.store.create_token(&caller, &new_token("h", &[Permission::Pull]), NOW).await.unwrap();
        let by_number = t.authoriser.by_token_id(id, NOW).await.unwrap().unwrap();
        assert_eq!((by_number.token(), by_number.is_limited()), (Some(id), true));
        assert_eq!(t.authoriser.by_token("h", NOW).await.unwrap().unwrap().token(), Some(id));
        assert!(t.authoriser.by_token_id(id, later(1_000)).await.unwrap().is_none());
        t.store.delete_token(&caller, id).await.unwrap();
        assert!(t.authoriser.by_token_id(id, NOW).await.unwrap().is_none());
    });
}

#[test]
fn a_token_that_may_less_than_its_owner_sees_and_ends_itself_alone() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let team = t.access::<Read>("team").await.namespace();
        let (_, anna) = t.user("anna").await;
        let here = NewToken { namespace: Some(team), ..new_token("t1", &Permission::ALL) };
        let mut ids = Vec::new();
        let narrow = new_token("t2", &[Permission::Pull]);
        for token in [here, narrow, new_token("t3", &Permission::ALL), new_token("t4", &[Permission::Read])] {
            let token = NewToken { prefix: token.hash, ..token };
            ids.push(t.store.create_token(&anna, &token, NOW).await.unwrap());
        }
        for (hash, id) in [("t1", ids[0]), ("t2", ids[1])] {
            let caller = t.authoriser.by_token(hash, NOW).await.unwrap().unwrap();
            let seen = t.store.tokens(&caller).await.unwrap();
            assert_eq!(seen.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
            assert!(t.store.delete_token(&caller, ids[3]).await.is_err());
            t.store.delete_token(&caller, id).await.unwrap();
        }
        // One that may all that its owner may stands for them, but makes no other.
        let caller = t.authoriser.by_token("t3", NOW).await.unwrap().unwrap();
        assert_eq!(t.store.tokens(&caller).await.unwrap().len(), 2);
        t.store.delete_token(&caller, ids[3]).await.unwrap();
        assert!(t.store.create_token(&caller, &new_token("t5", &[Permission::Read]), NOW).await.is_err());
    });
}

#[test]
fn an_account_has_so_many_sessions_and_tokens_and_no_more() {
    on_both(async |t| {
        let (id, anna) = t.user("anna").await;
        for number in 0..105 {
            let hash = format!("s{number}");
            t.store.create_session(&anna, &hash, "c", later(1_000), later(number)).await.unwrap();
        }
        assert!(t.authoriser.by_session("s4", later(200)).await.unwrap().is_none());
        assert!(t.authoriser.by_session("s5", later(200)).await.unwrap().is_some());
        let mut transaction = t.store.database.write().await.unwrap();
        for number in 0..999_i64 {
            let insert = sql("INSERT INTO tokens (principal_id, name, prefix, hash, permissions, created_at)
                VALUES ($1, 'many', 'plm_abc', $2, 1, 0)");
            let hash = format!("t{number}");
            transaction.execute(insert.bind(id).bind(hash.as_str())).await.unwrap();
        }
        transaction.commit().await.unwrap();
        t.store.create_token(&anna, &new_token("last", &[Permission::Pull]), NOW).await.unwrap();
        let more = t.store.create_token(&anna, &new_token("more", &[Permission::Pull]), NOW).await;
        assert!(matches!(more, Err(Error::Invalid { .. })));
        assert_eq!(t.store.tokens(&anna).await.unwrap().len(), 1_000);
    });
}

#[test]
fn sessions_that_are_over_are_deleted() {
    on_both(async |t| {
        let (_, caller) = t.user("anna").await;
        t.store.create_session(&caller, "s1", "a", later(10), NOW).await.unwrap();
        t.store.create_session(&caller, "s2", "b", later(20), NOW).await.unwrap();
        assert_eq!(t.store.delete_old_sessions(&t.authoriser.system(), later(10)).await.unwrap(), 1);
        assert!(t.authoriser.by_session("s2", later(10)).await.unwrap().is_some());
        t.store.delete_session("s2").await.unwrap();
        assert!(t.authoriser.by_session("s2", later(10)).await.unwrap().is_none());
    });
}

#[test]
fn names_are_given_once_and_are_of_plain_characters() {
    on_both(async |t| {
        t.user("anna").await;
        let access = t.authoriser.system();
        let again = t.store.create_user(&access, "anna", None, None, NOW).await.unwrap_err();
        assert_eq!(again.to_string(), "there is already a user `anna`");
        for bad in ["", "a/b", "a b", "a\0"] {
            assert!(t.store.create_user(&access, bad, None, None, NOW).await.is_err(), "{bad}");
        }
        let by_issuer = t.store.create_user(&access, "ben", None, Some("sub"), NOW).await.unwrap();
        let found = t.store.user_by_subject(&access, "sub").await.unwrap().unwrap();
        assert_eq!((found.id, found.name.as_str()), (by_issuer, "ben"));
        assert_eq!(t.store.principals(&access, None, 10).await.unwrap().len(), 2);
    });
}

#[test]
fn the_log_keeps_what_strangers_sent_and_is_in_pages() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let access = t.access::<Administer>("team").await;
        let long = "x".repeat(5_000);
        let actor = Caller::anonymous().actor();
        for target in ["a\0b", &long, "c"] {
            let entry = NewAuditEntry {
                actor: &actor,
                action: "pull",
                namespace: (target != "c").then_some(access.namespace()),
                target,
                allowed: false,
                address: Some("192.0.2.1"),
                detail: None,
            };
            t.store.audit(&[entry], NOW).await.unwrap();
        }
        let all = t.store.audit_log(&t.authoriser.system(), &AuditFilter::default(), None, 10).await.unwrap();
        let targets: Vec<_> = all.iter().map(|it| it.target.len()).collect();
        assert_eq!(targets, [1, 2048, 5]);
        let here = t.store.namespace_audit_log(&access, &AuditFilter::default(), None, 1).await.unwrap();
        assert_eq!(here[0].number, all[1].number);
        let next = t
            .store
            .namespace_audit_log(&access, &AuditFilter::default(), Some(here[0].number), 10)
            .await
            .unwrap();
        assert_eq!(next, all[2..]);
        assert_eq!(next[0].target, "a\u{fffd}b");
        let any = AuditFilter::default;
        let filters = [
            (any(), 3),
            (AuditFilter { action: Some("PUL"), containing: Some(" c "), ..any() }, 1),
            (AuditFilter { actor: Some("nobody"), ..any() }, 0),
            (AuditFilter { containing: Some("%"), ..any() }, 0),
            (AuditFilter { containing: Some("192.0.2."), ..any() }, 3),
            (AuditFilter { is_allowed: Some(true), ..any() }, 0),
            (AuditFilter { is_allowed: Some(false), since: Some(NOW), ..any() }, 3),
            (AuditFilter { until: Some(NOW), ..any() }, 0),
        ];
        for (filter, count) in filters {
            let found = t.store.audit_log(&t.authoriser.system(), &filter, None, 10).await.unwrap();
            assert_eq!(found.len(), count, "{filter:?}");
        }
    });
}

#[test]
fn the_log_is_searched_in_either_case_of_any_letter() {
    on_both(async |t| {
        let actor = Caller::anonymous().actor();
        let line = |target| NewAuditEntry {
            actor: &actor,
            action: "pull",
            namespace: None,
            target,
            allowed: true,
            address: None,
            detail: Some("Öl"),
        };
        for target in ["Ä", "MüLLER-ähren", "team/app", "ä"] {
            t.store.audit(&[line(target)], NOW).await.unwrap();
        }
        let system = t.authoriser.system();
        for (text, count) in [
            ("Ä", 3),
            ("ä", 3),
            (" Ä ", 2),
            (" ä ", 2),
            ("mÜller-ÄH", 1),
            ("ÖL", 4),
            ("pullä", 0),
            ("p u l l", 4),
        ] {
            let filter = AuditFilter { containing: Some(text), ..AuditFilter::default() };
            let found = t.store.audit_log(&system, &filter, None, 10).await.unwrap();
            assert_eq!(found.len(), count, "{text}");
            // The same in pages of one.
            let mut walked = Vec::new();
            let mut before = None;
            while let Some(line) = t.store.audit_log(&system, &filter, before, 1).await.unwrap().pop() {
                before = Some(line.number);
                walked.push(line);
            }
            assert_eq!(walked, found, "{text}");
        }
    });
}

#[test]
fn a_search_of_the_log_goes_on_where_many_lines_only_look_alike() {
    on_both(async |t| {
        let actor = Caller::anonymous().actor();
        let line = |target| NewAuditEntry {
            actor: &actor,
            action: "pull",
            namespace: None,
            target,
            allowed: true,
            address: None,
            detail: None,
        };
        t.store.audit(&[line("Ä")], NOW).await.unwrap();
        t.store.audit(&vec![line("a"); 2_500], NOW).await.unwrap();
        let filter = AuditFilter { containing: Some("ä"), ..AuditFilter::default() };
        let found = t.store.audit_log(&t.authoriser.system(), &filter, None, 10).await.unwrap();
        assert_eq!(found.iter().map(|it| it.target.as_str()).collect::<Vec<_>>(), ["Ä"]);
    });
}
