//! The program under test: hss-top, or the naive twin that the same case must fail.

use std::path::PathBuf;
use std::process::Command;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// hss-top.
    Ours,
    /// `tests/naive_twin/twin.rs`, which tells how it is used.
    Twin,
}

impl Program {
    /// Its file. Where only one test file was built, so without the examples, the twin is built now.
    pub fn path(self) -> PathBuf {
        match self {
            Self::Ours => env!("CARGO_BIN_EXE_hss-top").into(),
            Self::Twin => {
                let test = std::env::current_exe().unwrap();
                let profile = test.ancestors().nth(2).unwrap();
                let twin = profile.join("examples/naive-twin");
                if !twin.exists() {
                    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
                    let built = Command::new(cargo)
                        .args(["build", "--locked", "--offline", "--example", "naive-twin"])
                        .status();
                    assert!(built.unwrap().success(), "the naive twin does not build");
                }
                twin
            }
        }
    }
}
