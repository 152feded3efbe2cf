use super::*;

fn guard() -> ReplayGuard {
    ReplayGuard::new(Some(keys("AK", None)))
}

fn keys(access: &str, security_token: Option<SecretString>) -> SigningKeys {
    SigningKeys {
        access: access.into(),
        secret: "canary-sk".into(),
        security_token,
    }
}

/// A call without a body, signed by hand with `secret`, at `date`.
fn call(secret: &str, date: &str) -> Parts {
    call_of("AK", secret, date)
}

fn call_of(access: &str, secret: &str, date: &str) -> Parts {
    let mut call = hyper::http::Request::get("/v5/p/kubernetes/pods?limit=10&cluster_name=a%20b%2F~")
        .header("x-sdk-date", date)
        .header("host", "h:1")
        .body(())
        .unwrap()
        .into_parts()
        .0;
    let canonical = format!(
        "GET\n/v5/p/kubernetes/pods/\ncluster_name=a%20b%2F~&limit=10\nhost:h:1\nx-sdk-date:{date}\n\n\
         host;x-sdk-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex::sha256(canonical.as_bytes()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hex::encode(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    let value =
        format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders=host;x-sdk-date, Signature={signature}");
    call.headers.insert("authorization", value.parse().unwrap());
    call
}

fn now() -> Timestamp {
    "2025-08-15T09:30:15Z".parse().unwrap()
}

#[test]
fn a_right_signature_is_accepted_and_a_wrong_one_gets_the_canonical_request() {
    let (guard, tick) = (guard(), Instant::now());
    let right = call("canary-sk", "20250815T093015Z");
    assert_eq!(guard.check(&right, b"", now(), tick), Ok(&b"AK"[..]));
    let Err(Refusal::SignatureWrong { canonical }) = guard
        .check(&call("another", "20250815T093015Z"), b"", now(), tick)
        .map(<[u8]>::to_vec)
    else {
        panic!("accepted")
    };
    assert!(canonical.starts_with("GET|/v5/p/kubernetes/pods/|cluster_name=a%20b%2F~&limit=10|host:h:1|"));
    assert!(!canonical.contains("canary"));
}

#[test]
fn a_body_that_was_not_signed_is_refused() {
    let (guard, tick) = (guard(), Instant::now());
    let call = call("canary-sk", "20250815T093015Z");
    let refused = guard.check(&call, b"{}", now(), tick);
    let Err(Refusal::SignatureWrong { canonical }) = refused else {
        panic!("{refused:?}")
    };
    assert!(canonical.ends_with("|44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
}

#[test]
fn clocks_may_differ_by_a_quarter_of_an_hour() {
    let (guard, tick) = (guard(), Instant::now());
    for (date, fine) in [
        ("20250815T091515Z", true),
        ("20250815T094515Z", true),
        ("20250815T091514Z", false),
        ("20250815T094516Z", false),
        ("yesterday", false),
    ] {
        assert_eq!(
            guard.check(&call("canary-sk", date), b"", now(), tick).is_ok(),
            fine,
            "{date}"
        );
    }
}

#[test]
fn a_pair_that_fails_too_often_is_locked_for_five_minutes() {
    let (guard, tick) = (guard(), Instant::now());
    let (wrong, right) = (
        call("another", "20250815T093015Z"),
        call("canary-sk", "20250815T093015Z"),
    );
    for _ in 0..=FAILURES {
        assert!(matches!(
            guard.check(&wrong, b"", now(), tick),
            Err(Refusal::SignatureWrong { .. })
        ));
    }
    assert_eq!(guard.check(&right, b"", now(), tick), Err(Refusal::KeyLocked));
    assert!(guard.check(&right, b"", now(), tick + LOCK).is_ok());
}

#[test]
fn the_failures_of_one_pair_do_not_lock_another() {
    let (guard, tick) = (guard(), Instant::now());
    let issued = guard.issue(LOCK, now()).unwrap().keys;
    let date = "20250815T093015Z";
    for _ in 0..=FAILURES {
        for access in [&*issued.access, "nobody's"] {
            let wrong = call_of(access, "another", date);
            assert!(guard.check(&wrong, b"", now(), tick).is_err());
        }
    }
    let check = |call| guard.check(&call, b"", now(), tick).map(<[u8]>::to_vec);
    let locked = call_of(&issued.access, issued.secret.expose_secret(), date);
    assert_eq!(check(locked), Err(Refusal::KeyLocked));
    assert_eq!(
        check(call_of("nobody's", "another", date)),
        Err(Refusal::KeyUnknown)
    );
    assert!(check(call("canary-sk", date)).is_ok());
}

#[test]
fn an_issued_pair_needs_its_security_token_and_expires() {
    let (guard, tick) = (ReplayGuard::new(None), Instant::now());
    let issued = guard.issue(Duration::from_mins(10), now()).unwrap();
    let keys = &issued.keys;
    let call = call_of(&keys.access, keys.secret.expose_secret(), "20250815T093015Z");
    let check = |now| guard.check(&call, b"", now, tick).map(<[u8]>::to_vec);
    assert_eq!(check(now()), Err(Refusal::SecurityTokenWrong));
    let expires_at = issued.expires_at;
    assert_eq!(
        check(expires_at),
        Err(Refusal::SecurityTokenExpired { expires_at })
    );
}

#[test]
fn the_number_of_issued_pairs_is_limited_and_the_configured_pair_stays() {
    let guard = guard();
    for _ in 0..=MOST_ISSUED {
        guard.issue(LOCK, now()).unwrap();
    }
    assert_eq!(guard.pairs.lock().unwrap().issued.len(), MOST_ISSUED);
    let call = call("canary-sk", "20250815T093015Z");
    assert!(guard.check(&call, b"", now(), Instant::now()).is_ok());
}

#[test]
fn debug_output_contains_no_secret() {
    let guard = ReplayGuard::new(Some(keys("AK", Some("canary-token".into()))));
    let issued = guard.issue(LOCK, now()).unwrap();
    let shown = format!("{guard:?} {issued:?}");
    assert!(!shown.contains("canary"));
    assert!(!shown.contains(issued.keys.secret.expose_secret()));
}
