//! The rows of the table of keys.
//!
//! Must not: contain anything but rows.

use super::{ConfigKey, KeyRow, ValueKind};

/// What a row has if it says nothing else.
pub(super) const ROW: KeyRow = KeyRow {
    key: ConfigKey::Profile,
    name: "",
    has_flag: true,
    variables: &[],
    kind: ValueKind::Text,
    value_name: "NAME",
    default: None,
    allowed: "text",
    range: (0, u64::MAX),
    choices: &[],
    about: "",
};

/// A row of a switch, which is off unless it says otherwise.
const SWITCH: KeyRow = KeyRow {
    kind: ValueKind::Switch,
    default: Some("false"),
    allowed: "true or false",
    ..ROW
};

/// A key of a profile's credential, which has variables of its own ([`crate::hss::auth::chain`]).
const CREDENTIAL: KeyRow = KeyRow {
    has_flag: false,
    ..ROW
};

/// The table, in the order of `--help`.
pub const TABLE: [KeyRow; 37] = [
    KeyRow {
        key: ConfigKey::Profile,
        name: "profile",
        variables: &["HSS_TOP_PROFILE"],
        allowed: "the name of a [profiles.NAME] in the file",
        about: "Use this profile: [profiles.NAME] of the configuration file",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Region,
        name: "region",
        variables: &["HSS_TOP_REGION", "HW_REGION_NAME"],
        allowed: "a region such as cn-north-4",
        about: "The region, such as cn-north-4; it determines the endpoints of HSS and IAM",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::ProjectId,
        name: "project_id",
        variables: &[
            "HSS_TOP_PROJECT_ID",
            "HUAWEICLOUD_SDK_PROJECT_ID",
            "HW_PROJECT_ID",
        ],
        value_name: "ID",
        allowed: crate::hss::request::PATH_ID_FORM,
        about: "The project; by default the one with the region's name",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::EnterpriseProjectId,
        name: "enterprise_project_id",
        variables: &["HSS_TOP_ENTERPRISE_PROJECT_ID", "HW_ENTERPRISE_PROJECT_ID"],
        value_name: "ID",
        default: Some(crate::hss::request::ALL_ENTERPRISE_PROJECTS),
        allowed: "1 to 256 characters",
        about: "The enterprise project",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Endpoint,
        name: "endpoint",
        variables: &["HSS_TOP_ENDPOINT"],
        value_name: "URL",
        allowed: "a URL such as https://hss.cn-north-4.myhuaweicloud.com",
        about: "The endpoint of HSS, instead of the region's; several, with commas between them, are tried in this order",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::IamEndpoint,
        name: "iam_endpoint",
        variables: &[
            "HSS_TOP_IAM_ENDPOINT",
            "HUAWEICLOUD_SDK_IAM_ENDPOINT",
            "HW_AUTH_URL",
        ],
        value_name: "URL",
        allowed: "a URL such as https://iam.cn-north-4.myhuaweicloud.com",
        about: "The endpoint of IAM, instead of the region's",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::StsEndpoint,
        name: "sts_endpoint",
        variables: &["HSS_TOP_STS_ENDPOINT", "HUAWEICLOUD_SDK_STS_ENDPOINT"],
        value_name: "URL",
        allowed: "a URL such as https://sts.cn-north-4.myhuaweicloud.com",
        about: "The endpoint of STS for OIDC, instead of the region's",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::TokenFile,
        name: "token_file",
        allowed: "the path of a private file (mode 0600)",
        about: "A file with a project-scoped IAM token; read again when it changes",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::AccessKey,
        name: "access_key",
        about: "The access key (AK) of a key pair that signs each call",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::SecretKey,
        name: "secret_key",
        kind: ValueKind::Secret,
        about: "Its secret key (SK); the file must then be private (mode 0600)",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::SecurityToken,
        name: "security_token",
        kind: ValueKind::Secret,
        about: "Its security token, if the pair is temporary",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::CredentialProcess,
        name: "credential_process",
        kind: ValueKind::Words,
        allowed: "a list of texts: the program and its arguments",
        about: "A program that prints keys as AWS's credential_process does; it runs without a shell",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::IamUser,
        name: "iam_user",
        about: "An IAM user who signs in with a password",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::IamDomain,
        name: "iam_domain",
        about: "The account that the user belongs to",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::IamPasswordFile,
        name: "iam_password_file",
        allowed: "the path of a private file (mode 0600)",
        about: "A file that holds the user's password",
        ..CREDENTIAL
    },
    KeyRow {
        key: ConfigKey::Pod,
        name: "pod",
        variables: &["HSS_TOP_POD"],
        allowed: "0 to 256 characters",
        about: "Ask HSS only for pods of this name",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Namespace,
        name: "namespace",
        variables: &["HSS_TOP_NAMESPACE"],
        allowed: "0 to 256 characters",
        about: "Ask HSS only for this namespace",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Cluster,
        name: "cluster",
        variables: &["HSS_TOP_CLUSTER"],
        allowed: "0 to 256 characters",
        about: "Ask HSS only for this cluster",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Filter,
        name: "filter",
        variables: &["HSS_TOP_FILTER"],
        value_name: "TEXT",
        about: "The filter at the start, as typed after /",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::View,
        name: "view",
        variables: &["HSS_TOP_VIEW"],
        allowed: "the name of a saved view",
        about: "The saved view at the start: a [views.NAME] of the configuration file, or one saved by :view save",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Columns,
        name: "columns",
        has_flag: false,
        variables: &["HSS_TOP_COLUMNS"],
        kind: ValueKind::Names,
        default: Some(crate::fleet::fields::columns::STANDARD),
        allowed: "a list of columns, such as [\"risk\", \"pod:40\", \"ns\"]",
        about: "The columns of the table at the start, from left to right, as for :columns; a number is a width in cells",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::PageSize,
        name: "page_size",
        variables: &["HSS_TOP_PAGE_SIZE"],
        kind: ValueKind::Number,
        value_name: "N",
        default: Some("200"),
        allowed: "a number from 10 to 200",
        range: (10, 200),
        about: "Pods per page and per call: 10 to 200",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Interval,
        name: "interval",
        variables: &["HSS_TOP_INTERVAL"],
        value_name: "TIME",
        default: Some("60s"),
        allowed: "a time from 1s to 1day, such as 60s or 5m",
        about: "How often to ask HSS: 1s to 1day, such as 60s or 5m",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::ListOldAfter,
        name: "list_old_after",
        variables: &["HSS_TOP_LIST_OLD_AFTER"],
        value_name: "TIME",
        default: Some("26h"),
        allowed: "a time from 5m to 100years, such as 26h or 2days",
        about: "Warn when HSS's own list is older than this, such as 26h or 2days; HSS collects every 24 h. The state is OLD beyond twice this time, less 2 h",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::CallsPerMinute,
        name: "calls_per_minute",
        variables: &["HSS_TOP_CALLS_PER_MINUTE"],
        kind: ValueKind::Number,
        value_name: "N",
        allowed: "a number of at least 1",
        range: (1, 4_294_967_295),
        about: "Calls allowed in any minute; HSS allows 5 per user and per address \
                [default: 5; demo: 600]",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::CaFile,
        name: "ca_file",
        variables: &["HSS_TOP_CA_FILE"],
        value_name: "FILE",
        allowed: "the path of a PEM file",
        about: "An additional CA certificate (PEM)",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::ClientCertFile,
        name: "client_cert_file",
        variables: &["HSS_TOP_CLIENT_CERT_FILE"],
        value_name: "FILE",
        allowed: "the path of a PEM file",
        about: "The client certificate (PEM, with its chain) for servers that ask for one",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::ClientKeyFile,
        name: "client_key_file",
        variables: &["HSS_TOP_CLIENT_KEY_FILE"],
        value_name: "FILE",
        allowed: "the path of a private PEM file (mode 0600)",
        about: "The key of that certificate (PEM, a private file)",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::AllowHttp,
        name: "allow_http",
        variables: &["HSS_TOP_ALLOW_HTTP"],
        about: "Allow sending the credential over plain http to another machine",
        ..SWITCH
    },
    KeyRow {
        key: ConfigKey::NoState,
        name: "no_state",
        variables: &["HSS_TOP_NO_STATE"],
        about: "Do not read or write saved state; times of calls are still recorded, for the shared budget",
        ..SWITCH
    },
    KeyRow {
        key: ConfigKey::Theme,
        name: "theme",
        variables: &["HSS_TOP_THEME"],
        allowed: crate::ui::themes::CHOICE_ALLOWED,
        about: "Colours: the name of a theme, dark:NAME,light:NAME, or auto to match the terminal's background [default: \
                auto]; NO_COLOR switches colours off",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::Ascii,
        name: "ascii",
        variables: &["HSS_TOP_ASCII"],
        default: None,
        about: "Draw the screen in ASCII only, with ? for other characters; the default if the locale (LC_ALL, \
                LC_CTYPE, LANG) is not UTF-8, unless the variable or the file says false",
        ..SWITCH
    },
    KeyRow {
        key: ConfigKey::NoMouse,
        name: "no_mouse",
        variables: &["HSS_TOP_NO_MOUSE"],
        about: "Leave the mouse to the terminal, to select text without Shift; in tmux with mouse on, the wheel \
                freezes the picture until you leave copy mode",
        ..SWITCH
    },
    KeyRow {
        key: ConfigKey::Mask,
        name: "mask",
        variables: &["HSS_TOP_MASK"],
        about: "Show pseudonyms instead of names, addresses and ids on the dashboard, in copies and in files; \
                :mask toggles this",
        ..SWITCH
    },
    KeyRow {
        key: ConfigKey::NoBom,
        name: "no_bom",
        variables: &["HSS_TOP_NO_BOM"],
        about: "Write CSV files without the byte order mark that tells Excel they are UTF-8",
        ..SWITCH
    },
    KeyRow {
        key: ConfigKey::LogFile,
        name: "log_file",
        variables: &["HSS_TOP_LOG_FILE"],
        value_name: "FILE",
        allowed: "a path",
        about: "Append a log of calls and errors to this file, one JSON object per line",
        ..ROW
    },
    KeyRow {
        key: ConfigKey::LogLevel,
        name: "log_level",
        variables: &["HSS_TOP_LOG_LEVEL"],
        value_name: "LEVEL",
        default: Some("info"),
        allowed: "error, warn, info, debug or trace",
        choices: &["error", "warn", "info", "debug", "trace"],
        about: "How much to log: error, warn, info, debug or trace",
        ..ROW
    },
];
