//! The environment as a function: the one reader of the process's variables and of its folder for temporary files.
//!
//! What needs a variable takes [`Variables`] as an argument, so that a test brings its own and a process with
//! other variables is a call with another function. Only `main`, and code far from it that cannot get it as
//! an argument, passes [`text`] or [`os`]. Must not: write a variable, or say what one means.

use std::ffi::OsString;
use std::path::PathBuf;

/// Variables, as a function: the text of the one with this name. `None` where it is missing or is not UTF-8.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The text of a variable of this process; `None` where it is missing or is not UTF-8.
pub fn text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A variable of this process as it is; `None` where it is missing.
pub fn os(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The names of the variables of this process; those that are not UTF-8 are left out.
pub fn names() -> Vec<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect()
}

/// The folder for temporary files: `TMPDIR`, or the system's.
pub fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}
