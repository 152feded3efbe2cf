//! Applies differences, one after the other.
//!
//! Owns the columns of the moment it has come to. A picture shares them, so going on copies only what changes. A difference
//! that does not make sense leaves nothing behind: see [`Replay::then`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::BadDifference;
use super::body::{Arrivals, BodyReader};
use super::difference::{VALUES, plain};
use super::lineup::Lineup;
use crate::fleet::changes::Changes;
use crate::fleet::snapshot::FIRST_REPLAYED;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Col, PackedRow, Twin, flag};
use crate::fleet::store::counts::Counts;
use crate::fleet::store::encoding::{Dictionaries, IS_UUID, NOTHING};
use crate::fleet::store::place;
use crate::fleet::store::stored_columns::later_named;
use crate::fleet::{Fleet, SourceId};

/// The next version of names: no two replays have the same, whatever becomes of them.
static NAMES: AtomicU64 = AtomicU64::new(FIRST_REPLAYED);

/// The pods of a moment, and the way on to the next. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    dictionaries: Dictionaries,
    chunks: Vec<Arc<Chunk>>,
    /// The rows of the pods, in the order of the line-up.
    order: Arc<Vec<u32>>,
    vacant: Vec<u32>,
    rows: u32,
    counts: Counts,
    names_version: u64,
}

impl Replay {
    /// The moment after this one.
    ///
    /// # Errors
    /// The difference does not make sense here.
    pub fn then(mut self, body: &[u8]) -> Result<Self, BadDifference> {
        let plain = plain(body)?;
        let mut body = BodyReader::new(&plain)?;
        let went = body.places(self.order.len())?;
        let positions = body.list()?;
        let mut arrivals = body.arrivals(&mut self.dictionaries, positions.len())?;
        let twins = body.list()?;
        let mut came_twins = Vec::with_capacity(twins.len());
        for number in twins {
            came_twins.push((number, body.twin()?));
        }
        self.take_values(&mut body)?;
        while !body.is_over() {
            self.take_later(&mut body, &mut arrivals)?;
        }
        if !went.is_empty() || !positions.is_empty() || self.names_version == 0 {
            self.names_version = NAMES.fetch_add(1, Ordering::Relaxed);
        }
        for place in &went {
            let row = self.row(*place)?;
            self.free(row);
        }
        self.arrive(&went, &positions, arrivals, came_twins)?;
        Ok(self)
    }

    /// The pods, as those of `source`.
    pub fn lineup(&self, source: SourceId) -> Lineup {
        let fleet = Fleet::of(
            source,
            self.chunks.clone(),
            self.dictionaries.book(),
            self.counts.clone(),
            Changes::default(),
            0,
            self.names_version,
        );
        Lineup::ordered(fleet, Arc::clone(&self.order))
    }

    /// The bytes of memory that it uses.
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        chunks + self.dictionaries.bytes() + self.order.len() * size_of::<u32>()
    }

    fn row(&self, place: u32) -> Result<u32, BadDifference> {
        self.order.get(place as usize).copied().ok_or(BadDifference)
    }

    fn chunk(&mut self, row: u32) -> Option<(&mut Chunk, usize)> {
        let (chunk, at) = place(row);
        Some((Arc::make_mut(self.chunks.get_mut(chunk)?), at))
    }

    /// Takes the values that changed, each row once.
    fn take_values(&mut self, body: &mut BodyReader<'_>) -> Result<(), BadDifference> {
        let mut edits: Vec<(u32, Col, u64)> = Vec::new();
        let mut ids: Vec<(u32, u128)> = Vec::new();
        for col in VALUES {
            let places = body.places(self.order.len())?;
            for place in &places {
                let code = self.dictionaries.code_of(col, body.value()?);
                edits.push((*place, col, code));
            }
            if col == Col::Id {
                let of_uuid = edits.iter().filter(|(_, col, _)| *col == Col::Id);
                for (place, _, code) in of_uuid {
                    let uuid = if *code == IS_UUID { body.uuid()? } else { 0 };
                    ids.push((*place, uuid));
                }
            }
        }
        edits.sort_unstable_by_key(|(place, ..)| *place);
        for of_row in edits.chunk_by(|a, b| a.0 == b.0) {
            let Some((place, ..)) = of_row.first() else {
                continue;
            };
            let row = self.row(*place)?;
            self.edit(row, of_row);
        }
        for (place, uuid) in ids {
            let row = self.row(place)?;
            if let Some((chunk, at)) = self.chunk(row) {
                chunk.set_uuid(at, uuid);
            }
        }
        for place in body.places(self.order.len())? {
            let (row, twin) = (self.row(place)?, body.twin()?);
            self.set_twin(row, twin);
        }
        Ok(())
    }

    /// Takes the values of a later column; those of an unknown one are left out.
    fn take_later(
        &mut self,
        body: &mut BodyReader<'_>,
        arrivals: &mut Arrivals,
    ) -> Result<(), BadDifference> {
        let col = later_named(body.name()?);
        for pod in &mut arrivals.pods {
            let value = body.value()?;
            if let Some(col) = col {
                pod.codes[col as usize] = self.dictionaries.code_of(col, value);
            }
        }
        for place in body.places(self.order.len())? {
            let (row, value) = (self.row(place)?, body.value()?);
            if let Some(col) = col {
                let code = self.dictionaries.code_of(col, value);
                if let Some((chunk, at)) = self.chunk(row) {
                    chunk.set_code(col, at, code);
                }
            }
        }
        Ok(())
    }

    fn edit(&mut self, row: u32, edits: &[(u32, Col, u64)]) {
        let (chunk, at) = place(row);
        let Some(chunk) = self.chunks.get_mut(chunk) else {
            return;
        };
        let old = chunk.codes(at);
        let mut new = old;
        for (_, col, code) in edits {
            new[*col as usize] = *code;
        }
        self.dictionaries.complete(&mut new);
        self.counts.change(Some(&old), Some(&new));
        let chunk = Arc::make_mut(chunk);
        for col in VALUES
            .into_iter()
            .chain([Col::CpuUsage, Col::MemoryUsage, Col::Risk])
        {
            if old[col as usize] != new[col as usize] {
                chunk.set_code(col, at, new[col as usize]);
            }
        }
    }

    fn set_twin(&mut self, row: u32, twin: Option<Twin>) {
        if let Some((chunk, at)) = self.chunk(row)
            && let Ok(at) = u16::try_from(at)
        {
            match twin {
                Some(twin) => drop(chunk.twins.insert(at, twin)),
                None => drop(chunk.twins.remove(&at)),
            }
        }
    }

    fn free(&mut self, row: u32) {
        let mut codes = NOTHING;
        codes[Col::Flags as usize] = flag::VACANT;
        self.set_twin(row, None);
        if let Some((chunk, at)) = self.chunk(row) {
            let old = chunk.codes(at);
            let vacant = PackedRow {
                name: "",
                codes,
                uuid: 0,
            };
            chunk.set(at, &vacant);
            self.counts.change(Some(&old), None);
            self.vacant.push(row);
        }
    }

    /// Gives the pods that came their rows and their places.
    fn arrive(
        &mut self,
        went: &[u32],
        positions: &[u32],
        arrivals: Arrivals,
        twins: Vec<(u32, Option<Twin>)>,
    ) -> Result<(), BadDifference> {
        if went.is_empty() && positions.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(positions.len());
        let mut start = 0;
        for arrival in arrivals.pods {
            let name = arrivals.names.get(start..arrival.name_end).unwrap_or_default();
            start = arrival.name_end;
            let mut codes = arrival.codes;
            self.dictionaries.complete(&mut codes);
            self.counts.change(None, Some(&codes));
            let row = PackedRow {
                name,
                codes,
                uuid: arrival.uuid,
            };
            rows.push(self.push(&row)?);
        }
        for (number, twin) in twins {
            let row = *rows.get(number as usize).ok_or(BadDifference)?;
            self.set_twin(row, twin);
        }
        self.order = Arc::new(placed(&self.order, went, positions, &rows)?);
        Ok(())
    }

    /// Writes a pod into a vacant row, or at the end.
    fn push(&mut self, pod: &PackedRow<'_>) -> Result<u32, BadDifference> {
        let row = self.vacant.pop().unwrap_or(self.rows);
        if row == self.rows {
            self.rows = self.rows.checked_add(1).ok_or(BadDifference)?;
            if row.is_multiple_of(CHUNK_ROWS) {
                self.chunks.push(Arc::default());
            }
        }
        let (chunk, at) = self.chunk(row).ok_or(BadDifference)?;
        chunk.set(at, pod);
        Ok(row)
    }
}

/// The order with those that came, and without those that went.
fn placed(order: &[u32], went: &[u32], positions: &[u32], rows: &[u32]) -> Result<Vec<u32>, BadDifference> {
    let mut new = Vec::with_capacity(order.len() + rows.len());
    let mut went = went.iter().copied().peekable();
    let mut came = positions.iter().copied().zip(rows).peekable();
    for (place, row) in (0_u32..).zip(order) {
        while let Some((_, row)) = came.next_if(|(position, _)| *position <= place) {
            new.push(*row);
        }
        if went.next_if_eq(&place).is_none() {
            new.push(*row);
        }
    }
    let end = u32::try_from(order.len()).map_err(|_| BadDifference)?;
    while let Some((_, row)) = came.next_if(|(position, _)| *position <= end) {
        new.push(*row);
    }
    if came.peek().is_some() {
        return Err(BadDifference);
    }
    Ok(new)
}
