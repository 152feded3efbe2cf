//! Variables by which other tools of the cloud sign in, and hss-top does not.
//!
//! Whoever set one of them expects it to be used; this says that it is not, and what to set instead.

use super::Check;
use crate::env::Variables;

/// The name of the check.
pub(super) const NAME: &str = "other sign-ins";

/// What else signs in Terraform, OpenStack's tools or the SDK: the variables of each, and its name.
const OTHERS: [(&str, &[&str]); 4] = [
    (
        "OpenStack",
        &["OS_USERNAME", "OS_PASSWORD", "OS_TOKEN", "OS_AUTH_TOKEN"],
    ),
    (
        "Terraform's password or token",
        &["HW_USER_NAME", "HW_USER_PASSWORD", "HW_PASSWORD", "HW_AUTH_TOKEN"],
    ),
    (
        "Terraform's agency",
        &["HW_ASSUME_ROLE_AGENCY_NAME", "HW_ASSUME_ROLE_ID_TOKEN_FILE"],
    ),
    ("the SDK's global services", &["HUAWEICLOUD_SDK_DOMAIN_ID"]),
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
        return Check::ok(NAME, "none set");
    }
    Check::warning(
        NAME,
        told.join("\n"),
        "hss-top --help lists the variables that hss-top uses",
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
        assert_eq!(
            set(&["HUAWEICLOUD_SDK_IDP_ID"]).verdict,
            Verdict::Ok,
            "it is used"
        );
        let told = set(&["OS_PASSWORD", "HW_USER_PASSWORD"]);
        assert_eq!(told.verdict, Verdict::Warning);
        assert_eq!(
            told.found,
            "OS_PASSWORD set, for OpenStack: not used\nHW_USER_PASSWORD set, for Terraform's password or token: not used"
        );
    }
}
