//! What each form writes of the same pods.

use super::*;
use crate::fleet::Pod;
use crate::fleet::fixture::{self, node, serverless};
use crate::report::columns::ExportRow;
use proptest::prelude::*;

fn written(form: ListForm, names: &str, pods: &[Pod], end: &ListEnd) -> String {
    let columns = names.split(',').map(|name| FileColumn::named(name).unwrap());
    let mut writer = ListWriter::new(form, columns.collect(), true);
    let mut out = Vec::new();
    let head = ListHead {
        project: "p-1".to_owned(),
        ..ListHead::default()
    };
    writer.begin(&head, &mut out).unwrap();
    let fleet: Fleet = pods.iter().cloned().collect();
    for row in fleet.rows() {
        writer.pod(&fleet, row).unwrap();
    }
    out.extend(writer.take(PieceWriter::default()).written());
    writer.end(end, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn pods() -> Vec<Pod> {
    vec![
        node("api-1")
            .within("c", "pay")
            .usage("183m", "2", "", "")
            .build(),
        serverless("=x\n\",|\t生").within("c", "-n").build(),
    ]
}

fn missing() -> ListEnd {
    ListEnd {
        listed: 2,
        total: Some(3),
        missing: Some("1 of 3 pods is missing".to_owned()),
        ..ListEnd::default()
    }
}

const COLUMNS: &str = "pod,ns,cpu_cores,risk,kind";

#[test]
fn json_lines_are_pods_and_one_line_more_where_some_are_missing() {
    let complete = written(ListForm::Jsonl, COLUMNS, &pods(), &ListEnd::default());
    let lines: Vec<&str> = complete.lines().collect();
    assert_eq!(
        lines,
        [
            r#"{"pod_name":"api-1","namespace_name":"pay","cpu_cores":0.183,"risk":0,"kind":"node"}"#,
            r#"{"pod_name":"=x\n\",|\t\u751f","namespace_name":"-n","cpu_cores":null,"risk":0,"kind":"serverless"}"#,
        ]
    );
    let short = written(ListForm::Jsonl, COLUMNS, &pods(), &missing());
    let last: serde_json::Value = serde_json::from_str(short.lines().nth(2).unwrap()).unwrap();
    assert_eq!(
        (&last["complete"], &last["missing"]),
        (&false.into(), &"1 of 3 pods is missing".into())
    );
}

#[test]
fn json_is_one_object_whatever_the_number_of_pods() {
    for count in 0..=2 {
        let text = written(ListForm::Json, COLUMNS, &pods()[..count], &missing());
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["pods"].as_array().unwrap().len(), count);
        assert_eq!(
            (&read["schema"], &read["project"], &read["total"]),
            (&schema::LIST.into(), &"p-1".into(), &3.into())
        );
    }
}

#[test]
fn cells_are_safe_in_a_spreadsheet_and_a_missing_pod_is_a_row() {
    let text = written(ListForm::Csv, COLUMNS, &pods(), &missing());
    assert_eq!(
        text,
        "pod_name,namespace_name,cpu_cores,risk,kind\r\napi-1,pay,0.183,0,node\r\n\
         \"'=x\\n\"\",|\\t生\",'-n,,0,serverless\r\nINCOMPLETE: 1 of 3 pods is missing,,,,\r\n"
    );
    let text = written(ListForm::Tsv, COLUMNS, &pods()[..1], &ListEnd::default());
    assert_eq!(
        text,
        "pod_name\tnamespace_name\tcpu_cores\trisk\tkind\napi-1\tpay\t0.183\t0\tnode\n"
    );
}

#[test]
fn yaml_has_the_same_members_as_json() {
    use saphyr::{LoadableYamlNode as _, Yaml};
    for count in 0..=2 {
        let text = written(ListForm::Yaml, COLUMNS, &pods()[..count], &missing());
        let read = Yaml::load_from_str(&text).unwrap();
        let list = &read[0];
        assert_eq!(list["schema"].as_str(), Some(schema::LIST), "{text}");
        assert_eq!(list["complete"].as_bool(), Some(false));
        assert_eq!(list["pods"].as_sequence().map(Vec::len), Some(count), "{text}");
    }
    let text = written(ListForm::Yaml, COLUMNS, &pods(), &ListEnd::default());
    assert!(
        text.contains("\n  - \"pod_name\": \"=x\\x0a\\\",|\\x09\\u751f\"\n    \"namespace_name\": \"-n\"\n    \"cpu_cores\": null\n"),
        "{text}"
    );
}

#[test]
fn a_name_is_one_word_that_no_program_takes_for_an_option() {
    let text = written(ListForm::Name, COLUMNS, &pods(), &missing());
    assert_eq!(text, "pay/api-1\n%2Dn/%3Dx%0A%22%2C%7C%09%E7%94%9F\n");
}

#[test]
fn a_column_is_found_by_any_name_of_its_field() {
    for (name, column) in [
        ("pod", "pod_name"),
        ("NS", "namespace_name"),
        ("cpu", "cpu"),
        ("cpu_cores", "cpu_cores"),
        ("mem", "memory"),
        ("age", "create_time"),
        ("create_time_ms", "create_time_ms"),
        ("kind", "kind"),
        ("ip", "ip"),
    ] {
        assert_eq!(FileColumn::named(name).map(|it| it.name), Some(column));
    }
    assert_eq!(FileColumn::named("gone_since"), None);
    assert_eq!(FileColumn::named("x"), None);
}

proptest! {
    #![proptest_config(crate::long_tests::cases(64, 1_500))]

    /// The files of `report` are written value by value, from complete pods.
    #[test]
    fn a_remembered_cell_is_the_value_of_the_pod(pods in proptest::collection::vec(fixture::pods(), 1..12)) {
        let fleet: Fleet = pods.into_iter().collect();
        let columns = FileColumn::of_present_pods();
        let mut lines = ListWriter::new(ListForm::Jsonl, columns.clone(), false);
        let mut table = ListWriter::new(ListForm::Csv, columns.clone(), false);
        for row in fleet.rows() {
            let pod = ExportRow { pod: fleet.pod(row).unwrap(), gone_since: None };
            let mut expected = Vec::new();
            let written = lines.pod(&fleet, row).unwrap().unwrap().to_vec();
            json::record(&columns, &pod, &mut expected).unwrap();
            expected.push(b'\n');
            prop_assert_eq!(String::from_utf8(written), String::from_utf8(expected));
            let mut expected = Vec::new();
            let written = table.pod(&fleet, row).unwrap().unwrap().to_vec();
            let cells = columns.iter().map(|column| csv::cell(&column.value(&pod)));
            csv::line(b',', cells, &mut expected).unwrap();
            prop_assert_eq!(String::from_utf8(written), String::from_utf8(expected));
        }
    }
}

#[test]
fn a_record_of_one_empty_cell_is_a_line() {
    let text = written(ListForm::Csv, "cpu", &pods()[1..], &ListEnd::default());
    assert_eq!(text, "cpu\r\n\"\"\r\n");
}

#[test]
fn a_record_is_the_same_whatever_stands_in_front_of_it() {
    let pod = |number: usize| {
        let (cluster, namespace) = (format!("c-{}", number / 50 % 3), format!("ns-{}", number / 7 % 5));
        let cpu = format!("{}m", number / 3 % 4 * 10);
        let pod = node(&format!("pod-{number}")).within(&cluster, &namespace);
        let pod = pod.usage(
            &cpu,
            if number.is_multiple_of(5) { "" } else { "2" },
            "1Gi",
            "2Gi",
        );
        pod.status(if number.is_multiple_of(11) {
            "Failed"
        } else {
            "Running"
        })
        .build()
    };
    let fleet: Fleet = (0..300).map(pod).collect();
    for form in [ListForm::Jsonl, ListForm::Csv, ListForm::Yaml] {
        let mut writer = ListWriter::new(form, FileColumn::of_present_pods(), false);
        // Neighbours, then rows with others between them, then the same rows in another picture.
        let mut all = Vec::new();
        let few: Vec<u32> = fleet.rows().filter(|row| row % 3 == 0).collect();
        for (number, row) in fleet.rows().chain(few.iter().copied()).enumerate() {
            let next = writer.pod(&fleet, row).unwrap().unwrap().to_vec();
            let alone = writer.another().record(&fleet, row, <[u8]>::to_vec).unwrap();
            assert_eq!(
                String::from_utf8(next.clone()),
                String::from_utf8(alone),
                "row {row}"
            );
            let is_first = number == 0 && form == ListForm::Yaml;
            all.extend_from_slice(if is_first { b"\n" } else { b"" });
            all.extend(next);
            if number % 29 == 0 {
                let again = writer.record(&fleet, row, <[u8]>::to_vec).unwrap();
                assert!(all.ends_with(&again), "row {row}");
            }
            if number % 37 == 0 {
                // What is taken stays, and what follows is written over other bytes.
                let taken = writer.take(PieceWriter::into_memory(vec![b'x'; 7000]));
                assert!(
                    all.ends_with(taken.written()) && writer.waiting() == 0,
                    "row {row}"
                );
            }
        }
        let reversed: Vec<Pod> = fleet.pods().collect();
        let reversed: Fleet = reversed.into_iter().rev().collect();
        for row in few {
            let next = writer.pod(&reversed, row).unwrap().unwrap().to_vec();
            let alone = writer.another().record(&reversed, row, <[u8]>::to_vec).unwrap();
            assert_eq!(String::from_utf8(next), String::from_utf8(alone), "row {row}");
        }
    }
}
