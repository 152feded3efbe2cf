//! The variables of identity tokens, as the official SDK reads them.
//!
//! Owns their names and what is complete: an agency (OIDC, for STS), an identity provider (for IAM), and pod
//! identity (for the service of the cluster). None of the ids is shown, since they tell who runs what where.

use secrecy::SecretString;

use super::super::identity::IdentityToken;
use super::super::pod_identity::PodIdentity;
use super::super::source::{CredentialSource, ResolvedSource};
use super::{CredentialCause, CredentialFault, Set, check};
use crate::hss::calls::AgencySession;
use crate::secrets::values;

/// The variables of an agency that are always needed.
pub(super) const AGENCY: [&str; 2] = ["HUAWEICLOUD_OIDC_PROVIDER_URN", "HUAWEICLOUD_OIDC_AGENCY_URN"];
/// Its token, which comes before the file.
pub(super) const AGENCY_TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
/// The file of its token.
pub(super) const AGENCY_TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
const AGENCY_SECONDS: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
/// The variables of an identity provider.
pub(super) const PROVIDER: [&str; 2] = ["HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"];
/// The variables of pod identity.
pub(super) const POD: [&str; 2] = [
    "HC_CONTAINER_CREDENTIALS_FULL_URI",
    "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];
/// What must be set together.
pub(super) const GROUPS: [&[&str]; 3] = [&[AGENCY[0], AGENCY[1], AGENCY_TOKEN_FILE], &PROVIDER, &POD];

/// The name of a session, if none is set, as in the official SDK.
const SESSION: &str = "oidc-sts-session";
/// The duration of a session in seconds, if none is set, as in the official SDK.
const SECONDS: u32 = 3600;

/// The agency of OIDC.
pub(super) fn agency(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    let given = set(AGENCY_TOKEN).map(|token| IdentityToken::Given(SecretString::from(token)));
    let token = given.or_else(|| set(AGENCY_TOKEN_FILE).map(|path| IdentityToken::File(path.into())));
    let (Some(provider_urn), Some(agency_urn), Some(token)) = (set(AGENCY[0]), set(AGENCY[1]), token) else {
        return Ok(None);
    };
    let seconds = set(AGENCY_SECONDS).map_or(Ok(0), |text| text.trim().parse());
    let seconds: u32 = seconds.map_err(|_| CredentialCause::Seconds.of(AGENCY_SECONDS))?;
    let ids = set("HUAWEICLOUD_OIDC_POLICY_IDS").unwrap_or_default();
    let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
    let session = AgencySession {
        provider_urn: provider_urn.trim().to_owned(),
        agency_urn: agency_urn.trim().to_owned(),
        name: set("HUAWEICLOUD_OIDC_SESSION_NAME").unwrap_or_else(|| SESSION.to_owned()),
        duration: if seconds == 0 { SECONDS } else { seconds },
        policy: set("HUAWEICLOUD_OIDC_POLICY"),
        policy_ids: ids.map(str::to_owned).collect(),
    };
    let from = match &token {
        IdentityToken::Given(_) => AGENCY_TOKEN.to_owned(),
        IdentityToken::File(path) => format!("token file {}", shown(path)),
    };
    checked(ResolvedSource {
        name: format!("{} with {from}", AGENCY[1]),
        source: CredentialSource::Agency {
            session: Box::new(session),
            token,
        },
    })
}

/// The identity provider of IAM.
pub(super) fn provider(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    let (Some(provider), Some(file)) = (set(PROVIDER[0]), set(PROVIDER[1])) else {
        return Ok(None);
    };
    checked(ResolvedSource {
        name: format!("{} with token file {}", PROVIDER[0], values::path(&file)),
        source: CredentialSource::Identity {
            provider: provider.trim().to_owned(),
            token: IdentityToken::File(file.into()),
        },
    })
}

/// Pod identity.
pub(super) fn pod(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    let (Some(uri), Some(file)) = (set(POD[0]), set(POD[1])) else {
        return Ok(None);
    };
    let pod =
        PodIdentity::new(&uri, file.into()).map_err(|error| CredentialCause::Address(error).of(POD[0]))?;
    checked(ResolvedSource {
        name: format!(
            "{} {} with token file {}",
            POD[0],
            pod.endpoint().place(),
            shown(&pod.token_file)
        ),
        source: CredentialSource::Pod(Box::new(pod)),
    })
}

fn checked(found: ResolvedSource) -> Result<Option<ResolvedSource>, CredentialFault> {
    check(&found)?;
    Ok(Some(found))
}

fn shown(path: &std::path::Path) -> String {
    super::path_shown(path)
}
