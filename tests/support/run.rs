//! The binary without a terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The flags of a program that asks the server at `url` each second.
pub fn each_second(url: &str) -> [&str; 8] {
    [
        "--endpoint",
        url,
        "--project-id",
        "p",
        "--calls-per-minute",
        "1000",
        "--interval",
        "1s",
    ]
}

/// Runs it with these variables and no others: exit code, stdout, stderr.
pub fn run(flags: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let runtime = Folder::new("runtime");
    let output = Command::new(env!("CARGO_BIN_EXE_hss-top"))
        .args(flags)
        .env_clear()
        .env("XDG_RUNTIME_DIR", runtime.path())
        .env("HSS_TOP_METADATA_ENDPOINT", "off")
        .env("LANG", "C.UTF-8")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A folder of the test's own, gone when dropped.
pub struct Folder(TempDir);

impl Folder {
    /// A new one. The name tells whose it was, should a test be killed.
    pub fn new(name: &str) -> Self {
        let prefix = format!("hss-top-{name}-");
        Self(tempfile::Builder::new().prefix(&prefix).tempdir().unwrap())
    }

    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir().join(name)
    }

    pub fn dir(&self) -> &Path {
        self.0.path()
    }

    /// Writes a private file; answers its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    pub fn path(&self) -> &str {
        self.dir().to_str().unwrap()
    }
}
