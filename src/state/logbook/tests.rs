//! Decisions reach the file and every dashboard, whichever program ends in between.

use std::io::Write as _;
use std::process::Command;

use tokio::task::JoinSet;

use super::*;
use crate::fleet::decisions::{MuteEnd, MuteTarget};
use crate::fleet::fixture::node;
use crate::state::database::tests::Folder;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn acknowledgement(who: &str, second: i64) -> Acknowledgement {
    Acknowledgement {
        who: who.to_owned(),
        at: at(second),
        pod: node("a").build().key,
        finding: ChangeId::restored(second).to_string(),
        until: None,
        undone: None,
    }
}

fn mute() -> Mute {
    Mute {
        who: "ops".into(),
        at: at(0),
        target: MuteTarget::Filter("ns:test".into()),
        end: MuteEnd::Never,
        undone: None,
    }
}

/// A dashboard's task.
struct Desk {
    entries: mpsc::Sender<LogbookEntry>,
    news: mpsc::Receiver<LogbookNews>,
    task: JoinSet<()>,
}

fn desk(folder: &Folder) -> Desk {
    let (entries, entries_out) = mpsc::channel(64);
    let (news_in, news) = mpsc::channel(1);
    let mut task = JoinSet::new();
    task.spawn(run(Some(folder.file()), entries_out, news_in));
    Desk { entries, news, task }
}

impl Desk {
    /// Waits until the file has what is expected.
    async fn sees(&mut self, expected: impl Fn(&Logbook) -> bool) {
        let seen = async {
            while let Some(news) = self.news.recv().await {
                if news.book.as_deref().is_some_and(&expected) {
                    return;
                }
            }
            panic!("the task ended");
        };
        let within = tokio::time::timeout(Duration::from_secs(20), seen).await;
        assert!(within.is_ok(), "not seen in time");
    }
}

#[tokio::test]
async fn two_dashboards_see_the_decisions_of_each_other() {
    let folder = Folder::new();
    drop(Database::open(&folder.file()).unwrap());
    let (mut one, mut other) = (desk(&folder), desk(&folder));
    let (first, second) = (acknowledgement("ann", 1), acknowledgement("bob", 2));
    one.entries
        .send(LogbookEntry::Acknowledge(vec![first.clone()]))
        .await
        .unwrap();
    other
        .sees(|book| book.decisions.acknowledgements == [first.clone()])
        .await;
    other
        .entries
        .send(LogbookEntry::Acknowledge(vec![second.clone()]))
        .await
        .unwrap();
    other.entries.send(LogbookEntry::Mute(mute())).await.unwrap();
    other
        .entries
        .send(LogbookEntry::Read(vec![ChangeId::restored(7)], at(3)))
        .await
        .unwrap();
    one.sees(|book| {
        book.decisions.acknowledgements.len() == 2
            && book.decisions.mutes == [mute()]
            && book.read.contains(&ChangeId::restored(7))
    })
    .await;
    let undone = Acknowledgement {
        undone: Some(at(9)),
        ..first
    };
    one.entries
        .send(LogbookEntry::Withdraw(vec![undone.clone()]))
        .await
        .unwrap();
    other
        .sees(|book| book.decisions.acknowledgements.first() == Some(&undone))
        .await;
}

#[tokio::test]
async fn what_was_entered_before_the_end_is_written() {
    let folder = Folder::new();
    let mut desk = desk(&folder);
    for second in 0..50 {
        let entry = LogbookEntry::Acknowledge(vec![acknowledgement("ann", second)]);
        desk.entries.send(entry).await.unwrap();
    }
    drop(desk.entries);
    desk.task.join_next().await.unwrap().unwrap();
    let (database, _) = Database::open(&folder.file()).unwrap();
    assert_eq!(database.decisions().unwrap().acknowledgements.len(), 50);
}

#[tokio::test]
async fn an_entry_that_cannot_be_written_is_told_and_tried_again() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.file()).unwrap();
    let mut desk = desk(&folder);
    desk.entries.send(LogbookEntry::Mute(mute())).await.unwrap();
    let news = desk.news.recv().await.unwrap();
    assert!(news.trouble.unwrap().starts_with("decisions are not saved yet: "));
    std::fs::remove_dir(folder.file()).unwrap();
    desk.sees(|book| book.decisions.mutes == [mute()]).await;
}

/// The variable for [`a_process_of_its_own_decides_until_it_is_killed`]: the file and the name.
const DECIDES: &str = "HSS_TOP_TEST_DECISIONS";
/// How many decisions each of the next test's processes makes at least.
const DECISIONS: usize = 40;

/// A part of the next test, which starts it in separate processes; alone it does nothing.
#[test]
fn a_process_of_its_own_decides_until_it_is_killed() {
    let Ok(wanted) = std::env::var(DECIDES) else {
        return;
    };
    let (who, file) = wanted.split_once(':').unwrap();
    for second in 0.. {
        let mut book = LogbookFile::new(file.into());
        book.waiting
            .push(LogbookEntry::Acknowledge(vec![acknowledgement(who, second)]));
        let (_, news) = book.turn(false);
        // Another process may lock the file for longer than the task waits; then the entry does not count as
        // written.
        if news.written == 1 {
            writeln!(std::io::stdout(), "wrote {second}").unwrap();
        }
    }
}

#[test]
fn what_two_dashboards_were_told_is_written_survives_a_kill() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    let folder = Folder::new();
    drop(Database::open(&folder.file()).unwrap());
    let names = ["ann", "bob"];
    let children = names.map(|who| {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "state::logbook::tests::a_process_of_its_own_decides_until_it_is_killed",
            ])
            .env(DECIDES, format!("{who}:{}", folder.file().display()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    });
    let told: Vec<Vec<i64>> = children
        .into_iter()
        .map(|mut child| {
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let wrote = lines.map_while(Result::ok).filter_map(|line| {
                let number = line.split("wrote ").nth(1)?;
                number.parse().ok()
            });
            let told = wrote.take(DECISIONS).collect();
            child.kill().unwrap();
            child.wait().unwrap();
            told
        })
        .collect();
    let (database, notice) = Database::open(&folder.file()).unwrap();
    assert_eq!(notice, None);
    let kept = database.decisions().unwrap().acknowledgements;
    for (who, seconds) in names.iter().zip(told) {
        assert_eq!(seconds.len(), DECISIONS);
        for second in seconds {
            let wanted = acknowledgement(who, second);
            let times = kept.iter().filter(|row| **row == wanted).count();
            assert_eq!(times, 1, "{who} {second}");
        }
    }
}
