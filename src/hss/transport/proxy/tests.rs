use proptest::prelude::*;

use super::*;

fn route(endpoint: &str, set: &[(&str, &str)]) -> ProxyRoute {
    let environment = |name: &str| {
        let value = set.iter().find(|(it, _)| *it == name);
        value.map(|(_, value)| OsString::from(value))
    };
    ProxyRoute::to(&Endpoint::parse(endpoint, true).unwrap(), &environment)
}

/// The variable that applies and the proxy, `direct`, or what is wrong.
fn route_text(endpoint: &str, set: &[(&str, &str)]) -> String {
    match route(endpoint, set) {
        ProxyRoute::Direct(None) => "direct".to_owned(),
        ProxyRoute::Direct(Some(variable)) => format!("direct by {variable}"),
        ProxyRoute::Via(proxy) => format!("{} {}", proxy.variable, proxy.place),
        ProxyRoute::Unreadable(bad) => bad.to_string(),
    }
}

const HTTPS: &str = "https://hss.example.com";
const HTTP: &str = "http://hss.example.com:8080";

#[test]
fn lower_case_comes_before_upper_case_and_an_empty_variable_is_not_set() {
    let all = [
        ("https_proxy", "a:1"),
        ("HTTPS_PROXY", "b:1"),
        ("all_proxy", "c:1"),
        ("ALL_PROXY", "d:1"),
    ];
    for (at, (name, _)) in all.iter().enumerate() {
        assert!(route_text(HTTPS, &all[at..]).starts_with(name));
    }
    assert_eq!(
        route_text(HTTPS, &[("http_proxy", "a"), ("HTTP_PROXY", "a")]),
        "direct"
    );
    assert_eq!(
        route_text(HTTP, &[("HTTP_PROXY", "a"), ("ALL_PROXY", "b")]),
        "HTTP_PROXY a:80"
    );
    assert_eq!(
        route_text(HTTP, &[("HTTP_PROXY", ""), ("http_proxy", "b")]),
        "http_proxy b:80"
    );
    assert_eq!(
        route_text(HTTP, &[("http_proxy", " \r"), ("HTTP_PROXY", "b")]),
        "HTTP_PROXY b:80"
    );
    assert_eq!(
        route_text(HTTP, &[("http_proxy", "''"), ("ALL_PROXY", "b")]),
        "ALL_PROXY b:80"
    );
    let cgi = ("REQUEST_METHOD", "GET");
    assert_eq!(route_text(HTTP, &[cgi, ("HTTP_PROXY", "a")]), "direct");
    assert_eq!(route_text(HTTP, &[cgi, ("http_proxy", "a")]), "http_proxy a:80");
    assert_eq!(route_text("http://127.0.0.1:1", &[("all_proxy", "a")]), "direct");
    assert_eq!(
        route_text("http://169.254.169.254", &[("all_proxy", "a")]),
        "direct"
    );
}

#[test]
fn white_space_and_quotes_around_a_value_are_ignored() {
    for value in [
        "proxy:3128",
        " proxy:3128",
        "proxy:3128\r",
        "http://proxy:3128 \n",
        "\"http://proxy:3128\"",
        "' http://proxy:3128/ '",
        "http://u:p@proxy:3128",
        "u:p%40w@proxy:3128",
        "http://u:p@w@proxy:3128",
    ] {
        assert_eq!(
            route_text(HTTPS, &[("https_proxy", value)]),
            "https_proxy proxy:3128",
            "{value:?}"
        );
    }
    assert_eq!(
        route_text(HTTPS, &[("https_proxy", "https://proxy")]),
        "https_proxy proxy:443"
    );
}

#[test]
fn a_proxy_without_a_port_uses_the_default_of_its_scheme() {
    for (value, place) in [
        ("127.0.0.9", "127.0.0.9:80"),
        ("http://127.0.0.9", "127.0.0.9:80"),
        ("http://127.0.0.9:80", "127.0.0.9:80"),
        ("https://proxy", "proxy:443"),
        ("https://proxy:443/", "proxy:443"),
        ("https://[fd00::9]", "[fd00::9]:443"),
    ] {
        assert_eq!(
            route_text(HTTPS, &[("https_proxy", value)]),
            format!("https_proxy {place}")
        );
    }
}

#[test]
fn an_invalid_value_never_means_a_direct_connection() {
    for value in [
        "::::",
        "http://",
        "\"proxy:3128",
        "proxy:port",
        "proxy:99999",
        "pro xy:1",
        "pro\txy:1",
        "socks5://proxy:1080",
        "ftp://proxy",
        "http://u:canary/1@proxy:3128",
        "http://u:1/canary@proxy:3128",
        "http://u:1#canary@proxy:3128",
        "http://u:1?canary@proxy:3128",
    ] {
        let told = route_text(HTTPS, &[("HTTPS_PROXY", value), ("ALL_PROXY", "other:1")]);
        assert!(
            told.starts_with("the proxy variable HTTPS_PROXY cannot be used: ") && !told.contains("canary"),
            "{value:?}: {told}"
        );
    }
    let latin = |name: &str| {
        use std::os::unix::ffi::OsStringExt as _;
        (name == "https_proxy").then(|| OsString::from_vec(b"pro\xffxy".to_vec()))
    };
    let route = ProxyRoute::to(&Endpoint::parse(HTTPS, true).unwrap(), &latin);
    assert!(matches!(route, ProxyRoute::Unreadable(_)));
}

#[test]
fn no_proxy_names_hosts_domains_ports_addresses_and_networks() {
    let is_direct = |endpoint: &str, list: &str| {
        let told = route_text(endpoint, &[("all_proxy", "proxy"), ("no_proxy", list)]);
        assert!(
            told == "direct by no_proxy" || told == "all_proxy proxy:80",
            "{told}"
        );
        told == "direct by no_proxy"
    };
    for list in [
        "*",
        "hss.example.com",
        "HSS.Example.COM",
        "example.com",
        ".example.com",
        "*.example.com",
        "example.com.",
        "com",
        "a,hss.example.com",
        "a b hss.example.com",
        " a , example.com ",
        "\"example.com\"",
        "hss.example.com:8080",
        ".example.com:8080",
        "*:8080",
    ] {
        assert!(is_direct(HTTP, list), "{list}");
    }
    for list in [
        "",
        ",",
        ".",
        "*.",
        "ss.example.com",
        "hss.example.org",
        "sub.hss.example.com",
        "hss.example.com:80",
        "hss.example.com:x",
        "*:443",
        "10.0.0.0/8",
    ] {
        assert!(!is_direct(HTTP, list), "{list}");
    }
    for (endpoint, list, direct) in [
        ("https://10.1.2.3", "10.1.2.3", true),
        ("https://10.1.2.3", "10.1.2.3:443", true),
        ("https://10.1.2.3", "10.1.2.3:80", false),
        ("https://10.1.2.3", "10.0.0.0/8", true),
        ("https://10.1.2.3", "10.1.2.0/24", true),
        ("https://10.1.2.3", "10.1.3.0/24", false),
        ("https://10.1.2.3", "0.0.0.0/0", true),
        ("https://10.1.2.3", "10.1.2.3/32", true),
        ("https://10.1.2.3", "10.1.2.2/32", false),
        ("https://10.1.2.3", "10.0.0.0/33", false),
        ("https://10.1.2.3", "10.0.0.0/x", false),
        ("https://10.1.2.3", "fd00::/8", false),
        ("https://10.1.2.3", "2.3", false),
        ("https://[fd00::1]", "fd00::1", true),
        ("https://[fd00::1]", "[fd00::1]", true),
        ("https://[fd00::1]", "[fd00::1]:443", true),
        ("https://[fd00::1]", "[fd00::1]:80", false),
        ("https://[fd00::1]", "fd00::/8", true),
        ("https://[fd00::1]", "fe00::/8", false),
        ("https://[fd00::1]", "::/0", true),
    ] {
        assert_eq!(is_direct(endpoint, list), direct, "{endpoint} {list}");
    }
    let capitals = [("all_proxy", "proxy"), ("no_proxy", ""), ("NO_PROXY", "*")];
    assert_eq!(route_text(HTTP, &capitals), "direct by NO_PROXY");
    assert_eq!(route_text(HTTP, &[("NO_PROXY", "*")]), "direct");
}

#[test]
fn neither_user_nor_password_is_shown() {
    let ProxyRoute::Via(proxy) = route(
        HTTPS,
        &[("https_proxy", "http://ops:canary-proxy%2B1@proxy:3128")],
    ) else {
        panic!("no proxy");
    };
    assert!(!format!("{proxy:?}").contains("canary") && !format!("{proxy:?}").contains("ops"));
    proxy.for_library().unwrap();
    assert_eq!(
        secrets::redact("canary-proxy+1 canary-proxy%2B1"),
        "‹secret› ‹secret›"
    );
}

#[test]
fn a_token_as_the_user_of_a_proxy_is_a_secret_and_so_is_its_header() {
    for (url, shown, hidden) in [
        ("http://TKNcanary-user-1:@proxy:1", "dGtu", "TKNcanary-user-1"),
        ("http://TKNcanary-user-2@proxy:1", "dGtu", "TKNcanary-user-2"),
        ("http://TKNcanary%2Fuser-3:x@proxy:1", "dGtu", "TKNcanary/user-3"),
        // The base64 of `operator-4:pässw0rd-4`.
        (
            "http://operator-4:p%C3%A4ssw0rd-4@proxy:1",
            "operator-4",
            "b3BlcmF0b3ItNDpww6Rzc3cwcmQtNA==",
        ),
        ("http://o5:pw5@proxy:1", "o5 pw5", "bzU6cHc1"),
    ] {
        let ProxyRoute::Via(proxy) = route(HTTPS, &[("https_proxy", url)]) else {
            panic!("no proxy");
        };
        proxy.for_library().unwrap();
        assert_eq!(secrets::redact(shown), shown, "{url}");
        assert_eq!(secrets::redact(hidden), "‹secret›", "{url}");
    }
}

proptest! {
    /// Every value is used, empty, or reported. None leads silently to a direct connection.
    #[test]
    fn no_value_leads_silently_to_a_direct_connection(value in "\\PC{0,20}|[:/@a-z \"'\r]{0,12}") {
        match route(HTTPS, &[("https_proxy", &value)]) {
            ProxyRoute::Direct(_) => prop_assert_eq!(unquoted(&value), ""),
            ProxyRoute::Via(proxy) => prop_assert!(proxy.for_library().is_ok()),
            ProxyRoute::Unreadable(_) => {}
        }
    }
}
