//! From what the issuer says to an account here.

use plimsoll_store::{Caller, Error, IssuerGrantChanges, PrincipalId};

use super::token::Claims;
use super::{Oidc, OidcError, grants};

/// How many names are tried where one is taken.
const NAMES_MAX: u32 = 20;

/// Somebody whom the issuer vouches for.
pub(super) struct Known {
    pub(super) caller: Caller,
    /// What the audit log is told besides.
    pub(super) detail: String,
}

/// How an account came to be somebody's.
enum Found {
    There,
    Bound,
    Made,
}

impl Oidc {
    /// Who it is: known by issuer and subject, never by a name or an address, which issuers let people
    /// change. What their groups grant is brought up to date.
    pub(super) async fn account_of(&self, claims: &Claims) -> Result<Known, OidcError> {
        let subject = format!("{} {}", self.client.issuer, claims.subject);
        let authoriser = self.store.authoriser();
        let access = authoriser.system();
        let (id, found) = match self.store.user_by_subject(&access, &subject).await? {
            Some(user) if user.disabled => return Err(OidcError::Nobody("the account is disabled")),
            Some(user) => (user.id, Found::There),
            None => self.new_account(claims, &subject).await?,
        };
        let groups = claims.texts(&self.client.groups_claim);
        let wanted = grants::granted(&self.client.grants, &groups);
        let changes = self.store.set_issuer_grants(&access, id, &wanted).await?;
        let caller = authoriser.by_login(id).await?.ok_or(OidcError::Nobody("the account is disabled"))?;
        if changes.is_last_administrator {
            tracing::warn!(
                user = caller.actor().as_str(),
                "the issuer's groups make nobody an administrator any more; the last one stays one"
            );
        }
        Ok(Known { caller, detail: told(&found, &changes) })
    }

    async fn new_account(&self, claims: &Claims, subject: &str) -> Result<(PrincipalId, Found), OidcError> {
        let access = self.store.authoriser().system();
        if self.client.binds_by_name
            && let Some(name) = claims.text(&self.client.name_claim)
            && let Some(id) = self.store.bind_user(&access, name, subject).await?
        {
            return Ok((id, Found::Bound));
        }
        if !self.client.makes_users {
            return Err(OidcError::Nobody("accounts are made by an administrator here"));
        }
        Ok((self.make(claims, subject).await?, Found::Made))
    }

    /// A new account may nothing until somebody grants it something, or its groups do.
    async fn make(&self, claims: &Claims, subject: &str) -> Result<PrincipalId, OidcError> {
        let access = self.store.authoriser().system();
        let wanted = claims.text(&self.client.name_claim).or_else(|| claims.text("email"));
        let wanted = plain(wanted.unwrap_or(&claims.subject));
        for number in 1..=NAMES_MAX {
            let name = if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") };
            match self.store.create_user(&access, &name, None, Some(subject), self.clock.now()).await {
                Err(Error::Exists { .. }) => (),
                made => return Ok(made?),
            }
        }
        Err(OidcError::Nobody("every name that comes into question is taken"))
    }
}

/// The characters that names have here.
fn plain(text: &str) -> String {
    let allowed = |it: &char| it.is_ascii_alphanumeric() || "._-@+".contains(*it);
    let name: String = text.chars().filter(allowed).take(100).collect();
    if name.is_empty() { "user".to_owned() } else { name }
}

fn told(found: &Found, changes: &IssuerGrantChanges) -> String {
    let mut told = "by the issuer".to_owned();
    match found {
        Found::There => (),
        Found::Bound => told += "; the account is theirs from now on",
        Found::Made => told += "; the account was made",
    }
    for (word, list) in [("granted", &changes.given), ("taken back", &changes.taken)] {
        let texts: Vec<String> = list
            .iter()
            .map(|it| match &it.namespace {
                None => format!("{} everywhere", it.granted.name()),
                Some(namespace) => format!("{} in {namespace}", it.granted.name()),
            })
            .collect();
        if !texts.is_empty() {
            told += &format!("; {word}: {}", texts.join(", "));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_plain_characters() {
        for (given, expected) in
            [("anna", "anna"), ("Ännä B.", "nnB."), ("a/b#c", "abc"), ("", "user"), ("日本", "user")]
        {
            assert_eq!(plain(given), expected, "{given}");
        }
    }
}
