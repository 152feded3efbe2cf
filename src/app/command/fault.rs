//! What was typed after `:` and is not understood.

use std::fmt;

use super::{COMMANDS, habits};
use crate::config::interval::IntervalFault;
use crate::config::nearest as nearest_name;
use crate::fleet::fields::names::nearest;
use crate::fleet::fields::{ColumnFault, PodField};
use crate::fleet::past::when::WhenFault;
use crate::report::Format;
use crate::report::copied::CopyItem;

/// What was typed is not understood; a sentence that says what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandFault {
    /// There is no such command.
    NoCommand(String),
    /// This command stands alone.
    NoArgument(&'static str),
    /// There is no such field to sort by.
    NoField(String),
    /// This is no direction to sort in.
    NoDirection,
    /// These are no columns.
    NoColumns(ColumnFault),
    /// There is no such format to export.
    NoFormat,
    /// This is no time for a report to reach back.
    NoShift(WhenFault),
    /// This is no moment of the past.
    NoMoment(WhenFault),
    /// This is no end of a mute.
    NoMute,
    /// Nothing of a pod is called so.
    NoCopyItem,
    /// This is neither on nor off.
    NoSwitch,
    /// This is no interval.
    NoInterval(IntervalFault),
}

impl CommandFault {
    /// The same without what was typed.
    #[must_use]
    pub fn without_words(self) -> Self {
        match self {
            Self::NoCommand(_) => Self::NoCommand("of this name".to_owned()),
            Self::NoField(_) => Self::NoField("this".to_owned()),
            Self::NoColumns(fault) => Self::NoColumns(fault.told(|_| "of this name".to_owned())),
            other => other,
        }
    }
}

impl fmt::Display for CommandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand(word) => {
                write!(f, "no command {word}; ")?;
                let names = COMMANDS
                    .iter()
                    .flat_map(|row| [row.name].into_iter().chain(row.aliases.iter().copied()));
                match habits::of(word)
                    .map(Ok)
                    .or_else(|| nearest_name(word, names).map(Err))
                {
                    Some(Ok(instead)) => f.write_str(instead),
                    Some(Err(meant)) => write!(f, "did you mean {meant}?"),
                    None => f.write_str(":help lists them, Tab goes through them"),
                }
            }
            Self::NoArgument("pods") => {
                f.write_str("pods shows the pods; :pod NAME asks HSS for one, /NAME filters")
            }
            Self::NoArgument(name) => write!(f, "{name} takes no argument"),
            Self::NoField(word) => {
                let known: Vec<&str> = PodField::ALL.iter().map(|field| field.name()).collect();
                let known = known.join(" ");
                match nearest(word) {
                    Some(field) => write!(f, "cannot sort by {word}; did you mean {field}? fields: {known}"),
                    None => write!(f, "sort expects a field: {known}"),
                }
            }
            Self::NoDirection => f.write_str("a field is followed by asc, desc or nothing; I reverses the order"),
            Self::NoColumns(fault) => fault.fmt(f),
            Self::NoFormat => write!(f, "export expects {}", Format::ALL.map(Format::name).join(" or ")),
            Self::NoShift(WhenFault::NoMoment) => f.write_str(
                "report expects a time such as 12h, yesterday, friday 18:00 or 2026-11-28, and then a path if you like",
            ),
            Self::NoShift(fault) => fault.fmt(f),
            Self::NoMoment(fault) => fault.fmt(f),
            Self::NoMute => f.write_str(
                "mute expects [ns] and an end: changed, a time such as 2h, a moment such as 18:00, friday 08:00 or 2026-12-31, or worse",
            ),
            Self::NoCopyItem => {
                let names = CopyItem::ALL.map(CopyItem::name);
                write!(f, "copy expects one of {}", names.join(", "))
            }
            Self::NoSwitch => f.write_str("expected on or off"),
            Self::NoInterval(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for CommandFault {}

impl From<ColumnFault> for CommandFault {
    fn from(fault: ColumnFault) -> Self {
        Self::NoColumns(fault)
    }
}

impl From<IntervalFault> for CommandFault {
    fn from(fault: IntervalFault) -> Self {
        Self::NoInterval(fault)
    }
}
