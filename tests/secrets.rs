//! No secret leaves by any channel: planted ones are searched for in every byte that is written anywhere.
//!
//! Canaries: a token, a secret key, a security token, a password, a proxy's password, the name of a key pair, an identity
//! token, and the ids that go with one. Channels:
//!
//! | channel | where |
//! |---|---|
//! | what others see of the process (argv) | `no_way_to_sign_in_leaves_a_trace_of_its_secret` |
//! | the terminal's bytes, of every screen | the same |
//! | the log at trace level | the same |
//! | exported files and the state file | the same |
//! | stdout and stderr of `doctor` and `config show` | the same |
//! | the environment of a credential's program | the same |
//! | other hosts | `another_host_is_told_nothing` |
//! | a proxy | `a_proxy_is_used_and_named_without_its_password` |
//! | what is said about a value of the wrong form | `misplaced` |
//! | core files | `an_abort_leaves_no_core` |
//! | what servers, proxies, IAM and metadata services repeat | `echo` |
//! | the line of a crash | `a_crash_is_told_without_a_secret` |

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests, which print what they measured"
)]

mod support;

#[path = "secrets/echo.rs"]
mod echo;
#[path = "secrets/misplaced.rs"]
mod misplaced;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::pty::Pty;
use support::run::{Folder, run};
use support::scripted::{Scripted, Step};
use support::simulate::Simulate;

const TOKEN: &str = "canary-token-1f";
const SK: &str = "canary-sk-2e";
const STS: &str = "canary-sts-3d";
const PASSWORD: &str = "canary-password-4c";
const PROXY: &str = "canary-proxy-5b";
const IDENTITY: &str = "canary-identity-6a.eyJ.x";
const IDS: [&str; 3] = ["canary-idp-7f", "canary:purn:8e", "canary:aurn:9d"];
const CANARIES: [&str; 10] = [
    TOKEN, SK, STS, PASSWORD, PROXY, "AKCANARY", IDENTITY, IDS[0], IDS[1], IDS[2],
];
/// Stands for the simulator, which starts later.
const HERE: &str = "http://here";

/// A way to sign in: its name, variables, and the text of a configuration file.
type Way = (&'static str, Vec<(&'static str, String)>, String);

fn ways(folder: &Folder) -> Vec<Way> {
    let text = |text: &str| text.to_owned();
    let token_file = folder.write("token", TOKEN);
    let password_file = folder.write("password", PASSWORD);
    let keys_file = folder.write(
        "credentials",
        &format!("[basic]\nak = AKCANARY0001\nsk = {SK}\nsecurity_token = {STS}\n"),
    );
    let identity = folder.write("identity", IDENTITY);
    let sdks_identity = folder.write(
        "credentials-identity",
        &format!("[basic]\nidp_id = {}\nid_token_file = {identity}\n", IDS[0]),
    );
    let koocli = folder.write(
        "koocli.json",
        &format!(
            r#"{{"current":"a","profiles":[{{"name":"a","mode":"AKSK","accessKeyId":"AKCANARY0001",
            "secretAccessKey":"{SK}","securityToken":"{STS}"}}]}}"#
        ),
    );
    let agency = |name, value: &str| {
        vec![
            ("HUAWEICLOUD_OIDC_PROVIDER_URN", text(IDS[1])),
            ("HUAWEICLOUD_OIDC_AGENCY_URN", text(IDS[2])),
            (name, text(value)),
        ]
    };
    let helper = format!(
        r#"env > {}/env; echo {SK} >&2; printf '{{"Version":1,"AccessKeyId":"AKCANARY0001","SecretAccessKey":"{SK}","SessionToken":"{STS}"}}'"#,
        folder.path()
    );
    let profile = |rest: String| format!("[profiles.a]\n{rest}\n");
    vec![
        ("token", vec![("HSS_TOP_TOKEN", text(TOKEN))], String::new()),
        (
            "token file",
            vec![("HSS_TOP_TOKEN_FILE", token_file.clone())],
            String::new(),
        ),
        (
            "temporary key pair",
            vec![
                ("HUAWEICLOUD_SDK_AK", text("AKCANARY0001")),
                ("HUAWEICLOUD_SDK_SK", text(SK)),
                ("HUAWEICLOUD_SDK_SECURITY_TOKEN", text(STS)),
            ],
            String::new(),
        ),
        (
            "password",
            vec![
                ("HSS_TOP_IAM_USER", text("ops")),
                ("HSS_TOP_IAM_DOMAIN", text("acme")),
                ("HSS_TOP_IAM_PASSWORD_FILE", password_file.clone()),
            ],
            String::new(),
        ),
        (
            "the SDK's file",
            vec![("HUAWEICLOUD_SDK_CREDENTIALS_FILE", keys_file)],
            String::new(),
        ),
        (
            "an agency",
            agency("HUAWEICLOUD_OIDC_ID_TOKEN", IDENTITY),
            String::new(),
        ),
        (
            "an agency with a file",
            agency("HUAWEICLOUD_OIDC_TOKEN_FILE", &identity),
            String::new(),
        ),
        (
            "an identity provider",
            vec![
                ("HUAWEICLOUD_SDK_IDP_ID", text(IDS[0])),
                ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", identity.clone()),
            ],
            String::new(),
        ),
        (
            "an identity in the SDK's file",
            vec![("HUAWEICLOUD_SDK_CREDENTIALS_FILE", sdks_identity)],
            String::new(),
        ),
        (
            "pod identity",
            vec![
                (
                    "HC_CONTAINER_CREDENTIALS_FULL_URI",
                    format!("{HERE}/pod-identity/credentials"),
                ),
                ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", identity),
            ],
            String::new(),
        ),
        (
            "KooCLI's file",
            vec![("HW_SHARED_CONFIG_FILE", koocli)],
            String::new(),
        ),
        (
            "keys in a profile",
            vec![],
            profile(format!(
                "access_key = \"AKCANARY0001\"\nsecret_key = \"{SK}\"\nsecurity_token = \"{STS}\""
            )),
        ),
        (
            "a program",
            // Incomplete or unused as they are, they are in our environment, and must not be in the program's.
            vec![
                ("HSS_TOP_IAM_PASSWORD", text(PASSWORD)),
                ("CLOUD_SDK_SK", text(SK)),
                ("HUAWEICLOUD_SDK_SECURITY_TOKEN", text(STS)),
                ("HUAWEICLOUD_OIDC_ID_TOKEN", text(IDENTITY)),
            ],
            profile(format!(
                "credential_process = [\"/bin/sh\", \"-c\", '''{helper}''']"
            )),
        ),
    ]
}

fn assert_clean(what: &str, bytes: &[u8]) {
    for canary in CANARIES {
        let found = bytes
            .windows(canary.len())
            .any(|window| window == canary.as_bytes());
        assert!(!found, "{canary} is in {what}");
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// Writes the pods shown to two files.
fn export(pty: &mut Pty) {
    for (keys, ending) in [("ec", ".csv"), ("ej", ".json")] {
        pty.keys(keys);
        pty.until("a file", |screen| {
            let notice = screen.lines().find(|line| line.contains("wrote "));
            notice.is_some_and(|line| line.contains(ending))
        });
    }
}

/// What the kernel shows of a process to others.
fn argv(pid: u32) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/cmdline")).unwrap()
}

/// A simulator that takes every way, or none of them.
fn simulator(folder: &Folder, takes: bool) -> Simulate {
    let secret = |secret: &'static str| if takes { secret } else { "another" };
    let identity = folder.write("accepted-identity", secret(IDENTITY));
    let variables = [
        ("HSS_TOP_TOKEN", secret(TOKEN)),
        ("HUAWEICLOUD_SDK_AK", "AKCANARY0001"),
        ("HUAWEICLOUD_SDK_SK", secret(SK)),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", secret(STS)),
        ("HSS_TOP_IAM_USER", "ops"),
        ("HSS_TOP_IAM_PASSWORD", secret(PASSWORD)),
        ("HSS_TOP_IAM_DOMAIN", "acme"),
        ("HUAWEICLOUD_SDK_IDP_ID", IDS[0]),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", identity.as_str()),
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", IDS[1]),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", IDS[2]),
        ("HUAWEICLOUD_OIDC_TOKEN_FILE", &identity),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", &identity),
    ];
    Simulate::start(&[], &variables)
}

#[test]
fn no_way_to_sign_in_leaves_a_trace_of_its_secret() {
    let (folder, mut bytes) = (Folder::new("secrets"), 0);
    for (at, (name, variables, file)) in ways(&folder).into_iter().enumerate() {
        let config = folder.write(&format!("config-{at}.toml"), &file);
        // What it writes is in a folder that none of the secrets is in.
        let home = Folder::new(&format!("secrets-home-{at}"));
        let log = home.join("log");
        for (takes, word) in [(true, "FRESH"), (false, "AUTH")] {
            let hss = simulator(&folder, takes);
            let variables: Vec<(&str, String)> = variables
                .iter()
                .map(|(name, value)| (*name, value.replace(HERE, &hss.url)))
                .collect();
            let variables: Vec<(&str, &str)> = variables
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .chain([("HOME", home.path())])
                .collect();
            let mut flags = vec![
                "--endpoint",
                &hss.url,
                "--iam-endpoint",
                &hss.url,
                "--sts-endpoint",
                &hss.url,
                "--region",
                "cn-north-4",
                "--config",
                &config,
                "--log-file",
                log.to_str().unwrap(),
                "--log-level",
                "trace",
                "--calls-per-minute",
                "1000",
            ];
            if !file.is_empty() {
                flags.extend(["--profile", "a"]);
            }
            let mut pty = Pty::start(200, 100, &flags, &variables);
            pty.shows(word);
            assert_clean("argv", &argv(pty.pid()));
            pty.keys("?");
            pty.shows("Keys of the table");
            pty.keys("G");
            pty.shows("Where the pods come from");
            pty.keys("\x1b");
            pty.shows("RISK▼");
            pty.keys("4");
            pty.shows("Threads");
            pty.keys("1");
            pty.shows("RISK▼");
            if takes {
                export(&mut pty);
            }
            pty.quit();
            let (code, raw, _) = pty.ended();
            assert_eq!(code, 0, "{name}");
            assert_clean(&format!("the terminal's bytes: {name}"), &raw);
            bytes += raw.len();
            for command in [
                &["doctor"][..],
                &["doctor", "--output", "json"],
                &["config", "show"],
                &["record", "--out", "-", "--give-up-after", "0s"],
            ] {
                let (_, out, err) = run(&[command, flags.as_slice()].concat(), &variables);
                assert_clean(&format!("{command:?}: {name}"), format!("{out}{err}").as_bytes());
            }
        }
        assert!(!fs::read(&log).unwrap().is_empty());
        let written = files(home.dir());
        for ending in ["log", "csv", "json", "sqlite"] {
            assert!(
                written
                    .iter()
                    .any(|path| path.to_string_lossy().ends_with(ending)),
                "{name} wrote no {ending}: {written:?}"
            );
        }
        for path in written {
            let content = fs::read(&path).unwrap();
            assert_clean(&format!("{}: {name}", path.display()), &content);
            bytes += content.len();
        }
    }
    println!(
        "{} ways to sign in, taken and refused: {bytes} bytes on the terminal and in files, 0 of {} canaries",
        ways(&folder).len(),
        CANARIES.len()
    );
    let environment = fs::read(folder.join("env")).unwrap();
    assert!(!environment.is_empty());
    assert_clean("the program's environment", &environment);
}

/// Runs `doctor` for a host that only a proxy could know.
async fn doctor(variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let variables: Vec<(String, String)> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let ask = move || {
        let mut set: Vec<(&str, &str)> = vec![("HSS_TOP_TOKEN", TOKEN), ("HOME", "/tmp")];
        set.extend(
            variables
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let flags = [
            "doctor",
            "--endpoint",
            "http://hss.invalid",
            "--allow-http",
            "--project-id",
            "p",
        ];
        let (code, out, err) = run(&flags, &set);
        (code, out + &err)
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_used_and_named_without_its_password() {
    let page = include_str!("fixtures/page-example.json");
    let proxy = Scripted::start(vec![Step::json("200 OK", page)]).await;
    let address = format!("http://ops:{PROXY}@{}", proxy.address);
    let (_, out) = doctor(&[("HTTP_PROXY", &address)]).await;
    assert!(out.contains("ok       call"), "{out}");
    assert!(
        out.contains(&format!("{} (the proxy for hss.invalid)", proxy.address)),
        "{out}"
    );
    assert_clean("doctor", out.as_bytes());
    // One connection is the look whether the proxy is there, which asks nothing.
    let asked = proxy.requests();
    assert!(
        asked[0].starts_with("GET http://hss.invalid/v5/p/kubernetes/pods?"),
        "{asked:?}"
    );
    assert!(asked[0].to_lowercase().contains("proxy-authorization: basic "));

    let (_, out) = doctor(&[("HTTP_PROXY", &address), ("NO_PROXY", "hss.invalid")]).await;
    assert!(out.contains("hss.invalid:80 cannot be resolved"), "{out}");

    let wants_sign_in = Scripted::start(vec![Step::http("407 Proxy Authentication Required", "", "")]).await;
    let address = format!("http://ops:{PROXY}@{}", wants_sign_in.address);
    let (_, out) = doctor(&[("http_proxy", &address)]).await;
    assert!(out.contains("a proxy asks for a sign-in (407)"), "{out}");
    assert_clean("doctor", out.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_proxy_is_named_without_its_password() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|it| it.local_addr())
        .unwrap();
    let address = format!("http://ops:{PROXY}@{nobody}");
    let (code, out) = doctor(&[("ALL_PROXY", &address)]).await;
    assert_eq!(code, Some(1));
    assert!(
        out.contains(&format!("cannot connect to hss.invalid via proxy {nobody}: ")),
        "{out}"
    );
    assert_clean("doctor", out.as_bytes());
}

/// A host that another one leads to: it must not even be asked.
#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_told_nothing() {
    let other = Scripted::start(vec![Step::json("200 OK", "{}")]).await;
    let place = format!("http://localhost:{}", other.address.port());
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let leads_away = Step::http(status, &format!("Location: {place}/v5/p/kubernetes/pods\r\n"), "");
        let hss = Scripted::start(vec![leads_away]).await;
        let url = hss.url();
        let (out, password) = tokio::task::spawn_blocking(move || {
            let flags = [
                "doctor",
                "--endpoint",
                &url,
                "--iam-endpoint",
                &url,
                "--project-id",
                "p",
                "--region",
                "r",
            ];
            let keys = [
                ("HUAWEICLOUD_SDK_AK", "AKCANARY0001"),
                ("HUAWEICLOUD_SDK_SK", SK),
                ("HUAWEICLOUD_SDK_SECURITY_TOKEN", STS),
            ];
            let password = [
                ("HSS_TOP_IAM_USER", "ops"),
                ("HSS_TOP_IAM_DOMAIN", "acme"),
                ("HSS_TOP_IAM_PASSWORD", PASSWORD),
            ];
            let all = [&[("HSS_TOP_TOKEN", TOKEN)][..], &keys, &password].map(|way| run(&flags, way));
            let text = all.map(|(_, out, err)| out + &err);
            (text.concat(), text[2].clone())
        })
        .await
        .unwrap();
        assert!(
            out.matches("localhost refused").count() >= 2,
            "the host is named: {out}"
        );
        assert!(password.contains("localhost refused"), "{password}");
        assert_clean("doctor", out.as_bytes());
        let told = hss.requests().concat();
        assert!(
            told.contains(TOKEN) && told.contains(STS),
            "the right host is told"
        );
    }
    assert_eq!(other.requests(), Vec::<String>::new());
}

/// Runs a program in a folder, with core files of any size allowed, and aborts it; returns whether it left
/// one.
fn leaves_core(folder: &Folder, program: &str, arguments: &[&str]) -> bool {
    let mut child = Command::new("/bin/sh")
        .args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh", program])
        .args(arguments)
        .current_dir(folder.dir())
        .env("HSS_TOP_TOKEN", TOKEN)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // A line says that it runs.
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(child.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "ABRT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6));
    let core = files(folder.dir()).iter().any(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().contains("core"))
    });
    status.core_dumped() || core
}

#[test]
fn an_abort_leaves_no_core() {
    let folder = Folder::new("core");
    let ours = env!("CARGO_BIN_EXE_hss-top");
    assert!(!leaves_core(&folder, ours, &["simulate"]));
    let control = leaves_core(&folder, "/bin/sh", &["-c", "echo up; exec sleep 60"]);
    println!("SIGABRT: hss-top leaves no core; a program that takes no care, on this machine: {control}");
}

#[test]
fn a_crash_is_told_without_a_secret() {
    let keys = [
        ("HUAWEICLOUD_SDK_AK", "AKCANARY0001"),
        ("HUAWEICLOUD_SDK_SK", SK),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", STS),
    ];
    for (place, way) in [
        ("task", &[("HSS_TOP_TOKEN", TOKEN)][..]),
        ("thread", &keys),
        ("draw", &keys),
    ] {
        let secrets = Folder::new(&format!("crash-secrets-{place}"));
        let hss = simulator(&secrets, true);
        let folder = Folder::new(&format!("crash-{place}"));
        let (switch, log) = (folder.join("now"), folder.join("log"));
        let panic = format!("{place}:{}", switch.display());
        let variables = [
            way,
            &[
                ("HSS_TOP_TEST_PANIC", panic.as_str()),
                ("HOME", folder.path()),
                ("RUST_BACKTRACE", "full"),
            ],
        ]
        .concat();
        let flags = [
            "--endpoint",
            &hss.url,
            "--project-id",
            "p",
            "--calls-per-minute",
            "1000",
            "--log-level",
            "trace",
            "--log-file",
            log.to_str().unwrap(),
        ];
        let pty = Pty::start(120, 40, &flags, &variables);
        pty.shows("FRESH");
        fs::write(&switch, "").unwrap();
        let (code, raw, _) = pty.ended();
        let told = String::from_utf8_lossy(&raw).into_owned();
        assert_eq!(code, 101, "{place}");
        assert!(told.contains("crashed: injected fault"), "{place}: {told}");
        assert!(
            !told.contains("\\u{1b}"),
            "the report has no colours: {place}: {told}"
        );
        assert_clean(&format!("the line of a crash in a {place}"), &raw);
        for path in files(folder.dir()) {
            assert_clean(&path.display().to_string(), &fs::read(&path).unwrap());
        }
    }
}
