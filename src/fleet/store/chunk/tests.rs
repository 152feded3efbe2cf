use super::*;

fn row(name: &str) -> PackedRow<'_> {
    PackedRow {
        name,
        codes: std::array::from_fn(|col| (name.len() * col) as u64),
        uuid: name.len() as u128,
    }
}

#[test]
fn a_row_may_overwrite_another() {
    let mut chunk = Chunk::default();
    for (at, name) in ["web-0", "", "生产", "db"].iter().enumerate() {
        chunk.set(at, &row(name));
    }
    chunk.set(1, &row("a-longer-name"));
    chunk.set(2, &row("x"));
    let names: Vec<&str> = (0..4).map(|at| chunk.name(at)).collect();
    assert_eq!(names, ["web-0", "a-longer-name", "x", "db"]);
    assert_eq!(chunk.names(), "web-0a-longer-namexdb");
    assert_eq!((chunk.codes(1), chunk.uuid(2)), (row("a-longer-name").codes, 1));
    assert_eq!((chunk.name(9), chunk.uuid(9)), ("", 0));
}

#[test]
fn a_copy_shares_what_did_not_change() {
    let mut chunk = Chunk::default();
    (0..9).for_each(|at| chunk.set(at, &row(&format!("pod-{at}"))));
    let before = chunk.clone();
    let mut usage = row("pod-4");
    usage.codes[Col::CpuUsage as usize] = 99;
    chunk.set(4, &usage);
    chunk.set_code(Col::Status, 5, row("pod-5").codes[Col::Status as usize]);
    let shared = chunk.columns.iter().zip(&before.columns);
    assert_eq!(shared.filter(|(now, then)| !Arc::ptr_eq(now, then)).count(), 1);
    assert!(Arc::ptr_eq(&chunk.names, &before.names) && Arc::ptr_eq(&chunk.uuids, &before.uuids));
    assert!(Arc::ptr_eq(&chunk.ends, &before.ends));
    let used = |chunk: &Chunk| chunk.code(Col::CpuUsage, 4);
    assert!(before.bytes_apart_from(&chunk) < size_of::<Chunk>() + 100);
    assert_eq!(
        (used(&chunk), used(&before)),
        (99, row("pod-4").codes[Col::CpuUsage as usize])
    );
}

#[test]
fn rows_appended_at_once_equal_rows_appended_one_by_one() {
    let plain = PackedRow {
        uuid: 0,
        ..row("no-id")
    };
    let rows = [row("web-0"), plain.clone(), row("生产"), plain.clone()];
    let mut one_by_one = Chunk::default();
    rows.iter()
        .enumerate()
        .for_each(|(at, row)| one_by_one.set(at, row));
    // The first rows without a UUID, then with, then again without.
    let mut rows_of = Chunk::default();
    for (from, to) in [(0, 1), (1, 1), (1, 2), (2, 4)] {
        rows_of.extend(&rows[from..to]);
    }
    for chunk in [&one_by_one, &rows_of] {
        assert_eq!((chunk.len(), chunk.has_plain_names()), (4, false));
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(
                (chunk.name(at), chunk.codes(at), chunk.uuid(at)),
                (row.name, row.codes, row.uuid)
            );
        }
    }
    assert_eq!(one_by_one.bytes(), rows_of.bytes());
}
