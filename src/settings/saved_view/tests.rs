//! Tests of `saved_view`.

use super::*;
use crate::config::File;

fn read(toml: &str) -> Vec<SavedView> {
    let file = File::parse(Path::new("F"), toml).unwrap();
    let views = file.sections.views.iter();
    let read = |(name, values): (&String, &ViewValues)| {
        SavedView::read(name, values, ViewOrigin::Saved, Path::new("F"))
    };
    views.map(read).collect()
}

#[test]
fn a_view_is_a_filter_an_order_columns_and_where_they_are_shown() {
    let views = read(
        "[views.a]\nview = \"overview\"\nsort = \"failed\"\nreversed = true\nfilter = \"ns:prod*\"\n\
        [views.b]\nview = \"changes\"\nfilter = \"changed:status ns:a\"\n[views.c]\nview = \"health\"\n[views.d]\n",
    );
    assert!(views.iter().all(|view| view.faults.is_empty()), "{views:?}");
    let [overview, changes, health, plain] = &views[..] else {
        unreachable!("{views:?}")
    };
    assert_eq!(overview.shown_in(), ViewKind::Overview);
    assert_eq!(
        overview.namespaces,
        OverviewColumn::Failed.first_direction().reversed()
    );
    assert_eq!(
        (changes.filter.as_str(), changes.filter_of_pods()),
        ("changed:status ns:a", "")
    );
    assert_eq!(health.shown_in(), ViewKind::Health);
    assert_eq!((plain.shown_in(), plain.values().len()), (ViewKind::Pods, 0));
}

#[test]
fn what_a_view_sets_is_written_as_it_is_read() {
    let toml = "[views.a]\ncolumns = [\"pod:40\", \"ns\"]\nfilter = \"cpu%>=80\"\nproblems = true\nreversed = true\n\
        sort = \"cpu%\"\n[views.b]\nreversed = true\nsort = \"no limit\"\nview = \"overview\"\n";
    for view in read(toml) {
        let written = view.values().into_iter().map(|(key, value)| match key {
            "columns" => format!("{key} = [\"{}\"]\n", value.replace(',', "\",\"")),
            "reversed" | "problems" => format!("{key} = {value}\n"),
            _ => format!("{key} = \"{value}\"\n"),
        });
        let again = format!("[views.{}]\n{}", view.name, written.collect::<String>());
        assert_eq!(read(&again), [view]);
    }
}

#[test]
fn what_is_unknown_is_told_with_line_and_reason_and_the_rest_holds() {
    let views = read(
        "[views.a]\nfilter = \"ns:pay stauts:Failed\"\nsort = \"cpuu\"\ncolumns = [\"pod\", \"stauts\", \"ns:2\", \"age\", \"age\"]\n\
        view = \"overveiw\"\nproblems = true\n[views.b]\nview = \"overview\"\nsort = \"fialed\"\ncolumns = [\"x1\"]\n",
    );
    let [one, other] = &views[..] else {
        unreachable!("{views:?}")
    };
    assert_eq!(
        (one.filter.as_str(), one.problems, one.sort),
        ("ns:pay", true, Sort::default())
    );
    assert_eq!(one.columns.as_ref().unwrap().to_string(), "pod,age");
    assert_eq!(one.shown_in(), ViewKind::Pods);
    let starts = [
        "F line 5: views.a.view is overveiw, but must be one of pods, overview, changes, health; did you mean overview?",
        "F line 2: views.a.filter is ns:pay stauts:Failed, but must be a filter: no such column; did you mean status?",
        "F line 3: views.a.sort is cpuu, but must be a field to sort by; did you mean cpu%?",
        "F line 4: views.a.columns is pod,stauts,ns:2,age,age, but must be a list of columns: no column stauts; did you",
        "F line 4: views.a.columns is pod,stauts,ns:2,age,age, but must be a list of columns: the width of column ns",
        "F line 4: views.a.columns is pod,stauts,ns:2,age,age, but must be a list of columns: column age is listed twice",
    ];
    assert_eq!(one.faults.len(), starts.len(), "{:#?}", one.faults);
    for (fault, start) in one.faults.iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}");
        assert!(fault.ends_with("; the rest of the view applies"), "{fault}");
    }
    assert_eq!((other.shown_in(), &other.columns), (ViewKind::Overview, &None));
    assert!(
        other.faults[0].contains("did you mean failed?"),
        "{:?}",
        other.faults
    );
}

#[test]
fn a_name_shows_as_itself_and_is_no_word_of_the_command() {
    for name in ["hot", " night shift ", "90 %", "生产"] {
        assert_eq!(checked_name(name), Ok(name.trim()));
    }
    let long = "x".repeat(LONGEST_NAME + 1);
    for name in [
        "",
        " ",
        "save",
        "delete x",
        "a\u{1b}[2J",
        "a\u{202e}b",
        "a\u{7f}",
        &long,
    ] {
        assert!(checked_name(name).is_err(), "{name:?}");
    }
}
