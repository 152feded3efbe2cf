//! A wall: the state and the counts in large letters, and the keys that work there.

use std::time::Duration;

use hss_top::settings::KioskChoice;

use super::*;

/// The pods on a wall.
pub(crate) async fn wall(size: Size) -> Model {
    let mut model = loaded_model(size).await;
    model.begin_kiosk(&KioskChoice {
        is_on: true,
        views: Vec::new(),
        every: Duration::from_secs(30),
        dim: None,
    });
    model
}

#[tokio::test]
async fn a_wall_has_large_letters_from_the_usual_terminal_on_and_no_key_that_it_refuses() {
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let model = wall(size).await;
        let buffer = draw(&model, coloured());
        let screen = text(&buffer);
        let name = format!("wall_{}x{}", size.width, size.height);
        insta::assert_snapshot!(name.clone(), screen);
        insta::assert_snapshot!(format!("{name}_roles"), roles(&buffer));
        for word in ["at risk", "broken", "failed", "^x q ends the wall"] {
            assert!(screen.contains(word), "{word}: {screen}");
        }
        for refused in [" filter", " command", " sort", " columns", " export", " quit"] {
            assert!(!screen.contains(refused), "{refused}: {screen}");
        }
    }
}
