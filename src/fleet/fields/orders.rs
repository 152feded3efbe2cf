//! The orders in which fields are listed.
//!
//! An order says which fields come first; whatever the table has besides follows, so that a field more is in
//! every list. Owns the default columns of the table and the columns of files. Must not: know a row of the table.

use super::{PodField, TextField};

/// The default columns of the table, from left to right. A narrow screen has room for the first of them.
pub const IN_TABLE: &[PodField] = &[
    PodField::Risk,
    PodField::Name,
    PodField::Namespace,
    PodField::Status,
    PodField::Protection,
    PodField::Detection,
    PodField::CpuPercent,
    PodField::MemoryPercent,
    PodField::Age,
    PodField::Cluster,
    PodField::Node,
    PodField::PodIp,
    PodField::NodeIp,
];

/// The first fields of a file. Programs read files by this order, so it stays as it is.
const FIRST_IN_FILES: &[PodField] = &[
    PodField::Name,
    PodField::Namespace,
    PodField::Cluster,
    PodField::ClusterId,
    PodField::ClusterType,
    PodField::Region,
    PodField::Node,
    PodField::NodeIp,
    PodField::PodIp,
    PodField::Id,
    PodField::Status,
    PodField::Protection,
    PodField::Detection,
    PodField::Risk,
    PodField::Cpu,
    PodField::CpuLimit,
    PodField::CpuPercent,
    PodField::Memory,
    PodField::MemoryLimit,
    PodField::MemoryPercent,
    PodField::Age,
];

/// The fields of a file, in the order of its columns: those that files have always had, then every other one that has a
/// column there.
pub const IN_FILES: &[PodField] = &ALL_IN_FILES;
const ALL_IN_FILES: [PodField; listed(FIRST_IN_FILES, NOT_IN_FILES)] =
    with_rest(FIRST_IN_FILES, NOT_IN_FILES);
/// Files have what these are made of.
const NOT_IN_FILES: &[PodField] = &[PodField::Ip, PodField::Kind];

/// How many fields [`with_rest`] has.
pub const fn listed(first: &[PodField], elsewhere: &[PodField]) -> usize {
    let (mut count, mut at) = (first.len(), 0);
    while at < PodField::ALL.len() {
        let field = PodField::ALL[at];
        count += !(is_among(field, first) || is_among(field, elsewhere)) as usize;
        at += 1;
    }
    count
}

/// The fields that come first, then every other field of the table that is not `elsewhere`.
pub const fn with_rest<const COUNT: usize>(first: &[PodField], elsewhere: &[PodField]) -> [PodField; COUNT] {
    let mut all = [PodField::Name; COUNT];
    let mut count = 0;
    while count < first.len() {
        all[count] = first[count];
        count += 1;
    }
    let mut at = 0;
    while at < PodField::ALL.len() {
        let field = PodField::ALL[at];
        if !(is_among(field, first) || is_among(field, elsewhere)) {
            all[count] = field;
            count += 1;
        }
        at += 1;
    }
    all
}

const fn is_among(field: PodField, fields: &[PodField]) -> bool {
    let mut at = 0;
    while at < fields.len() {
        if fields[at] as u8 == field as u8 {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a field is one of these.
pub(in crate::fleet) const fn is_one_of(field: TextField, fields: &[TextField]) -> bool {
    let mut at = 0;
    while at < fields.len() {
        if fields[at] as u8 == field as u8 {
            return true;
        }
        at += 1;
    }
    false
}
