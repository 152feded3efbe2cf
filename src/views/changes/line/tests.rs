use super::*;

fn longest(pod: usize) -> LongestNames {
    LongestNames {
        pod,
        namespace: 13,
        cluster: 16,
    }
}

/// The cells of each column, in their order.
fn cells(columns: &ChangeColumns) -> [usize; 6] {
    [
        columns.words,
        columns.pod,
        columns.namespace,
        columns.cluster,
        columns.score,
        columns.note,
    ]
}

#[test]
fn a_wider_screen_never_shows_less_of_a_change() {
    for (name, width) in [0, 20, 33, 60]
        .into_iter()
        .flat_map(|name| (30..400).map(move |width| (name, width)))
    {
        let (narrow, wide) = (
            ChangeColumns::of(width, longest(name)),
            ChangeColumns::of(width + 1, longest(name)),
        );
        let less = cells(&narrow).into_iter().zip(cells(&wide));
        assert!(
            less.into_iter().all(|(less, more)| less <= more),
            "{width}: {narrow:?} {wide:?}"
        );
        let [words, pod, rest @ ..] = cells(&wide);
        let used = MARGIN + wide.time + words + GAP + pod;
        let used = rest
            .into_iter()
            .filter(|cells| *cells > 0)
            .fold(used, |used, cells| used + GAP + cells);
        assert!(used <= width + 1, "{used} of {width}: {wide:?}");
    }
}

#[test]
fn a_name_is_whole_before_anything_less_important_has_room_and_no_room_is_left() {
    for width in 80..200 {
        let columns = ChangeColumns::of(width, longest(38));
        assert!(columns.cluster == 0 || columns.pod >= 38, "{width}: {columns:?}");
        let [words, pod, rest @ ..] = cells(&columns);
        let rest = rest.into_iter().filter(|cells| *cells > 0);
        let used = rest.fold(MARGIN + TIME + words + GAP + pod, |used, cells| {
            used + GAP + cells
        });
        assert!(
            width - used < 16,
            "{} cells of {width} are empty: {columns:?}",
            width - used
        );
    }
    assert!(ChangeColumns::of(119, longest(38)).namespace == 13);
}

#[test]
fn a_hundred_columns_say_whose_pod_it_is_however_long_the_names_are() {
    // One of the hundred is the scroll bar's.
    for pod in 20..80 {
        let columns = ChangeColumns::of(99, longest(pod));
        assert!(
            columns.namespace == 13 && columns.note >= 15,
            "{pod}: {columns:?}"
        );
        assert!(columns.pod >= pod.clamp(27, 32), "{pod}: {columns:?}");
    }
}

#[test]
fn a_note_says_how_often_in_any_width() {
    let notes = || vec![("regressed 4 times".to_owned(), Role::Label)];
    assert_eq!(fitting(notes(), 17)[0].0, "regressed 4 times");
    assert_eq!(fitting(notes(), 15)[0].0, "regressed 4x");
}

#[test]
fn other_changes_of_a_pod_are_named_or_counted() {
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::node;
    use crate::fleet::usage::Pressure;
    use crate::fleet::words::Status;
    let of = |kind| Change::of(&node("a").build(), kind);
    let failed = of(ChangeKind::Status(Status::Running.into(), Status::Failed.into()));
    let memory = of(ChangeKind::MemoryThreshold(Pressure::Warn, Pressure::Unknown));
    let logged = LoggedChange {
        number: 1,
        id: crate::fleet::changes::ChangeId::of(&memory),
        gravity: 0,
        story: crate::fleet::change_log::FindingStory::default(),
    };
    let words = change_line(&failed);
    let all = |cells| joined(&words, &[(&logged, &memory)], cells);
    assert_eq!(all(46), "✗ Running → Failed, memory ≥70 % → unknown");
    assert_eq!(all(23), "✗ Running → Failed +1");
    assert_eq!(joined(&words, &[], 23), "✗ Running → Failed");
}
