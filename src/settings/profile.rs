//! The credential of the profile, or of the file.

use crate::config::{Config, ConfigKey, Wrong};
use crate::env::Variables;
use crate::hss::auth::source::Password;
use crate::hss::auth::{self, Credential, KeyPair, ResolvedSource};
use crate::secrets::values;

/// The source of the credential; `None` if nothing is set, an error if only a part of it is.
pub(super) fn source(config: &Config, variables: Variables<'_>) -> Result<Option<ResolvedSource>, Wrong> {
    let text = |key: ConfigKey| config.text(key).map(str::to_owned);
    let named = |key: ConfigKey, source: auth::CredentialSource, detail: &str| {
        let origin = config
            .get(key)
            .map(|value| value.origin.to_string())
            .unwrap_or_default();
        let (name, space) = (key.row().name, if detail.is_empty() { "" } else { " " });
        let name = format!("{name}{space}{detail} ({origin})");
        Some(ResolvedSource { source, name })
    };
    if let Some(path) = config.path(ConfigKey::TokenFile, variables) {
        let shown = values::path(&path.display().to_string());
        return Ok(named(
            ConfigKey::TokenFile,
            auth::CredentialSource::TokenFile(path),
            &shown,
        ));
    }
    match (text(ConfigKey::AccessKey), text(ConfigKey::SecretKey)) {
        (Some(access), Some(secret)) => {
            let keys = KeyPair {
                access,
                secret: secret.into(),
                security_token: text(ConfigKey::SecurityToken).map(Into::into),
            };
            let shown = keys.masked();
            return Ok(named(
                ConfigKey::AccessKey,
                auth::CredentialSource::Given(Credential::Keys(keys)),
                &shown,
            ));
        }
        (Some(_), None) => return Err(config.wrong(ConfigKey::AccessKey, "together with a secret_key")),
        (None, Some(_)) => return Err(config.wrong(ConfigKey::SecretKey, "together with an access_key")),
        (None, None) => {}
    }
    if let Some(command) = config.words(ConfigKey::CredentialProcess) {
        let program = command.first().cloned().unwrap_or_default();
        return Ok(named(
            ConfigKey::CredentialProcess,
            auth::CredentialSource::Process(command.to_vec()),
            &program,
        ));
    }
    let password_file = config.path(ConfigKey::IamPasswordFile, variables);
    match (
        text(ConfigKey::IamUser),
        text(ConfigKey::IamDomain),
        password_file,
    ) {
        (Some(user), Some(domain), Some(path)) => {
            let source = auth::CredentialSource::Password {
                user: user.clone(),
                domain,
                password: Password::File(path),
            };
            Ok(named(ConfigKey::IamUser, source, &user))
        }
        (Some(_), ..) => Err(config.wrong(
            ConfigKey::IamUser,
            "together with iam_domain and iam_password_file",
        )),
        _ => Ok(None),
    }
}
