//! The credential that the profile, or the file, names.

use crate::config::{Config, Key, Wrong};
use crate::hss::auth::chain::Variables;
use crate::hss::auth::source::Password;
use crate::hss::auth::{self, Credential, Found, KeyPair};
use crate::secrets::values;

/// Where it comes from; `None` if nothing is named, an error if half of it is.
pub(super) fn source(config: &Config, variables: Variables<'_>) -> Result<Option<Found>, Wrong> {
    let text = |key: Key| config.text(key).map(str::to_owned);
    let named = |key: Key, source: auth::Source, detail: &str| {
        let origin = config
            .get(key)
            .map(|value| value.origin.to_string())
            .unwrap_or_default();
        let (name, space) = (key.row().name, if detail.is_empty() { "" } else { " " });
        let name = format!("{name}{space}{detail} ({origin})");
        Some(Found { source, name })
    };
    if let Some(path) = config.path(Key::TokenFile, variables) {
        let shown = values::path(&path.display().to_string());
        return Ok(named(Key::TokenFile, auth::Source::TokenFile(path), &shown));
    }
    match (text(Key::AccessKey), text(Key::SecretKey)) {
        (Some(access), Some(secret)) => {
            let keys = KeyPair {
                access,
                secret: secret.into(),
                security_token: text(Key::SecurityToken).map(Into::into),
            };
            let shown = keys.masked();
            return Ok(named(
                Key::AccessKey,
                auth::Source::Given(Credential::Keys(keys)),
                &shown,
            ));
        }
        (Some(_), None) => return Err(config.wrong(Key::AccessKey, "together with a secret_key")),
        (None, Some(_)) => return Err(config.wrong(Key::SecretKey, "together with an access_key")),
        (None, None) => {}
    }
    if let Some(command) = config.words(Key::CredentialProcess) {
        let program = command.first().cloned().unwrap_or_default();
        return Ok(named(
            Key::CredentialProcess,
            auth::Source::Process(command.to_vec()),
            &program,
        ));
    }
    let password_file = config.path(Key::IamPasswordFile, variables);
    match (text(Key::IamUser), text(Key::IamDomain), password_file) {
        (Some(user), Some(domain), Some(path)) => {
            let source = auth::Source::Password {
                user: user.clone(),
                domain,
                password: Password::File(path),
            };
            Ok(named(Key::IamUser, source, &user))
        }
        (Some(_), ..) => Err(config.wrong(Key::IamUser, "together with iam_domain and iam_password_file")),
        _ => Ok(None),
    }
}
