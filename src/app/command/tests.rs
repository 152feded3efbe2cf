use super::*;
use crate::fleet::fields::PodText;
use crate::settings::ViewOrigin;
use std::path::PathBuf;
use std::time::Duration;

#[test]
fn commands_are_found_by_each_of_their_names() {
    let found = |text| find(text).map(|found| found.map(|(row, argument)| (row.name, argument)));
    assert_eq!(found("ns payments"), Ok(Some(("ns", "payments"))));
    assert_eq!(found("  namespace   a b "), Ok(Some(("ns", "a b"))));
    assert_eq!(found("pod"), Ok(Some(("pod", ""))));
    assert_eq!(found("po"), Ok(Some(("pods", ""))));
    assert_eq!(found("pods x"), Err(CommandFault::NoArgument("pods")));
    assert_eq!(found("view new pods"), Ok(Some(("view", "new pods"))));
    assert_eq!(found("  "), Ok(None));
    let mut seen = Vec::new();
    for row in COMMANDS {
        for name in [row.name].iter().chain(row.aliases) {
            assert_eq!(found(name), Ok(Some((row.name, ""))));
            assert!(!seen.contains(name), "{name} twice");
            seen.push(name);
        }
    }
}

#[test]
fn arguments_are_understood() {
    assert_eq!(field("CPU"), Ok(PodField::Cpu));
    assert_eq!(field("ip"), Ok(PodField::PodIp));
    assert_eq!(parse_interval("5m"), Ok(Duration::from_mins(5)));
    let export = |format, path: Option<&str>| {
        Ok(ExportRequest {
            format,
            path: path.map(PathBuf::from),
        })
    };
    assert_eq!(export_request("csv"), export(Format::Csv, None));
    assert_eq!(
        export_request("JSON  a b.json"),
        export(Format::Json, Some("a b.json"))
    );
    if let Some(home) = std::env::var_os("HOME") {
        let path = PathBuf::from(home).join("a/b.csv");
        assert_eq!(
            export_request("csv ~/a/b.csv"),
            export(Format::Csv, path.to_str())
        );
    }
}

#[test]
fn a_beginning_that_only_one_command_has_is_that_command() {
    let found = |text| find(text).map(|found| found.map(|(row, argument)| (row.name, argument)));
    assert_eq!(found("rep 1h"), Ok(Some(("report", "1h"))));
    assert_eq!(found("handov"), Ok(Some(("report", ""))));
    assert_eq!(found("r"), Ok(Some(("refresh", ""))), "an alias comes first");
    for text in ["re", "co", "e", "m"] {
        assert!(found(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_not_understood_says_what_was_expected() {
    for (text, said) in [
        ("exprot", "no command exprot; did you mean export?"),
        ("namspace x", "no command namspace; did you mean namespace?"),
        (
            "weight",
            "no command weight; :help lists them, Tab goes through them",
        ),
        ("logs", "no command logs; HSS has no logs; kubectl logs has them"),
        ("quit now", "quit takes no argument"),
        ("co x", "no command co; did you mean po?"),
    ] {
        assert_eq!(find(text).map(|_| ()).unwrap_err().to_string(), said);
    }
    assert!(
        field("weight")
            .unwrap_err()
            .to_string()
            .contains("sort expects a field: pod ns")
    );
    let slip = field("memroy").unwrap_err().to_string();
    assert!(
        slip.starts_with("cannot sort by memroy; did you mean mem?"),
        "{slip}"
    );
    for text in ["", "xml", "csvx"] {
        assert_eq!(
            export_request(text).unwrap_err().to_string(),
            "export expects csv or json",
            "{text}"
        );
    }
    for text in ["", "0s", "2days", "soon"] {
        let sentence = parse_interval(text).unwrap_err().to_string();
        assert!(sentence.contains("1s to 24h"), "{text}");
    }
}

struct Names;

impl Values for Names {
    fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str)) {
        match column {
            PodText::Namespace => ["payments", "prepay", "a b"].map(visit),
            _ => ["prod-a", "", "prod-b"].map(visit),
        };
    }
}

/// What `text` becomes by each completion at `|`.
fn completed(text: &str) -> Vec<String> {
    let cursor = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    let view = |name: &str, origin| SavedView {
        name: name.to_owned(),
        origin,
        ..SavedView::default()
    };
    let views = [
        view("hot", ViewOrigin::Configuration),
        view("new pods", ViewOrigin::Saved),
    ];
    let completions = complete(&text, cursor, &Names, &views, &Themes::default()).into_iter();
    let become_ = |completion: Completion| {
        let mut text = text.clone();
        text.replace_range(completion.range, &completion.text);
        text
    };
    completions.map(become_).collect()
}

#[test]
fn names_and_arguments_are_completed() {
    assert_eq!(completed("|").len(), COMMANDS.len());
    assert_eq!(completed(" cl|"), [" cluster "]);
    assert_eq!(completed("qu|"), ["quit"]);
    assert_eq!(
        completed("view |"),
        ["view hot", "view new pods", "view save ", "view delete "]
    );
    assert_eq!(completed("view d|"), ["view delete "]);
    assert_eq!(completed("view delete |"), ["view delete new pods"]);
    assert_eq!(completed("view save n|"), ["view save new pods"]);
    assert_eq!(completed("v n|"), ["v new pods"]);
    assert_eq!(completed("ex|"), ["export "]);
    assert_eq!(completed("sort  ri|"), ["sort  risk"]);
    assert_eq!(completed("sort n|"), ["sort ns", "sort node", "sort nodeip"]);
    assert_eq!(completed("sort nam|"), ["sort name", "sort namespace"]);
    assert_eq!(completed("theme hi|"), ["theme high-contrast"]);
    assert_eq!(completed("export |"), ["export csv ", "export json "]);
    assert_eq!(completed("ns pay|"), ["ns payments", "ns prepay"]);
    assert_eq!(
        completed("namespace a|"),
        ["namespace a b", "namespace payments", "namespace prepay"]
    );
    assert_eq!(completed("ctx |x"), ["ctx prod-ax", "ctx prod-bx"]);
    for text in ["x|", "pod a|", "delete a|", "all |"] {
        assert!(completed(text).is_empty(), "{text}");
    }
}
