//! What a program with one field more does. `tests/one_field_more.rs` copies this file into such a program.

mod stored;

use std::path::PathBuf;
use std::sync::Arc;

use hss_top::app::fixture::empty_model;
use hss_top::app::focus::Overlay;
use hss_top::fleet::fields::{IN_FILES, PodColumn, names};
use hss_top::fleet::pseudonym::Pseudonyms;
use hss_top::fleet::query::Query;
use hss_top::fleet::{Fleet, PodField, View, ViewRequest};
use hss_top::report::columns::{FileColumn, columns};
use hss_top::report::record;
use hss_top::ui::{Palette, Theme};
use hss_top::views;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use stored::{PAGE, fleet_of};

/// The names of the pods that a filter lets through, by the new field.
fn found(fleet: &Fleet, filter: &str) -> Vec<String> {
    let request = ViewRequest {
        filter: Query::parse(filter).unwrap(),
        sort: names::sortable("host_ip").unwrap().first_direction(),
        ..ViewRequest::default()
    };
    let view = View::of(fleet, request, Timestamp::UNIX_EPOCH);
    let pods = (0..view.len()).filter_map(|place| view.pod(place));
    pods.map(|pod| pod.name().value().unwrap().raw().to_owned())
        .collect()
}

#[test]
fn it_is_read_filtered_sorted_and_completed() {
    let fleet = fleet_of(PAGE);
    assert_eq!(found(&fleet, "").first().map(String::as_str), Some("settle"));
    assert_eq!(found(&fleet, "hostip:10.9.0.3"), ["api-2"]);
    assert_eq!(found(&fleet, "10.8.0"), ["settle", "both"], "without a name too");
    assert_eq!(found(&fleet, "HOST_IP:10.8.0.5"), ["both"], "of the other list");
    assert_eq!(found(&fleet, "!hostip:10.8.0.4").len(), 3);
    assert_eq!(names::beginning_with("host"), [(PodField::HostIp, "hostip")]);
    assert_eq!(names::nearest("hostpi"), Some(PodField::HostIp));
}

#[test]
fn it_is_in_files_behind_all_others_and_a_column_of_the_table() {
    let fleet = fleet_of(PAGE);
    let column = columns().last().unwrap();
    assert_eq!(
        (column.name, IN_FILES.last()),
        ("host_ip", Some(&PodField::HostIp))
    );
    let values = fleet.rows().map(|row| {
        let facts = fleet.facts(row).unwrap();
        format!("{:?}", FileColumn::of(PodField::HostIp).value_of(&facts))
    });
    let values: Vec<String> = values.collect();
    assert!(
        values.iter().any(|value| value.contains("10.9.0.20")),
        "{values:?}"
    );
    assert_eq!(
        PodColumn::named("hostip"),
        Some(PodColumn::Shown(PodField::HostIp))
    );
}

/// The screen with the detail of a pod.
fn detail(fleet: &Fleet, pod: &str) -> String {
    let now = Timestamp::UNIX_EPOCH;
    let mut model = empty_model(Size::new(100, 50), now);
    model.fleet = fleet.clone();
    let request = ViewRequest {
        filter: Query::parse(&format!("pod:{pod}")).unwrap(),
        ..ViewRequest::default()
    };
    model.view = View::of(fleet, request, now);
    model.focus.open(Overlay::Detail);
    let mut buffer = Buffer::empty(model.screen_size().into());
    views::draw(&model, &Theme::new(Palette::None), &mut buffer);
    buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
}

#[test]
fn it_is_in_the_detail_in_the_record_as_sent_and_masked_with_the_rest() {
    let fleet = fleet_of(PAGE);
    let screen = detail(&fleet, "api-1");
    assert!(
        screen.contains("Host IP") && screen.contains("10.9.0.20"),
        "{screen}"
    );
    let masked = fleet.masked_by(Pseudonyms::random().map(Arc::new));
    let pods: Vec<String> = masked
        .pods()
        .map(|pod| format!("{:?}", (pod.node, pod.serverless)))
        .collect();
    assert!(
        !pods.concat().contains("10.9.0") && !pods.concat().contains("10.8.0"),
        "{pods:?}"
    );
    let records: String = fleet.pods().map(|pod| record::line(&pod)).collect();
    for address in ["10.9.0.20", "10.9.0.3", "10.8.0.4", "10.8.0.5"] {
        assert!(
            records.contains(&format!("\"host_ip\": \"{address}\"")),
            "{records}"
        );
    }
    assert_eq!(
        records.matches("host_ip").count(),
        4,
        "as sent, by list: {records}"
    );
}

#[test]
fn what_the_program_before_stored_is_read_and_the_other_way_round() {
    let folder = PathBuf::from(std::env::var_os("ONE_FIELD_MORE").unwrap());
    // The program before knew nothing of the field.
    let before = fleet_of(&PAGE.replace("host_ip", "unknown"));
    let read = stored::read(&folder.join("before"));
    assert_eq!(read, [stored::sorted(&before), stored::sorted(&before)]);
    let fleet = fleet_of(PAGE);
    stored::write(&folder.join("after"), &fleet);
    let read = stored::read(&folder.join("after"));
    assert_eq!(read, [stored::sorted(&fleet), stored::sorted(&fleet)]);
}
