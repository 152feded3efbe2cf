//! What a file says, and the errors and warnings about it.

use super::*;

fn parse(text: &str) -> Result<File, Wrong> {
    File::parse(Path::new("config.toml"), text)
}

fn sentence(text: &str) -> String {
    parse(text).map(|_| ()).unwrap_err().to_string()
}

fn text(section: &Section, key: ConfigKey) -> Option<(&str, usize)> {
    match section.get(&key) {
        Some(Stated {
            set: Set::Text(text),
            line,
        }) => Some((text, *line)),
        _ => None,
    }
}

#[test]
fn values_keep_their_lines() {
    let file = parse(
        "# mine\ninterval = \"2m\"\n\n[profiles.prod]\nregion = \"cn-north-4\"\npage_size = 50\n\
         allow_http = true\ncredential_process = [\"a b\", \"c\"]\n",
    )
    .unwrap();
    assert_eq!(text(&file.top, ConfigKey::Interval), Some(("2m", 2)));
    let prod = &file.profiles["prod"];
    assert_eq!(text(prod, ConfigKey::Region), Some(("cn-north-4", 5)));
    assert_eq!(text(prod, ConfigKey::PageSize), Some(("50", 6)));
    assert_eq!(text(prod, ConfigKey::AllowHttp), Some(("true", 7)));
    assert!(matches!(&prod[&ConfigKey::CredentialProcess].set, Set::Words(words) if words == &["a b", "c"]));
    assert!(file.warnings.is_empty());
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest_known_one() {
    let file = parse("regoin = \"x\"\n[profiles.a]\nxyzzy = 1\n").unwrap();
    assert_eq!(
        file.warnings,
        [
            "config.toml line 1: unknown key regoin; did you mean region?",
            "config.toml line 3: unknown key profiles.a.xyzzy",
        ]
    );
}

#[test]
fn a_bad_value_is_told_with_file_line_key_value_and_what_is_allowed() {
    assert_eq!(
        sentence("\n[profiles.a]\npage_size = \"many\"\n"),
        "config.toml line 3: profiles.a.page_size is \"many\", but must be a number from 10 to 200"
    );
    assert_eq!(
        sentence("interval = 60"),
        "config.toml line 1: interval is 60, but must be a time from 1s to 1day, such as 60s or 5m"
    );
    assert!(sentence("credential_process = \"a b\"").contains("a list of texts"));
    assert!(sentence("profiles = 1").contains("[profiles.NAME]"));
    assert!(sentence("[profiles]\na = 1").contains("[profiles.NAME]"));
    assert!(sentence("[profiles.a]\nprofile = \"b\"").contains("without a profile"));
}

#[test]
fn sections_keep_their_lines_and_their_order() {
    let file = parse(
        "[keys]\nx = \"none\"\n\"ctrl-r\" = \"refresh\"\n[theme]\nbase = \"light\"\nwarning = 214\nbad = \"#ff0000\"\n\
         [views.hot]\nfilter = \"cpu%>80\"\nproblems = true\n",
    )
    .unwrap();
    let told = |names: &[StatedName]| {
        let told = names.iter().map(|it| match &it.stated.set {
            Set::Text(text) => format!("{} {} {text}", it.stated.line, it.name),
            Set::Words(_) => String::new(),
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(&file.sections.keys), ["2 x none", "3 ctrl-r refresh"]);
    assert_eq!(told(&file.sections.theme), ["6 warning 214", "7 bad #ff0000"]);
    assert_eq!(text(&file.top, ConfigKey::Theme), Some(("light", 5)));
    let hot = &file.sections.views["hot"];
    assert_eq!(hot.len(), 2);
    assert_eq!((hot["filter"].line, hot["problems"].line), (9, 10));
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    assert_eq!(
        text(&parse("theme = \"dark\"").unwrap().top, ConfigKey::Theme),
        Some(("dark", 1))
    );
}

#[test]
fn a_theme_that_is_a_key_and_a_table_says_what_to_write_instead() {
    for toml in [
        "theme = \"dark\"\n[theme]\nbad = 203\n",
        "theme=\"dark\"\n\n  [theme]\n",
    ] {
        let told = sentence(toml);
        assert!(
            told.contains("write base = \"NAME\" in [theme] instead of theme = \"NAME\""),
            "{told}"
        );
    }
    let other = sentence("region = \"a\"\nregion = \"b\"\n[theme]\n");
    assert!(
        other.ends_with("line 2: duplicate key region") && !other.contains("base"),
        "{other}"
    );
}

#[test]
fn a_duplicate_key_is_named_and_a_section_of_the_singular_too() {
    let twice = sentence("[profiles.a]\nregion = \"x\"\n[profiles.b]\n[profiles.a]\n");
    assert!(twice.ends_with("line 4: duplicate key a"), "{twice}");
    // A secret may have been written in the place of a key.
    let long = "k".repeat(40);
    let told = sentence(&format!("{long} = 1\n{long} = 2\n"));
    assert!(
        told.contains("duplicate key k") && !told.contains(&long),
        "{told}"
    );
    let singular = sentence("[profile.prod]\nregion = \"x\"\n");
    assert!(
        singular.ends_with("line 1: [profile.prod] is no section; did you mean [profiles.prod]?"),
        "{singular}"
    );
}

#[test]
fn an_unknown_key_of_a_section_is_a_warning_and_a_value_of_the_wrong_kind_an_error() {
    let file =
        parse("[views.a]\nfilt = \"x\"\n[theme]\nwarnings = \"red\"\n[[alerts]]\nnam = \"x\"\n").unwrap();
    assert_eq!(
        file.warnings,
        [
            "config.toml line 2: unknown key views.a.filt; did you mean filter?",
            "config.toml line 4: unknown key theme.warnings; did you mean warning?",
            "config.toml line 6: unknown key alerts.nam; did you mean name?",
        ]
    );
    for (text, told) in [
        (
            "views = 1",
            "views is 1, but must be made of tables: [views.NAME]",
        ),
        ("[views]\na = 1", "views.a is 1, but must be made of tables"),
        (
            "[views.a]\nproblems = 1",
            "views.a.problems is 1, but must be true or false",
        ),
        (
            "[views.a]\ncolumns = \"pod\"",
            "views.a.columns is \"pod\", but must be a list of columns",
        ),
        (
            "columns = [1]",
            "columns is [1], but must be a list of columns, such as [\"risk\",",
        ),
        ("keys = 1", "keys is 1, but must be a table: [keys]"),
        ("[keys]\nx = 1", "keys.x is 1, but must be the name of an action"),
        (
            "[theme]\nbase = 1",
            "theme.base is 1, but must be auto, the name of a theme",
        ),
        ("[theme]\nbad = true", "theme.bad is true, but must be a colour"),
    ] {
        assert!(sentence(text).contains(told), "{}", sentence(text));
    }
}

#[test]
fn a_rule_with_a_value_of_the_wrong_kind_is_left_out_and_the_other_rules_hold() {
    let rule = |quiet: &str| format!("[[alerts]]\nname = \"a\"\non = \"risk\"\nquiet = {quiet}\n");
    let file = parse(&(rule("[\"22:00-07:00\", \"06:00-08:00\"]") + &rule("\"22:00-07:00\""))).unwrap();
    assert_eq!(file.sections.alerts.map(|rules| rules.len()), Some(1));
    let [warning] = file.warnings.as_slice() else {
        panic!("{:?}", file.warnings)
    };
    assert!(
        warning.starts_with("config.toml line 4: alerts.quiet is [")
            && warning.ends_with("; the rule is not used"),
        "{warning}"
    );
}

#[test]
fn no_secret_is_repeated() {
    for text in [
        "secret_key = 12345678",
        "secret_key = [\"12345678\"]",
        "secret_key = \"12345678",
        "secret_key = 12345678\"",
        "secret_key = \"12345678\"\nsecret_key = \"12345678\"",
    ] {
        let sentence = sentence(text);
        assert!(
            sentence.contains("line ") && !sentence.contains("12345678"),
            "{sentence}"
        );
    }
}
