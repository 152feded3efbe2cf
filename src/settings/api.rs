//! How to reach the API: the endpoints, the project, the credential, trusted CAs.
//!
//! Owns the precedence of the settings that determine them, and the list of what is still missing.

use std::path::PathBuf;
use std::sync::Arc;

use super::profile;
use super::source_label::NO_CREDENTIAL;
use super::{Api, Unready};
use crate::config::forms::read_switch;
use crate::config::{Config, ConfigKey, Origin};
use crate::env::Variables;
use crate::hss::auth::chain;
use crate::hss::auth::source::{CredentialSource, ResolvedSource};
use crate::hss::endpoint::BadEndpoint;
use crate::hss::request::PATH_ID_FORM;
use crate::hss::transport::Carrier;
use crate::hss::transport::tls::Trust;
use crate::hss::{Endpoint, ProjectId, Setup, region};

/// Whether calls are to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ApiUse {
    /// A credential is needed.
    Calls,
    /// Only the saved state of the project is used. Without a credential it can be found all the same.
    SavedState,
}

/// The complete target, or what is missing or wrong.
pub(super) fn api(config: &Config, variables: Variables<'_>, purpose: ApiUse) -> Result<Api, Unready> {
    let allow_http = config.parse(ConfigKey::AllowHttp, read_switch)?.unwrap_or(false);
    // Those that are set are checked before the credential, and the region of the credential's file after it.
    let stated = endpoints(config, variables, allow_http, None)?;
    let may_do_without = purpose == ApiUse::SavedState && config.text(ConfigKey::ProjectId).is_some();
    let found = match chain::find(variables, profile::source(config, variables)?) {
        // A file with an expired token may be gone, for example.
        Err(_) if may_do_without => None,
        found => found.map_err(|fault| Unready::Wrong(fault.to_string()))?,
    };
    let of_file = found.as_ref().and_then(chain::region_of);
    let endpoints = match stated {
        None => endpoints(config, variables, allow_http, of_file.as_deref())?,
        stated => stated,
    };
    let mut of_endpoint = endpoints.iter().flat_map(|(endpoints, _)| endpoints);
    let of_endpoint = of_endpoint.find_map(Endpoint::region);
    let region = config.text(ConfigKey::Region).or(of_endpoint).map(str::to_owned);
    let named = config.text(ConfigKey::ProjectId).map(str::to_owned);
    // An endpoint without a region says nothing against the region of the credential's file.
    let region_of_project = region.as_deref().or(of_file.as_deref());
    let project = named.or_else(|| chain::project_of(found.as_ref()?, region_of_project));
    let project = project.as_deref().map(ProjectId::new).transpose();
    let project = project.map_err(|error| match config.text(ConfigKey::ProjectId) {
        Some(_) => config.wrong(ConfigKey::ProjectId, PATH_ID_FORM).into(),
        None => Unready::Wrong(error.to_string()),
    })?;

    let found = found.or_else(|| may_do_without.then(no_credential));
    let mut missing = Vec::new();
    let is_lacking = endpoints.is_none() || found.is_none() || (project.is_none() && region.is_none());
    if is_lacking && config.text(ConfigKey::Profile).is_none() && !config.profiles.is_empty() {
        missing.push(format!(
            "--profile NAME        a profile of the file: {}; or",
            config.profiles.join(", ")
        ));
    }
    if endpoints.is_none() {
        missing.push("--region NAME         the region (or HSS_TOP_REGION), or --endpoint URL".to_owned());
    }
    if endpoints.is_some() && project.is_none() && region.is_none() {
        missing.push(
            "--project-id ID       the project (or HSS_TOP_PROJECT_ID), or --region NAME to find it"
                .to_owned(),
        );
    }
    if found.is_none() {
        missing
            .push("HSS_TOP_TOKEN         a token (or HSS_TOP_TOKEN_FILE, a file that holds it);".to_owned());
        missing.push(
            "                      or a key pair: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK".to_owned(),
        );
        if endpoints
            .iter()
            .flat_map(|(all, _)| all)
            .any(|it| it.region().is_none())
        {
            missing.push(
                "                      (hss-top serve without tokens accepts any: HSS_TOP_TOKEN=none)"
                    .to_owned(),
            );
        }
        missing.extend(
            chain::incomplete(variables)
                .into_iter()
                .map(|half| format!("({half})")),
        );
    }
    let (Some((endpoints, located_by)), Some(found), []) = (endpoints, found, missing.as_slice()) else {
        return Err(Unready::Missing(missing));
    };
    let setup = Setup {
        endpoints,
        iam: iam(config, &found, region.as_deref(), allow_http)?,
        sts: sts(config, region.as_deref(), allow_http)?,
        region,
        project,
        found,
        carrier: Carrier::Network,
    };
    Ok(Api {
        setup,
        trust: Arc::new(trust(config, variables)?),
        located_by,
    })
}

/// The endpoints of HSS and their origin; a region with a higher precedence than an endpoint replaces it.
fn endpoints(
    config: &Config,
    variables: Variables<'_>,
    allow_http: bool,
    region_of_file: Option<&str>,
) -> Result<Option<(Vec<Endpoint>, String)>, Unready> {
    let origin = |key: ConfigKey| config.get(key).map(|value| &value.origin);
    let (endpoint, region) = (config.text(ConfigKey::Endpoint), config.text(ConfigKey::Region));
    let region = region.or(region_of_file);
    let region_wins = region_wins(config, ConfigKey::Endpoint);
    let (texts, origin) = match (endpoint, region) {
        (Some(endpoint), _) if !region_wins => {
            let texts = endpoint.split(',').map(|text| text.trim().to_owned()).collect();
            (
                texts,
                origin(ConfigKey::Endpoint)
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            )
        }
        (_, Some(region)) => {
            let located =
                region::locate(region, variables).map_err(|fault| Unready::Wrong(fault.to_string()))?;
            (located.endpoints, located.origin)
        }
        (_, None) => return Ok(None),
    };
    let parse =
        |text: &String| Endpoint::parse(text, allow_http).map_err(|error| unusable("the endpoint", &error));
    let endpoints = texts.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    Ok(Some((endpoints, origin)))
}

/// Stands for a credential where no call is made.
fn no_credential() -> ResolvedSource {
    ResolvedSource {
        source: CredentialSource::TokenFile(PathBuf::from("/dev/null")),
        name: NO_CREDENTIAL.to_owned(),
    }
}

/// Whether a region that is set with a higher precedence replaces the endpoint of this key.
fn region_wins(config: &Config, key: ConfigKey) -> bool {
    let origin = |key: ConfigKey| config.get(key).map(|value| &value.origin);
    match (origin(key), origin(ConfigKey::Region)) {
        (Some(endpoint), Some(region)) => region.wins_against(endpoint),
        _ => false,
    }
}

/// The endpoint of this key that applies, if it is set.
fn endpoint_set(config: &Config, key: ConfigKey) -> Option<&str> {
    config.text(key).filter(|_| !region_wins(config, key))
}

/// Sentences about endpoints in variables that `--region` replaces: who set them for the whole shell may have forgotten them.
pub fn replaced_endpoints(config: &Config) -> Vec<String> {
    let keys = [
        ConfigKey::Endpoint,
        ConfigKey::IamEndpoint,
        ConfigKey::StsEndpoint,
    ];
    let of_shell = keys.into_iter().filter(|key| region_wins(config, *key));
    let names = of_shell.filter_map(|key| match &config.get(key)?.origin {
        Origin::Variable(name) => Some(format!("--region replaces {name}, which is not used")),
        _ => None,
    });
    names.collect()
}

/// The endpoint of IAM: the one that is set, else that of the credential's file, else the region's.
fn iam(
    config: &Config,
    found: &ResolvedSource,
    region: Option<&str>,
    allow_http: bool,
) -> Result<Option<Endpoint>, Unready> {
    let named = endpoint_set(config, ConfigKey::IamEndpoint).map(str::to_owned);
    let named = named.or_else(|| chain::iam_endpoint_of(found));
    let named = named.as_deref().map(region::with_scheme);
    let text = named.or_else(|| region.map(|region| region::iam(region).to_owned()));
    let Some(text) = text else { return Ok(None) };
    // Terraform's variable contains the version too.
    let text = text.trim_end_matches('/').trim_end_matches("/v3");
    let endpoint =
        Endpoint::parse(text, allow_http).map_err(|error| unusable("the endpoint of IAM", &error))?;
    Ok(Some(endpoint))
}

/// The endpoint of STS: the one that is set, else the region's.
fn sts(config: &Config, region: Option<&str>, allow_http: bool) -> Result<Option<Endpoint>, Unready> {
    let named = endpoint_set(config, ConfigKey::StsEndpoint).map(region::with_scheme);
    let text = named.or_else(|| region::sts(region));
    let parse = |text: String| {
        let endpoint = Endpoint::parse(&text, allow_http);
        endpoint.map_err(|error| unusable("the endpoint of STS", &error))
    };
    text.map(parse).transpose()
}

fn unusable(what: &str, error: &BadEndpoint) -> Unready {
    Unready::Wrong(format!("{what} cannot be used: {error}"))
}
fn trust(config: &Config, variables: Variables<'_>) -> Result<Trust, Unready> {
    let path = |key: ConfigKey| config.path(key, variables);
    let (certificate, key) = (path(ConfigKey::ClientCertFile), path(ConfigKey::ClientKeyFile));
    Trust::load(
        path(ConfigKey::CaFile).as_deref(),
        certificate.as_deref(),
        key.as_deref(),
    )
    .map_err(|fault| Unready::Wrong(fault.to_string()))
}
