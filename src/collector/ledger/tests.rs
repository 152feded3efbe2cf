use super::*;
use std::sync::Barrier;
use tempfile::TempDir;

/// A place in a folder that goes with its test.
fn place() -> (TempDir, LedgerPlace) {
    let folder = tempfile::tempdir().unwrap();
    let place = LedgerPlace {
        folders: vec![folder.path().join("state")],
        name: "it.calls".to_owned(),
    };
    (folder, place)
}

fn ledger(place: &LedgerPlace, limit: u32) -> Ledger {
    Ledger::new(place.clone(), limit, Clock::system())
}

async fn goes(ledger: &mut Ledger) -> bool {
    ledger.claim(1, true).await.unwrap().0 == ClaimAnswer::Go
}

#[tokio::test]
async fn a_program_is_told_how_many_calls_others_made() {
    let (_folder, place) = place();
    let (mut one, mut other) = (ledger(&place, 3), ledger(&place, 3));
    assert_eq!(one.send_by(), SendBy::ANY);
    assert!(goes(&mut one).await);
    assert!(one.send_by() != SendBy::ANY && !one.send_by().is_over());
    let view = one.settle(0).await.unwrap();
    assert_eq!((view.ages.len(), view.own), (1, 1));
    assert_eq!(one.settle(0).await, None, "there is no call under way");
    assert!(goes(&mut other).await);
    let (answer, view) = other.claim(1, true).await.unwrap();
    assert_eq!((answer, view.ages.len(), view.own), (ClaimAnswer::Go, 3, 2));
    let (answer, view) = one.claim(1, true).await.unwrap();
    assert!(matches!(answer, ClaimAnswer::Wait(_)) && one.is_waiting);
    assert_eq!((view.ages.len(), view.own), (3, 1));
    let look = one.look().await.unwrap();
    assert_eq!((look.ages.len(), look.own), (3, 1));
    let path = one.path().unwrap();
    let before = std::fs::read(&path).unwrap();
    let holder = std::fs::File::open(&path).unwrap();
    rustix::fs::flock(&holder, rustix::fs::FlockOperation::LockExclusive).unwrap();
    assert_eq!(other.look().await.unwrap().own, 2, "a look needs no lock");
    assert_eq!(std::fs::read(&path).unwrap(), before, "and changes nothing");
    drop(holder);
    one.leave().await;
    assert!(!one.is_waiting && one.trouble().is_none() && one.notice().is_none());
}

#[tokio::test]
async fn an_end_that_is_told_later_costs_no_turn_of_its_own_and_counts_meanwhile() {
    let (_folder, place) = place();
    let (mut one, mut other) = (ledger(&place, 3), ledger(&place, 3));
    let under_way = async |other: &mut Ledger| other.look().await.map(|view| view.others.under_way);
    assert!(goes(&mut other).await && other.settle(0).await.is_some());
    assert!(goes(&mut one).await);
    let path = one.path().unwrap();
    let before = std::fs::read(&path).unwrap();
    one.settle_later(0);
    assert_eq!(one.send_by(), SendBy::ANY, "it has ended");
    assert_eq!(std::fs::read(&path).unwrap(), before, "nothing is written yet");
    assert_eq!(
        under_way(&mut other).await,
        Some(1),
        "others count it as in progress"
    );
    assert!(goes(&mut one).await, "the next claim tells it");
    let view = other.look().await.unwrap();
    assert_eq!((view.ages.len(), view.others.under_way), (3, 1));
    one.settle_later(0);
    let view = one.settle(0).await.unwrap();
    assert_eq!((view.ages.len(), view.own), (3, 2));
    assert_eq!(under_way(&mut other).await, Some(0));
    assert_eq!(one.settle(0).await, None, "it is told once");
}

#[tokio::test]
async fn a_pause_is_for_all() {
    let (_folder, place) = place();
    let (mut one, mut other) = (ledger(&place, 3), ledger(&place, 3));
    one.pause(Duration::from_secs(30)).await;
    assert!(!goes(&mut other).await);
}

#[tokio::test]
async fn a_ledger_that_cannot_be_used_says_why_and_one_that_is_damaged_says_so_once() {
    let nowhere = LedgerPlace {
        folders: vec!["/proc/self/none".into()],
        name: "x".into(),
    };
    let mut lost = ledger(&nowhere, 3);
    assert!(matches!(lost.claim(1, true).await, Err(LedgerFault::Unusable(_))));
    let why = lost.trouble().unwrap();
    assert!(
        why.starts_with("calls of other programs are not counted: /proc/self/none"),
        "{why}"
    );
    assert_eq!(lost.path(), None);

    let (_folder, place) = place();
    let mut one = ledger(&place, 3);
    assert!(goes(&mut one).await);
    let path = one.path().unwrap();
    std::fs::write(&path, "not a record").unwrap();
    assert!(!goes(&mut one).await);
    assert!(one.notice().unwrap().contains("damaged"));
    assert_eq!(one.notice(), None);
    let holder = std::fs::File::open(&path).unwrap();
    rustix::fs::flock(&holder, rustix::fs::FlockOperation::LockExclusive).unwrap();
    assert!(matches!(one.claim(1, true).await, Err(LedgerFault::Busy(_))));
    assert!(one.trouble().unwrap().contains("another program has locked"));
    drop(holder);
    assert!(!goes(&mut one).await && one.trouble().is_none());
}

#[tokio::test]
async fn a_rule_that_one_program_learnt_is_known_to_all() {
    let (_folder, place) = place();
    let (mut one, mut other) = (ledger(&place, 3), ledger(&place, 3));
    let rule = Throttle {
        limit: 2,
        window: Duration::from_mins(1),
    };
    one.learn(rule, Duration::from_mins(1)).await;
    let (_, view) = other.claim(1, true).await.unwrap();
    let learnt = view.rule.unwrap();
    assert_eq!(learnt.rule, rule);
    assert!(learnt.left > Duration::from_secs(50) && learnt.left <= Duration::from_mins(1));
}

#[tokio::test]
async fn a_call_that_was_not_sent_is_free_again_and_one_that_has_ended_is_not_under_way() {
    let (_folder, place) = place();
    let (mut one, mut other) = (ledger(&place, 1), ledger(&place, 1));
    assert!(goes(&mut one).await && !goes(&mut other).await);
    one.withdraw(0).await;
    assert_eq!((one.own.len(), one.send_by()), (0, SendBy::ANY));
    assert!(goes(&mut other).await);
    assert!(!goes(&mut one).await);
    assert_eq!(one.look().await.unwrap().others.under_way, 1);
    other.settle(0).await.unwrap();
    let look = one.look().await.unwrap();
    assert_eq!((look.others.under_way, look.ages.len()), (0, 1));
}

#[tokio::test]
async fn own_calls_count_as_long_as_those_of_others() {
    let (_folder, place) = place();
    let mut one = ledger(&place, 3);
    let ages = vec![Duration::ZERO; 3].into_iter().collect();
    let age = |age: Duration| Instant::now().checked_sub(age).unwrap();
    for age in [age(WINDOW + MARGIN), age(WINDOW), age(Duration::ZERO)] {
        one.own.push(age);
    }
    assert_eq!(one.view((ages, OtherPrograms::default(), None)).own, 2);
    let fewer = std::iter::once(Duration::ZERO).collect();
    assert_eq!(
        one.view((fewer, OtherPrograms::default(), None)).own,
        1,
        "never more than all"
    );
}

#[tokio::test]
async fn a_disk_that_does_not_answer_is_named() {
    let (_folder, place) = place();
    let mut one = ledger(&place, 3);
    let (file, both) = (Arc::clone(&one.file), Arc::new(Barrier::new(2)));
    let holder = std::thread::spawn({
        let both = Arc::clone(&both);
        move || {
            let _busy = file.lock().unwrap();
            both.wait();
            both.wait();
        }
    });
    both.wait();
    assert!(matches!(one.claim(1, true).await, Err(LedgerFault::Busy(_))));
    assert_eq!(
        one.trouble(),
        Some("waiting for the disk with the ledger of calls")
    );
    both.wait();
    holder.join().unwrap();
}

/// More calls a minute than are ever scarce.
const AMPLE_LIMIT: u32 = 1000;
const PAGE: SourceClaim = SourceClaim {
    need: 2,
    urgent: false,
};

#[tokio::test]
async fn calls_that_are_claimed_in_advance_count_until_they_are_given_back() {
    let (_folder, place) = place();
    let (mut one, mut other) = (ledger(&place, AMPLE_LIMIT), ledger(&place, AMPLE_LIMIT));
    let (answer, view) = one.claim_with(PAGE, 15).await.unwrap();
    assert_eq!((answer, view.ages.len(), view.own), (ClaimAnswer::Go, 16, 16));
    let (_, view) = other.claim(1, true).await.unwrap();
    assert_eq!((view.ages.len(), view.others.under_way), (17, 16));
    let before = std::fs::read(one.path().unwrap()).unwrap();
    // Two calls are in progress at the same time, and one of them ends.
    assert!(one.take_unsent() && one.send_by() != SendBy::ANY);
    one.settle_later(1);
    assert!(one.take_unsent());
    assert_eq!(
        std::fs::read(one.path().unwrap()).unwrap(),
        before,
        "this costs no turn"
    );
    let view = one.settle(1).await.unwrap();
    assert_eq!(
        (view.ages.len(), view.own),
        (4, 3),
        "13 are given back, and 3 were sent"
    );
    assert!(!one.take_unsent());
    let look = other.look().await.unwrap();
    assert_eq!((look.others.under_way, look.ages.len()), (1, 4));
    assert!(one.settle(0).await.is_some());
    let look = other.look().await.unwrap();
    assert_eq!((look.others.under_way, look.ages.len()), (0, 4));
}

#[tokio::test]
async fn no_call_is_claimed_in_advance_where_calls_may_be_scarce() {
    let rule = Throttle {
        limit: 5000,
        window: Duration::from_mins(1),
    };
    for (limit, own, expected) in [(AMPLE_LIMIT, false, 16), (610, false, 1), (AMPLE_LIMIT, true, 1)] {
        let (_folder, place) = place();
        let (mut one, mut other) = (ledger(&place, limit), ledger(&place, limit));
        if own {
            other.learn(rule, Duration::from_mins(1)).await;
        }
        let (answer, view) = one.claim_with(PAGE, 15).await.unwrap();
        assert_eq!((answer, view.ages.len()), (ClaimAnswer::Go, expected), "{limit}");
    }
    // Another program waits, although not for long.
    let (_folder, place) = place();
    let (mut one, mut other) = (ledger(&place, AMPLE_LIMIT), ledger(&place, 1));
    assert!(goes(&mut one).await && !goes(&mut other).await);
    let (answer, view) = one
        .claim_with(SourceClaim { urgent: true, ..PAGE }, 15)
        .await
        .unwrap();
    // Whoever of the two is first, within a millisecond.
    let granted = usize::from(answer == ClaimAnswer::Go);
    assert_eq!(view.ages.len(), 1 + granted);
}

#[test]
fn calls_that_were_claimed_at_once_are_each_taken_over_from_another_record() {
    let now = MachineTime {
        boot: 1,
        up: 100_000,
        wall: 1_760_000_000_000,
    };
    let claim = CallClaim {
        who: ProgramId::new(),
        limit: AMPLE_LIMIT,
        need: 1,
        urgent: true,
    };
    let mut record = LedgerRecord::empty(now);
    assert_eq!(
        (record.claim(claim), record.claim_more(claim, 15)),
        (ClaimAnswer::Go, 15)
    );
    let mut other = LedgerRecord::empty(now);
    other.merge(&record);
    assert_eq!(other.ages().len(), 16);
    other.merge(&record);
    assert_eq!(other.ages().len(), 16, "once");
    // The claim that follows ends all calls but those in progress.
    other.claim_beside(claim, 2);
    assert_eq!(
        (other.ages().len(), other.others(ProgramId::new()).under_way),
        (17, 3)
    );
}
