use super::*;
use crate::state::database::tests::Folder;
use std::path::Path;

fn source() -> SourceMark {
    SourceMark::of(Path::new("a.sqlite"))
}

fn header(hour: i64, base: Option<i64>) -> SnapshotHeader {
    SnapshotHeader {
        source: source(),
        last_update_time: Timestamp::from_second(hour * 3600).unwrap(),
        base,
        bytes: 6,
    }
}

fn add(database: &mut Database, header: SnapshotHeader) -> Result<i64, Unusable> {
    let mut number = 0;
    database.write(|writing| {
        number = writing.snapshot(&header, b"abcdef")?;
        Ok(())
    })?;
    Ok(number)
}

#[test]
fn a_snapshot_is_read_as_it_was_written_whole_or_as_a_difference() {
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let (whole, other) = (header(1, None), SourceMark::of(Path::new("b.sqlite")));
    let first = add(&mut database, whole).unwrap();
    let difference = header(2, Some(first));
    let second = add(&mut database, difference).unwrap();
    let listed = database.snapshots(whole.source, 9).unwrap();
    assert_eq!(listed, [(second, difference), (first, whole)]);
    assert_eq!(database.snapshots(other, 9), Ok(vec![]));
    let body = |number| snapshot_body(&database.connection, number).unwrap();
    let told = body(second).unwrap();
    assert_eq!(
        (told.base, told.difference.as_slice()),
        (Some(first), b"abcdef".as_slice())
    );
    assert_eq!(body(first).unwrap().base, None);
    assert_eq!(body(99), None);
    let (moments, damaged) = moments(&database.connection, source()).unwrap();
    assert_eq!(moments.oldest().unwrap().number, first);
    assert_eq!(damaged, 0);
}

#[test]
fn one_of_each_date_and_none_without_its_base() {
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let first = add(&mut database, header(1, None)).unwrap();
    assert!(add(&mut database, header(1, None)).is_err(), "the same again");
    assert!(
        add(&mut database, header(2, Some(99))).is_err(),
        "a base that is not there"
    );
    let second = add(&mut database, header(3, Some(first))).unwrap();
    let mut forget = |number| database.write(|writing| writing.forget_snapshot(number));
    assert!(forget(first).is_err(), "another one needs it");
    assert_eq!((forget(second), forget(first)), (Ok(()), Ok(())));
    let parts: i64 = database
        .connection
        .query_row("SELECT count(*) FROM snapshot_part", [], |row| row.get(0))
        .unwrap();
    assert_eq!(parts, 0, "its body goes with it");
}

#[test]
fn a_body_of_many_parts_is_read_whole() {
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let body: Vec<u8> = (0..3 * PART + 7)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let mut number = 0;
    database
        .write(|writing| {
            number = writing.snapshot(&header(1, None), &body)?;
            Ok(())
        })
        .unwrap();
    for damaged in ["part = 1", "part = 3", "part >= 1048576"] {
        let sql = format!("UPDATE snapshot_part SET body = x'00' WHERE {damaged}");
        let change = database.connection.unchecked_transaction().unwrap();
        change.execute(&sql, []).unwrap();
        let read = snapshot_body(&change, number).unwrap().unwrap();
        assert!(read.difference == body, "{damaged}");
        change.rollback().unwrap();
    }
}

#[test]
fn one_altered_copy_costs_nothing_and_both_cost_the_snapshot() {
    for (sql, is_read) in [
        ("DELETE FROM snapshot_part WHERE part = 0", true),
        (
            "UPDATE snapshot_part SET body = x'616264' WHERE part = 1048576",
            true,
        ),
        ("UPDATE snapshot_part SET sum = 1", false),
        ("UPDATE snapshot_part SET body = x'616264'", false),
        ("DELETE FROM snapshot_part", false),
    ] {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let number = add(&mut database, header(1, None)).unwrap();
        assert!(database.connection.execute(sql, []).is_ok());
        let body = snapshot_body(&database.connection, number).unwrap();
        assert_eq!(body.is_some(), is_read, "{sql}");
    }
}

#[test]
fn an_altered_row_is_counted_and_its_body_still_serves_the_others() {
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let first = add(&mut database, header(1, None)).unwrap();
    let second = add(&mut database, header(2, Some(first))).unwrap();
    let sql = "UPDATE snapshot SET bytes = 7 WHERE number = ?1";
    assert_eq!(database.connection.execute(sql, [first]), Ok(1));
    let (moments, damaged) = moments(&database.connection, source()).unwrap();
    assert_eq!(
        (moments.oldest().map(|moment| moment.number), damaged),
        (Some(second), 1)
    );
    assert!(snapshot_body(&database.connection, first).unwrap().is_some());
}

#[test]
fn the_oldest_groups_go_beyond_a_bound_and_the_newest_stays_whatever_it_is() {
    let hours = SignedDuration::from_hours;
    let bounds = |kept_for, snapshots, bytes| SnapshotBounds {
        kept_for,
        snapshots,
        bytes,
    };
    let all = (hours(1000), 1000, 1 << 20);
    for (bounds, kept) in [
        (bounds(all.0, all.1, all.2), vec![1, 2, 3, 4, 5]),
        (bounds(hours(3), all.1, all.2), vec![1, 2, 3, 4, 5]),
        (bounds(hours(2), all.1, all.2), vec![3, 4, 5]),
        (bounds(all.0, 4, all.2), vec![3, 4, 5]),
        (bounds(all.0, all.1, 59), vec![3, 4, 5]),
        (bounds(all.0, all.1, 12), vec![5]),
        (bounds(hours(0), 0, 0), vec![5]),
    ] {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let mut last = 0;
        // Groups of two, of two, and of one.
        for hour in 1..=5 {
            let base = (hour % 2 == 0).then_some(last);
            last = add(&mut database, header(hour, base)).unwrap();
        }
        let newest = header(5, None);
        database
            .write(|writing| writing.bound_snapshots(&newest, bounds).map(drop))
            .unwrap();
        let mut left: Vec<i64> = {
            let listed = database.snapshots(source(), usize::MAX).unwrap();
            let hours = listed
                .iter()
                .map(|(_, header)| header.last_update_time.as_second() / 3600);
            hours.collect()
        };
        left.reverse();
        assert_eq!(left, kept, "{bounds:?}");
    }
}
