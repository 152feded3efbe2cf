//! The pods on the screen, each decoded once.
//!
//! Two frames in a row show nearly the same pods: a key that moves the cursor shows all of them again. Decoding one takes about
//! twenty allocations, and the frame after a key is what an operator waits for. Must not: hold more than what one frame shows.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::View;
use crate::fleet::{Fleet, Pod};

/// The pods of the last frame by their rows. Shared by the copies of a view.
#[derive(Debug, Clone, Default)]
pub(super) struct PodsOnScreen(Arc<Mutex<LastFrame>>);

#[derive(Debug, Default)]
struct LastFrame {
    /// The picture that they are from, with its names or pseudonyms.
    fleet: Fleet,
    pods: HashMap<u32, Arc<Pod>>,
}

impl View {
    /// The pods at these places, each with its place, without those that are not known yet. For what a frame shows: it keeps
    /// these pods, and only these, for the next one.
    pub fn on_screen(&self, places: Range<usize>) -> Vec<(usize, Arc<Pod>)> {
        let mut last = self.on_screen.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !(last.fleet.is(&self.fleet) && last.fleet.is_shown_as(&self.fleet)) {
            *last = LastFrame {
                fleet: self.fleet.clone(),
                pods: HashMap::new(),
            };
        }
        let mut shown = Vec::with_capacity(places.len());
        let mut pods = HashMap::with_capacity(places.len());
        for place in places {
            let Some(row) = self.row(place) else { continue };
            let known = last.pods.get(&row).map(Arc::clone);
            let Some(pod) = known.or_else(|| self.fleet.pod(row).map(Arc::new)) else {
                continue;
            };
            pods.insert(row, Arc::clone(&pod));
            shown.push((place, pod));
        }
        last.pods = pods;
        shown
    }
}
