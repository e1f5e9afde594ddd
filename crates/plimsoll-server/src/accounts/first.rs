//! The first administrator. There is no default password: what the first start is given, or what it
//! makes up and shows once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::secrets::random;
use super::{StoredAccounts, check_password};
use crate::app::FirstAdministrator;
use crate::settings::{Secret, Settings};

/// 144 bits: 24 characters, none of them padding.
const RANDOM_BYTES: usize = 18;

impl StoredAccounts {
    /// Makes an administrator where there is none.
    pub(crate) async fn first_administrator(
        &self,
        settings: &Settings,
    ) -> Result<Option<FirstAdministrator>, String> {
        let access = self.authoriser.system();
        let there = self.store.has_administrator(&access).await.map_err(|it| it.to_string())?;
        if there {
            return Ok(None);
        }
        let given = given(settings)?;
        let password = match &given {
            Some(password) => password.clone(),
            None => made_up()?,
        };
        check_password(password.reveal()).map_err(|it| it.to_string())?;
        let hash = self.passwords.hash(password.reveal()).await.map_err(|it| it.to_string())?;
        let made = self.store.create_administrator(&access, &settings.admin_name, &hash, self.clock.now());
        made.await.map_err(|it| it.to_string())?;
        let shown = given.is_none().then_some(password);
        Ok(Some(FirstAdministrator { name: settings.admin_name.clone(), password: shown }))
    }
}

fn given(settings: &Settings) -> Result<Option<Secret>, String> {
    let Some(path) = &settings.admin_password_file else {
        return Ok(settings.admin_password.clone());
    };
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
}

fn made_up() -> Result<Secret, String> {
    let bytes = random::<RANDOM_BYTES>().map_err(|it| it.to_string())?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}
