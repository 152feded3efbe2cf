//! Filters and sorts off the event loop. Newest wish wins.
//!
//! Owns the orders that outlive a view, and the last whole view, which is only turned where the other direction of the
//! same rows is wanted. Where sorting all rows takes long, the window that the screen shows goes out
//! first, and the whole view only if nothing newer is wanted in the meantime.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::fleet::order::Orders;
use crate::fleet::view::Unsorted;
use crate::fleet::{Fleet, View, ViewWish};

/// From so many rows on a window goes out first, where their order is not known yet.
const WINDOW_FIRST: usize = 50_000;
/// So long after a window the whole view is begun: while pages pour in, the next picture is there before.
const WHOLE_AFTER: Duration = Duration::from_millis(300);

/// What is to be seen of which fleet. Latest wins.
#[derive(Debug, Clone, Default)]
pub struct ViewOrder {
    /// The fleet.
    pub fleet: Fleet,
    /// The wish.
    pub wish: ViewWish,
    /// The places that the screen shows.
    pub window: Range<usize>,
    /// The time of day.
    pub now: Timestamp,
}

/// Computes a view for the newest order, until the event loop is gone.
pub async fn run(mut orders: watch::Receiver<ViewOrder>, views: mpsc::Sender<View>) {
    let mut known = Orders::default();
    let mut last: Option<View> = None;
    while orders.changed().await.is_ok() {
        let order = orders.borrow_and_update().clone();
        // A view that is no longer of use holds memory.
        last = last.and_then(|view| view.turned(&order.fleet, &order.wish));
        if let Some(view) = &last {
            if views.send(view.clone()).await.is_err() {
                return;
            }
            continue;
        }
        let chosen = spawn_blocking(move || {
            let is_sorted = known.know(&order.fleet, order.wish.sort.key);
            let unsorted = Unsorted::of(&order.fleet, order.wish, order.now);
            let window =
                (!is_sorted && unsorted.len() >= WINDOW_FIRST).then(|| unsorted.window(order.window));
            (unsorted, window, known)
        });
        let Ok((unsorted, window, same)) = chosen.await else {
            return;
        };
        known = same;
        if let Some(window) = window {
            if views.send(window).await.is_err() {
                return;
            }
            match timeout(WHOLE_AFTER, orders.changed()).await {
                Err(_) => {}
                Ok(Ok(())) => {
                    orders.mark_changed();
                    continue;
                }
                Ok(Err(_)) => return,
            }
        }
        let sorted = spawn_blocking(move || (unsorted.whole(&mut known), known)).await;
        let Ok((view, same)) = sorted else { return };
        known = same;
        last = Some(view.clone());
        if views.send(view).await.is_err() {
            return;
        }
    }
}
