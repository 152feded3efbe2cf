//! The rows of a chunk that are in both lists, as bytes, and back.

use std::collections::BTreeMap;

use super::BadDifference;
use super::body::BodyReader;
use super::difference::BodyWriter;
use crate::fleet::store::chunk::Twin;

/// The rows as bytes.
pub(in crate::fleet) fn twins_to_bytes(twins: &BTreeMap<u16, Twin>) -> Vec<u8> {
    let mut writer = BodyWriter::default();
    writer.places(twins.keys().map(|at| u32::from(*at)));
    for twin in twins.values() {
        writer.twin(Some(twin));
    }
    writer.plain()
}

/// Reads the rows; returns the bytes behind them as well.
pub(in crate::fleet) fn twins_of_bytes(bytes: &[u8]) -> Result<(BTreeMap<u16, Twin>, &[u8]), BadDifference> {
    let mut body = BodyReader::new(bytes)?;
    let mut twins = BTreeMap::new();
    for place in body.list()? {
        let place = u16::try_from(place).map_err(|_| BadDifference)?;
        twins.insert(place, body.twin()?.ok_or(BadDifference)?);
    }
    Ok((twins, body.rest()))
}
