//! Adapts a theme's side to a terminal: to its colours, and readable on its background.
//!
//! The background is the theme's, or the terminal's own if it reports it. A colour with too little contrast
//! to it, or to the tint of the selected row, is made lighter or darker, and each such repair is returned.

use ratatui::style::{Color, Modifier, Style};

use super::file::ThemeSide;
use super::{ROLES, Role, Theme};
use crate::ui::colours::{self, ChosenColour, ColourDepth, DARK_PAPER, LIGHT_PAPER, Rgb, readable};

/// The background of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// What the theme says.
    Own,
    /// The terminal's own background, of this colour.
    Known(Rgb),
    /// The terminal's own background. Its colour is unknown; only whether it is light.
    Guessed(bool),
}

/// A colour that an operator chose for a role, with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleColour {
    /// The role.
    pub role: Role,
    /// Its colour.
    pub colour: Color,
    /// Its origin, for a sentence.
    pub place: String,
}

/// A colour that was not readable and was replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct ContrastRepair {
    /// The role, and the origin of its colour if that is not the theme.
    pub place: String,
    /// The original colour.
    pub from: Color,
    /// Its replacement; `None` if it is left out.
    pub to: Option<Color>,
    /// The contrast that it had.
    pub found: f64,
    /// The contrast that it needs.
    pub needed: f64,
}

impl std::fmt::Display for ContrastRepair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            place,
            from,
            to,
            found,
            needed,
        } = self;
        write!(
            f,
            "{place}: {from} is hard to read on this background (contrast {found:.1}, needed {needed:.1})"
        )?;
        match to {
            Some(to) => write!(f, "; colour {to} is used"),
            None => f.write_str(" and not used; a #rrggbb would be made readable"),
        }
    }
}

/// The theme for a terminal, and the repairs. `least` is the contrast that text needs.
pub fn fitted(
    side: &ThemeSide,
    paper: Paper,
    depth: ColourDepth,
    least: f64,
    chosen: &[RoleColour],
) -> (Theme, Vec<ContrastRepair>) {
    if depth == ColourDepth::None {
        return (Theme::without_colours(), Vec::new());
    }
    let own = side.background.and_then(|colour| depth.shown(colour));
    let painted = own.filter(|_| paper == Paper::Own);
    let behind = match paper {
        Paper::Known(rgb) => rgb,
        Paper::Own => painted.and_then(colours::rgb).unwrap_or(DARK_PAPER),
        Paper::Guessed(true) => LIGHT_PAPER,
        Paper::Guessed(false) => DARK_PAPER,
    };
    let is_at_home = own.and_then(colours::rgb) == Some(behind);
    let mut fitting = Fitting {
        theme: plain(side, depth),
        papers: vec![behind],
        depth,
        repairs: Vec::new(),
    };
    fitting.theme.background = painted;
    fitting.tint(chosen, is_at_home);
    let is_known = painted.is_some() || matches!(paper, Paper::Known(_));
    for (name, role) in ROLES {
        if let Some(chosen) = chosen.iter().find(|chosen| chosen.role == role) {
            // The theme's minimum contrast also applies to the operator's colours.
            fitting.take(role, chosen.colour, least, &chosen.place, true);
        } else if let Some(colour) = side.styles.get(role as usize).and_then(|style| style.fg) {
            // A theme that keeps an unknown background was made for any background; the look of the sixteen
            // is unknown.
            let is_judged = is_known && !colours::is_terminals(colour);
            fitting.take(role, colour, least, name, is_judged);
        }
    }
    (fitting.theme, fitting.repairs)
}

/// The styles of the file, in the colours that the terminal has.
pub(super) fn plain(side: &ThemeSide, depth: ColourDepth) -> Theme {
    let styles = side.styles.map(|style| Style {
        fg: style.fg.and_then(|colour| depth.shown(colour)),
        bg: style.bg.and_then(|colour| depth.shown(colour)),
        ..style
    });
    Theme::of_styles(side.background.and_then(|colour| depth.shown(colour)), styles)
}

/// A theme while it is adapted.
struct Fitting {
    theme: Theme,
    /// The backgrounds of text: the screen's, and the tint of the selected row.
    papers: Vec<Rgb>,
    depth: ColourDepth,
    repairs: Vec<ContrastRepair>,
}

impl Fitting {
    /// The tint of the selected row. The theme's tint suits its own background; for another one it is
    /// computed.
    fn tint(&mut self, chosen: &[RoleColour], is_at_home: bool) {
        let style = self.theme.style(Role::Selected);
        let chosen = chosen.iter().find(|chosen| chosen.role == Role::Selected);
        let behind = self.papers.first().copied().unwrap_or_default();
        let tint = match (chosen, style.bg) {
            (Some(chosen), _) => self.depth.shown(chosen.colour),
            (None, Some(tint)) if is_at_home => Some(tint),
            (None, Some(_)) => {
                let ink = if colours::is_light(behind) {
                    [0; 3]
                } else {
                    [255; 3]
                };
                let [red, green, blue] = colours::tint(behind, ink);
                self.depth.shown(Color::Rgb(red, green, blue))
            }
            (None, None) => None,
        };
        let Some(tint) = tint else { return };
        self.theme = self.theme.with_colour(Role::Selected, tint);
        // One of the sixteen may have any look.
        self.papers
            .extend(colours::rgb(tint).filter(|_| self.depth > ColourDepth::Sixteen));
    }

    fn take(&mut self, role: Role, colour: Color, least: f64, place: &str, is_judged: bool) {
        if matches!(role, Role::Selected | Role::Caret) {
            return;
        }
        let needed = role.least_contrast(least);
        let reversed = self.theme.style(role).add_modifier.contains(Modifier::REVERSED);
        let papers = if reversed {
            self.papers.get(..1).unwrap_or_default()
        } else {
            &self.papers
        };
        let (to, found) = match readable(colour, papers, needed, self.depth) {
            ChosenColour::Fine(colour) => {
                self.theme = self.theme.with_colour(role, colour);
                return;
            }
            _ if !is_judged => return,
            ChosenColour::Mended(mended, found) => {
                self.theme = self.theme.with_colour(role, mended);
                (Some(mended), found)
            }
            ChosenColour::Unreadable(found) => (None, found),
        };
        self.repairs.push(ContrastRepair {
            place: place.to_owned(),
            from: colour,
            to,
            found,
            needed,
        });
    }
}
