//! Completions and manual pages, read by real shells and a real `man`, where these are installed; bash always.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use support::run::{Folder, run};

const COMMANDS: [&str; 19] = [
    "alerts",
    "doctor",
    "config",
    "themes",
    "list",
    "check",
    "watch",
    "report",
    "record",
    "export",
    "mutes",
    "serve",
    "schema",
    "keys",
    "fields",
    "completions",
    "man",
    "values",
    "simulate",
];

/// The folder of the program, in front of all others.
fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_hss-top")).parent().unwrap();
    format!("{}:{}", program.display(), std::env::var("PATH").unwrap())
}

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    let is_there = found.is_ok_and(|output| output.status.success());
    if !is_there {
        // The captured output says why nothing was tried.
        let _ = writeln!(std::io::stderr(), "{program} is not installed: not tried");
    }
    is_there
}

/// What `shell` prints that runs this script with the completions in the file `$1`.
fn told(shell: &[&str], script: &str, set: &[(&str, &str)]) -> String {
    let folder = Folder::new("completions");
    let (code, completions, _) = run(&["completions", shell[0]], &[]);
    assert_eq!(code, Some(0));
    let file = folder.write("_hss-top", &completions);
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args([
            "-c",
            &script.replace("FILE", &file).replace("FOLDER", folder.path()),
        ])
        .env("PATH", path())
        .env("HOME", folder.path())
        .envs(set.iter().copied())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(err, "", "{}", shell[0]);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_completes_commands_flags_and_what_only_this_machine_knows() {
    let folder = Folder::new("completed-values");
    let config = folder.write(
        "config.toml",
        "[profiles.prod]\nregion = \"cn-north-4\"\n[profiles.\"a b; rm\"]\n[views.hot]\nfilter = \"cpu%>=80\"\n",
    );
    let set = [("HSS_TOP_CONFIG", config.as_str())];
    let complete = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let script = format!(
            "compopt() {{ :; }}; source FILE; COMP_WORDS=({line}); COMP_CWORD={}; COMPREPLY=(); \
             $(complete -p hss-top | sed 's/.*-F \\([^ ]*\\).*/\\1/') hss-top '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        told(&["bash", "--norc"], &script, &set)
    };
    assert_eq!(complete("hss-top mut"), "mutes\n");
    assert_eq!(complete("hss-top list --regi"), "--region\n");
    assert_eq!(complete("hss-top list --region cn-north-4"), "cn-north-4\n");
    assert_eq!(
        complete("hss-top watch --profile pr"),
        "prod\n",
        "others could be taken apart"
    );
    assert_eq!(complete("hss-top --view h"), "hot\n");
    assert_eq!(complete("hss-top list --output ya"), "yaml\n");
    let equals = "source FILE; compopt() { :; }; COMP_WORDS=(hss-top list --output = js); COMP_CWORD=4; COMPREPLY=(); \
                  $(complete -p hss-top | sed 's/.*-F \\([^ ]*\\).*/\\1/') hss-top js =; printf '%s\\n' \"${COMPREPLY[@]}\"";
    assert_eq!(told(&["bash", "--norc"], equals, &set), "json\njsonl\n");
    assert_eq!(complete("hss-top list --sort mem"), "mem\nmemlimit\n");
    assert_eq!(complete("hss-top list --columns prot"), "protect\n");
    assert_eq!(complete("hss-top --theme high"), "high-contrast\n");
    // Files are only offered where one is meant: the folder has one, with this name.
    assert_eq!(complete("hss-top list --filter script"), "script\n");
    assert_eq!(complete("hss-top list --limit "), "\n");
}

#[test]
fn zsh_loads_the_completions_and_asks_for_values() {
    if !is_installed("zsh") {
        return;
    }
    let script = "fpath=(FOLDER $fpath); autoload -Uz compinit; compinit -u -D; print -r -- $_comps[hss-top]; \
                  autoload +X _hss-top; functions[compadd]='print -r -- $found'; source FILE 2>/dev/null; _hss-top_region";
    let out = told(&["zsh", "-f"], script, &[]);
    assert!(
        out.starts_with("_hss-top\n") && out.contains("cn-north-4"),
        "{out}"
    );
}

#[test]
fn fish_completes_commands_and_values() {
    if !is_installed("fish") {
        return;
    }
    let script = "source FILE; complete -C 'hss-top mut'; complete -C 'hss-top list --region cn-north-4'";
    let out = told(&["fish", "--no-config"], script, &[]);
    assert!(out.contains("mutes\t") && out.contains("cn-north-4"), "{out}");
}

/// Each command as words behind the program's name; those below a command too.
fn command_lines() -> Vec<String> {
    let below = [
        "alerts test",
        "alerts log",
        "config show",
        "config init",
        "export history",
        "export changes",
    ];
    let below = below
        .into_iter()
        .chain(["mutes list", "mutes add", "mutes expire"]);
    let all = [""].into_iter().chain(COMMANDS).chain(below);
    all.map(str::to_owned).collect()
}

/// The long flags in the help of a command. A line of its text begins further to the right.
fn flags_in_help(line: &str) -> BTreeSet<String> {
    let words: Vec<&str> = line.split_whitespace().chain(["--help"]).collect();
    let (code, help, _) = run(&words, &[]);
    assert_eq!(code, Some(0), "{line}");
    let flag = |line: &str| {
        let at = line.find("--").filter(|at| *at == 6)?;
        let name = line.get(at..)?.split([' ', '=']).next()?;
        Some(name.to_owned())
    };
    help.lines().filter_map(flag).collect()
}

/// The long flags among words.
fn flags_among<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let flags = words
        .into_iter()
        .filter(|word| word.len() > 2 && word.starts_with("--"));
    flags.map(str::to_owned).collect()
}

/// Says where a shell offers other flags than the help.
fn as_in_help(shell: &str, offered: impl Fn(&str) -> BTreeSet<String>) {
    for line in command_lines() {
        let (told, help) = (offered(&line), flags_in_help(&line));
        let more: Vec<_> = told.difference(&help).collect();
        let less: Vec<_> = help.difference(&told).collect();
        assert!(
            more.is_empty() && less.is_empty(),
            "{shell}: hss-top {line}: more {more:?}, less {less:?}"
        );
    }
}

#[test]
fn every_shell_offers_the_flags_of_a_command_s_help_and_no_others() {
    for (line, flag) in [
        ("list", "--mask"),
        ("serve", "--filter"),
        ("record", "--view"),
        ("watch", "--theme"),
    ] {
        assert!(!flags_in_help(line).contains(flag), "{line} {flag}");
    }
    as_in_help("bash", |line| {
        let words = format!("hss-top {line} --");
        let words: Vec<&str> = words.split_whitespace().collect();
        let script = format!(
            "compopt() {{ :; }}; source FILE; COMP_WORDS=({}); COMP_CWORD={}; COMPREPLY=(); \
             $(complete -p hss-top | sed 's/.*-F \\([^ ]*\\).*/\\1/') hss-top -- {}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() - 1,
            words[words.len() - 2],
        );
        flags_among(told(&["bash", "--norc"], &script, &[]).lines())
    });
    let script = |shell: &str| run(&["completions", shell], &[]).1;
    let powershell = script("powershell");
    as_in_help("powershell", |line| {
        let name = format!("hss-top {line}").trim_end().replace(' ', ";");
        let block = powershell.split(&format!("'{name}' {{")).nth(1).unwrap();
        let block = block.split("break").next().unwrap();
        flags_among(block.lines().filter_map(|line| line.split('\'').nth(1)))
    });
    let elvish = script("elvish");
    as_in_help("elvish", |line| {
        let name = format!("hss-top {line}").trim_end().replace(' ', ";");
        let block = elvish.split(&format!("&'{name}'= {{")).nth(1).unwrap();
        let block = block.split("\n        }").next().unwrap();
        flags_among(
            block
                .lines()
                .filter_map(|line| line.trim().strip_prefix("cand ")?.split(' ').next()),
        )
    });
    if is_installed("fish") {
        let lines: Vec<String> = command_lines();
        let asks = lines
            .iter()
            .map(|line| format!("complete -C 'hss-top {line} --'; echo =;"));
        let out = told(
            &["fish", "--no-config"],
            &format!("source FILE; {}", asks.collect::<String>()),
            &[],
        );
        let parts: Vec<&str> = out.split("=\n").collect();
        as_in_help("fish", |line| {
            let at = lines.iter().position(|it| it == line).unwrap();
            flags_among(parts[at].lines().filter_map(|line| line.split('\t').next()))
        });
    }
    if is_installed("zsh") {
        as_in_help("zsh", {
            let offered = zsh_offers(&command_lines());
            move |line| offered[line].clone()
        });
    }
}

/// What a real zsh at a terminal offers behind `hss-top LINE --`. Only there has its completion a line to complete.
fn zsh_offers(lines: &[String]) -> HashMap<String, BTreeSet<String>> {
    let asks = lines.iter().map(|line| format!("ask 'hss-top {line} --'\n"));
    let script = format!(
        r#"zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PROMPT=; fpath=(FOLDER \$fpath); autoload -Uz compinit; compinit -u -D; setopt noautolist"
zpty -w z 'compadd() {{ if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >> FOLDER/hits; builtin compadd "$@" }}'
zpty -w z 'told() {{ print -r -- = >> FOLDER/hits; BUFFER= }}; zle -N told; bindkey "^X" told; bindkey "^I" complete-word'
asked=0
ask() {{
  zpty -w -n z "$1"$'\t\x18'
  (( asked++ ))
  repeat 200; do [[ $(grep -c '^=' FOLDER/hits 2>/dev/null) == $asked ]] && return; sleep 0.05; done
  print -r -- "no answer: $1"
}}
{}zpty -d z
cat FOLDER/hits
"#,
        asks.collect::<String>()
    );
    let out = told(&["zsh", "-f"], &script, &[]);
    let parts = out.split("\n=\n").map(|part| flags_among(part.lines()));
    lines.iter().cloned().zip(parts).collect()
}

#[test]
fn every_shell_has_completions_and_every_command_a_manual_page() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, out, err) = run(&["completions", shell], &[]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{shell}");
        assert!(COMMANDS.iter().all(|command| out.contains(command)), "{shell}");
    }
    let (_, help, _) = run(&["--help"], &[]);
    let listed = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let listed = listed
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let listed: Vec<&str> = listed
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    assert!(listed.iter().all(|name| COMMANDS.contains(name)), "{listed:?}");
    let has_groff = is_installed("groff");
    for command in [None].into_iter().chain(COMMANDS.iter().map(|name| Some(*name))) {
        let flags: Vec<&str> = ["man"].into_iter().chain(command).collect();
        let (code, page, err) = run(&flags, &[]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{flags:?}");
        let title = command.map_or("hss-top".to_owned(), |name| format!("hss-top-{name}"));
        assert!(
            page.contains(&format!(".TH {title} 1")) || page.contains(&title),
            "{flags:?}"
        );
        if has_groff {
            let folder = Folder::new("manual");
            let file = folder.write("page.1", &page);
            let output = Command::new("groff")
                .args(["-man", "-Tutf8", "-ww", "-z", &file])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{flags:?}");
        }
    }
    // Each page that a page names is there, also those of commands below a command.
    let mut named = vec!["hss-top".to_owned()];
    let mut read = 0;
    while let Some(title) = named.pop() {
        let words: Vec<&str> = title.split('-').skip(2).collect();
        let (code, page, _) = run(&[&["man"], &words[..]].concat(), &[]);
        assert_eq!(code, Some(0), "{title}");
        read += 1;
        let plain = page.replace("\\-", "-");
        let below = plain.lines().filter_map(|line| line.strip_suffix("(1)"));
        named.extend(
            below
                .filter(|name| name.starts_with("hss-top-"))
                .map(str::to_owned),
        );
    }
    assert!(read > COMMANDS.len() + 1, "{read}");
    assert_eq!(run(&["man", "nothing"], &[]).0, Some(2));
    assert_eq!(run(&["man", "help"], &[]).0, Some(2));
    let (_, page, _) = run(&["man", "export", "history"], &[]);
    assert!(
        page.contains(".TH hss-top-export-history 1") && page.contains("since"),
        "{page}"
    );
}

#[test]
fn the_tables_of_the_program_are_there_for_people_programs_and_pages() {
    for table in ["keys", "fields", "themes"] {
        for (form, begins) in [("json", "[\n{"), ("markdown", "| ")] {
            let (code, out, _) = run(&[table, "--output", form], &[]);
            assert_eq!(code, Some(0));
            assert!(out.starts_with(begins), "{table} {form}: {out}");
        }
    }
    let (_, out, _) = run(&["fields"], &[]);
    assert!(out.starts_with("NAME ") && out.contains("detect_result"), "{out}");
    let (code, _, err) = run(&["--region", "x", "keys"], &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("'--region' only applies to the dashboard"), "{err}");
}
