//! Which operation a call is for.
//!
//! Owns the table of operations: their methods and their paths. Looks at nothing else of a call.

use axum::http::Method;

use super::answers::Refusal;

/// An operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// A page of the pods.
    ListPods,
    /// A new snapshot of the clusters, now.
    Synchronise,
}

/// An operation and the project it is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route<'a> {
    pub(super) operation: Operation,
    pub(super) project: &'a str,
}

impl<'a> Route<'a> {
    /// Reads `/v5/{project_id}/kubernetes/{resource}`.
    pub(super) fn find(method: &Method, path: &'a str) -> Result<Self, Refusal> {
        let mut segments = path.split('/').skip(1);
        let (version, project) = (segments.next(), segments.next());
        let (group, resource) = (segments.next(), segments.next());
        let (Some("v5"), Some(project), Some("kubernetes"), Some(resource), None) =
            (version, project, group, resource, segments.next())
        else {
            return Err(Refusal::NoSuchApi);
        };
        let (expected, operation) = match resource {
            "pods" => (Method::GET, Operation::ListPods),
            "save-clusters" => (Method::POST, Operation::Synchronise),
            _ => return Err(Refusal::NoSuchApi),
        };
        if *method == expected {
            Ok(Self { operation, project })
        } else {
            Err(Refusal::NoSuchMethod)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_operations_are_known() {
        let find = |method, path| Route::find(&method, path).map(|route| (route.operation, route.project));
        assert_eq!(
            find(Method::GET, "/v5/p1/kubernetes/pods"),
            Ok((Operation::ListPods, "p1"))
        );
        assert_eq!(
            find(Method::POST, "/v5/p1/kubernetes/save-clusters"),
            Ok((Operation::Synchronise, "p1"))
        );
        assert_eq!(
            find(Method::POST, "/v5/p1/kubernetes/pods"),
            Err(Refusal::NoSuchMethod)
        );
        for path in [
            "/",
            "/v5/p1/kubernetes",
            "/v5/p1/kubernetes/pods/",
            "/v4/p1/kubernetes/pods",
            "/v5/pods",
        ] {
            assert_eq!(find(Method::GET, path), Err(Refusal::NoSuchApi), "{path}");
        }
    }
}
