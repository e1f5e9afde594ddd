//! Programs of a namespace, and their tokens.

use plimsoll_store::{Access, Principal, PrincipalId, PrincipalKind, TokenId};

use super::prelude::*;
use super::tokens::{NewlyMadeToken, Prepared, Token, TokenRequest, shown as token_shown};

const ALL: &str = "/namespaces/{namespace}/robots";
const TOKENS: &str = "/namespaces/{namespace}/robots/{robot}/tokens";

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listRobots",
        ALL,
        Needs::Namespace(Permission::Administer),
        "The robots of a namespace.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Robot>>(),
    post(
        "createRobot",
        ALL,
        Needs::Namespace(Permission::Administer),
        "Makes a robot, which may nothing until something is granted to it.",
        |api, call| Box::pin(create(api, call)),
    )
    .takes::<NewRobot>()
    .gives::<Robot>()
    .with_status(201)
    .refuses(&[Kind::Exists]),
    delete(
        "deleteRobot",
        "/namespaces/{namespace}/robots/{robot}",
        Needs::Namespace(Permission::Administer),
        "Deletes a robot with its tokens and grants.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound]),
    get(
        "listRobotTokens",
        TOKENS,
        Needs::Namespace(Permission::Administer),
        "The tokens of a robot, newest first.",
        |api, call| Box::pin(list_tokens(api, call)),
    )
    .gives::<Page<Token>>()
    .refuses(&[Kind::NotFound]),
    post(
        "createRobotToken",
        TOKENS,
        Needs::Namespace(Permission::Administer),
        "Makes a token of a robot; its text is told once.",
        |api, call| Box::pin(create_token(api, call)),
    )
    .takes::<TokenRequest>()
    .gives::<NewlyMadeToken>()
    .with_status(201)
    .secret()
    .refuses(&[Kind::NotFound]),
    delete(
        "deleteRobotToken",
        "/namespaces/{namespace}/robots/{robot}/tokens/{token}",
        Needs::Namespace(Permission::Administer),
        "Ends a token of a robot.",
        |api, call| Box::pin(remove_token(api, call)),
    )
    .refuses(&[Kind::NotFound]),
];

wire! {
    /// A robot.
    struct Robot {
        /// Its name, given once in the instance.
        name: String,
        /// When it was made.
        created_at: Time,
        /// When it last proved who it is.
        seen_at: Option<Time>,
        /// Whether it may do nothing for now.
        disabled: bool,
    }

    /// A robot to be made.
    struct NewRobot {
        /// Its name: letters, digits and `._-@+`.
        name: String,
    }
}

fn shown(robot: Principal) -> Robot {
    Robot {
        name: robot.name,
        created_at: Time(robot.created_at),
        seen_at: robot.seen_at.map(Time),
        disabled: robot.disabled,
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "robots")?;
    let access = call.access::<Administer>(api).await?;
    let after = paging.number(0).map(PrincipalId::from_number);
    let found = api.store.robots(&access, after, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], shown))
}

async fn robot(api: &Api, access: &Access<Administer>, name: &str) -> Result<Principal, Problem> {
    Ok(api.store.grantee_named(access, PrincipalKind::Robot, name).await?)
}

async fn create(api: &Api, call: &Call) -> Answered {
    let body: NewRobot = call.json()?;
    let access = call.access::<Administer>(api).await?;
    api.store.create_robot(&access, &body.name, call.now).await?;
    let made = robot(api, &access, &body.name).await?;
    let location = format!("/namespaces/{}/robots/{}", call.value("namespace"), body.name);
    Answer::created(&location, &shown(made))
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Administer>(api).await?;
    let found = robot(api, &access, call.value("robot")).await?;
    api.store.delete_robot(&access, found.id).await?;
    Ok(Answer::nothing())
}

async fn list_tokens(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Administer>(api).await?;
    let found = robot(api, &access, call.value("robot")).await?;
    let tokens = api.store.robot_tokens(&access, found.id).await?;
    Answer::page(&Page::whole(tokens.into_iter().map(token_shown).collect()))
}

async fn create_token(api: &Api, call: &Call) -> Answered {
    let prepared = Prepared::of(call.json()?, call.now)?;
    let access = call.access::<Administer>(api).await?;
    let found = robot(api, &access, call.value("robot")).await?;
    let namespace = Some(access.namespace());
    let id = api.store.create_robot_token(&access, found.id, &prepared.token(namespace), call.now).await?;
    let location =
        format!("/namespaces/{}/robots/{}/tokens/{id}", call.value("namespace"), call.value("robot"));
    Answer::created(&location, &prepared.told(id))
}

async fn remove_token(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Administer>(api).await?;
    let found = robot(api, &access, call.value("robot")).await?;
    api.store.delete_robot_token(&access, found.id, TokenId::from_number(call.id("token")?)).await?;
    Ok(Answer::nothing())
}
