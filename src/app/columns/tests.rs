//! The columns on the screen, for every window, order, choice and fleet.

use proptest::prelude::*;

use super::arranged::ArrangedColumns;
use super::widths::{GAP, most_cells};
use super::*;
use crate::fleet::fields::{IN_TABLE, PodField, PodText};
use ratatui::layout::Size;

/// The longest namespace, cluster, node and name of a fleet; other words are short.
type Words = [usize; 4];

const WORDS: Words = [13, 16, 14, 33];

/// Fleets with short, usual and long words, and words longer than any column.
const FLEETS: [Words; 6] = [
    WORDS,
    [0, 0, 0, 0],
    [40, 9, 30, 63],
    [11, 40, 5, 20],
    [18, 20, 18, 45],
    [256, 256, 256, 256],
];

fn longest(words: Words) -> impl Fn(PodText) -> Option<usize> {
    move |text| match text {
        PodText::Namespace => Some(words[0]),
        PodText::Cluster => Some(words[1]),
        PodText::Node => Some(words[2]),
        PodText::Name => Some(words[3]),
        PodText::PodIp | PodText::Id => None,
        _ => Some(12),
    }
}

fn list(text: &str) -> Vec<ChosenColumn> {
    ColumnList::parse(text).unwrap().columns().to_vec()
}

fn arranged(
    width: usize,
    columns: &[ChosenColumn],
    sorted_by: PodField,
    words: Words,
    skipped: usize,
) -> ArrangedColumns {
    ArrangedColumns::of(width, columns, sorted_by, &longest(words), skipped)
}

/// The titles and cells of a table in a window of this width, with or without the detail beside it.
fn in_window(
    width: u16,
    columns: &[ChosenColumn],
    sorted_by: PodField,
    words: Words,
) -> Option<Vec<(&'static str, usize)>> {
    let mut all = columns.to_vec();
    if all.iter().all(|it| it.column.field() != sorted_by) {
        all.push(sorted_by.into());
    }
    let cells = most_cells(&all, &longest(words)) + usize::from(MARGIN + EDGE);
    let areas = layout::areas_beside(Size::new(width, 40), cells)?;
    let room = usize::from(areas.table.width - MARGIN - EDGE);
    let shown = arranged(room, columns, sorted_by, words, 0).columns;
    Some(shown.iter().map(|it| (it.column.title(), it.cells)).collect())
}

fn standard() -> Vec<ChosenColumn> {
    ColumnList::default().columns().to_vec()
}

/// Every column stays and none is narrower, except names, which return borrowed cells when another column fits.
fn check_wider(columns: &[ChosenColumn], sorted_by: PodField, words: Words) -> Result<(), TestCaseError> {
    let mut before: Option<Vec<(&'static str, usize)>> = None;
    for width in 30..=400 {
        let now = in_window(width, columns, sorted_by, words).unwrap();
        for (title, had) in before.iter().flatten() {
            let has = now.iter().find(|it| it.0 == *title).map(|it| it.1);
            let joins = before.as_ref().is_some_and(|before| before.len() < now.len());
            let least = match *title {
                "POD" if joins => 21.min(*had),
                "NAMESPACE" if joins => 9.min(*had),
                "CLUSTER" if joins => 16.min(*had),
                "NODE" if joins => 14.min(*had),
                _ => *had,
            };
            prop_assert!(
                has >= Some(least),
                "{title} at {width}: {had} of {before:?} -> {now:?}"
            );
        }
        before = Some(now);
    }
    Ok(())
}

#[test]
fn a_wider_window_never_shows_less() {
    for words in FLEETS {
        for sorted_by in PodField::ALL {
            check_wider(&standard(), sorted_by.sorted_by(), words).unwrap();
        }
        check_wider(
            &list("pod,cluster,node,clusterid,risk,mem%,id,status"),
            PodField::Age,
            words,
        )
        .unwrap();
        check_wider(
            &list("ns:30,risk,pod:12,cpu%:20,create_time"),
            PodField::Risk,
            words,
        )
        .unwrap();
    }
}

/// The columns that a screen of 80, 120 and 200 cells shows of the demo's fleet.
#[test]
fn a_narrow_screen_shows_every_state_whole_and_a_wide_one_brings_the_next_column() {
    let shown = |width| {
        let shown = in_window(width, &standard(), PodField::Risk, WORDS).unwrap();
        let shown: Vec<String> = shown
            .iter()
            .map(|(title, cells)| format!("{title} {cells}"))
            .collect();
        shown.join(", ")
    };
    assert_eq!(
        shown(80),
        "RISK 5, POD 21, NAMESPACE 9, STATUS 7, PROTECT 8, DETECT 11, CPU 4, MEMORY 4"
    );
    assert_eq!(
        shown(120),
        "RISK 5, POD 32, NAMESPACE 13, STATUS 7, PROTECT 8, DETECT 13, CPU 4, MEMORY 4, AGE 5, CLUSTER 16"
    );
    assert_eq!(
        shown(200),
        "RISK 9, POD 33, NAMESPACE 13, STATUS 11, PROTECT 8, DETECT 13, CPU 14, MEMORY 14, AGE 6, CLUSTER 16, \
         NODE 14, POD IP 15, NODE IP 12"
    );
}

#[test]
fn free_cells_go_to_the_names_that_are_cut() {
    let words = [13, 16, 36, 33];
    let shown = in_window(204, &standard(), PodField::Risk, words).unwrap();
    let cells = |title| shown.iter().find(|it| it.0 == title).map(|it| it.1);
    assert_eq!(cells("POD"), Some(33), "no more than its longest");
    assert!(cells("NODE") > Some(20), "{shown:?}");
}

#[test]
fn what_the_table_is_sorted_by_is_shown_unless_others_are_scrolled_to() {
    for field in PodField::ALL {
        for width in [36, 60, 76, 116, 196, 300] {
            let shown = arranged(width, &standard(), *field, WORDS, 0).columns;
            let sorted = shown.iter().find(|it| it.column.field() == field.sorted_by());
            assert!(
                sorted.is_some_and(|it| it.cells > 3),
                "{field:?} at {width}: {shown:?}"
            );
        }
    }
}

#[test]
fn a_column_is_no_wider_than_its_longest_value_and_its_title() {
    let cells = |title: &str, words| {
        let shown = in_window(300, &standard(), PodField::Risk, words).unwrap();
        shown.iter().find(|it| it.0 == title).unwrap().1
    };
    assert_eq!(cells("NAMESPACE", [4, 16, 14, 33]), 10, "the title is whole");
    assert_eq!((cells("POD", WORDS), cells("CLUSTER", WORDS)), (33, 16));
    assert_eq!(cells("CLUSTER", [13, 27, 14, 33]), 27);
}

#[test]
fn risk_and_name_stay_while_the_others_are_scrolled() {
    let at = |skipped| {
        let arranged = arranged(76, &standard(), PodField::Risk, WORDS, skipped);
        let titles: Vec<&str> = arranged.columns.iter().map(|it| it.column.title()).collect();
        (titles.join(" "), arranged.left, arranged.right)
    };
    assert_eq!(
        at(0),
        (
            "RISK POD NAMESPACE STATUS PROTECT DETECT CPU MEMORY".to_owned(),
            0,
            5
        )
    );
    assert_eq!(at(2), ("RISK POD PROTECT DETECT CPU MEMORY AGE".to_owned(), 2, 4));
    let (shown, left, right) = at(99);
    assert!(
        shown.starts_with("RISK POD ") && shown.ends_with(" NODE IP"),
        "{shown}"
    );
    assert_eq!((right, left), (0, 8));
    // If they would leave no room, they are scrolled too.
    let narrow = arranged(26, &standard(), PodField::Risk, WORDS, 3);
    assert_eq!(narrow.columns[0].column.title(), "STATUS");
}

#[test]
fn a_scrolled_column_is_as_wide_as_before() {
    for width in 37..250 {
        let mut seen: Vec<(PodColumn, usize)> = Vec::new();
        for skipped in 1..=IN_TABLE.len() {
            let arranged = arranged(width, &standard(), PodField::Risk, WORDS, skipped);
            for placed in &arranged.columns {
                let is_cut = placed.x + placed.cells == width;
                match seen.iter().find(|it| it.0 == placed.column) {
                    Some((_, cells)) => assert!(*cells == placed.cells || is_cut, "{width}: {placed:?}"),
                    None if is_cut => {}
                    None => seen.push((placed.column, placed.cells)),
                }
            }
        }
    }
}

fn any_list() -> impl Strategy<Value = Vec<ChosenColumn>> {
    let all: Vec<PodColumn> = PodColumn::all().collect();
    let count = all.len();
    let chosen = (
        Just(all).prop_shuffle(),
        1..=count,
        prop::collection::vec(prop::option::weighted(0.1, 3_u16..50), count),
    );
    chosen.prop_map(|(all, count, cells)| {
        let columns = all.into_iter().zip(cells).take(count);
        columns
            .map(|(column, cells)| ChosenColumn { column, cells })
            .collect()
    })
}

fn any_words() -> impl Strategy<Value = Words> {
    [0_usize..70, 0_usize..70, 0_usize..70, 0_usize..70]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_choice_fits_keeps_its_order_and_can_be_scrolled_through(
        columns in any_list(),
        words in any_words(),
        width in 26_usize..250,
        sorted_by in prop::sample::select(PodField::ALL),
    ) {
        let place = |column: PodColumn| {
            let at = columns.iter().position(|it| it.column == column);
            at.unwrap_or(columns.len())
        };
        let mut seen: Vec<PodColumn> = Vec::new();
        let last = arranged(width, &columns, sorted_by, words, 0).last;
        for skipped in 0..=last {
            let arranged = arranged(width, &columns, sorted_by, words, skipped);
            prop_assert_eq!((arranged.scrolled, arranged.last), (skipped, last));
            let mut end = 0;
            for placed in &arranged.columns {
                prop_assert!(placed.cells > 0 && placed.x >= end, "{:?}", arranged);
                end = placed.x + placed.cells + GAP;
            }
            prop_assert!(end <= width + GAP, "{:?}", arranged);
            let order = arranged.columns.iter().map(|it| place(it.column));
            prop_assert!(order.is_sorted(), "{:?}", arranged);
            seen.extend(arranged.columns.iter().map(|it| it.column));
            if skipped == last {
                prop_assert_eq!(arranged.right, 0, "{:?}", arranged);
            }
        }
        for chosen in &columns {
            prop_assert!(seen.contains(&chosen.column), "{:?} of {seen:?}", chosen);
        }
    }

    #[test]
    fn a_wider_window_never_shows_less_of_any_choice(
        columns in any_list(),
        words in any_words(),
        sorted_by in prop::sample::select(PodField::ALL),
    ) {
        check_wider(&columns, sorted_by.sorted_by(), words)?;
    }
}
