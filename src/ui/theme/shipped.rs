//! The themes that come with the program: the files of `assets/themes/`.

use std::sync::LazyLock;

use super::file::{ThemeFile, ThemeSide, ThemeSource};

/// The one for dark backgrounds.
pub const DARK: &str = "dark";
/// The one for light backgrounds.
pub const LIGHT: &str = "light";
/// The one for any background.
pub const SIXTEEN: &str = "16-colours";

/// Name and text of each, in the order in which they are listed.
pub const TEXTS: [(&str, &str); 5] = [
    (DARK, include_str!("../../../assets/themes/dark.toml")),
    (LIGHT, include_str!("../../../assets/themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../../assets/themes/high-contrast.toml"),
    ),
    (
        "colour-vision-safe",
        include_str!("../../../assets/themes/colour-vision-safe.toml"),
    ),
    (SIXTEEN, include_str!("../../../assets/themes/16-colours.toml")),
];

/// The shipped files, read once.
struct ShippedThemes {
    dark: ThemeSource,
    light: ThemeSource,
    files: Vec<(&'static str, ThemeFile)>,
}

static THEMES: LazyLock<ShippedThemes> = LazyLock::new(|| {
    // A test checks that all of them are valid.
    let sources = TEXTS.map(|(name, text)| (name, ThemeSource::read(text).map(|(source, _)| source)));
    let named = |wanted: &str| {
        let mut found = sources.iter().filter(|(name, _)| *name == wanted);
        let found = found.find_map(|(_, source)| source.as_ref().ok());
        found.cloned().unwrap_or_default()
    };
    let (dark, light) = (named(DARK), named(LIGHT));
    let files = sources.into_iter().filter_map(|(name, source)| {
        let (file, _) = source.ok()?.finished(&dark, &light);
        Some((name, file))
    });
    ShippedThemes {
        files: files.collect(),
        dark: dark.clone(),
        light: light.clone(),
    }
});

/// The themes, by name, in the order in which they are listed.
pub fn files() -> &'static [(&'static str, ThemeFile)] {
    &THEMES.files
}

/// The sources of `dark` and `light`, which complete other files.
pub fn bases() -> (&'static ThemeSource, &'static ThemeSource) {
    (&THEMES.dark, &THEMES.light)
}

/// The theme for any background of this kind.
pub fn sixteen(is_light: bool) -> Option<&'static ThemeSide> {
    let (_, file) = THEMES.files.iter().find(|(name, _)| *name == SIXTEEN)?;
    if is_light {
        file.light.as_ref()
    } else {
        file.dark.as_ref()
    }
}
