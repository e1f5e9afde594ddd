//! Who calls: their session, what they may, their password.

use axum::http::header;
use plimsoll_core::Timestamp;

use super::super::authenticate::{COOKIE, sign_in, unauthenticated};
use super::super::ports::AccountRefusal;
use super::super::secret;
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    post("signIn", "/session", Needs::Nobody, "Signs in: a cookie for a browser.", |api, call| {
        Box::pin(begin(api, call))
    })
    .takes::<SignIn>()
    .gives::<Session>()
    .with_status(201)
    .secret()
    .refuses(&[Kind::Unauthenticated]),
    get(
        "getSession",
        "/session",
        Needs::Somebody,
        "The session of the cookie, with what requests that change something have to send.",
        |api, call| Box::pin(session(api, call)),
    )
    .gives::<Session>()
    .refuses(&[Kind::NotFound]),
    delete("signOut", "/session", Needs::Nobody, "Ends the session of the cookie.", |api, call| {
        Box::pin(end(api, call))
    }),
    get("getAccount", "/account", Needs::Somebody, "Who calls, and what they may everywhere.", |api, call| {
        Box::pin(show(api, call))
    })
    .gives::<Account>(),
    put(
        "changePassword",
        "/account/password",
        Needs::Themselves,
        "Gives whoever calls another password, and ends their sessions and tokens.",
        |api, call| Box::pin(change_password(api, call)),
    )
    .takes::<PasswordChange>(),
    get(
        "getPermissions",
        "/account/permissions/{namespace}",
        Needs::Somebody,
        "What whoever calls may do in a namespace. One that is not there looks like one that they may nothing in.",
        |api, call| Box::pin(permissions(api, call)),
    )
    .gives::<Permissions>(),
];

wire! {
    /// Name and password.
    struct SignIn {
        /// The name.
        name: String,
        /// The password.
        password: String,
    }

    /// A session.
    struct Session {
        /// What requests that change something have to send as `X-CSRF-Token`.
        csrf_token: String,
        /// When it ends.
        expires_at: Time,
        /// Who has signed in.
        account: Account,
    }

    /// Who calls.
    struct Account {
        /// The name.
        name: String,
        /// `user` or `robot`.
        kind: String,
        /// What they may in every namespace and with the instance itself.
        permissions: Vec<String>,
        /// Whether a token stands for them, which may less than they may.
        by_token: bool,
        /// When the account was made.
        created_at: Time,
    }

    /// Another password.
    struct PasswordChange {
        /// The one so far.
        old: String,
        /// The one from now on.
        new: String,
    }

    /// What somebody may.
    struct Permissions {
        /// `read`, `pull`, `push`, `scan`, `configure`, `administer`.
        permissions: Vec<String>,
    }
}

async fn account(api: &Api, caller: &plimsoll_store::Caller) -> Result<Account, Problem> {
    let principal = api.store.own_account(caller).await?;
    let permissions = api.authoriser.everywhere(caller).await?;
    Ok(Account {
        name: principal.name,
        kind: principal.kind.name().to_owned(),
        permissions: permissions.each().map(|it| it.name().to_owned()).collect(),
        by_token: caller.is_limited(),
        created_at: Time(principal.created_at),
    })
}

async fn begin(api: &Api, call: &Call) -> Answered {
    let body: SignIn = call.json()?;
    let caller = sign_in(api, &body.name, &body.password, call.address).await?;
    if caller.is_limited() {
        return Err(unauthenticated("a token is no password; send it as `Authorization: Bearer`"));
    }
    let (text, csrf) = (secret::random()?, secret::random()?);
    let expires_at = Timestamp(call.now.0 + api.options.session_seconds);
    api.store.create_session(&caller, &secret::hash(&text), &csrf, expires_at, call.now).await?;
    let session =
        Session { csrf_token: csrf, expires_at: Time(expires_at), account: account(api, &caller).await? };
    let cookie = cookie(api, &text, api.options.session_seconds);
    Ok(Answer::created("/session", &session)?.with(header::SET_COOKIE, &cookie).by(caller.actor()))
}

/// Not for scripts, and not for requests that other pages make.
fn cookie(api: &Api, value: &str, seconds: i64) -> String {
    let secure = if api.options.is_https { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// For a page that was loaded anew, or that an issuer sent back: scripts cannot read the cookie, and
/// foreign pages cannot read this.
async fn session(api: &Api, call: &Call) -> Answered {
    let Some(hash) = &call.session else {
        return Err(Problem::new(Kind::NotFound, "who calls did not prove it by a session"));
    };
    let found = api.authoriser.by_session(hash, call.now).await?.ok_or_else(Problem::not_found)?;
    let account = account(api, &found.caller).await?;
    let session = Session { csrf_token: found.csrf, expires_at: Time(found.expires_at), account };
    Ok(Answer::json(&session)?.with(header::CACHE_CONTROL, "no-store"))
}

async fn end(api: &Api, call: &Call) -> Answered {
    if let Some(session) = &call.session {
        api.store.delete_session(session).await?;
    }
    Ok(Answer::nothing().with(header::SET_COOKIE, &cookie(api, "", 0)))
}

async fn show(api: &Api, call: &Call) -> Answered {
    Answer::json(&account(api, &call.caller).await?)
}

async fn change_password(api: &Api, call: &Call) -> Answered {
    let body: PasswordChange = call.json()?;
    let principal = api.store.own_account(&call.caller).await?;
    if principal.kind != plimsoll_store::PrincipalKind::User {
        return Err(Problem::new(Kind::Forbidden, "a robot has no password"));
    }
    let proved = sign_in(api, &principal.name, &body.old, call.address).await.map_err(|problem| {
        match problem.kind {
            // The session is no worse for it.
            Kind::Unauthenticated => Problem::invalid("/old", "the password so far is another one"),
            _ => problem,
        }
    })?;
    if proved.is_limited() || proved.principal() != Some(principal.id) {
        return Err(Problem::invalid("/old", "the password so far is another one"));
    }
    let access = api.authoriser.system();
    let changed = api.sign_in.set_password(&access, principal.id, &body.new).await;
    changed.map_err(|why| refused(why, "/new"))?;
    Ok(Answer::nothing())
}

/// Why an account was not made or changed; `pointer` is where its password stands.
pub(super) fn refused(refusal: AccountRefusal, pointer: &str) -> Problem {
    match refusal {
        AccountRefusal::Password(why) => Problem::invalid(pointer, why),
        AccountRefusal::Store(error) => error.into(),
        AccountRefusal::Unavailable(error) => {
            Problem::new(Kind::Busy, "accounts cannot be changed now; try again").caused_by(error.as_ref())
        }
    }
}

async fn permissions(api: &Api, call: &Call) -> Answered {
    let found = api.authoriser.permissions(&call.caller, &call.namespace()?).await?;
    Answer::json(&Permissions { permissions: found.each().map(|it| it.name().to_owned()).collect() })
}
