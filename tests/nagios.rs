//! `hss-top check --output nagios` under Debian's own Nagios, with the command of the manual.
//!
//! Opt-in, since it downloads a Debian package: `cargo test --locked --test nagios -- --ignored`

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that waits for another program, in real time"
)]

#[path = "support/run.rs"]
#[expect(dead_code, reason = "a suite uses its own part")]
mod run;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use run::Folder;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// A start and two checks take about three seconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// The services: name, and the value of `$ARG1$` of the command.
const SERVICES: [(&str, &str); 3] = [
    ("risks", "detect:risk"),
    ("nothing", "pod:no-such-pod"),
    ("mistake", "nonsense:risk"),
];

/// The simulated HSS of these checks.
struct Simulator {
    child: Child,
    url: String,
}

impl Simulator {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args(["simulate", "--pods", "60"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
        let url = line.split(' ').next_back().unwrap().trim().to_owned();
        Self { child, url }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ends Nagios, however the test ends.
struct Nagios(Child);

impl Drop for Nagios {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn unpacked() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nagios");
    let install = Command::new(format!("{ROOT}/tests/install-nagios.sh"))
        .arg(&place)
        .status()
        .unwrap();
    assert!(install.success(), "Nagios cannot be unpacked");
    place.join("usr/sbin/nagios4")
}

/// The command line that the manual gives for Nagios, with a configuration, a folder and a server of this test.
fn command_line(here: &str, url: &str) -> String {
    let page = fs::read_to_string(format!("{ROOT}/docs/commands.md")).unwrap();
    let line = page
        .lines()
        .find_map(|line| line.trim().strip_prefix("command_line  "))
        .unwrap();
    let mut line = line.replace("/usr/local/bin/hss-top", env!("CARGO_BIN_EXE_hss-top"));
    assert!(
        line.contains("--profile $ARG1$") && line.contains("'$ARG2$'"),
        "{line}"
    );
    // Its own configuration and folder: it must be these that are used.
    for (named, own) in [
        (
            "HSS_TOP_CONFIG=/etc/hss-top/nagios.toml",
            format!("HSS_TOP_CONFIG={here}/hss-top.toml"),
        ),
        (
            "XDG_STATE_HOME=/var/lib/nagios",
            format!("XDG_STATE_HOME={here}/state"),
        ),
    ] {
        assert!(line.contains(named), "{line}");
        line = line.replace(named, &own);
    }
    line.replace("--profile $ARG1$", &format!("--profile $ARG1$ --endpoint {url}"))
}

fn main_file(folder: &Path) -> String {
    let here = folder.display();
    let user = |flag| {
        let output = Command::new("id").arg(flag).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    format!(
        "cfg_file={here}/objects.cfg\n\
         log_file={here}/nagios.log\n\
         object_cache_file={here}/objects.cache\n\
         status_file={here}/status\n\
         temp_file={here}/temporary\n\
         temp_path={here}\n\
         check_result_path={here}/results\n\
         lock_file={here}/lock\n\
         command_file={here}/commands\n\
         query_socket={here}/socket\n\
         check_external_commands=0\n\
         use_syslog=0\n\
         interval_length=1\n\
         status_update_interval=1\n\
         check_result_reaper_frequency=1\n\
         max_service_check_spread=1\n\
         nagios_user={}\n\
         nagios_group={}\n",
        user("-un"),
        user("-gn"),
    )
}

fn objects(here: &str, url: &str) -> String {
    let days = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let days = days.map(|day| format!("{day} 00:00-24:00\n")).concat();
    let mut objects = format!(
        "define timeperiod {{\ntimeperiod_name always\nalias always\n{days}}}\n\
         define command {{\ncommand_name silent\ncommand_line /bin/true\n}}\n\
         define command {{\ncommand_name check_hss\ncommand_line {}\n}}\n\
         define contact {{\ncontact_name ops\nhost_notification_period always\n\
         service_notification_period always\nhost_notification_commands silent\n\
         service_notification_commands silent\n}}\n\
         define host {{\nhost_name hss\naddress 127.0.0.1\nmax_check_attempts 1\ncheck_period always\n\
         notification_period always\ncontacts ops\n}}\n",
        command_line(here, url)
    );
    for (name, filter) in SERVICES {
        let _ = write!(
            objects,
            "define service {{\nhost_name hss\nservice_description {name}\n\
             check_command check_hss!prod!{filter}\nmax_check_attempts 1\ncheck_interval 2\n\
             retry_interval 2\ncheck_period always\nnotification_period always\ncontacts ops\n}}\n"
        );
    }
    objects
}

/// What the status file says of a service: state, text, performance data, further lines; `None` before its first check.
fn status(text: &str, service: &str) -> Option<[String; 4]> {
    let blocks = text.split("servicestatus {").skip(1);
    let block = blocks
        .filter_map(|block| block.split('}').next())
        .find(|block| block.contains(&format!("service_description={service}\n")))?;
    let value = |name: &str| {
        let begins = format!("{name}=");
        let mut lines = block.lines();
        lines.find_map(|line| line.trim().strip_prefix(&begins).map(str::to_owned))
    };
    (value("has_been_checked")? == "1").then_some(())?;
    Some([
        value("current_state")?,
        value("plugin_output")?,
        value("performance_data")?,
        value("long_plugin_output")?,
    ])
}

#[test]
#[ignore = "downloads Nagios from Debian"]
fn nagios_reads_state_text_and_performance_data() {
    let nagios = unpacked();
    let folder = Folder::new("nagios");
    fs::create_dir(folder.join("results")).unwrap();
    let main = folder.join("nagios.cfg");
    fs::write(&main, main_file(folder.dir())).unwrap();
    folder.write(
        "hss-top.toml",
        "colour = 1\n[profiles.prod]\nproject_id = \"p\"\ncalls_per_minute = 600\n",
    );
    let simulator = Simulator::start();
    fs::write(folder.join("objects.cfg"), objects(folder.path(), &simulator.url)).unwrap();
    // As systemd starts a service: without HOME.
    let child = Command::new(nagios)
        .arg(&main)
        .env_clear()
        .envs([
            ("PATH", "/usr/bin:/bin"),
            ("HSS_TOP_TOKEN", "t"),
            ("HSS_TOP_METADATA_ENDPOINT", "off"),
        ])
        .env("XDG_RUNTIME_DIR", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _nagios = Nagios(child);
    let began = Instant::now();
    let [risks, nothing, mistake] = loop {
        let text = fs::read_to_string(folder.join("status")).unwrap_or_default();
        if let [Some(one), Some(two), Some(three)] = SERVICES.map(|(name, _)| status(&text, name)) {
            break [one, two, three];
        }
        assert!(began.elapsed() < PATIENCE, "not checked in time: {text}");
        std::thread::sleep(Duration::from_millis(100));
    };
    let [state, text, data, notes] = risks;
    assert!(
        notes.contains("note: ") && notes.contains("unknown key colour"),
        "{notes}"
    );
    assert!(
        folder.join("state/hss-top").is_dir(),
        "the list is saved for --max-age"
    );
    assert_eq!(state, "2");
    assert!(
        text.starts_with("HSS CRITICAL: 3 of 100 pods match detect:risk: burst-web/"),
        "{text}"
    );
    assert!(
        data.starts_with("'findings'=3;;0;0; 'pods'=100;;;0; 'list_age'="),
        "{data}"
    );
    let [state, text, data, _] = nothing;
    assert_eq!(
        (state.as_str(), data.starts_with("'findings'=0;")),
        ("0", true),
        "{text} {data}"
    );
    let [state, text, data, _] = mistake;
    assert_eq!((state.as_str(), data.as_str()), ("3", ""));
    assert!(
        text.starts_with("HSS UNKNOWN: error: invalid value 'nonsense:risk' for '--fail-on <FILTER>'")
            && !text.contains("For more information"),
        "{text}"
    );
}
