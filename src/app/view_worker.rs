//! Filters and sorts off the event loop. Newest wish wins.

use tokio::sync::{mpsc, watch};

use crate::fleet::{Fleet, View, ViewWish};

/// What is to be seen of which fleet. Latest wins.
#[derive(Debug, Clone, Default)]
pub struct ViewOrder {
    /// The fleet.
    pub fleet: Fleet,
    /// The wish.
    pub wish: ViewWish,
}

/// Computes a view for the newest order, until the event loop is gone.
pub async fn run(mut orders: watch::Receiver<ViewOrder>, views: mpsc::Sender<View>) {
    while orders.changed().await.is_ok() {
        let order = orders.borrow_and_update().clone();
        let view = tokio::task::spawn_blocking(move || View::of(&order.fleet, order.wish)).await;
        let Ok(view) = view else { return };
        if views.send(view).await.is_err() {
            return;
        }
    }
}
