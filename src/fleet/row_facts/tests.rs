//! A row has the values of its pod.

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::fleet::fields::{FieldKind, PodField};
use crate::fleet::fixture::pods;
use crate::fleet::pseudonym::Pseudonyms;
use proptest::collection::vec;
use proptest::prelude::*;

/// Everything that a file can contain of a field.
fn all_of(facts: &impl PodValues, field: PodField) -> String {
    match field.kind() {
        FieldKind::Text(text) => format!("{:?}", facts.text_sent(text)),
        FieldKind::Number(PodNumber::Risk) => facts.risk_score().to_string(),
        FieldKind::Number(PodNumber::Age) => format!("{:?}", facts.creation_ms()),
        FieldKind::Number(PodNumber::CpuPercent) => {
            share(facts, Measure::Cpu, [PodNumber::Cpu, PodNumber::CpuLimit])
        }
        FieldKind::Number(PodNumber::MemoryPercent) => share(
            facts,
            Measure::Memory,
            [PodNumber::Memory, PodNumber::MemoryLimit],
        ),
        FieldKind::Number(number) => format!("{:?}", facts.quantity_of(number)),
    }
}

fn share(facts: &impl PodValues, measure: Measure, amounts: [PodNumber; 2]) -> String {
    let is_capped = |number| {
        let field = facts.quantity_of(number);
        field
            .value()
            .is_some_and(|quantity| quantity.amount == Some(MOST))
    };
    format!(
        "{:?} {}",
        facts.usage_of(measure),
        amounts.into_iter().any(is_capped)
    )
}

#[test]
fn a_stamp_changes_with_the_row_and_not_with_its_neighbours() {
    use crate::fleet::fixture::node;
    use crate::fleet::store::{Records, Store, SweepKind};
    let mut store = Store::default();
    let mut stamps = |status: &str, others: &[&str]| {
        let known = node("a").status(status).build();
        let others = others.iter().map(|name| node(name).build());
        let records = Records {
            node: others.chain([known]).filter_map(|pod| pod.node).collect(),
            ..Records::default()
        };
        store.merge(Some(SweepKind::Fleet), records);
        let fleet = store.snapshot();
        let row = fleet.rows().find(|row| {
            let name = fleet.pod(*row).and_then(|pod| pod.name().value().cloned());
            name.is_some_and(|name| name.raw() == "a")
        });
        fleet.facts(row.unwrap()).unwrap().stamp()
    };
    let first = stamps("Running", &[]);
    assert_eq!(stamps("Running", &["b", "c"]), first);
    assert_ne!(stamps("Failed", &["b"]), first);
    assert_eq!(stamps("Running", &["d"]), first);
}

#[test]
fn neighbours_differ_as_their_numbers_do_in_any_part_of_any_chunk() {
    use crate::fleet::fixture::node;
    let many = (0..4700_u32).map(|number| {
        let status = ["Running", "Failed"][usize::from(number.is_multiple_of(7))];
        node(&format!("pod-{number}"))
            .within("c", &format!("ns-{}", number / 512))
            .status(status)
            .build()
    });
    let fleet: Fleet = many.collect();
    let codes = |row| fleet.facts(row).unwrap().codes();
    let rows: Vec<u32> = fleet.rows().collect();
    for parts in [1, 2] {
        let mut neighbours = NeighbourDifferences::default();
        for (before, row) in rows
            .chunks(512)
            .step_by(parts)
            .flat_map(|part| part.iter().zip(&part[1..]))
        {
            let differences = codes(*row).differences(&codes(*before));
            assert_eq!(neighbours.between(&fleet, *before, *row), differences, "{row}");
        }
    }
    let mut neighbours = NeighbourDifferences::default();
    for (before, row) in rows.iter().zip(&rows[1..]) {
        let differences = codes(*row).differences(&codes(*before));
        assert_eq!(neighbours.between(&fleet, *before, *row), differences, "{row}");
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(128, 2_500))]

    #[test]
    fn a_row_has_the_values_of_its_pod_and_equal_keys_mean_equal_values(pods in vec(pods(), 1..12)) {
        let open: Fleet = pods.into_iter().collect();
        let masked = open.masked_by(Pseudonyms::random().map(Arc::new));
        for fleet in [open, masked] {
            let (mut known, mut neighbours) = (HashMap::new(), NeighbourDifferences::default());
            for row in fleet.rows() {
                let (facts, pod) = (fleet.facts(row).unwrap(), fleet.pod(row).unwrap());
                for field in PodField::ALL {
                    let value = all_of(&facts, *field);
                    prop_assert_eq!(&value, &all_of(&pod, *field), "{:?}", field);
                    // What is written at once is what would be written otherwise.
                    let (mut out, search) = (PieceWriter::default(), HeldSearch::now());
                    out.put(b"before");
                    let sent = match field.kind() {
                        FieldKind::Text(text) => {
                            let is_put = facts.put_text(text, &search, &mut out);
                            is_put.then(|| pod.text_sent(text).value().unwrap().shown().to_owned())
                        }
                        FieldKind::Number(number) => {
                            let quantity = pod.quantity_of(number);
                            let exact = quantity.value().and_then(|it| it.amount).filter(|it| *it < MOST);
                            prop_assert_eq!(facts.exact_amount(number), exact);
                            let is_put = facts.put_quantity(number, &search, &mut out);
                            is_put.then(|| quantity.value().unwrap().text.shown().to_owned())
                        }
                    };
                    let expected = format!("before{}", sent.unwrap_or_default());
                    prop_assert_eq!(out.written(), expected.as_bytes());
                    let (key, codes) = (FieldKey::of(*field), facts.codes());
                    for other_row in fleet.rows() {
                        let other = fleet.facts(other_row).unwrap();
                        let differences = codes.differences(&other.codes());
                        prop_assert_eq!(neighbours.between(&fleet, other_row, row), differences);
                        let is_same = key.columns().is_some_and(|columns| columns & differences == 0);
                        prop_assert!(!is_same || facts.key(key) == other.key(key));
                    }
                    if let Some(key) = facts.key(FieldKey::of(*field)) {
                        let first = known.entry((*field, key)).or_insert_with(|| value.clone());
                        prop_assert_eq!(&*first, &value, "{:?}", field);
                    }
                }
            }
            prop_assert!(fleet.facts(u32::MAX).is_none());
        }
    }
}
