//! How rows with the same value of a field are told, without reading the value.
//!
//! Owns which columns a field's value depends on, and the comparison of rows by their numbers. Must not: read a value.

use crate::fleet::fields::{FieldKind, PodField, PodNumber};
use crate::fleet::quantity::Measure;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{COLS, Codes, Col};
use crate::fleet::store::place;
use crate::fleet::store::places::{TextPlace, places};

/// A key of a field's value.
pub type ValueKey = [u64; 2];

/// The bit of a column in which every row differs from the one before. The store has fewer columns.
pub const NEVER_SAME: u32 = 1 << 31;
const _: () = assert!(COLS < 32);

/// How rows with the same value of a field are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKey {
    /// By the number in a column.
    Code(Col),
    /// By the lists that they are in.
    Lists,
    /// By the share of the limit that is used, and whether that is known.
    Usage(Measure),
    /// Nearly every pod has a value of its own.
    Own,
}

impl FieldKey {
    /// The columns that it depends on, as [`RowCodes::differences`] has them: rows that have the same numbers there have the same
    /// key. `None` if rows seldom have the same value.
    pub fn columns(self) -> Option<u32> {
        let bits = |columns: &[Col]| columns.iter().fold(0, |bits, col| bits | (1 << *col as u32));
        match self {
            Self::Own => None,
            Self::Code(col) => Some(bits(&[col])),
            Self::Lists => Some(bits(&[Col::Flags])),
            Self::Usage(Measure::Cpu) => Some(bits(&[Col::CpuUsage, Col::Cpu, Col::CpuLimit])),
            Self::Usage(Measure::Memory) => Some(bits(&[Col::MemoryUsage, Col::Memory, Col::MemoryLimit])),
        }
    }

    /// That of a field.
    pub fn of(field: PodField) -> Self {
        match field.kind() {
            FieldKind::Text(text) => match places(text).first() {
                Some(TextPlace::Word(col)) => Self::Code(*col),
                Some(TextPlace::Lists) => Self::Lists,
                Some(TextPlace::Name | TextPlace::Id | TextPlace::PodIp) | None => Self::Own,
            },
            FieldKind::Number(number) => match number {
                PodNumber::CpuPercent => Self::Usage(Measure::Cpu),
                PodNumber::MemoryPercent => Self::Usage(Measure::Memory),
                PodNumber::Risk => Self::Code(Col::Risk),
                PodNumber::Cpu => Self::Code(Col::Cpu),
                PodNumber::Memory => Self::Code(Col::Memory),
                PodNumber::CpuLimit => Self::Code(Col::CpuLimit),
                PodNumber::MemoryLimit => Self::Code(Col::MemoryLimit),
                PodNumber::Age => Self::Own,
            },
        }
    }
}

/// The numbers of a row, to tell quickly what differs from another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCodes(pub(super) Codes);

impl RowCodes {
    /// The columns in which two rows differ, as bits in the order of [`Col`].
    #[inline]
    pub fn differences(&self, other: &Self) -> u32 {
        let columns = self.0.iter().zip(&other.0).zip(0_u32..);
        columns.fold(0, |bits, ((one, other), at)| {
            bits | (u32::from(one != other) << at)
        })
    }
}

/// The columns in which rows differ, as [`RowCodes::differences`] has them. Neighbours are compared column by column, many at once.
#[derive(Debug, Default)]
pub struct NeighbourDifferences {
    /// The chunk that `marks` are of, and its first row that has one.
    part: Option<(usize, usize)>,
    marks: Vec<u32>,
}

/// How many rows are compared together. A thread that writes every other part of as many rows needs no others.
pub const MARKED_ROWS: usize = 128;

impl NeighbourDifferences {
    /// Those of two rows of a fleet. Between two calls the fleet is the same, or [`Self::clear`] was called.
    #[inline]
    pub fn between(&mut self, fleet: &Fleet, before: u32, row: u32) -> u32 {
        let (chunk, at) = place(row);
        if at > 0 && before.wrapping_add(1) == row {
            let first = at - at % MARKED_ROWS;
            if self.part != Some((chunk, first)) {
                self.part = Some((chunk, first));
                match fleet.chunks().get(chunk) {
                    Some(chunk) => chunk.mark_changes(first, MARKED_ROWS, &mut self.marks),
                    None => self.marks.clear(),
                }
            }
            return self.marks.get(at - first).copied().unwrap_or(u32::MAX);
        }
        let both = fleet.facts(before).zip(fleet.facts(row));
        both.map_or(u32::MAX, |(before, now)| now.codes().differences(&before.codes()))
    }

    /// Forgets the fleet.
    pub fn clear(&mut self) {
        self.part = None;
    }
}
