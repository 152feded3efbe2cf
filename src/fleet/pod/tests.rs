use super::*;

fn named(cluster: &str, namespace: &str, name: &str) -> CommonFields {
    CommonFields {
        name: RemoteText::name(name).into(),
        namespace: RemoteText::name(namespace).into(),
        cluster: RemoteText::name(cluster).into(),
        ..CommonFields::default()
    }
}

#[test]
fn the_identity_is_the_id_or_the_name_if_there_is_none() {
    let record = NodeRecord {
        id: RemoteText::name("x").into(),
        common: named("c", "n", "p"),
    };
    let renamed = NodeRecord {
        common: named("c", "n", "q"),
        ..record.clone()
    };
    assert_eq!(PodKey::of_node(&record), PodKey::of_node(&renamed));
    let without = NodeRecord {
        id: Field::Absent,
        ..record
    };
    assert_eq!(
        PodKey::of_node(&without),
        PodKey::from_name(&named("c", "n", "p"))
    );
    assert_ne!(
        PodKey::from_name(&named("c", "np", "")),
        PodKey::from_name(&named("c", "n", "p"))
    );
}

#[test]
fn a_merged_pod_prefers_the_node_record_and_has_security_fields() {
    let node = NodeRecord {
        common: CommonFields {
            status: Status::Running.into(),
            ..named("c", "n", "p")
        },
        ..NodeRecord::default()
    };
    let serverless = ServerlessRecord {
        common: CommonFields {
            status: Status::Failed.into(),
            pod_ip: RemoteText::name("10.0.0.1").into(),
            ..named("c", "n", "p")
        },
        detection: Detection::Risk.into(),
        ..ServerlessRecord::default()
    };
    let pod = Pod {
        serverless: Some(serverless),
        ..Pod::on_node(node)
    };
    assert_eq!(pod.status(), &Field::Value(Status::Running));
    assert_eq!(pod.pod_ip().value().map(RemoteText::raw), Some("10.0.0.1"));
    assert_eq!(pod.detection(), &Field::Value(Detection::Risk));
    assert_eq!(pod.protection(), &Field::Absent);
}

#[test]
fn impossible_dates_are_unreadable() {
    let created = |create_time| {
        let common = CommonFields {
            create_time,
            ..named("c", "n", "p")
        };
        Pod::on_node(NodeRecord {
            common,
            ..NodeRecord::default()
        })
        .created()
    };
    assert_eq!(
        created(Field::Value(1_753_227_292_000.into())),
        Field::Value("2025-07-22T23:34:52Z".parse().unwrap())
    );
    assert_eq!(created(Field::Absent), Field::Absent);
    for bad in [0, -1, 1_753_227_292, 1_753_227_292_000_000, i64::MAX, i64::MIN] {
        assert_eq!(created(Field::Value(bad.into())), Field::Unreadable, "{bad}");
    }
}
