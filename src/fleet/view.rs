//! A view: the rows that pass scope and filter, in order.
//!
//! Owns the only computation that is too slow for the event loop with many pods. It is a pure function from a
//! fleet and a [`ViewRequest`] to a [`View`]; the caller decides who runs it and where. A view of many rows
//! may know only a window of them until all are sorted.

mod on_screen;

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use self::on_screen::PodsOnScreen;
use super::fields::PodField;
use super::filter;
use super::order::{self, Orders, Sorted};
use super::overview::{Overview, OverviewSort};
use super::pod::{Pod, PodKey};
use super::query::Query;
use super::risk::HIGH_SCORE;
use super::risk_marks::{RiskMark, RiskMarks};
use super::scope::Scope;
use super::snapshot::Fleet;
use super::sort::Sort;
use super::store::chunk::CHUNK_ROWS;
use super::store::mask::Mask;
use super::summary::Summary;

/// The rows that the screen wants to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewRequest {
    /// The part of the fleet that is requested from the API.
    pub scope: Scope,
    /// The filter that the user typed.
    pub filter: Query,
    /// Whether only problems are shown.
    pub problems: bool,
    /// The order.
    pub sort: Sort,
    /// The order of the namespaces, if they are to be counted.
    pub overview: Option<OverviewSort>,
}

impl ViewRequest {
    /// Whether the filter, or that only problems are shown, hides pods that are in scope.
    pub fn hides_in_scope(&self) -> bool {
        self.problems || !self.filter.is_empty()
    }

    /// Whether the filter depends on ages, so that the result changes with time.
    fn asks_for_ages(&self) -> bool {
        self.filter.asks_for(PodField::Age)
    }
}

/// The result of a [`ViewRequest`]. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The fleet that the rows belong to.
    pub fleet: Fleet,
    /// The request that this view answers.
    pub request: ViewRequest,
    /// Counts over the pods in scope, before the filter.
    pub summary: Summary,
    /// The counts by namespace of the pods that pass the filter, if requested.
    pub overview: Option<Arc<Overview>>,
    /// The number of rows.
    len: usize,
    /// The number of rows of gone pods, which are the last ones.
    gone_len: usize,
    /// The place of the first known row.
    start: usize,
    /// How many of the first rows are read backwards.
    turned: usize,
    /// The known rows; if all are known, in the column's first direction.
    sorted: Arc<Sorted>,
    /// Where the risky rows are, once all rows are known.
    marks: Arc<RiskMarks>,
    /// The pods that were drawn last.
    on_screen: PodsOnScreen,
}

/// A view whose rows are chosen but not sorted yet.
#[derive(Debug)]
pub struct Unsorted {
    fleet: Fleet,
    request: ViewRequest,
    summary: Summary,
    overview: Option<Arc<Overview>>,
    alive: Vec<Mask>,
    /// The rows of gone pods: they come last in every order.
    gone: Vec<Mask>,
    len: usize,
    gone_len: usize,
}

impl Unsorted {
    /// Chooses the rows of `fleet` that match `request`.
    pub fn of(fleet: &Fleet, request: ViewRequest, now: Timestamp) -> Self {
        let in_scope = filter::in_scope(fleet, &request.scope);
        let masks = filter::passing(fleet, &in_scope, &request.filter, request.problems, now);
        let len = masks.iter().map(Mask::count).sum();
        let (alive, gone) = filter::parted(fleet, masks);
        let overview = request
            .overview
            .map(|sort| Arc::new(Overview::of(fleet, &alive, sort)));
        Self {
            overview,
            summary: filter::summary(fleet, &request.scope, &in_scope),
            gone_len: gone.iter().map(Mask::count).sum(),
            fleet: fleet.clone(),
            request,
            alive,
            gone,
            len,
        }
    }

    /// Whether these are the rows that `request` selects in `fleet`.
    pub fn answers(&self, fleet: &Fleet, request: &ViewRequest) -> bool {
        self.fleet.is(fleet) && self.request == *request && !request.asks_for_ages()
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The rows of present pods in the order of the store, for callers that need no other.
    pub fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        (0_u32..).zip(&self.alive).flat_map(|(number, mask)| {
            let first = number.saturating_mul(CHUNK_ROWS);
            mask.rows()
                .filter_map(move |at| Some(first + u32::try_from(at).ok()?))
        })
    }

    /// Sorts only the rows at these places, which is fast.
    pub fn window(&self, places: Range<usize>) -> View {
        let places = places.start.min(self.len)..places.end.min(self.len);
        let alive = self.len - self.gone_len;
        let (of_alive, of_gone) = (
            places.start.min(alive)..places.end.min(alive),
            places.start.saturating_sub(alive)..places.end.saturating_sub(alive),
        );
        let mut rows = order::window(&self.fleet, &self.alive, self.request.sort, of_alive);
        if !of_gone.is_empty() {
            let sort = self.request.sort.key.first_direction();
            rows.extend(order::window(&self.fleet, &self.gone, sort, of_gone));
        }
        let valued = rows.len();
        self.view(places.start, 0, Sorted { rows, valued })
    }

    /// Sorts all rows.
    pub fn whole(&self, orders: &mut Orders) -> View {
        let sort = self.request.sort;
        let mut sorted = orders.sorted(&self.fleet, &self.alive, sort.key);
        if self.gone_len > 0 {
            let gone = orders.sorted(&self.fleet, &self.gone, sort.key);
            sorted.rows.extend(gone.rows);
        }
        let turned = if sort.is_backwards() { sorted.valued } else { 0 };
        let alive = self.len - self.gone_len;
        let marks = if sort.key == PodField::Risk {
            RiskMarks::of_worst_first(&self.fleet, &sorted, alive)
        } else {
            RiskMarks::of(&self.fleet, &sorted, alive)
        };
        if let Some(overview) = &self.overview {
            overview.sort_all();
        }
        View {
            marks: Arc::new(marks),
            ..self.view(0, turned, sorted)
        }
    }

    fn view(&self, start: usize, turned: usize, sorted: Sorted) -> View {
        View {
            fleet: self.fleet.clone(),
            request: self.request.clone(),
            summary: self.summary,
            overview: self.overview.clone(),
            len: self.len,
            gone_len: self.gone_len,
            start,
            turned,
            sorted: Arc::new(sorted),
            marks: Arc::default(),
            on_screen: PodsOnScreen::default(),
        }
    }
}

impl View {
    /// The same rows of the same picture, with names or with pseudonyms.
    #[must_use]
    pub(crate) fn with_fleet(self, fleet: Fleet) -> Self {
        if self.fleet.is_shown_as(&fleet) {
            return self;
        }
        let overview = self.overview.as_ref();
        Self {
            overview: overview.map(|overview| Arc::new(overview.shown_of(&fleet))),
            fleet,
            ..self
        }
    }

    /// Computes the complete view of `fleet` for `request`.
    pub fn of(fleet: &Fleet, request: ViewRequest, now: Timestamp) -> Self {
        Unsorted::of(fleet, request, now).whole(&mut Orders::default())
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The number of rows of gone pods, which are the last ones.
    pub fn gone(&self) -> usize {
        self.gone_len
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row number at this place, if it is known yet.
    pub fn row(&self, place: usize) -> Option<u32> {
        self.sorted
            .rows
            .get(self.turn(place.checked_sub(self.start)?))
            .copied()
    }

    /// The pod at this place, if it is known yet.
    pub fn pod(&self, place: usize) -> Option<Pod> {
        self.fleet.pod(self.row(place)?)
    }

    /// When the pod at this place vanished, if it did.
    pub fn gone_since(&self, place: usize) -> Option<Timestamp> {
        self.fleet.gone_since(self.row(place)?)
    }

    /// Whether all rows at these places are known.
    pub fn knows(&self, places: Range<usize>) -> bool {
        places.is_empty()
            || (places.start >= self.start && places.end.min(self.len) <= self.start + self.sorted.rows.len())
    }

    /// The place of a pod; `hint` is its last known row.
    pub fn position(&self, key: &PodKey, hint: Option<u32>) -> Option<usize> {
        let wanted = self.fleet.row_of(key, hint)?;
        let at = self.sorted.rows.iter().position(|row| *row == wanted)?;
        Some(self.start + self.turn(at))
    }

    /// The worst pod at these places, or near them if the view has many rows; none until the order is known.
    pub fn worst(&self, places: Range<usize>) -> RiskMark {
        let [turned, others] = self.turned_and_others(&places);
        self.marks.worst(turned).max(self.marks.worst(others))
    }

    /// Whether the pod at this place has a score from [`HIGH_SCORE`] on and is not gone; not so where the order is not known yet.
    pub fn is_high(&self, place: usize) -> bool {
        self.is_risky(place)
    }

    /// The place of the next pod with a score from [`HIGH_SCORE`] on, after `place` or before it, without
    /// gone pods. It reads the rows of a few parts; until the order is known, it reads the known rows.
    pub fn next_risk(&self, place: usize, is_behind: bool) -> Option<usize> {
        let known = self.start..self.start + self.sorted.rows.len();
        let mut parts: Vec<Range<usize>> = self
            .marks
            .risky()
            .flat_map(|rows| self.turned_and_others(&rows))
            .collect();
        parts.sort_unstable_by_key(|part| part.start);
        if *self.marks == RiskMarks::default() {
            parts.push(known.clone());
        }
        let is_risky = |place: &usize| self.is_risky(*place);
        let clipped = |part: Range<usize>| {
            let wanted = if is_behind {
                place + 1..usize::MAX
            } else {
                0..place
            };
            let start = part.start.max(wanted.start).max(known.start);
            start..part.end.min(wanted.end).min(known.end)
        };
        let mut parts = parts.into_iter().map(clipped);
        if is_behind {
            parts.find_map(|mut part| part.find(is_risky))
        } else {
            parts.rev().find_map(|part| part.rev().find(is_risky))
        }
    }

    fn is_risky(&self, place: usize) -> bool {
        let score = self.row(place).and_then(|row| self.fleet.score(row));
        place < self.len - self.gone_len && score.is_some_and(|score| score >= u64::from(HIGH_SCORE))
    }

    /// The same places with the marks of an earlier view of the same request, until the order is known.
    #[must_use]
    pub fn with_marks_of(self, before: &Self) -> Self {
        if self.sorted.rows.len() < self.len && self.request == before.request {
            let marks = Arc::clone(&before.marks);
            return Self { marks, ..self };
        }
        self
    }

    /// Converts places to rows in the column's first direction, or such rows to places: the reversed ones,
    /// and the others.
    fn turned_and_others(&self, places: &Range<usize>) -> [Range<usize>; 2] {
        let Range { start, end } = *places;
        let turned = self.turned.saturating_sub(end)..self.turned.saturating_sub(start);
        [turned, start.max(self.turned)..end.max(self.turned)]
    }

    /// Converts a place in the order to one among the rows, and back.
    fn turn(&self, at: usize) -> usize {
        if at < self.turned {
            self.turned - 1 - at
        } else {
            at
        }
    }

    /// This view as the result of a request for the same rows of the same fleet, in either direction of its
    /// column. This needs no sort. `None` if other rows are requested or not all rows are known.
    pub fn turned(&self, fleet: &Fleet, request: &ViewRequest) -> Option<Self> {
        let is_same = self.fleet.is(fleet)
            && self.sorted.rows.len() == self.len
            && self.request.sort.key == request.sort.key
            && (&self.request.scope, &self.request.filter, self.request.problems)
                == (&request.scope, &request.filter, request.problems)
            // Namespaces are counted and sorted with the rows.
            && (request.overview.is_none() || self.request.overview == request.overview)
            && !self.request.asks_for_ages();
        is_same.then(|| Self {
            turned: if request.sort.is_backwards() {
                self.sorted.valued
            } else {
                0
            },
            request: request.clone(),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests;
