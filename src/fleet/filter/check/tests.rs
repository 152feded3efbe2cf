//! Each kind of test with values at its limits.

use super::*;
use crate::fleet::filter::tests::{found, now};
use crate::fleet::fixture::{PodFixture, node, serverless};
use crate::fleet::store::encoding::Dictionaries;
use crate::fleet::{Field, Pod, RemoteText};

/// The names of the pods that pass the filter `text`.
#[track_caller]
fn names_found(pods: &[Pod], text: &str) -> Vec<String> {
    let found = found(pods, text);
    let name = |pod: &Pod| {
        pod.name()
            .value()
            .map_or(String::new(), |name| name.raw().to_owned())
    };
    found.iter().map(name).collect()
}

#[test]
fn no_name_finds_a_pod_without_a_name() {
    let pods = [
        Field::Absent,
        Field::Unreadable,
        RemoteText::name("").into(),
        RemoteText::name("web").into(),
    ]
    .map(|name| {
        let mut record = node("").node_record();
        record.common.name = name;
        Pod::on_node(record)
    });
    for (text, hits) in [
        ("pod:*", 2),
        ("pod:/^$/", 1),
        ("pod:/^w?/", 2),
        ("!pod:*", 2),
        ("pod:none", 1),
        ("!pod:none", 3),
    ] {
        assert_eq!(found(&pods, text).len(), hits, "{text}");
    }
}

#[test]
fn an_undocumented_word_is_found_in_its_shown_form() {
    let pods = [
        serverless("status").status("fai\u{200b}led").build(),
        serverless("protection")
            .security("clo\u{200b}sed", "clean")
            .build(),
        serverless("detection").security("closed", "ri\u{200b}sk").build(),
        serverless("plain")
            .status("Failed")
            .security("closed", "risk")
            .build(),
    ];
    for (text, names) in [
        ("status:*200b*", &["status"][..]),
        ("protect:/200b/", &["protection"]),
        ("detect:*{200b}*", &["detection"]),
        ("200b", &["status", "protection", "detection"]),
        ("!status:fai* !protect:clo* !detect:risk", &[]),
        ("/\u{200b}/", &[]),
        ("status:failed detect:risk", &["plain"]),
    ] {
        assert_eq!(names_found(&pods, text), names, "{text}");
    }
}

#[test]
fn a_word_of_the_api_is_found_while_it_is_typed() {
    let pods = [
        node("failed").status("Failed").build(),
        node("running").status("Running").build(),
        node("ended").status("Succeeded").build(),
        serverless("undetected")
            .status("Pending")
            .security("protection_exception", "undetected")
            .build(),
    ];
    for typed in ["F", "fa", "Fail", "Failed"] {
        assert_eq!(names_found(&pods, &format!("status:{typed}")), ["failed"]);
    }
    for (text, names) in [
        ("status:ailed", &[][..]),
        ("detect:detected", &[]),
        ("detect:un", &["undetected"]),
        ("protect:exception", &["undetected"]),
        ("protect:exc", &["undetected"]),
        ("!status:fail,run,done", &["undetected"]),
        // As a narrow column says it.
        ("status:done", &["ended"]),
        ("status:succ", &["ended"]),
    ] {
        assert_eq!(names_found(&pods, text), names, "{text}");
    }
}

#[test]
fn a_word_is_found_by_hsss_form_and_by_the_screens() {
    let pods = [
        serverless("off").security("closed", "clean").build(),
        serverless("on").security("opened", "undetected").build(),
        serverless("broken")
            .security("protection_exception", "risk")
            .build(),
        serverless("busy").security("opened", "scanning").build(),
    ];
    for (text, names) in [
        ("protect:closed", &["off"][..]),
        ("protect:off", &["off"]),
        ("protect:opened", &["on", "busy"]),
        ("protect:on", &["on", "busy"]),
        ("protect:protection_exception", &["broken"]),
        ("protect:broken", &["broken"]),
        ("detect:undetected", &["on"]),
        ("detect:not-scanned", &["on"]),
        ("scan:not-scanned", &["on"]),
        ("scan:\"not scanned\"", &["on"]),
        ("scan:not*", &["on"]),
        ("detect:scanned", &[]),
        ("!protect:off,broken", &["on", "busy"]),
        ("!detect:not-scanned", &["off", "broken", "busy"]),
        ("not-scanned", &["on"]),
    ] {
        assert_eq!(names_found(&pods, text), names, "{text}");
    }
}

#[test]
fn ids_of_either_form_are_searched() {
    let pod = |name: &str, id: Field<RemoteText>| {
        let mut record = node(name).node_record();
        record.id = id;
        Pod::on_node(record)
    };
    let id = |text: &str| RemoteText::name(text).into();
    let pods = [
        pod("uuid", id("0123abcd-4567-89ab-cdef-0123456789ab")),
        pod("word", id("pod-x")),
        pod("upper", id("0123ABCD-4567-89AB-CDEF-0123456789AB")),
        pod("empty", id("")),
        pod("absent", Field::Absent),
        pod("odd", Field::Unreadable),
    ];
    for (text, names) in [
        ("id:0123abcd-", &["uuid", "upper"][..]),
        ("id:pod", &["word"]),
        ("id:-", &["uuid", "word", "upper"]),
        ("id:*", &["uuid", "word", "upper", "empty"]),
        ("id:/X|^0/", &["uuid", "upper"]),
        ("id:/ABCD/", &["upper"]),
        ("id:none", &["absent"]),
        ("!id:*", &["absent", "odd"]),
    ] {
        assert_eq!(names_found(&pods, text), names, "{text}");
    }
}

#[test]
fn an_age_is_a_whole_number_of_seconds() {
    let now = now().as_millisecond();
    let pods: Vec<Pod> = [
        ("just", now),
        ("almost", now - 999),
        ("second", now - 1000),
        ("day", now - 86_400_000),
        ("ahead", now + 60_000),
        ("never", 0),
    ]
    .map(|(name, ms)| node(name).created_ms(ms).build())
    .into();
    for (text, names) in [
        ("age=0s", &["just", "almost", "ahead"][..]),
        ("age<=1s", &["just", "almost", "second", "ahead"]),
        ("age>=1s", &["second", "day"]),
        ("age=1d", &["day"]),
        ("age>1d", &[]),
        ("!age>=0s", &["never"]),
    ] {
        assert_eq!(names_found(&pods, text), names, "{text}");
    }
}

#[test]
fn amounts_are_compared_in_every_notation() {
    let pods: Vec<Pod> = [
        "250m",
        "0.25",
        "0.2500000001",
        "1e-1",
        "0",
        "",
        "lots",
        "99999999999E",
        "1e999",
        "-5",
    ]
    .map(|text| node(text).usage(text, "", text, "").build())
    .into();
    for (text, names) in [
        ("cpu=250m", &["250m", "0.25"][..]),
        (
            "cpu>100m",
            &["250m", "0.25", "0.2500000001", "99999999999E", "1e999"],
        ),
        ("cpu<=100m", &["1e-1", "0"]),
        ("mem<\"1\"", &["0"]),
        (
            "mem>=\"1\"",
            &["250m", "0.25", "0.2500000001", "1e-1", "99999999999E", "1e999"],
        ),
        ("!mem>=0", &["", "lots", "-5"]),
    ] {
        assert_eq!(names_found(&pods, text), names, "{text}");
    }
}

#[test]
fn an_amount_is_a_product_if_that_is_exact() {
    let mut words = Dictionaries::default();
    let mut code = |text: &str| {
        let pod: PodFixture = node("a").usage(text, "", text, "");
        words.encode(&pod.build()).codes[Col::Cpu as usize]
    };
    for (text, cpu, memory) in [
        ("250m", Some(1_000_000), None),
        ("1.5", Some(100_000_000), None),
        ("7Gi", Some((1 << 30) * 1_000_000_000), Some(1 << 30)),
        ("1.5Ki", Some(102_400_000_000), None),
        ("8k", Some(1_000_000_000_000), Some(1000)),
        ("1e3", None, None),
        ("", None, None),
    ] {
        let code = code(text);
        let factors = [Measure::Cpu, Measure::Memory].map(|measure| Amounts::of(measure).factor(code));
        assert_eq!(factors, [cpu, memory], "{text}");
    }
}

#[test]
fn whole_percents_decide_except_the_one_that_contains_the_number() {
    let most = u64::from(u32::MAX);
    for (percent, hundredths, ordering) in [
        (79, 8050, Some(Ordering::Less)),
        (80, 8050, None),
        (80, 8000, None),
        (80, 7999, Some(Ordering::Greater)),
        (81, 8050, Some(Ordering::Greater)),
        (0, 99, None),
        (most - 1, u64::MAX, Some(Ordering::Less)),
        (most - 1, 0, Some(Ordering::Greater)),
        (most, u64::MAX, None),
        (most, 0, None),
    ] {
        let (percents, code) = (WholePercents::around(hundredths), FIRST_PERCENT + percent);
        let has = |codes: &RangeInclusive<u64>| codes.contains(&code);
        let decided = match (has(&percents.below), has(&percents.above)) {
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            _ => None,
        };
        assert_eq!(decided, ordering, "{percent} {hundredths}");
        let undecided = percents.undecided.iter().filter(|codes| has(codes));
        assert_eq!(
            undecided.count(),
            usize::from(ordering.is_none()),
            "{percent} {hundredths}"
        );
    }
}
