//! The argument of a command: its form in the help, and its completions.

use super::SWITCH;
use crate::app::update::columns::RESET;
use crate::fleet::fields::PodText;
use crate::fleet::fields::columns::completions as column_completions;
use crate::fleet::fields::names::beginning_with;
use crate::fleet::query::{Values, present};
use crate::report::Format;
use crate::report::copied::CopyItem;
use crate::settings::saved_view::VIEW_WORDS;
use crate::settings::{SavedView, ViewOrigin};
use crate::ui::Themes;

/// The argument of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandArgument {
    /// Nothing.
    Nothing,
    /// A namespace, or nothing.
    Namespace,
    /// A cluster, or nothing.
    Cluster,
    /// A pod, or nothing.
    Pod,
    /// A field of a pod.
    Field,
    /// Columns with commas between them, or `reset`, or nothing.
    Columns,
    /// A saved view, what to do with it, or nothing.
    View,
    /// A format, and perhaps a path.
    File,
    /// A time such as `60s`.
    Time,
    /// A filter, or nothing.
    Filter,
    /// A time such as `12h` and perhaps a path, or nothing.
    Shift,
    /// A moment of the past.
    Moment,
    /// A namespace or a pod, and until when.
    Mute,
    /// A theme, or nothing.
    Theme,
    /// Something of a pod that can be copied, or nothing.
    CopyItem,
    /// `on`, `off`, or nothing for the other one.
    Switch,
}

impl CommandArgument {
    /// As the help writes it.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Namespace | Self::Cluster | Self::Pod | Self::Theme => "[NAME]",
            Self::View => "[[save|delete] NAME]",
            Self::Field => "FIELD [asc|desc]",
            Self::Filter => "[FILTER]",
            Self::Columns => "[FIELD,…|reset]",
            Self::File => "csv|json [PATH]",
            Self::Time => "TIME",
            Self::Moment => "TIME|DAY [TIME]",
            Self::Shift => "[TIME] [PATH]",
            Self::Mute => "[ns] [TIME|DATE|worse]",
            Self::CopyItem => "[WHAT]",
            Self::Switch => "[on|off]",
        }
    }

    /// What could be typed, where so much of it is typed.
    pub(super) fn complete(
        self,
        typed: &str,
        values: &impl Values,
        views: &[SavedView],
        of_themes: &Themes,
    ) -> Vec<String> {
        match self {
            Self::Namespace => present(PodText::Namespace, typed, values),
            Self::Cluster => present(PodText::Cluster, typed, values),
            Self::Field => {
                let fields = beginning_with(typed).into_iter();
                fields.map(|(_, name)| name.to_owned()).collect()
            }
            Self::Columns => {
                let reset = [RESET.to_owned()].into_iter();
                let reset = reset.filter(|word| word.starts_with(typed));
                column_completions(typed).into_iter().chain(reset).collect()
            }
            Self::View => of_views(typed, views),
            Self::Theme => {
                let names = of_themes.names().filter(|name| name.starts_with(typed));
                names.map(str::to_owned).collect()
            }
            Self::File => {
                let names = Format::ALL.map(Format::name).into_iter();
                names
                    .filter(|name| name.starts_with(typed))
                    .map(|name| format!("{name} "))
                    .collect()
            }
            Self::CopyItem => {
                let names = CopyItem::ALL.map(CopyItem::name).into_iter();
                let typed = typed.to_lowercase();
                names
                    .filter(|name| name.starts_with(&typed))
                    .map(str::to_owned)
                    .collect()
            }
            Self::Switch => {
                let words = SWITCH.into_iter().filter(|word| word.starts_with(typed));
                words.map(str::to_owned).collect()
            }
            // Nearly every pod has its own name: that is no help to choose from.
            Self::Nothing | Self::Pod | Self::Time | Self::Filter | Self::Shift => vec![],
            Self::Moment => {
                let words = ["yesterday", "today ", "1h", "12h", "1d"].into_iter();
                let words = words.filter(|word| word.starts_with(typed));
                words.map(str::to_owned).collect()
            }
            Self::Mute => {
                let words = ["ns ", "changed", "2h", "7d", "worse"].into_iter();
                let words = words.filter(|word| word.starts_with(typed));
                words.map(str::to_owned).collect()
            }
        }
    }
}

/// Names of views, or a word and the names that it can be used on: a view of the configuration is neither saved nor deleted.
fn of_views(typed: &str, views: &[SavedView]) -> Vec<String> {
    for word in VIEW_WORDS {
        let behind = typed
            .strip_prefix(word)
            .filter(|rest| rest.starts_with(char::is_whitespace));
        if let Some(begun) = behind.map(str::trim_start) {
            let saved = views.iter().filter(|view| view.origin == ViewOrigin::Saved);
            let names = saved
                .map(|view| &view.name)
                .filter(|name| name.starts_with(begun));
            return names.map(|name| format!("{word} {name}")).collect();
        }
    }
    let names = views.iter().map(|view| view.name.clone());
    let words = VIEW_WORDS.map(|word| format!("{word} "));
    names
        .chain(words)
        .filter(|text| text.starts_with(typed))
        .collect()
}
