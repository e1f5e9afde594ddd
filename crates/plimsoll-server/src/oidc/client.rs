//! What whoever runs the server says of the issuer.
//!
//! Reads one file, the one with the client's secret.

use super::grants::GroupGrant;
use crate::settings::{Secret, Settings};

/// What is known of the issuer before it is asked.
pub(super) struct Client {
    pub(super) issuer: String,
    pub(super) id: String,
    pub(super) secret: Option<Secret>,
    pub(super) scopes: String,
    pub(super) shown_name: String,
    pub(super) name_claim: String,
    pub(super) groups_claim: String,
    pub(super) grants: Vec<GroupGrant>,
    pub(super) makes_users: bool,
    pub(super) binds_by_name: bool,
    /// Where the issuer sends browsers back to.
    pub(super) callback: String,
    pub(super) is_https: bool,
}

impl Client {
    /// What the settings say; the rest of what it needs they hold as soon as they name an issuer.
    pub(super) fn of(settings: &Settings) -> Result<Option<Client>, String> {
        let (Some(issuer), Some(id), Some(url)) =
            (&settings.oidc_issuer, &settings.oidc_client_id, &settings.external_url)
        else {
            return Ok(None);
        };
        let scopes = settings.oidc_scopes.trim();
        if !scopes.split(' ').any(|it| it == "openid") {
            return Err("`oidc_scopes` does not hold `openid`".to_owned());
        }
        Ok(Some(Client {
            issuer: issuer.clone(),
            id: id.clone(),
            secret: secret(settings)?,
            scopes: scopes.to_owned(),
            shown_name: settings.oidc_display_name.clone(),
            name_claim: settings.oidc_name_claim.clone(),
            groups_claim: settings.oidc_groups_claim.clone(),
            grants: settings.oidc_grants.0.clone(),
            makes_users: settings.oidc_makes_users,
            binds_by_name: settings.oidc_binds_by_name,
            callback: format!("{}/auth/oidc/callback", url.trim_end_matches('/')),
            is_https: url.starts_with("https:"),
        }))
    }
}

fn secret(settings: &Settings) -> Result<Option<Secret>, String> {
    let Some(path) = &settings.oidc_client_secret_file else {
        return Ok(settings.oidc_client_secret.clone());
    };
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(format!("{}: there is no secret in it", path.display())),
        secret => Ok(Some(Secret::new(secret))),
    }
}
