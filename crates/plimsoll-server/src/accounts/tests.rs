//! Who is let in, and as whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use plimsoll_core::Timestamp;
use plimsoll_store::{
    Administer, Caller, Granted, InstanceAccess, NamespaceName, NamespaceSettings, Options, Permission,
    Permissions, PrincipalId, RefusalForm, Role, Store,
};

use super::*;
use crate::oci::{Account, Accounts, Actions};
use crate::settings::{Layers, Secret, read};

/// Accounts on a real store, with a clock that is set by hand.
struct Fixture {
    folder: tempfile::TempDir,
    now: Arc<AtomicI64>,
    store: Store,
    accounts: StoredAccounts,
}

fn settings(flags: &[(&'static str, &str)]) -> Settings {
    let flags = flags.iter().map(|it| (it.0, it.1.to_owned())).collect();
    read(&Layers { file: None, environment: &|_| None, flags }).unwrap().settings
}

fn namespace(name: &str) -> NamespaceName {
    NamespaceName::parse(name).unwrap()
}

impl Fixture {
    async fn start() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("plimsoll.db").display());
        let options = Options { connections_max: 4, patience: Duration::from_secs(20) };
        let store = Store::open(&address, &options, Timestamp(0)).await.unwrap();
        let now = Arc::new(AtomicI64::new(1_790_000_000));
        let clock = now.clone();
        let clock = Clock::of(move || Timestamp(clock.load(Ordering::Relaxed)));
        let accounts = StoredAccounts::new(store.clone(), clock, &settings(&[("session_period", "1h")]));
        Fixture { folder, now, store, accounts }
    }

    fn later(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    fn system(&self) -> InstanceAccess<Administer> {
        self.store.authoriser().system()
    }

    /// A user with a password and a role in `team`, which is made.
    async fn anna(&self) -> PrincipalId {
        let settings = NamespaceSettings {
            public: false,
            auto_scan: true,
            policy: None,
            refusal: RefusalForm::Denied,
            quota_bytes: None,
            engine: "plimsoll".to_owned(),
        };
        let access = self.store.authoriser().system();
        let now = self.accounts.clock.now();
        let team = self.store.create_namespace(&access, &namespace("team"), &settings, now).await.unwrap();
        let id = self.accounts.make_user(&self.system(), "anna", Some("correct horse")).await.unwrap();
        let role = Granted::Role(Role::Developer);
        self.store.grant(&self.system().within(team), id, role).await.unwrap();
        id
    }

    async fn account(&self, name: &str, secret: &str) -> Option<Account> {
        Accounts::sign_in(&self.accounts, proof(name, secret)).await.unwrap()
    }

    async fn caller(&self, name: &str, secret: &str) -> Option<Caller> {
        self.accounts.sign_in(proof(name, secret)).await.unwrap()
    }

    async fn may(&self, account: Option<&Account>, name: &str) -> String {
        self.accounts.actions(account, &namespace(name)).await.unwrap().words().join(" ")
    }
}

fn proof<'a>(name: &'a str, secret: &'a str) -> Proof<'a> {
    Proof { name, secret, client: Some("192.0.2.1".parse().unwrap()) }
}

fn pull_token() -> TokenRequest<'static> {
    let permissions = Permissions::of(&[Permission::Pull]);
    TokenRequest { name: "laptop", permissions, namespace: None, expires_at: None }
}

#[tokio::test]
async fn a_password_lets_in_until_it_is_another() {
    let t = Fixture::start().await;
    let id = t.anna().await;
    let account = t.account("anna", "correct horse").await.unwrap();
    assert_eq!(account.actor(), "user/anna");
    assert_eq!(t.may(Some(&account), "team").await, "pull push delete");
    assert_eq!(t.may(Some(&account), "missing").await, "");
    assert_eq!(t.may(None, "team").await, "");
    for (name, secret) in [("anna", "correct horsf"), ("anna", ""), ("ben", "correct horse"), ("", "")] {
        assert!(t.account(name, secret).await.is_none(), "{name} {secret}");
    }
    t.accounts.set_password(&t.system(), id, "another horse").await.unwrap();
    assert!(t.account("anna", "correct horse").await.is_none());
    // What the old password proved is worth nothing any more, in a token for offline use as well.
    assert_eq!(t.may(Some(&account), "team").await, "");
    assert!(t.account("anna", "another horse").await.is_some());
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once() {
    let t = Fixture::start().await;
    let id = t.anna().await;
    t.store.create_administrator(&t.system(), "root", "x", Timestamp(0)).await.unwrap();
    let account = t.account("anna", "correct horse").await.unwrap();
    t.store.disable(&t.system(), id, true).await.unwrap();
    assert!(t.account("anna", "correct horse").await.is_none());
    assert_eq!(t.may(Some(&account), "team").await, "");
}

#[tokio::test]
async fn a_token_lets_in_with_what_it_leaves_and_never_shows_again() {
    let t = Fixture::start().await;
    t.anna().await;
    let caller = t.caller("anna", "correct horse").await.unwrap();
    let made = t.accounts.make_token(&caller, &pull_token()).await.unwrap();
    assert!(made.token.reveal().starts_with("plim_") && made.token.reveal().len() == 48);
    assert!(!format!("{made:?}").contains(made.token.reveal()));
    for name in ["anna", "user/anna", "token"] {
        let account = t.account(name, made.token.reveal()).await.unwrap();
        assert_eq!(t.may(Some(&account), "team").await, "pull", "{name}");
    }
    assert!(t.account("ben", made.token.reveal()).await.is_none());
    assert!(t.account("anna", "plim_wrong").await.is_none());
    let account = t.account("anna", made.token.reveal()).await.unwrap();
    let by_token = t.accounts.by_token(made.token.reveal()).await.unwrap().unwrap();
    assert!(by_token.is_limited());
    assert!(t.accounts.make_token(&by_token, &pull_token()).await.is_err());
    t.store.delete_token(&caller, made.id).await.unwrap();
    assert_eq!(t.may(Some(&account), "team").await, "");
    assert!(t.account("anna", made.token.reveal()).await.is_none());
}

#[tokio::test]
async fn a_robot_comes_with_its_token() {
    let t = Fixture::start().await;
    t.anna().await;
    let access = t.store.authoriser().system_in::<Administer>(&namespace("team")).await.unwrap();
    let robot = t.store.create_robot(&access, "ci", Timestamp(0)).await.unwrap();
    t.store.grant(&access, robot, Granted::Role(Role::Developer)).await.unwrap();
    let wanted = TokenRequest { permissions: Permissions::ALL, ..pull_token() };
    let made = t.accounts.make_robot_token(&access, robot, &wanted).await.unwrap();
    let account = t.account("robot/ci", made.token.reveal()).await.unwrap();
    assert_eq!(account.actor(), "robot/ci");
    assert_eq!(t.may(Some(&account), "team").await, "pull push delete");
}

#[tokio::test]
async fn nobody_makes_an_account_up() {
    let t = Fixture::start().await;
    t.anna().await;
    let good = t.account("anna", "correct horse").await.unwrap().0;
    let proof = good.split_once('#').unwrap().1;
    for bad in
        ["", "user/anna", "user/anna#", "user/anna#p-", "user/anna#t-1", "user/anna#p-0000000000000000"]
    {
        assert_eq!(t.may(Some(&Account(bad.to_owned())), "team").await, "", "{bad}");
    }
    let other = Account(format!("robot/anna#{proof}"));
    assert_eq!(t.may(Some(&other), "team").await, "");
}

#[tokio::test]
async fn who_guesses_is_made_to_wait_and_who_knows_is_not() {
    let t = Fixture::start().await;
    t.anna().await;
    assert!(t.account("anna", "correct horse").await.is_some());
    for number in 0..10 {
        assert!(t.account("anna", &format!("wrong horse {number}")).await.is_none());
    }
    let error = t.accounts.sign_in(proof("anna", "wrong horse 11")).await.unwrap_err();
    assert!(matches!(error, AccountError::Throttled { seconds: 1 }), "{error}");
    // The client that was let in a moment ago goes on.
    assert!(t.account("anna", "correct horse").await.is_some());
    t.later(2);
    assert!(t.accounts.sign_in(proof("anna", "wrong horse 11")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_ends_and_asks_for_its_second_word() {
    let t = Fixture::start().await;
    t.anna().await;
    let caller = t.caller("anna", "correct horse").await.unwrap();
    let begun = t.accounts.begin_session(&caller).await.unwrap();
    let session = t.accounts.by_session(begun.cookie.reveal()).await.unwrap().unwrap();
    assert_eq!(session.caller.actor().as_str(), "user/anna");
    assert!(StoredAccounts::is_from_us(&session, &begun.csrf));
    assert!(!StoredAccounts::is_from_us(&session, "") && !StoredAccounts::is_from_us(&session, "x"));
    assert!(t.accounts.by_session("").await.unwrap().is_none());
    t.later(3_600);
    assert!(t.accounts.by_session(begun.cookie.reveal()).await.unwrap().is_none());
    let begun = t.accounts.begin_session(&caller).await.unwrap();
    t.accounts.end_session(begun.cookie.reveal()).await.unwrap();
    assert!(t.accounts.by_session(begun.cookie.reveal()).await.unwrap().is_none());
}

#[tokio::test]
async fn who_changes_their_password_knows_the_one_they_have() {
    let t = Fixture::start().await;
    t.anna().await;
    let caller = t.caller("anna", "correct horse").await.unwrap();
    let change =
        async |old: &str, new: &str| t.accounts.change_own_password(&caller, proof("anna", old), new).await;
    assert!(!change("wrong horse", "another horse").await.unwrap());
    assert!(matches!(change("correct horse", "short").await, Err(AccountError::Password(_))));
    let made = t.accounts.make_token(&caller, &pull_token()).await.unwrap();
    assert!(!change(made.token.reveal(), "another horse").await.unwrap());
    assert!(change("correct horse", "another horse").await.unwrap());
    assert!(t.caller("anna", "another horse").await.is_some());
}

#[tokio::test]
async fn the_first_start_makes_an_administrator_and_no_later_one_does() {
    let t = Fixture::start().await;
    let first = t.accounts.first_administrator(&settings(&[])).await.unwrap().unwrap();
    let password = first.password.unwrap();
    assert_eq!((first.name.as_str(), password.reveal().len()), ("admin", 24));
    let account = t.account("admin", password.reveal()).await.unwrap();
    // Who may push everywhere makes a namespace by a push.
    assert_eq!(t.accounts.actions(Some(&account), &namespace("new")).await.unwrap(), Actions::ALL);
    assert!(t.accounts.first_administrator(&settings(&[])).await.unwrap().is_none());
}

#[tokio::test]
async fn the_first_administrator_has_the_password_that_was_given() {
    let t = Fixture::start().await;
    let file = t.folder.path().join("password");
    std::fs::write(&file, "from a file\n").unwrap();
    let text = file.display().to_string();
    let given = settings(&[("admin_password_file", &text), ("admin_name", "root")]);
    let first = t.accounts.first_administrator(&given).await.unwrap().unwrap();
    assert!(first.password.is_none());
    assert!(t.caller("root", "from a file").await.is_some());
    let t = Fixture::start().await;
    let short = Settings { admin_password: Some(Secret::new("short")), ..settings(&[]) };
    assert!(t.accounts.first_administrator(&short).await.is_err());
}
