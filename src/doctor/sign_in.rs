//! Variables by which other tools of the cloud sign in, and hss-top does not.
//!
//! Who set one of them expects that it is used; here it is told that it is not, and what to set instead.

use super::Check;
use crate::env::Variables;

/// The name of the check.
pub(super) const NAME: &str = "other sign-ins";

/// What else signs in the SDK, Terraform or OpenStack's tools: the variables of each, and its name.
const OTHERS: [(&str, &[&str]); 5] = [
    (
        "OIDC",
        &[
            "HUAWEICLOUD_OIDC_PROVIDER_URN",
            "HUAWEICLOUD_OIDC_AGENCY_URN",
            "HUAWEICLOUD_OIDC_ID_TOKEN",
            "HUAWEICLOUD_OIDC_TOKEN_FILE",
        ],
    ),
    (
        "an ID token",
        &["HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"],
    ),
    (
        "pod identity",
        &[
            "HC_CONTAINER_CREDENTIALS_FULL_URI",
            "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        ],
    ),
    ("OpenStack", &["OS_USERNAME", "OS_PASSWORD", "OS_TOKEN"]),
    ("Terraform's password", &["HW_USER_NAME", "HW_PASSWORD"]),
];

/// Which of them are set, though they have no effect.
pub(super) fn check(variables: Variables<'_>) -> Check {
    let set = |name: &&&str| variables(name).is_some_and(|value| !value.trim().is_empty());
    let told: Vec<String> = OTHERS
        .iter()
        .filter_map(|(form, names)| {
            let names: Vec<&str> = names.iter().filter(set).copied().collect();
            (!names.is_empty()).then(|| format!("{} set, for {form}: not used", names.join(", ")))
        })
        .collect();
    if told.is_empty() {
        return Check::ok(NAME, "none that hss-top does not use");
    }
    Check::warning(
        NAME,
        told.join("\n"),
        "hss-top signs in by a token, a key pair, an IAM user, a profile with a credential_process, the SDK's file or the \
         metadata service: hss-top --help lists their variables",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_sign_in_that_is_not_used_is_told_without_its_value() {
        let set = |names: &'static [&str]| {
            check(&move |name: &str| names.contains(&name).then(|| "canary".to_owned()))
        };
        assert_eq!(set(&[]).verdict, Verdict::Ok);
        let told = set(&["OS_PASSWORD", "HUAWEICLOUD_SDK_IDP_ID"]);
        assert_eq!(told.verdict, Verdict::Warning);
        assert_eq!(
            told.found,
            "HUAWEICLOUD_SDK_IDP_ID set, for an ID token: not used\nOS_PASSWORD set, for OpenStack: not used"
        );
    }
}
