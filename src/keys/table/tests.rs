//! The table of keys has no contradictions.

use crossterm::event::{KeyEvent, KeyModifiers};

use super::*;

#[test]
fn no_key_means_two_things_in_one_mode() {
    for mode in Mode::ALL {
        let mut seen = Vec::new();
        for binding in BINDINGS.iter().filter(|binding| binding.modes.contains(&mode)) {
            for key in binding.keys {
                assert!(!seen.contains(key), "{} twice in {mode:?}", key.label());
                seen.push(*key);
            }
        }
        assert_eq!(
            action(mode, named(KeyCode::Esc)),
            Some(Action::Back),
            "Esc never quits"
        );
        assert_eq!(action(mode, ctrl('c')), Some(Action::Quit));
    }
}

#[test]
fn a_key_with_alt_is_not_the_key() {
    for mode in Mode::ALL {
        for binding in BINDINGS.iter() {
            for key in binding.keys {
                for modifier in [KeyModifiers::ALT, KeyModifiers::SUPER, KeyModifiers::META] {
                    let ctrl = if key.ctrl {
                        KeyModifiers::CONTROL
                    } else {
                        KeyModifiers::NONE
                    };
                    let slip = Key::of(&KeyEvent::new(key.code, modifier | ctrl));
                    assert_eq!(action(mode, slip), None, "{modifier} and {}", key.label());
                    assert_eq!(slip.typed(), None);
                }
            }
        }
    }
}

#[test]
fn letters_are_text_in_a_prompt() {
    for mode in [Mode::Filter, Mode::Command] {
        assert_eq!(action(mode, key('q')), None);
        assert_eq!(action(mode, key('j')), None);
    }
}
