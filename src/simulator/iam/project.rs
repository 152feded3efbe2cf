//! `GET /v3/projects`: the projects of the account.
//!
//! Owns the list's body and its one filter, the exact name.

use serde::Serialize;

use super::id_of;

/// A project of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamProject {
    /// Its name. The project that every region starts with has the name of the region.
    pub name: String,
    /// Its id, which is part of the path of a call to HSS.
    pub id: String,
}

/// The body of the list.
#[derive(Serialize)]
pub(super) struct ProjectList<'a> {
    links: ListLinks,
    projects: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct ListLinks {
    #[serde(rename = "self")]
    this: String,
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    name: &'a str,
    enabled: bool,
    domain_id: String,
    parent_id: String,
    is_domain: bool,
    description: &'static str,
    links: Links,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    this: String,
}

/// The projects with this name, or all. Links begin with `home`.
pub(super) fn list<'a>(
    projects: &'a [IamProject],
    name: Option<&str>,
    domain: &str,
    home: &str,
) -> ProjectList<'a> {
    let projects = projects
        .iter()
        .filter(|project| name.is_none_or(|name| name == project.name));
    let listed = projects.map(|IamProject { name, id }| Listed {
        id,
        name,
        enabled: true,
        domain_id: id_of(domain),
        parent_id: id_of(domain),
        is_domain: false,
        description: "",
        links: Links {
            this: format!("{home}/v3/projects/{id}"),
        },
    });
    ProjectList {
        links: ListLinks {
            this: format!("{home}/v3/projects"),
            previous: None,
            next: None,
        },
        projects: listed.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: Option<&str>) -> Vec<String> {
        let projects = ["cn-north-4", "cn-north-4_test"].map(|name| IamProject {
            name: name.into(),
            id: id_of(name),
        });
        let list = list(&projects, name, "company", "http://h");
        list.projects
            .iter()
            .map(|project| project.name.to_owned())
            .collect()
    }

    #[test]
    fn a_name_has_to_match_exactly() {
        assert_eq!(names(None), ["cn-north-4", "cn-north-4_test"]);
        assert_eq!(names(Some("cn-north-4")), ["cn-north-4"]);
        for name in ["cn-north", "CN-NORTH-4", ""] {
            assert!(names(Some(name)).is_empty(), "{name}");
        }
    }
}
