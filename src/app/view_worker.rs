//! Filters and sorts off the event loop. Newest request wins.
//!
//! Owns the orders that outlive a view, and the last whole view, which is only turned where the other direction of the
//! same rows is wanted. Where sorting all rows takes long, the window that the screen shows goes out first, and the whole
//! view when nothing newer is wanted. A sort that is under way is never waited for: what is wanted meanwhile, other rows or
//! another part of the same, goes out as a window. Must not: send a view of an older request after one of a newer.

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

/// From so many rows on a window goes out first, where their order is not known yet.
const WINDOW_FIRST: usize = 50_000;
/// So long after a window the whole view is begun: while pages pour in, the next picture is there before.
const WHOLE_AFTER: Duration = Duration::from_millis(300);

/// What is to be seen of which fleet. Latest wins.
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

/// Computes a view for the newest order, until the event loop is gone.
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

/// What comes of a sort, when it is over; never, where none is under way.
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
    /// The orders that are known, unless a sort has them.
    idle: Option<Orders>,
    sorting: Option<JoinHandle<RowSort>>,
    /// The rows that are wanted, while not all of them are sorted; and when that is to begin.
    wanted: Option<(Arc<Unsorted>, Instant)>,
    /// The last whole view, while it is of use.
    last: Option<View>,
}

impl Worker {
    /// Takes an order; answers the first view of it.
    async fn take(&mut self, order: ViewJob) -> Option<View> {
        // A view that is no longer of use holds memory.
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

    /// When all wanted rows are to be sorted, unless that is being done or not to be done.
    fn due(&self) -> Option<Instant> {
        let wanted = self.wanted.as_ref().filter(|_| self.idle.is_some());
        wanted.map(|(_, begins)| *begins)
    }

    /// Begins to sort all wanted rows.
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

    /// Takes what came of a sort; answers the view, if it is still wanted.
    fn took(&mut self, sort: RowSort) -> Option<View> {
        self.sorting = None;
        self.idle = Some(sort.orders);
        let is_wanted = |(rows, _): &mut (Arc<Unsorted>, Instant)| Arc::ptr_eq(rows, &sort.of);
        self.wanted.take_if(is_wanted)?;
        self.last = Some(sort.view.clone());
        Some(sort.view)
    }
}
