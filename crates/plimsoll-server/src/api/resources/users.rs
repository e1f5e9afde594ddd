//! People.

use plimsoll_store::{Principal, PrincipalKind};

use super::account::refused;
use super::prelude::*;

const ONE: &str = "/users/{user}";

pub(in super::super) const ROUTES: &[Route] = &[
    get("listUsers", "/users", Needs::Instance(Permission::Administer), "The users, by name.", |api, call| {
        Box::pin(list(api, call))
    })
    .query(&[PAGE])
    .gives::<Page<User>>(),
    post("createUser", "/users", Needs::Instance(Permission::Administer), "Makes a user.", |api, call| {
        Box::pin(create(api, call))
    })
    .takes::<NewUser>()
    .gives::<User>()
    .with_status(201)
    .refuses(&[Kind::Exists]),
    get("getUser", ONE, Needs::Instance(Permission::Administer), "One user.", |api, call| {
        Box::pin(show(api, call))
    })
    .gives::<User>()
    .refuses(&[Kind::NotFound]),
    patch(
        "changeUser",
        ONE,
        Needs::Instance(Permission::Administer),
        "Gives a user another password, disables or enables them. Their sessions end; by another password their tokens as well.",
        |api, call| Box::pin(change(api, call)),
    )
    .takes::<UserChange>()
    .gives::<User>()
    .refuses(&[Kind::NotFound, Kind::InUse]),
    delete("deleteUser", ONE, Needs::Instance(Permission::Administer), "Deletes a user with their tokens, sessions and grants.", |api, call| {
        Box::pin(remove(api, call))
    })
    .refuses(&[Kind::NotFound, Kind::InUse]),
];

wire! {
    /// A user.
    struct User {
        /// The name.
        name: String,
        /// Whether they may do nothing for now.
        disabled: bool,
        /// When the account was made.
        created_at: Time,
        /// When they last signed in.
        seen_at: Option<Time>,
    }

    /// A user to be made.
    struct NewUser {
        /// The name: letters, digits and `._-@+`.
        name: String,
        /// The password; who has none signs in elsewhere.
        password: Option<String>,
    }

    /// What is to be changed; what is not said stays.
    struct UserChange {
        /// Another password.
        password: Option<String>,
        /// Whether they may do nothing for now.
        disabled: Option<bool>,
    }
}

fn shown(user: Principal) -> User {
    User {
        name: user.name,
        disabled: user.disabled,
        created_at: Time(user.created_at),
        seen_at: user.seen_at.map(Time),
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "users")?;
    let access = call.instance::<Administer>(api).await?;
    let found = api.store.users(&access, paging.text(0).unwrap_or_default(), paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.name)], shown))
}

async fn user(api: &Api, call: &Call, name: &str) -> Result<Principal, Problem> {
    let access = call.instance::<Administer>(api).await?;
    Ok(api.store.principal_named(&access, PrincipalKind::User, name).await?)
}

async fn create(api: &Api, call: &Call) -> Answered {
    let body: NewUser = call.json()?;
    let access = call.instance::<Administer>(api).await?;
    let made = api.sign_in.make_user(&access, &body.name, body.password.as_deref()).await;
    made.map_err(|why| refused(why, "/password"))?;
    Answer::created(&format!("/users/{}", body.name), &shown(user(api, call, &body.name).await?))
}

async fn show(api: &Api, call: &Call) -> Answered {
    Answer::json(&shown(user(api, call, call.value("user")).await?))
}

async fn change(api: &Api, call: &Call) -> Answered {
    let body: UserChange = call.json()?;
    let access = call.instance::<Administer>(api).await?;
    let before = user(api, call, call.value("user")).await?;
    if let Some(password) = &body.password {
        let changed = api.sign_in.set_password(&access, before.id, password).await;
        changed.map_err(|why| refused(why, "/password"))?;
    }
    if let Some(disabled) = body.disabled {
        api.store.disable(&access, before.id, disabled).await?;
    }
    Answer::json(&shown(user(api, call, call.value("user")).await?))
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Administer>(api).await?;
    let found = user(api, call, call.value("user")).await?;
    api.store.delete_principal(&access, found.id).await?;
    Ok(Answer::nothing())
}
