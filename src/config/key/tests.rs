use super::*;

#[test]
fn every_row_is_found_by_its_key_and_by_its_name() {
    for row in &TABLE {
        assert_eq!(row.key.row().name, row.name);
        assert_eq!(ConfigKey::named(row.name), Some(row.key));
        assert!(!row.about.is_empty() && !row.allowed.is_empty());
    }
}

#[test]
fn no_secret_has_a_flag_or_a_default() {
    for row in TABLE.iter().filter(|row| row.kind == ValueKind::Secret) {
        assert!(!row.has_flag && row.default.is_none(), "{}", row.name);
    }
}
