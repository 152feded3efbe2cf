//! Which columns stored pods have, and in which order.
//!
//! The columns of the first form stand in a fixed order without names. Each column that came later follows everything
//! else, under the API's name of its field: a program that does not know the field leaves it out, and where it is missing,
//! the field is absent. So a row more in the table of fields changes no byte of what was stored before it, and needs no
//! other form. Must not: know how a column is written.

use super::chunk::Col;
use crate::fleet::fields::TextField;

/// The columns of the first form, in its order.
pub const FIRST_FORM: [Col; 18] = [
    Col::Flags,
    Col::Namespace,
    Col::Cluster,
    Col::Node,
    Col::NodeIp,
    Col::ClusterId,
    Col::ClusterType,
    Col::Region,
    Col::Status,
    Col::Protection,
    Col::Detection,
    Col::PodIp,
    Col::Id,
    Col::Created,
    Col::Cpu,
    Col::Memory,
    Col::CpuLimit,
    Col::MemoryLimit,
];

/// The columns that came later, each with the API's name of its field.
pub fn later() -> impl Iterator<Item = (Col, &'static str)> {
    let fields = TextField::ALL.iter();
    let columns = fields.map(|field| (field.col(), field.sent().name));
    columns.filter(|(col, _)| !FIRST_FORM.contains(col))
}

/// The later column of this name, if it is known.
pub fn later_named(name: &str) -> Option<Col> {
    let mut columns = later();
    columns.find_map(|(col, known)| (known == name).then_some(col))
}

#[cfg(test)]
mod tests {
    use super::super::chunk::COLS;
    use super::*;

    #[test]
    fn each_column_is_stored_once_or_computed() {
        let computed = [Col::CpuUsage, Col::MemoryUsage, Col::Risk];
        let later = later().map(|(col, _)| col);
        let mut all: Vec<usize> = FIRST_FORM
            .into_iter()
            .chain(computed)
            .chain(later)
            .map(|col| col as usize)
            .collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..COLS));
    }
}
