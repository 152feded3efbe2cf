//! A theme's side made fit for one terminal: in the colours that it takes, and readable on the background that it has.
//!
//! The background is the one that the theme paints, or the terminal's own, as far as that tells it. What has too little
//! contrast with it, or with the tint of the selected row, is made lighter or darker, and each such repair is told.

use ratatui::style::{Color, Modifier, Style};

use super::file::ThemeSide;
use super::{ROLES, Role, Theme};
use crate::ui::colours::{self, ChosenColour, ColourDepth, DARK_PAPER, LIGHT_PAPER, Rgb, readable};

/// What lies behind the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// What the theme says.
    Own,
    /// The terminal's own background, of this colour.
    Known(Rgb),
    /// The terminal's own background, of which only this is known: whether it is light.
    Guessed(bool),
}

/// A colour that an operator chose for a role, with where that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleColour {
    /// The role.
    pub role: Role,
    /// Its colour.
    pub colour: Color,
    /// Where that is said, for a sentence.
    pub place: String,
}

/// A colour that could not be read and is another now.
#[derive(Debug, Clone, PartialEq)]
pub struct ContrastRepair {
    /// The role, and where its colour is said if not in the theme.
    pub place: String,
    /// The colour that was asked for.
    pub from: Color,
    /// The one in its place; `None` where it is left out.
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

/// The theme for a terminal, and what had to be repaired. `least` is the contrast that text needs.
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
            // The theme's own contrast holds for what the operator chose too.
            fitting.take(role, chosen.colour, least, &chosen.place, true);
        } else if let Some(colour) = side.styles.get(role as usize).and_then(|style| style.fg) {
            // A theme that keeps a background that is not known was made for any; what the sixteen look like is not known.
            let is_judged = is_known && !colours::is_terminals(colour);
            fitting.take(role, colour, least, name, is_judged);
        }
    }
    (fitting.theme, fitting.repairs)
}

/// The styles as they are in the file, in the colours that the terminal has.
pub(super) fn plain(side: &ThemeSide, depth: ColourDepth) -> Theme {
    let styles = side.styles.map(|style| Style {
        fg: style.fg.and_then(|colour| depth.shown(colour)),
        bg: style.bg.and_then(|colour| depth.shown(colour)),
        ..style
    });
    Theme::of_styles(side.background.and_then(|colour| depth.shown(colour)), styles)
}

/// A theme while it is made fit.
struct Fitting {
    theme: Theme,
    /// What text may lie on: the background, and the tint of the selected row.
    papers: Vec<Rgb>,
    depth: ColourDepth,
    repairs: Vec<ContrastRepair>,
}

impl Fitting {
    /// The tint of the selected row. The one of the theme is made for its own background; on another one it is made anew.
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
        // One of the sixteen may be anything.
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
