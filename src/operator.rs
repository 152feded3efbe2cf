//! The operator at the screen, as others know them: the user name of the system.
//!
//! The system's own table of users comes first, because a variable says what somebody set; but the users of a directory service
//! are in no file. The name is kept and shown, so it is made safe as a text from outside.

use std::path::Path;

use rustix::process::getuid;

use crate::env::{self, Variables};
use crate::files;
use crate::fleet::RemoteText;

/// The table of users.
const USERS: &str = "/etc/passwd";
/// The most characters of a name.
const LONGEST: usize = 64;

/// The name of the user that runs this program.
pub fn name() -> String {
    let users = files::read_text(Path::new(USERS)).map(|(text, _)| text);
    of(getuid().as_raw(), &users.unwrap_or_default(), &env::text)
}

/// The name of the user with this number, in a table of users and these variables.
fn of(number: u32, users: &str, variables: Variables<'_>) -> String {
    let in_table = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let is_it = fields.nth(1)? == number.to_string();
        Some(name).filter(|name| is_it && !name.is_empty())
    });
    let named = |variable| variables(variable).filter(|name| !name.trim().is_empty());
    let name = in_table
        .map(str::to_owned)
        .or_else(|| named("USER"))
        .or_else(|| named("LOGNAME"));
    let name = name.unwrap_or_else(|| format!("user {number}"));
    RemoteText::name(&name).shown().chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "root:x:0:0:root:/root:/bin/sh\nops:x:1000:1000::/home/ops:/bin/sh\nbroken\n:x:7::\n";

    #[test]
    fn the_table_comes_before_the_variables_and_a_number_is_better_than_nothing() {
        let user = |name: &str| (name == "USER").then(|| "someone\u{1b}[2J".to_owned());
        assert_eq!(of(1000, TABLE, &user), "ops");
        assert_eq!(of(0, TABLE, &|_| None), "root");
        assert_eq!(of(42, TABLE, &user), "someone\\u{1b}[2J");
        assert_eq!(of(7, TABLE, &|_| None), "user 7");
        let long = |_: &str| Some("x".repeat(500));
        assert_eq!(of(42, TABLE, &long).len(), LONGEST);
    }
}
