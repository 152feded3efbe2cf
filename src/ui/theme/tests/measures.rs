//! Measures of colours for tests: contrast by APCA, and colours as people with colour blindness see them.

use crate::ui::colours::Rgb;

/// Lightness contrast Lc of text on a background: APCA 0.1.9, with the constants of 4g (Myndex/apca-w3, `src/apca-w3.js`).
pub(super) fn apca(text: Rgb, paper: Rgb) -> f64 {
    let luminance = |rgb: Rgb| {
        let [red, green, blue] = rgb.map(|channel| (f64::from(channel) / 255.0).powf(2.4));
        let sum = 0.212_672_9 * red + 0.715_152_2 * green + 0.072_175_0 * blue;
        if sum > 0.022 {
            sum
        } else {
            sum + (0.022 - sum).powf(1.414)
        }
    };
    let (text, paper) = (luminance(text), luminance(paper));
    if (paper - text).abs() < 0.0005 {
        return 0.0;
    }
    if paper > text {
        let contrast = (paper.powf(0.56) - text.powf(0.57)) * 1.14;
        if contrast < 0.1 {
            0.0
        } else {
            (contrast - 0.027) * 100.0
        }
    } else {
        let contrast = (paper.powf(0.65) - text.powf(0.62)) * 1.14;
        if contrast > -0.1 {
            0.0
        } else {
            (contrast + 0.027) * 100.0
        }
    }
}

/// The visible part of linear red, green and blue.
pub(super) type VisionMatrix = [[f64; 3]; 3];

/// All; without the green, and without the red receptors: G. M. Machado and others, "A Physiologically-based Model for
/// Simulation of Color Vision Deficiency", IEEE TVCG 15 (6), 2009, severity 1.
pub(super) const VISIONS: [(&str, VisionMatrix); 3] = [
    (
        "all receptors",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
];

/// A colour as it is seen, in CIELAB.
pub(super) fn seen(rgb: Rgb, vision: &VisionMatrix) -> [f64; 3] {
    let linear = rgb.map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    let sum = |row: &[f64; 3]| {
        row.iter()
            .zip(linear)
            .map(|(weight, part)| weight * part)
            .sum::<f64>()
    };
    let [red, green, blue] = vision.each_ref().map(|row| sum(row).clamp(0.0, 1.0));
    let x = (0.412_456_4 * red + 0.357_576_1 * green + 0.180_437_5 * blue) / 0.950_47;
    let y = 0.212_672_9 * red + 0.715_152_2 * green + 0.072_175_0 * blue;
    let z = (0.019_333_9 * red + 0.119_192_0 * green + 0.950_304_1 * blue) / 1.088_83;
    let [x, y, z] = [x, y, z].map(|part: f64| {
        if part > 216.0 / 24_389.0 {
            part.cbrt()
        } else {
            (24_389.0 / 27.0 * part + 16.0) / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The distance of two colours (CIE 1976).
pub(super) fn difference(one: [f64; 3], other: [f64; 3]) -> f64 {
    let squares = one
        .into_iter()
        .zip(other)
        .map(|(one, other)| (one - other).powi(2));
    squares.sum::<f64>().sqrt()
}

#[test]
fn apca_gives_what_its_authors_publish() {
    for (text, paper, expected) in [
        ([0x88; 3], [0xff; 3], 63.056_469_93),
        ([0xff; 3], [0x88; 3], -68.541_464_37),
        ([0; 3], [0xaa; 3], 58.146_262_58),
        ([0xaa; 3], [0; 3], -56.241_133_37),
    ] {
        let found = apca(text, paper);
        assert!((found - expected).abs() < 1e-6, "{text:?} on {paper:?}: {found}");
    }
}
