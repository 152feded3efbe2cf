use super::*;
use crate::config::ConfigKey;

#[test]
fn the_simulators_projects_are_names_with_ids() {
    let parse = |flags: &[&str]| {
        let cli = Cli::try_parse_from([&["hss-top", "simulate"], flags].concat()).ok()?;
        let Some(CliCommand::Simulate(args)) = cli.command else {
            return None;
        };
        let projects = args.projects.into_iter();
        Some(
            projects
                .map(|project| (project.name, project.id))
                .collect::<Vec<_>>(),
        )
    };
    let pair = |name: &str, id: &str| (name.to_owned(), id.to_owned());
    assert_eq!(parse(&[]), Some(vec![]));
    assert_eq!(
        parse(&["--project", "cn-north-4=0a1b", "--project", "x=y=z"]),
        Some(vec![pair("cn-north-4", "0a1b"), pair("x", "y=z")])
    );
    for wrong in ["cn-north-4", "=0a1b", "cn-north-4="] {
        assert_eq!(parse(&["--project", wrong]), None, "{wrong}");
    }
}

#[test]
fn a_line_without_a_command_is_read_alone_as_it_is_with_all_commands() {
    for flags in [
        "",
        "--demo",
        "--demo --pods 2000",
        "--region cn-north-4 --region=eu-west-101",
        "--theme dark --no-state --ascii",
    ] {
        let line: Vec<OsString> = format!("hss-top {flags}")
            .split_whitespace()
            .map(Into::into)
            .collect();
        let alone = Cli::parse_commandless(&line).unwrap();
        let whole = Cli::parse_line(&line).unwrap();
        assert_eq!(format!("{alone:?}"), format!("{whole:?}"), "{flags}");
    }
    for other in [
        "list",
        "--demo list",
        "--help",
        "help",
        "--no-such-flag",
        "--region list",
    ] {
        let line: Vec<OsString> = format!("hss-top {other}").split(' ').map(Into::into).collect();
        assert!(Cli::parse_commandless(&line).is_none(), "{other}");
    }
}

#[test]
fn a_flag_of_the_configuration_stands_before_a_command_or_behind_it() {
    let region = |line: &str| {
        let cli = Cli::read(format!("hss-top {line}").split(' ')).ok()?;
        let command = cli.command?;
        let flags = command.flags()?;
        let config = flags.config.as_ref().map(|path| path.display().to_string());
        Some((
            flags.get(ConfigKey::Region).unwrap_or_default().to_owned(),
            config.unwrap_or_default(),
        ))
    };
    for (line, found, config) in [
        ("--region a doctor", "a", ""),
        ("doctor --region a", "a", ""),
        ("--region a list", "a", ""),
        ("--region a --config f doctor --region b", "b", "f"),
        ("--region a --config f config show --config g", "a", "g"),
        ("--config f config init", "", "f"),
        ("--config f themes --region a", "a", "f"),
    ] {
        assert_eq!(
            region(line),
            Some((found.to_owned(), config.to_owned())),
            "{line}"
        );
    }
}

#[test]
fn a_flag_before_a_command_that_does_not_take_it_says_where_those_of_the_command_stand() {
    for (line, flag, command) in [
        ("--demo doctor", "--demo", "doctor"),
        ("--demo --pods 5 simulate", "--demo", "simulate"),
        ("--region a simulate", "--region", "simulate"),
    ] {
        let error = Cli::read(format!("hss-top {line}").split(' ')).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict);
        let wanted = format!("'{flag}' only applies to the dashboard; put options of '{command}' after it");
        assert!(error.to_string().contains(&wanted), "{error}");
    }
}

#[test]
fn a_command_that_shows_names_all_the_same_does_not_take_the_flag_that_masks_them() {
    for line in ["list --mask", "--mask check --fail-on risk", "doctor --mask"] {
        let error = Cli::read(format!("hss-top {line}").split(' ')).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{error}");
    }
    Cli::read(["hss-top", "--mask"]).unwrap();
    Cli::read(["hss-top", "config", "show", "--mask"]).unwrap();
}

#[test]
fn the_help_of_a_command_offers_only_the_flags_that_it_takes() {
    let whole = Cli::whole();
    let help = |words: &[&str]| {
        let mut command = whole.clone();
        command.build();
        for word in words {
            command = command.find_subcommand(word).unwrap().clone();
        }
        command.render_long_help().to_string()
    };
    for (words, offered, not) in [
        (
            &["list"][..],
            &["--filter", "--view", "--ascii", "--profile"][..],
            &["--mask", "--theme", "--no-mouse", "--no-bom"][..],
        ),
        (
            &["export", "changes"],
            &["--filter", "--profile"],
            &["--mask", "--theme"],
        ),
        (
            &["serve"],
            &["--namespace", "--log-file"],
            &["--mask", "--filter", "--view", "--theme"],
        ),
        (
            &["record"],
            &["--mask", "--namespace"],
            &["--filter", "--view", "--theme"],
        ),
        (
            &["mutes", "add"],
            &["--profile", "--until"],
            &["--mask", "--filter", "--view"],
        ),
        (
            &["alerts", "log"],
            &["--profile"],
            &["--mask", "--filter", "--view"],
        ),
        (&["doctor"], &["--theme", "--filter"], &["--mask"]),
        (&["config", "show"], &["--mask", "--theme", "--filter"], &[]),
        (&[], &["--mask", "--theme", "--filter", "--no-bom"], &[]),
    ] {
        let help = help(words);
        let has = |flag: &&&str| {
            help.lines()
                .any(|line| line.trim_start().split([' ', '=']).next() == Some(flag))
        };
        assert_eq!(
            offered.iter().filter(has).count(),
            offered.len(),
            "{words:?} {offered:?}: {help}"
        );
        assert_eq!(not.iter().find(has), None, "{words:?}: {help}");
    }
    // What only says how a screen looks is accepted all the same, because an alias may have it.
    for line in [
        &["hss-top", "list", "--theme", "dark"][..],
        &["hss-top", "--no-mouse", "watch"],
        &["hss-top", "serve", "--no-bom"],
    ] {
        assert!(Cli::read(line.iter().copied()).is_ok(), "{line:?}");
    }
}

#[test]
fn what_chooses_pods_is_given_once_and_only_where_it_chooses() {
    let refused = |line: &str| {
        let error = Cli::read(format!("hss-top {line}").split(' ')).err()?;
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{error}");
        Some(error.to_string())
    };
    for (line, told) in [
        (
            "list --filter a --filter b",
            "'--filter' cannot be used more than once; write",
        ),
        (
            "--namespace a --namespace b list",
            "'--namespace' cannot be used more than once",
        ),
        ("report --region a --region b", "'--region' cannot be used"),
        ("export changes --view a --view b", "'--view' cannot be used"),
        (
            "check --fail-on a --profile b --profile c",
            "'--profile' cannot be used",
        ),
        (
            "serve --filter a",
            "'--filter' does not apply to 'serve'; '--namespace'",
        ),
        (
            "--view a record --out f",
            "'--view' does not apply to 'record'; '--namespace'",
        ),
        (
            "mutes add ns:a --filter b",
            "'--filter' does not apply to 'mutes'",
        ),
        ("alerts log --view a", "'--view' does not apply to 'alerts'"),
    ] {
        let error = refused(line).unwrap_or_default();
        assert!(error.contains(told), "{line}: {error}");
    }
    for line in [
        "--filter a --filter b",
        "--filter a list --filter b",
        "serve --profile a --profile b",
        "simulate --project a=b --project c=d",
        "list --output csv --output json",
        "config show --filter a",
        "export history --filter ns:a",
    ] {
        assert_eq!(refused(line), None, "{line}");
    }
}

#[test]
fn the_command_line_is_well_formed_and_takes_no_secret() {
    let mut command = Cli::command();
    command.clone().debug_assert();
    let help = command.render_long_help().to_string();
    let secret = |word: &&str| {
        let mut parts = word.trim_start_matches("--").split('-');
        let names = ["token", "secret", "password"];
        word.starts_with("--")
            && parts.any(|part| part == "sk" || names.iter().any(|name| part.contains(name)))
    };
    assert_eq!(help.split_whitespace().find(secret), None);
    assert!(help.contains("HSS_TOP_TOKEN_FILE"));
}
