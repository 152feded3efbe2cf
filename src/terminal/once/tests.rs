use super::*;

fn told(text: &str) -> OnceOutput {
    OnceOutput::Notification {
        id: 42,
        text: text.into(),
    }
}

fn traits(set: &[(&str, &str)]) -> TerminalTraits {
    TerminalTraits::of(&|name| {
        let found = set.iter().find(|(it, _)| *it == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn written(output: &OnceOutput, set: &[(&str, &str)]) -> String {
    let bytes = output.bytes(traits(set));
    String::from_utf8(bytes).unwrap().replace('\x1b', "^")
}

const TMUX: &[(&str, &str)] = &[("TMUX", "/tmp/tmux-0/default,1,0")];
const SCREEN: &[(&str, &str)] = &[("STY", "1.pts-0.host")];
const KITTY: &[(&str, &str)] = &[("TERM", "xterm-kitty")];
const URXVT: &[(&str, &str)] = &[("TERM", "rxvt-unicode-256color")];
/// As after sudo in GNU screen.
const MAYBE_SCREEN: &[(&str, &str)] = &[("TERM", "screen.xterm-256color"), ("COLORTERM", "truecolor")];

#[test]
fn it_is_said_what_happens_to_a_notification() {
    let in_tmux = [TMUX, KITTY].concat();
    for (set, note) in [
        (
            &[][..],
            " as a bell: this terminal is not known to show notifications",
        ),
        (
            TMUX,
            " as a bell: this terminal is not known to show notifications",
        ),
        (
            URXVT,
            " as a bell: this terminal is not known to show notifications",
        ),
        (KITTY, " with a bell, to the terminal"),
        (
            &in_tmux,
            " with a bell, to tmux, which passes it on with allow-passthrough on",
        ),
    ] {
        assert_eq!(traits(set).notification_note(), note, "{set:?}");
    }
}

#[test]
fn a_console_and_a_serial_line_get_no_title_and_no_copy_and_a_bell_for_a_notification() {
    let copy = OnceOutput::Copy("api-0".into());
    let title = OnceOutput::Title("3 at risk".into());
    for term in ["linux", "linux-16color", "vt220", "vt102", "ansi", "minicom"] {
        let set = &[("TERM", term), ("TERM_PROGRAM", "WezTerm")][..];
        for output in [&copy, &title, &OnceOutput::AskForColours] {
            assert_eq!(written(output, set), "", "{term} {output:?}");
        }
        assert_eq!(written(&told("late"), set), "\x07", "{term}");
        assert!(!traits(set).takes_strings() && traits(set).longest_copy().is_none());
    }
    for term in ["xterm", "vte-256color", "screen", "tmux-256color", ""] {
        let set = &[("TERM", term)][..];
        assert!(written(&title, set).contains("3 at risk"), "{term}");
        assert!(traits(set).takes_strings() && traits(set).longest_copy().is_some());
    }
}

#[test]
fn who_sets_no_marks_around_a_paste_is_known() {
    for (set, may) in [
        (&[][..], false),
        (TMUX, false),
        (KITTY, false),
        (SCREEN, true),
        (MAYBE_SCREEN, true),
        (&[("TERM", "dvtm-256color")], true),
        (&[("TERM", "eterm-color")], true),
        (&[("TERM", "vt220")], true),
        (&[("TERM", "linux")], true),
        (&[("TERM", "xterm"), ("VIM_TERMINAL", "901")], true),
        (&[("TERM", "xterm"), ("INSIDE_EMACS", "30.2,term")], true),
        (&[("TERM", "xterm"), ("VIM_TERMINAL", "")], false),
    ] {
        assert_eq!(traits(set).may_type_pastes(), may, "{set:?}");
    }
}

#[test]
fn each_output_is_wrapped_only_for_the_multiplexer_in_use() {
    let copy = OnceOutput::Copy("api-0".into());
    let both = [TMUX, SCREEN].concat();
    for (set, bell, copied) in [
        (&[][..], "\x07", "^]52;c;YXBpLTA=\x07"),
        (TMUX, "\x07", "^]52;c;YXBpLTA=\x07"),
        (SCREEN, "\x07^P\x07^\\", "^P^]52;c;YXBpLTA=\x07^\\"),
        (
            MAYBE_SCREEN,
            "\x07^P\x07^\\",
            "^]52;c;YXBpLTA=\x07^P^]52;c;YXBpLTA=\x07^\\",
        ),
        (&both, "\x07", "^]52;c;YXBpLTA=\x07"),
    ] {
        assert_eq!(written(&OnceOutput::Bell, set), bell, "{set:?}");
        assert_eq!(written(&copy, set), copied, "{set:?}");
    }
    assert!(traits(SCREEN).longest_copy() < traits(TMUX).longest_copy());
    assert_eq!(traits(SCREEN).longest_copy(), traits(MAYBE_SCREEN).longest_copy());
    let may_be = [SCREEN, MAYBE_SCREEN, &both, TMUX, KITTY].map(|set| traits(set).may_type_pastes());
    assert_eq!(may_be, [true, true, true, false, false]);
    assert_eq!(
        traits(TMUX).copy_note(),
        " (tmux passes it on with set-clipboard on)"
    );
    assert_eq!([traits(SCREEN).copy_note(), traits(&[]).copy_note()], ["", ""]);
}

#[test]
fn a_notification_rings_and_has_the_form_of_the_terminal() {
    let notification = told("2 pods\x07 at\x1b risk\u{9c}");
    for (set, sequence) in [
        (&[("TERM", "xterm-256color")][..], "\x07"),
        (URXVT, "\x07"),
        // Started from kitty, with its variable.
        (&[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], "\x07"),
        (KITTY, "\x07^]99;i=hss-top-0000002a;hss-top: 2 pods at risk^\\"),
        (&[("TERM", "foot")], "\x07^]777;notify;hss-top;2 pods at risk\x07"),
        (
            &[("TERM_PROGRAM", "WezTerm")],
            "\x07^]9;hss-top: 2 pods at risk\x07",
        ),
        (
            &[TMUX, &[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")]].concat(),
            "\x07^Ptmux;^^]99;i=hss-top-0000002a;hss-top: 2 pods at risk^^\\^\\",
        ),
        (
            &[KITTY, TMUX].concat(),
            "\x07^Ptmux;^^]99;i=hss-top-0000002a;hss-top: 2 pods at risk^^\\^\\",
        ),
        (
            &[KITTY, SCREEN].concat(),
            "\x07^P\x07^\\^P^]99;i=hss-top-0000002a;hss-top: 2 pods at risk\x07^\\",
        ),
    ] {
        assert_eq!(written(&notification, set), sequence, "{set:?}");
    }
    let long = told(&"生".repeat(1000));
    assert!(written(&long, &[KITTY, SCREEN].concat()).len() < 760);
}

#[test]
fn every_terminal_but_the_console_is_queried_for_its_colours() {
    let query = written(&OnceOutput::AskForColours, &[("TERM", "xterm-256color")]);
    assert_eq!(query, "^[?2031h^]11;?\x07");
    assert_eq!(written(&OnceOutput::AskForColours, &[]), query);
    assert_eq!(written(&OnceOutput::AskForColours, &[("TERM", "linux")]), "");
}

#[test]
fn a_title_is_printable_ascii_of_a_length_that_every_terminal_accepts() {
    let hostile = "a\x07\x1b]0;b\u{9c}\u{751f}\n".to_owned() + &"c".repeat(200);
    let bytes = written(&OnceOutput::Title(hostile), &[]);
    let title = bytes.strip_prefix("^]2;").unwrap().strip_suffix('\x07').unwrap();
    assert!(title.starts_with("a]0;bccc") && title.len() == 80, "{title:?}");
}
