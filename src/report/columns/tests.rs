use super::*;
use crate::fleet::fixture::node;

fn value(pod: Pod, column: &str) -> ExportValue {
    let row = ExportRow {
        pod,
        gone_since: None,
    };
    let found = columns().find(|known| known.name == column);
    found.unwrap().value(&row)
}

#[test]
fn amounts_have_a_column_of_text_and_one_of_numbers() {
    let pod = |cpu, limit, memory| node("a").usage(cpu, limit, memory, "256Mi").build();
    for (cpu, limit, memory, numbers) in [
        ("0.092", "2", "270Mi", ["0.092", "2", "283115520"]),
        ("183m", "250m", "122674338", ["0.183", "0.25", "122674338"]),
        (
            "598735562n",
            "1500m",
            "166723Ki",
            ["0.598735562", "1.5", "170724352"],
        ),
        ("lots", "0", "x", ["", "0", ""]),
    ] {
        let cell = |column| super::super::csv::cell(&value(pod(cpu, limit, memory), column));
        assert_eq!(
            ["cpu_cores", "cpu_limit_cores", "memory_bytes"].map(cell),
            numbers
        );
        assert_eq!(cell("cpu"), cpu);
        assert_eq!(cell("memory_limit_bytes"), "268435456");
    }
    assert_eq!(value(node("a").build(), "cpu_cores"), ExportValue::Absent);
}

#[test]
fn a_capped_amount_is_not_exported_as_a_number() {
    let nines = "9".repeat(30);
    for (used, limit) in [("1e400", "2"), (&*nines, "2"), ("1", &*nines)] {
        let pod = || node("a").usage(used, limit, used, limit).build();
        let cell = |column| super::super::csv::cell(&value(pod(), column));
        assert_eq!((cell("cpu").as_str(), cell("cpu_limit").as_str()), (used, limit));
        assert_eq!((cell("cpu_percent"), cell("memory_percent")), Default::default());
        let capped = if limit == "2" {
            "cpu_cores"
        } else {
            "cpu_limit_cores"
        };
        assert_eq!(cell(capped), "");
        let capped = if limit == "2" {
            "memory_bytes"
        } else {
            "memory_limit_bytes"
        };
        assert_eq!(cell(capped), "");
    }
    let pod = node("a").usage("1000000000", "1n", "1", "1").build();
    assert_eq!(value(pod, "cpu_percent"), ExportValue::Absent);
}

#[test]
fn a_creation_time_has_whole_seconds_and_a_column_of_milliseconds() {
    let of = |ms, column| value(node("a").created_ms(ms).build(), column);
    let text = |value| match value {
        ExportValue::Text(text) => text.raw().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text(of(1_753_227_292_345, "create_time")), "2025-07-22T23:34:52Z");
    assert_eq!(
        of(1_753_227_292_345, "create_time_ms"),
        ExportValue::Number(1_753_227_292_345)
    );
    assert_eq!(of(-5, "create_time"), ExportValue::Absent, "a column of dates");
    assert_eq!(
        of(-5, "create_time_ms"),
        ExportValue::Number(-5),
        "as HSS sent it"
    );
}

#[test]
fn a_column_of_numbers_contains_only_numbers() {
    for pod in [
        node("a").usage("?", "?", "?", "?").build(),
        node("b").build(),
        node("c").usage("1", "0", "1Gi", "1Gi").build(),
    ] {
        let row = ExportRow {
            pod,
            gone_since: None,
        };
        for column in columns() {
            let (value, content) = (column.value(&row), column.content());
            let is_number = matches!(value, ExportValue::Number(_) | ExportValue::Billionths(_));
            let may = content != Content::Text && value == ExportValue::Absent;
            assert_eq!(is_number || may, content != Content::Text, "{}", column.name);
        }
    }
}

/// Programs read these names in this order: both are a promise.
#[test]
fn the_names_and_the_order_of_columns_never_change() {
    let names: Vec<&str> = columns().map(|column| column.name).collect();
    let before = "pod_name namespace_name cluster_name cluster_id cluster_type region_id node_name node_ip pod_ip \
                  id status protect_status detect_result risk cpu cpu_cores cpu_limit cpu_limit_cores \
                  cpu_percent memory memory_bytes memory_limit memory_limit_bytes memory_percent create_time \
                  create_time_ms gone_since";
    let names = names.join(" ");
    assert!(names.starts_with(before), "a new column comes last: {names}");
}
