//! The binary without a terminal.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs it with these variables and no others: exit code, stdout, stderr.
pub fn run(flags: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let runtime = Folder::another("runtime");
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
pub struct Folder(pub std::path::PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hss-top-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// One more of this name.
    pub fn another(name: &str) -> Self {
        static NUMBERS: AtomicUsize = AtomicUsize::new(0);
        Self::new(&format!("{name}-{}", NUMBERS.fetch_add(1, Ordering::Relaxed)))
    }

    /// Writes a private file; answers its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
