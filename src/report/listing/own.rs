//! What a pod has for itself, written into a JSON record in the form that nearly every pod has it in.
//!
//! Neighbours seldom have these values in common, so they are most of what is left to write once the rest is copied. They are
//! read side by side for many rows ([`OwnPart`]), and written where they stay. Must not: write any other form; [`direct`](super::direct)
//! and those who write any value know those.

use super::direct::{DirectValue, KnownDays, TIME, is_plain_cores};
use crate::fleet::fields::{PodNumber, PodText};
use crate::fleet::piece_room::PieceRoom;
use crate::fleet::piece_writer::{put_address, put_billionths, put_uuid, put_whole};
use crate::fleet::pod::CREATION_MS;
use crate::fleet::quantity::Measure;
use crate::fleet::row_facts::OwnPart;
use crate::fleet::row_texts::{OwnValues, own_place};
use crate::secrets::HeldSearch;

/// A value that a pod has for itself, in the form that most pods have it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnCell {
    /// The name.
    Name,
    /// The id.
    Id,
    /// The address.
    Address,
    /// The CPU that is used, as it was sent.
    Cpu,
    /// The same in cores.
    Cores,
    /// The memory that is used, as it was sent.
    Memory,
    /// The same in bytes.
    Bytes,
    /// The creation time in milliseconds.
    Milliseconds,
    /// The same as a date.
    Date,
}

/// What a value is written with.
#[derive(Debug)]
pub(super) struct OwnWriter<'a> {
    /// The rows around it.
    pub(super) part: &'a OwnPart,
    /// What the row has.
    pub(super) own: OwnValues<'a>,
    /// A current search.
    pub(super) search: &'a HeldSearch,
}

impl OwnCell {
    /// The value of a pod's own that is written at once as this one.
    pub(super) fn of(value: DirectValue) -> Option<Self> {
        Some(match value {
            DirectValue::Text(PodText::Name) => Self::Name,
            DirectValue::Text(PodText::Id) => Self::Id,
            DirectValue::Text(PodText::PodIp) => Self::Address,
            DirectValue::Quantity(PodNumber::Cpu) => Self::Cpu,
            DirectValue::Quantity(PodNumber::Memory) => Self::Memory,
            DirectValue::Cores(PodNumber::Cpu) => Self::Cores,
            DirectValue::Bytes(PodNumber::Memory) => Self::Bytes,
            DirectValue::Milliseconds => Self::Milliseconds,
            DirectValue::Date => Self::Date,
            _ => return None,
        })
    }

    /// Whether it is a text: its quotation mark is written with its name.
    pub(super) fn is_text(self) -> bool {
        !matches!(self, Self::Cores | Self::Bytes | Self::Milliseconds)
    }
}

#[expect(clippy::inline_always, reason = "see PieceRoom")]
impl OwnWriter<'_> {
    /// Writes a value, without the quotation mark before it; `None` if it has another form than most, or if there is too little room.
    #[inline(always)]
    pub(super) fn put(&self, cell: OwnCell, days: &mut KnownDays, room: &mut PieceRoom<'_>) -> Option<()> {
        use own_place::{CPU, ID, MEMORY, POD_IP};
        let own = self.own;
        match cell {
            OwnCell::Name => {
                let (len, more) = self.part.plain_name(own)?;
                self.put_clean(room, |room| room.put_first(len, more))
            }
            OwnCell::Id => match own.uuid() {
                Some(uuid) => self.put_clean(room, |room| room.put_with(|room| put_uuid(room, uuid))),
                None => put_absent(own.is_absent::<ID>(), b"\"", room),
            },
            OwnCell::Address => match own.address() {
                Some(bits) => self.put_clean(room, |room| room.put_with(|room| put_address(room, bits))),
                None => put_absent(own.is_absent::<POD_IP>(), b"\"", room),
            },
            OwnCell::Cpu => self.put_quantity::<CPU>(room),
            OwnCell::Memory => self.put_quantity::<MEMORY>(room),
            OwnCell::Cores => match own.amount::<CPU>(Measure::Cpu) {
                Some(billionths) if is_plain_cores(billionths) => {
                    room.put_with(|room| put_billionths(room, billionths))
                }
                Some(_) => None,
                None => put_absent(own.is_absent::<CPU>(), b"null", room),
            },
            OwnCell::Bytes => match own.amount::<MEMORY>(Measure::Memory) {
                Some(bytes) => room.put_with(|room| put_whole(room, bytes)),
                None => put_absent(own.is_absent::<MEMORY>(), b"null", room),
            },
            OwnCell::Milliseconds => match own.created_ms() {
                Some(ms) => room.put_with(|room| put_whole(room, ms)),
                None => put_absent(own.is_creation_absent(), b"null", room),
            },
            OwnCell::Date => match own.created_ms() {
                Some(ms) => {
                    let ms = i64::try_from(ms).ok()?;
                    let second = CREATION_MS.contains(&ms).then_some(ms / 1000)?;
                    let time = days.time(second)?;
                    room.put_with(|room| {
                        if let Some(place) = room.first_chunk_mut() {
                            *place = time;
                        }
                        room[TIME] = b'"';
                        TIME + 1
                    })
                }
                None => put_absent(own.is_creation_absent(), b"\"", room),
            },
        }
    }

    /// Writes a text that has none of the characters before a token, and the quotation mark behind it, if it has no secret.
    #[inline(always)]
    fn put_clean(
        &self,
        room: &mut PieceRoom<'_>,
        put: impl FnOnce(&mut PieceRoom<'_>) -> Option<()>,
    ) -> Option<()> {
        let begin = room.at();
        put(room)?;
        if !self.search.is_clean_word(room.since(begin)) {
            return None;
        }
        room.put_byte(b'"')
    }

    #[inline(always)]
    fn put_quantity<const FIELD: usize>(&self, room: &mut PieceRoom<'_>) -> Option<()> {
        let Some(quantity) = self.own.quantity::<FIELD>() else {
            return put_absent(self.own.is_absent::<FIELD>(), b"\"", room);
        };
        let begin = room.at();
        room.put_with(|room| quantity.put_quoted(room))?;
        self.search.is_clean_word(room.since(begin)).then_some(())
    }
}

/// Writes the text for what HSS does not report, if it does not.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see PieceRoom")]
fn put_absent<const LEN: usize>(is_absent: bool, text: &[u8; LEN], room: &mut PieceRoom<'_>) -> Option<()> {
    if !is_absent {
        return None;
    }
    for byte in text {
        room.put_byte(*byte)?;
    }
    Some(())
}
