use super::*;

#[test]
fn sts_is_the_regions_own_or_the_default_of_the_same_cloud() {
    let place = |region| sts(region).map(|url| url.replace("https://sts.", ""));
    for (region, expected) in [
        (Some("ap-southeast-3"), Some("ap-southeast-3.myhuaweicloud.com")),
        (Some("cn-north-9"), Some("cn-north-4.myhuaweicloud.com")),
        (None, Some("cn-north-4.myhuaweicloud.com")),
        (Some("eu-west-101"), None),
    ] {
        assert_eq!(place(region).as_deref(), expected, "{region:?}");
    }
    assert!(STS_REGIONS.iter().all(|region| find(region).is_ok()));
}

#[test]
fn the_table_has_all_regions_over_https() {
    assert_eq!(all().len(), 32);
    assert!(all().windows(2).all(|pair| pair[0].id < pair[1].id));
    for region in all() {
        assert!(
            region.hss.starts_with(&format!("https://hss.{}.", region.id)),
            "{region:?}"
        );
        assert!(region.iam.starts_with("https://iam."), "{region:?}");
    }
    assert_eq!(iam("cn-north-11"), DEFAULT_IAM);
    assert_eq!(iam("eu-west-101"), "https://iam.eu-west-101.myhuaweicloud.eu");
}

#[test]
fn an_unknown_region_is_reported_with_the_nearest_names() {
    let sentence = find("cn-nroth-4").unwrap_err().to_string();
    assert!(
        sentence.starts_with("there is no region cn-nroth-4; the nearest names are cn-north-4, "),
        "{sentence}"
    );
    let sentence = find("CN-NORTH-4").unwrap_err().to_string();
    assert!(
        sentence.starts_with("there is no region CN-NORTH-4; the nearest names are cn-north-4, "),
        "{sentence}"
    );
    // It could be part of a secret.
    assert!(find("Cn-nOrth-4").unwrap_err().to_string().contains("Cn-n…"));
    let sentence = find("nowhere").unwrap_err().to_string();
    assert!(
        sentence.ends_with("names such as cn-north-4 or ap-southeast-1"),
        "{sentence}"
    );
    assert!(!find("\u{1b}[2J").unwrap_err().to_string().contains('\u{1b}'));
}

#[test]
fn a_variable_overrides_the_table() {
    let name = "HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4";
    let variables = |it: &str| (it == name).then(|| "hss.a.example, https://hss.b.example:8443,".to_owned());
    let found = locate("cn-north-4", &variables).unwrap();
    assert_eq!(
        found.endpoints,
        ["https://hss.a.example", "https://hss.b.example:8443"]
    );
    assert_eq!(found.origin, name);
    let found = locate("cn-north-4", &|_| None).unwrap();
    assert_eq!(found.endpoints, ["https://hss.cn-north-4.myhuaweicloud.com"]);
    assert!(locate("nowhere", &|_| None).is_err());
}

#[test]
fn the_sdks_file_may_name_one_endpoint_or_several() {
    let text = "ECS:\n  - id: r1\n    endpoint: no\nHSS:\n  - id: r1\n    endpoint: hss.one.example\n  - id: r2\n    \
                endpoints: [a.example, b.example]\n  - id: r3\n";
    assert_eq!(overrides(text, "r1").unwrap(), ["hss.one.example"]);
    assert_eq!(overrides(text, "r2").unwrap(), ["a.example", "b.example"]);
    assert!(
        overrides(text, "r3")
            .unwrap_err()
            .to_string()
            .contains("r3 has no endpoint")
    );
    assert!(overrides(text, "r4").unwrap().is_empty());
    assert!(overrides("HSS: [", "r1").is_err());
}

#[test]
fn the_sdks_file_is_read_as_the_sdk_reads_it() {
    for (text, endpoints) in [
        ("hss:\n- {id: r1, endpoint: a}", &["a"][..]),
        (
            "Hss:\n- {id: r1, endpoint: a}\nHSS:\n- {id: r1, endpoint: b}",
            &["b"],
        ),
        ("HSS:\n- {id: r1, endpoint: a}\n- {id: r1, endpoint: b}", &["b"]),
        ("HSS:\n- {id: r1, endpoint: a}\n- {id: r1}", &["a"]),
        (
            "HSS:\n- {id: r1, endpoint: c, endpoints: [a, b]}",
            &["a", "b", "c"],
        ),
        ("HSS:\n- {id: r1, endpoints: a}", &["a"]),
        ("HSS:\n- &r0 {id: r0, endpoint: a}\n- <<: *r0\n  id: r1", &["a"]),
        (
            "x: &x {endpoint: a}\ny: &y {endpoint: b, id: r1}\nHSS:\n- <<: [*x, *y]",
            &["a"],
        ),
        ("\u{feff}HSS:\n- {id: r1, endpoint: a}", &["a"]),
        ("HSS: &h\n- {id: r1, endpoint: a}\nhss: *h", &["a"]),
    ] {
        assert_eq!(overrides(text, "r1").unwrap(), endpoints, "{text}");
    }
    // YAML forbids duplicate keys and Python takes the last: here the file is refused and the error names
    // the place.
    for twice in [
        "HSS:\n- {id: r1, endpoint: a, endpoint: b}",
        "HSS:\n- {id: r1, endpoint: a}\nHSS:\n- {id: r1, endpoint: b}",
    ] {
        let error = overrides(twice, "r1").unwrap_err().to_string();
        assert!(error.contains("duplicated key"), "{error}");
    }
    for odd in ["", "HSS: 1", "- 1", "HSS:\n  - 1\n  - {id: r1, endpoint: [x]}\n"] {
        let _ = overrides(odd, "r1");
    }
}

#[test]
fn a_named_file_must_exist() {
    let variables =
        |it: &str| (it == "HUAWEICLOUD_SDK_REGIONS_FILE").then(|| "/nonexistent/regions.yaml".to_owned());
    assert!(
        locate("cn-north-4", &variables)
            .unwrap_err()
            .to_string()
            .starts_with("/nonexistent/regions.yaml: ")
    );
}
