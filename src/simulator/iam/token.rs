//! `POST /v3/auth/tokens`: a token for a name and a password.
//!
//! Owns the parts of a sign-in, whether it is right, and the body that describes the new token. The token
//! itself is sent in a header, which other modules set.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::super::auth::{IssuedToken, same};
use super::body::{Body, malformed};
use super::{IamFault, IamProject, id_of};

/// The one user who can sign in.
#[derive(Clone, Debug)]
pub struct PasswordLogin {
    /// The name of the IAM user.
    pub user: String,
    /// The password.
    pub password: SecretString,
    /// The name of the account.
    pub domain: String,
}

/// The credentials that a caller signs in with.
pub(super) struct SignIn<'a> {
    user: &'a str,
    password: &'a str,
    domain: &'a str,
    pub(super) scope: CatalogScope<'a>,
}

/// The project that the token is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CatalogScope<'a> {
    Id(&'a str),
    Name(&'a str),
}

impl<'a> SignIn<'a> {
    pub(super) fn read(body: &'a Body) -> Result<Self, IamFault> {
        if !body.has_method("password") {
            return Err(malformed("auth.identity.methods", r#"be ["password"]"#));
        }
        Ok(Self {
            user: body.text("auth.identity.password.user.name")?,
            password: body.text("auth.identity.password.user.password")?,
            domain: body.text("auth.identity.password.user.domain.name")?,
            scope: CatalogScope::read(body)?,
        })
    }
}

impl<'a> CatalogScope<'a> {
    /// A scope of another kind, such as a domain, is an error here.
    fn read(body: &'a Body) -> Result<Self, IamFault> {
        let id = body.optional_text("auth.scope.project.id")?;
        let name = body.optional_text("auth.scope.project.name")?;
        id.map(Self::Id)
            .or(name.map(Self::Name))
            .ok_or_else(|| malformed("auth.scope.project", "have a name or an id"))
    }

    pub(super) fn find<'p>(&self, projects: &'p [IamProject]) -> Option<&'p IamProject> {
        projects.iter().find(|project| match self {
            Self::Id(id) => project.id == *id,
            Self::Name(name) => project.name == *name,
        })
    }
}

impl PasswordLogin {
    /// Whether name, password and account are right. All three are always compared, so that the time does not
    /// reveal which one is wrong.
    pub(super) fn is_of(&self, sign_in: &SignIn<'_>) -> bool {
        let same = |given: &str, expected: &str| same(given.as_bytes(), expected.as_bytes());
        same(sign_in.user, &self.user)
            & same(sign_in.password, self.password.expose_secret())
            & same(sign_in.domain, &self.domain)
    }
}

/// The body of the answer.
#[derive(Serialize)]
pub(super) struct TokenBody<'a> {
    token: Description<'a>,
}

#[derive(Serialize)]
struct Description<'a> {
    expires_at: String,
    issued_at: String,
    methods: [&'static str; 1],
    user: Named<'a>,
    project: Named<'a>,
    roles: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog: Option<[Service; 2]>,
}

/// A user or a project of an account.
#[derive(Serialize)]
struct Named<'a> {
    id: String,
    name: &'a str,
    domain: Domain<'a>,
}

#[derive(Serialize)]
struct Domain<'a> {
    id: String,
    name: &'a str,
}

#[derive(Serialize)]
struct Service {
    id: String,
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    endpoints: [CatalogEndpoint; 1],
}

#[derive(Serialize)]
struct CatalogEndpoint {
    id: String,
    interface: &'static str,
    region: String,
    region_id: String,
    url: String,
}

/// Describes a token; lists the services at `home` if it is given.
pub(super) fn spell_out<'a>(
    login: &'a PasswordLogin,
    project: &'a IamProject,
    issued: &IssuedToken,
    home: Option<&str>,
) -> TokenBody<'a> {
    let named = |id, name| Named {
        id,
        name,
        domain: Domain {
            id: id_of(&login.domain),
            name: &login.domain,
        },
    };
    TokenBody {
        token: Description {
            expires_at: precise(issued.expires_at),
            issued_at: precise(issued.issued_at),
            methods: ["password"],
            user: named(id_of(&login.user), &login.user),
            project: named(project.id.clone(), &project.name),
            roles: [],
            catalog: home.map(|home| {
                [
                    service("iam", "*", format!("{home}/v3")),
                    service("hss", &project.name, format!("{home}/v5/{}", project.id)),
                ]
            }),
        },
    }
}

fn service(name: &'static str, region: &str, url: String) -> Service {
    Service {
        id: id_of(name),
        name,
        kind: name,
        endpoints: [CatalogEndpoint {
            id: id_of(&url),
            interface: "public",
            region: region.to_owned(),
            region_id: region.to_owned(),
            url,
        }],
    }
}

/// Formats a time as IAM does: with microseconds.
pub(super) fn precise(at: Timestamp) -> String {
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn right() -> Value {
        json!({"auth": {
            "identity": {
                "methods": ["password"],
                "password": {"user": {"name": "ada", "password": "canary", "domain": {"name": "company"}}},
            },
            "scope": {"project": {"name": "cn-north-4"}},
        }})
    }

    /// The right sign-in, but with another value at `path`.
    fn with(path: &str, value: Value) -> Body {
        let mut body = right();
        *body.pointer_mut(path).unwrap() = value;
        Body::parse(body.to_string().as_bytes()).ok().unwrap()
    }

    fn login() -> PasswordLogin {
        PasswordLogin {
            user: "ada".into(),
            password: "canary".into(),
            domain: "company".into(),
        }
    }

    fn admits(path: &str, value: &str) -> bool {
        login().is_of(&SignIn::read(&with(path, json!(value))).ok().unwrap())
    }

    #[test]
    fn only_the_right_name_password_and_account_are_accepted() {
        let user = "/auth/identity/password/user";
        assert!(admits(&format!("{user}/name"), "ada"));
        for field in ["name", "password", "domain/name"] {
            assert!(!admits(&format!("{user}/{field}"), "another"), "{field}");
        }
    }

    #[test]
    fn a_sign_in_needs_all_its_fields() {
        let user = "/auth/identity/password/user";
        for (path, value, field) in [
            ("/auth", json!(null), "auth.identity.methods"),
            ("/auth/identity/methods", json!(["totp"]), "auth.identity.methods"),
            (user, json!({}), "auth.identity.password.user.name"),
            (
                &format!("{user}/password"),
                json!(1),
                "auth.identity.password.user.password",
            ),
            (
                &format!("{user}/domain"),
                json!("company"),
                "auth.identity.password.user.domain.name",
            ),
            ("/auth/scope", json!(null), "auth.scope.project"),
            (
                "/auth/scope",
                json!({"domain": {"name": "company"}}),
                "auth.scope.project",
            ),
            ("/auth/scope/project", json!({}), "auth.scope.project"),
            ("/auth/scope/project/name", json!(1), "auth.scope.project.name"),
        ] {
            match SignIn::read(&with(path, value)) {
                Err(IamFault::Malformed { field: told, .. }) => assert_eq!(told, field),
                _ => panic!("{path}"),
            }
        }
    }

    #[test]
    fn a_scope_names_a_project_by_id_or_by_name() {
        let projects = [IamProject {
            name: "cn-north-4".into(),
            id: "0a1b".into(),
        }];
        let found = |scope: Value| {
            let body = with("/auth/scope/project", scope);
            let scope = SignIn::read(&body).ok().unwrap().scope;
            scope.find(&projects).is_some()
        };
        assert!(found(json!({"name": "cn-north-4"})));
        assert!(found(json!({"id": "0a1b", "name": "ignored if there is an id"})));
        assert!(!found(json!({"name": "0a1b"})) && !found(json!({"id": "cn-north-4"})));
    }

    #[test]
    fn a_time_has_six_decimals() {
        assert_eq!(precise(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn debug_output_contains_no_password() {
        assert!(!format!("{:?}", login()).contains("canary"));
    }
}
