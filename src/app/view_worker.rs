//! Filters and sorts off the event loop. Newest request wins.
//!
//! Owns the orders that outlive a view, and the last complete view, which is only reversed if the other
//! direction of the same rows is requested. If sorting all rows takes long, the window on the screen is sent
//! first, and the complete view when nothing newer is requested. It never waits for a running sort: requests
//! for other rows or another part are answered with a window meanwhile. Must not: send a view of an older
//! request after one of a newer.

use std::future::pending;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until};

use crate::fleet::order::Orders;
use crate::fleet::view::Unsorted;
use crate::fleet::{Fleet, View, ViewRequest};

/// From this many rows on, a window is sent first if their order is not known yet.
const WINDOW_FIRST: usize = 50_000;
/// The pause between a window and the start of the complete view: while many pages arrive, the next picture
/// comes first.
const WHOLE_AFTER: Duration = Duration::from_millis(300);

/// The request for a view of a fleet. Latest wins.
#[derive(Debug, Clone, Default)]
pub struct ViewJob {
    /// The fleet.
    pub fleet: Fleet,
    /// The request.
    pub request: ViewRequest,
    /// The places that the screen shows.
    pub window: Range<usize>,
    /// The time of day by the service's clock, which dates the pods.
    pub now: Timestamp,
}

/// Computes a view for the newest request, until the event loop ends.
pub async fn run(mut orders: watch::Receiver<ViewJob>, views: mpsc::Sender<View>) {
    let mut worker = Worker {
        idle: Some(Orders::default()),
        ..Worker::default()
    };
    loop {
        let due = worker.due();
        let view = tokio::select! {
            biased;
            order = next(&mut orders) => match order {
                Some(order) => worker.take(order).await,
                None => return,
            },
            () = at(due) => {
                worker.sort();
                None
            }
            sorted = done(&mut worker.sorting) => {
                let Some(sorted) = sorted else { return };
                worker.took(sorted)
            }
        };
        if let Some(view) = view
            && views.send(view).await.is_err()
        {
            return;
        }
    }
}

async fn next(orders: &mut watch::Receiver<ViewJob>) -> Option<ViewJob> {
    orders.changed().await.ok()?;
    Some(orders.borrow_and_update().clone())
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

/// The result of the running sort; never resolves without one.
async fn done(sorting: &mut Option<JoinHandle<RowSort>>) -> Option<RowSort> {
    match sorting {
        Some(task) => task.await.ok(),
        None => pending().await,
    }
}

/// A sort of all rows.
struct RowSort {
    of: Arc<Unsorted>,
    view: View,
    orders: Orders,
}

#[derive(Default)]
struct Worker {
    /// The known orders, unless a sort is using them.
    idle: Option<Orders>,
    sorting: Option<JoinHandle<RowSort>>,
    /// The requested rows while not all are sorted, and when the sort begins.
    wanted: Option<(Arc<Unsorted>, Instant)>,
    /// The last complete view, while it is useful.
    last: Option<View>,
}

impl Worker {
    /// Takes a request; returns its first view.
    async fn take(&mut self, order: ViewJob) -> Option<View> {
        // A useless view would only occupy memory.
        self.last = self
            .last
            .take()
            .and_then(|view| view.turned(&order.fleet, &order.request));
        if let Some(view) = &self.last {
            self.wanted = None;
            return Some(view.clone());
        }
        let same = self.wanted.take();
        let same = same.filter(|(rows, _)| rows.answers(&order.fleet, &order.request));
        if let Some((rows, begins)) = same {
            let chosen = Arc::clone(&rows);
            self.wanted = Some((rows, begins));
            return spawn_blocking(move || chosen.window(order.window)).await.ok();
        }
        let is_sorted = |orders: &Orders| orders.know(&order.fleet, order.request.sort.key);
        let (is_sorted, is_busy) = (self.idle.as_ref().is_some_and(is_sorted), self.idle.is_none());
        let chosen = spawn_blocking(move || {
            let rows = Unsorted::of(&order.fleet, order.request, order.now);
            let window_first = is_busy || (!is_sorted && rows.len() >= WINDOW_FIRST);
            let window = window_first.then(|| rows.window(order.window));
            (Arc::new(rows), window)
        });
        let (rows, window) = chosen.await.ok()?;
        let wait = window.as_ref().map_or(Duration::ZERO, |_| WHOLE_AFTER);
        self.wanted = Some((rows, Instant::now() + wait));
        window
    }

    /// When the sort of all requested rows begins, unless it is running or not needed.
    fn due(&self) -> Option<Instant> {
        let wanted = self.wanted.as_ref().filter(|_| self.idle.is_some());
        wanted.map(|(_, begins)| *begins)
    }

    /// Begins to sort all requested rows.
    fn sort(&mut self) {
        if let (Some((rows, _)), Some(mut orders)) = (&self.wanted, self.idle.take()) {
            let of = Arc::clone(rows);
            self.sorting = Some(spawn_blocking(move || RowSort {
                view: of.whole(&mut orders),
                of,
                orders,
            }));
        }
    }

    /// Takes the result of a sort; returns the view, if it is still requested.
    fn took(&mut self, sort: RowSort) -> Option<View> {
        self.sorting = None;
        self.idle = Some(sort.orders);
        let is_wanted = |(rows, _): &mut (Arc<Unsorted>, Instant)| Arc::ptr_eq(rows, &sort.of);
        self.wanted.take_if(is_wanted)?;
        self.last = Some(sort.view.clone());
        Some(sort.view)
    }
}
