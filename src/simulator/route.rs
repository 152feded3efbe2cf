//! Finds the operation of a call.
//!
//! Owns the table of operations: their methods and their paths. It reads no other part of a call.

use hyper::http::Method;

use super::answers::Refusal;
use super::iam;

/// An operation of HSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// Lists a page of the pods.
    ListPods,
    /// Takes a new snapshot of the clusters now.
    Synchronise,
}

/// The target of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApiRoute<'a> {
    /// HSS, for a project.
    Hss { operation: Operation, project: &'a str },
    /// IAM.
    IamService(iam::IamOperation),
}

impl<'a> ApiRoute<'a> {
    pub(super) fn find(method: &Method, path: &'a str) -> Result<Self, Refusal> {
        let (expected, route) = iam(path).or_else(|| hss(path)).ok_or(Refusal::NoSuchApi)?;
        if *method == expected {
            Ok(route)
        } else {
            Err(Refusal::NoSuchMethod)
        }
    }
}

fn iam(path: &str) -> Option<(Method, ApiRoute<'static>)> {
    let (method, operation) = match path {
        "/v3/auth/tokens" => (Method::POST, iam::IamOperation::CreateToken),
        "/v3/projects" => (Method::GET, iam::IamOperation::ListProjects),
        "/v3.0/OS-CREDENTIAL/securitytokens" => (Method::POST, iam::IamOperation::CreateSecurityToken),
        "/v3.0/OS-AUTH/id-token/tokens" => (Method::POST, iam::IamOperation::CreateIdentityToken),
        "/v5/agencies/assume-with-oidc" => (Method::POST, iam::IamOperation::AssumeAgency),
        "/pod-identity/credentials" => (Method::POST, iam::IamOperation::CreatePodCredential),
        _ => return None,
    };
    Some((method, ApiRoute::IamService(operation)))
}

/// Parses `/v5/{project_id}/kubernetes/{resource}`.
fn hss(path: &str) -> Option<(Method, ApiRoute<'_>)> {
    let mut segments = path.split('/').skip(1);
    let (version, project) = (segments.next(), segments.next());
    let (group, resource) = (segments.next(), segments.next());
    let (Some("v5"), Some(project), Some("kubernetes"), Some(resource), None) =
        (version, project, group, resource, segments.next())
    else {
        return None;
    };
    let (method, operation) = match resource {
        "pods" => (Method::GET, Operation::ListPods),
        "save-clusters" => (Method::POST, Operation::Synchronise),
        _ => return None,
    };
    Some((method, ApiRoute::Hss { operation, project }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_its_path_and_its_method() {
        let hss = |operation| {
            Ok(ApiRoute::Hss {
                operation,
                project: "p1",
            })
        };
        for (expected, path, route) in [
            (Method::GET, "/v5/p1/kubernetes/pods", hss(Operation::ListPods)),
            (
                Method::POST,
                "/v5/p1/kubernetes/save-clusters",
                hss(Operation::Synchronise),
            ),
            (
                Method::POST,
                "/v3/auth/tokens",
                Ok(ApiRoute::IamService(iam::IamOperation::CreateToken)),
            ),
            (
                Method::GET,
                "/v3/projects",
                Ok(ApiRoute::IamService(iam::IamOperation::ListProjects)),
            ),
            (
                Method::POST,
                "/v3.0/OS-CREDENTIAL/securitytokens",
                Ok(ApiRoute::IamService(iam::IamOperation::CreateSecurityToken)),
            ),
            (
                Method::POST,
                "/v3.0/OS-AUTH/id-token/tokens",
                Ok(ApiRoute::IamService(iam::IamOperation::CreateIdentityToken)),
            ),
            (
                Method::POST,
                "/v5/agencies/assume-with-oidc",
                Ok(ApiRoute::IamService(iam::IamOperation::AssumeAgency)),
            ),
            (
                Method::POST,
                "/pod-identity/credentials",
                Ok(ApiRoute::IamService(iam::IamOperation::CreatePodCredential)),
            ),
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let found = ApiRoute::find(&method, path);
                let is_its_own = method == expected;
                assert_eq!(found == route, is_its_own, "{method} {path}");
                assert_eq!(found == Err(Refusal::NoSuchMethod), !is_its_own);
            }
        }
    }

    #[test]
    fn a_path_without_an_operation_is_not_found() {
        for path in [
            "/",
            "/v5/p1/kubernetes",
            "/v5/p1/kubernetes/pods/",
            "/v4/p1/kubernetes/pods",
            "/v5/pods",
            "/v3/projects/",
            "/v3/auth",
        ] {
            assert_eq!(
                ApiRoute::find(&Method::GET, path),
                Err(Refusal::NoSuchApi),
                "{path}"
            );
        }
    }
}
