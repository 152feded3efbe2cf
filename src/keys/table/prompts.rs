//! The keys of a prompt, where every other key is text.

use crossterm::event::KeyCode;

use super::{Binding, bind};
use crate::keys::action::{Action, Edit};
use crate::keys::key::{ctrl, named};
use crate::keys::mode::Mode;

const PROMPTS: &[Mode] = &[Mode::Filter, Mode::Command];
/// Where text is typed, with or without completions.
const TYPED: &[Mode] = &[Mode::Filter, Mode::Command, Mode::HelpSearch];

pub(super) const KEYS: &[Binding] = &[
    bind(TYPED, &[named(KeyCode::Enter)], Action::Submit, "apply"),
    bind(
        PROMPTS,
        &[named(KeyCode::Tab)],
        Action::Complete,
        "complete; again: next completion",
    ),
    bind(
        PROMPTS,
        &[named(KeyCode::BackTab)],
        Action::CompleteBack,
        "previous completion",
    ),
    bind(
        PROMPTS,
        &[named(KeyCode::Up), ctrl('p')],
        Action::Older,
        "earlier lines that begin like this",
    ),
    bind(
        PROMPTS,
        &[named(KeyCode::Down), ctrl('n')],
        Action::Newer,
        "later lines that begin like this",
    ),
    bind(
        TYPED,
        &[named(KeyCode::Left), ctrl('b')],
        Action::Edit(Edit::Left),
        "move to the left",
    ),
    bind(
        TYPED,
        &[named(KeyCode::Right), ctrl('f')],
        Action::Edit(Edit::Right),
        "move to the right; at the end: accept the completion",
    ),
    bind(
        TYPED,
        &[named(KeyCode::Home), ctrl('a')],
        Action::Edit(Edit::Start),
        "move to the start",
    ),
    bind(
        TYPED,
        &[named(KeyCode::End), ctrl('e')],
        Action::Edit(Edit::End),
        "move to the end",
    ),
    bind(
        TYPED,
        &[named(KeyCode::Backspace), ctrl('h')],
        Action::Edit(Edit::DeleteBack),
        "delete a character",
    ),
    bind(
        TYPED,
        &[named(KeyCode::Delete), ctrl('d')],
        Action::Edit(Edit::DeleteAt),
        "delete the character under the cursor",
    ),
    bind(
        TYPED,
        &[ctrl('w')],
        Action::Edit(Edit::DeleteWord),
        "delete the word before the cursor",
    ),
    bind(
        TYPED,
        &[ctrl('u')],
        Action::Edit(Edit::DeleteBefore),
        "delete all before the cursor",
    ),
    bind(
        TYPED,
        &[ctrl('k')],
        Action::Edit(Edit::DeleteAfter),
        "delete all after the cursor",
    ),
];
