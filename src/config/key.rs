//! All settings: one table of keys.
//!
//! A row has a key's name in the file, its flag, its variables, its default, its help and its allowed values.
//! The parser of the command line, `--help`, `config show`, the checks of the file and the commented file are
//! all made from it. Secrets have no flag, because every user of the machine can read the arguments.

mod lookup;
mod table;

use table::ROW;
pub use table::TABLE;

/// A key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigKey {
    /// The profile to use.
    Profile,
    /// The region.
    Region,
    /// The project's id.
    ProjectId,
    /// The enterprise project's id.
    EnterpriseProjectId,
    /// Where HSS answers.
    Endpoint,
    /// Where IAM answers.
    IamEndpoint,
    /// The endpoint of STS.
    StsEndpoint,
    /// A file that holds a token.
    TokenFile,
    /// An access key.
    AccessKey,
    /// Its secret key.
    SecretKey,
    /// The security token of a temporary pair.
    SecurityToken,
    /// A program that prints a key pair.
    CredentialProcess,
    /// An IAM user's name.
    IamUser,
    /// The account's name.
    IamDomain,
    /// A file that holds the IAM user's password.
    IamPasswordFile,
    /// Only pods of this name.
    Pod,
    /// Only this namespace.
    Namespace,
    /// Only this cluster.
    Cluster,
    /// The filter at the start.
    Filter,
    /// The saved view at the start.
    View,
    /// The columns of the table at the start.
    Columns,
    /// Pods of a page.
    PageSize,
    /// How often to ask.
    Interval,
    /// How old HSS's own list may be.
    ListOldAfter,
    /// The call budget.
    CallsPerMinute,
    /// An authority to trust.
    CaFile,
    /// A client certificate.
    ClientCertFile,
    /// Its key.
    ClientKeyFile,
    /// Plain http to other machines.
    AllowHttp,
    /// Whether nothing is saved on disk.
    NoState,
    /// The colours.
    Theme,
    /// Whether the screen is drawn in ASCII.
    Ascii,
    /// Whether the terminal keeps its mouse.
    NoMouse,
    /// Whether names are masked at the start.
    Mask,
    /// Whether CSV has no byte order mark.
    NoBom,
    /// The log's file.
    LogFile,
    /// How much is logged.
    LogLevel,
}

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`; as a flag, its presence.
    Switch,
    /// A list of words.
    Words,
    /// A list of names; a variable separates them by commas.
    Names,
    /// A text that is never shown.
    Secret,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct KeyRow {
    /// The key.
    pub key: ConfigKey,
    /// Its name in the file; with `-` for `_` it is the flag.
    pub name: &'static str,
    /// Whether there is a flag.
    pub has_flag: bool,
    /// Its variables; the first that is set wins.
    pub variables: &'static [&'static str],
    /// What its value is.
    pub kind: ValueKind,
    /// The name of the value in help.
    pub value_name: &'static str,
    /// The value if nobody sets it.
    pub default: Option<&'static str>,
    /// What it may be, after "must be".
    pub allowed: &'static str,
    /// The least and the largest number that it may be.
    pub range: (u64, u64),
    /// The allowed words; empty if other values are allowed too.
    pub choices: &'static [&'static str],
    /// What it is for.
    pub about: &'static str,
}

#[cfg(test)]
mod tests;
