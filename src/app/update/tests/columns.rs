//! What keys and `:columns` do to the columns.

use super::*;
use crate::fleet::fields::{ColumnList, IN_TABLE};

fn list(model: &Model) -> String {
    model.pods.columns.list().to_string()
}

fn shown(model: &Model) -> Vec<&'static str> {
    let width = model.areas().unwrap().table.width;
    let arranged = model.arranged_columns(width);
    arranged.columns.iter().map(|it| it.column.name()).collect()
}

#[test]
fn the_columns_are_chosen_by_command_and_a_slip_changes_nothing() {
    let mut model = model(3);
    press(&mut model, ":");
    type_text(&mut model, "columns pod:40,ns,cluster_id");
    press(&mut model, "Enter");
    assert_eq!(list(&model), "pod:40,ns,clusterid");
    // What it is sorted by is shown too.
    press(&mut model, "R");
    refresh(&mut model);
    assert_eq!(shown(&model), ["pod", "ns", "clusterid", "risk"]);
    press(&mut model, ":");
    type_text(&mut model, "columns pod,stauts");
    press(&mut model, "Enter");
    assert_eq!(list(&model), "pod:40,ns,clusterid");
    let notice = model.notice.as_ref().unwrap();
    assert_eq!(notice.text, "no column stauts; did you mean status?");
    press(&mut model, ":");
    type_text(&mut model, "columns reset");
    press(&mut model, "Enter");
    assert_eq!(list(&model), ColumnList::default().to_string());
}

#[test]
fn the_list_shows_hides_moves_and_widens_and_brings_back_the_start() {
    let mut model = model(3);
    press(&mut model, "w");
    assert_eq!(model.mode(), Mode::Columns);
    press(&mut model, "Space j J J");
    assert!(
        list(&model).starts_with("ns,status,pod,protect,"),
        "{}",
        list(&model)
    );
    press(&mut model, "K K K");
    assert!(
        list(&model).starts_with("pod,ns,status,"),
        "the hidden one does not count: {}",
        list(&model)
    );
    press(&mut model, "+");
    assert!(list(&model).starts_with("pod:10,ns,"), "{}", list(&model));
    press(&mut model, "- -");
    assert!(list(&model).starts_with("pod:6,ns,"), "{}", list(&model));
    press(&mut model, "0");
    assert!(list(&model).starts_with("pod,ns,"));
    press(&mut model, "a");
    assert!(list(&model).split(',').count() > 20);
    press(&mut model, "r Esc");
    assert_eq!(
        (list(&model), model.mode()),
        (ColumnList::default().to_string(), Mode::Table)
    );
    press(&mut model, ": c o l u m n s Enter");
    assert_eq!(
        model.mode(),
        Mode::Columns,
        "the command without a word opens the list"
    );
    press(&mut model, "w");
    assert_eq!(model.mode(), Mode::Table);
}

#[test]
fn a_table_keeps_its_last_column() {
    let mut model = model(3);
    press(&mut model, ":");
    type_text(&mut model, "columns pod");
    press(&mut model, "Enter w Space");
    assert_eq!(list(&model), "pod");
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "a table has at least one column"
    );
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Table);
}

#[test]
fn columns_are_scrolled_to_both_ends_and_the_first_ones_stay() {
    let mut model = model(3);
    model.size = Size::new(80, 24);
    assert_eq!(shown(&model)[..3], ["risk", "pod", "ns"]);
    press(&mut model, "l Right");
    assert_eq!(shown(&model)[..3], ["risk", "pod", "protect"]);
    for _ in 0..IN_TABLE.len() {
        press(&mut model, "l");
    }
    assert_eq!(shown(&model).last(), Some(&"nodeip"));
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "the last column is already shown"
    );
    let at_end = shown(&model);
    press(&mut model, "h");
    assert_ne!(
        shown(&model),
        at_end,
        "one press is one column, however often the end was met"
    );
    for _ in 0..IN_TABLE.len() {
        press(&mut model, "Left");
    }
    assert_eq!(shown(&model)[..3], ["risk", "pod", "ns"]);
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "the first columns are already shown"
    );
}

#[test]
fn a_window_that_has_room_for_all_columns_forgets_how_far_they_were_scrolled() {
    let mut model = model(3);
    model.size = Size::new(80, 24);
    press(&mut model, "l l l");
    model.size = Size::new(400, 24);
    assert_eq!(shown(&model).len(), IN_TABLE.len());
    assert!(
        model.areas().unwrap().detail.is_some(),
        "the detail is beside a table that lacks nothing"
    );
}

#[test]
fn n_goes_from_one_pod_at_risk_to_the_next_and_says_where_there_is_none_more() {
    let mut model = model(0);
    let pod = |at: usize| {
        let pod = node(&format!("pod-{at:04}"));
        if at % 40 == 7 { pod.status("Failed") } else { pod }
    };
    model.fleet = (0..100).map(|at| pod(at).build()).collect();
    refresh(&mut model);
    press(&mut model, "n");
    assert_eq!(name(&model), "pod-0007");
    press(&mut model, "n n");
    assert_eq!(name(&model), "pod-0087");
    press(&mut model, "n");
    assert_eq!(name(&model), "pod-0087");
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "no pod with a risk of 30 or more below"
    );
    press(&mut model, "N N N");
    assert_eq!(name(&model), "pod-0007");
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "no pod with a risk of 30 or more above"
    );
}
