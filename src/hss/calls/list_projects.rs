//! `KeystoneListProjects`: `GET /v3/projects` of IAM, the projects that a credential sees (IAM API reference).

use serde_json::Value;

use crate::fleet::RemoteText;
use crate::hss::call::{Call, DecodeError, Parameters, Received};
use crate::hss::call_record::CallSubject;
use crate::hss::error::ServiceName;
use crate::hss::json;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// 32 hexadecimal digits.
    pub id: RemoteText,
    /// Such as `cn-north-4` or `cn-north-4_payments`.
    pub name: RemoteText,
}

/// Lists the projects, or those of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListProjects<'a> {
    /// The name; IAM may also return names that contain it.
    pub name: Option<&'a str>,
}

impl Call for ListProjects<'_> {
    const NAME: &'static str = "ListProjects";
    const SERVICE: ServiceName = ServiceName::Iam;
    type Answer = Vec<Project>;

    fn subject(&self, _: Option<&Vec<Project>>) -> CallSubject {
        CallSubject::Projects
    }

    fn path(&self) -> String {
        "/v3/projects".to_owned()
    }

    fn query(&self) -> Parameters {
        Parameters::default().with("name", self.name)
    }

    /// An entry without id or name cannot be used.
    fn decode(&self, received: Received<'_>) -> Result<Vec<Project>, DecodeError> {
        read_projects(&received.body).map_err(|why| DecodeError::Unreadable(why.to_owned()))
    }
}

/// The projects of an answer. An entry without id or name is dropped.
fn read_projects(body: &[u8]) -> Result<Vec<Project>, &'static str> {
    let body = json::value(body).unwrap_or_default();
    let Some(list) = body.get("projects").and_then(Value::as_array) else {
        return Err("IAM's answer has no list of projects");
    };
    let text = |project: &Value, name: &str| project.get(name).and_then(Value::as_str).map(RemoteText::name);
    let projects: Vec<Project> = list
        .iter()
        .filter_map(|project| {
            Some(Project {
                id: text(project, "id")?,
                name: text(project, "name")?,
            })
        })
        .collect();
    if projects.is_empty() && !list.is_empty() {
        return Err("IAM's list of projects has neither ids nor names");
    }
    Ok(projects)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_asked_for_where_one_is_given() {
        let query = |name| ListProjects { name }.query().encoded();
        assert_eq!(query(None), "");
        assert_eq!(query(Some("cn-north-4 b")), "name=cn-north-4%20b");
    }

    #[test]
    fn projects_are_read_and_made_safe() {
        let body = br#"{"links":{},"projects":[{"id":"1a","name":"cn-north-4\u001b[2J","enabled":true}]}"#;
        let projects = read_projects(body).unwrap();
        assert_eq!(projects[0].id.shown(), "1a");
        assert_eq!(projects[0].name.shown(), "cn-north-4\\u{1b}[2J");
        assert_eq!(read_projects(br#"{"projects":[]}"#).unwrap(), []);
        for body in [
            "[]",
            "{}",
            r#"{"projects":null}"#,
            r#"{"projects":{}}"#,
            r#"{"projects":[{"id":7}]}"#,
        ] {
            let error = read_projects(body.as_bytes()).unwrap_err();
            assert!(error.starts_with("IAM's "), "{error}");
        }
    }

    #[test]
    fn one_bad_text_does_not_cost_the_projects() {
        let body = br#"{"projects":[{"id":"1a","name":"a","d":"\ud83d"},{"id":"2b"},{"id":"3c","name":"c","n":NaN}]}"#;
        let names: Vec<String> = read_projects(body)
            .unwrap()
            .iter()
            .map(|project| project.name.to_string())
            .collect();
        assert_eq!(names, ["a", "c"]);
    }
}
