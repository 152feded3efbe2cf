use super::*;
use crate::fleet::PodKey;
use crate::fleet::decisions::MuteEnd;
use crate::state::logbook;
use tokio::task::JoinSet;

/// The address of a client.
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn ack(second: i64) -> Acknowledgement {
    Acknowledgement {
        who: "ops".to_owned(),
        at: at(second),
        pod: PodKey::restored("id\0a"),
        finding: "dd23e1be204952fe".to_owned(),
        until: None,
        undone: None,
    }
}

fn body(rows: &[impl SharedDecision]) -> Vec<u8> {
    let records: Vec<Value> = rows.iter().map(SharedDecision::write).collect();
    json!({ "records": records }).to_string().into_bytes()
}

async fn journal(tasks: &mut JoinSet<()>) -> TeamJournal {
    let (entries, to_write) = mpsc::channel(4);
    let (news_in, mut news) = mpsc::channel(1);
    let (told, mut latest) = watch::channel(LogbookNews::default());
    tasks.spawn(logbook::run(None, to_write, news_in));
    tasks.spawn(async move {
        while let Some(newer) = news.recv().await {
            told.send_replace(newer);
        }
    });
    latest.wait_for(|news| news.book.is_some()).await.unwrap();
    TeamJournal::new(entries, latest)
}

fn listed<D: JournalList>(journal: &TeamJournal, query: &str) -> Value {
    let wish = PageWish::read(query).unwrap();
    serde_json::from_slice(&journal.page::<D>(&wish).unwrap()).unwrap()
}

#[tokio::test]
async fn a_decision_that_is_sent_twice_is_there_once_and_what_is_undone_stays_undone() {
    let mut tasks = JoinSet::new();
    let journal = journal(&mut tasks).await;
    let send = async |rows: &[Acknowledgement]| {
        let answer = journal
            .take::<Acknowledgement>(&body(rows), at(9), HERE)
            .await
            .unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        (
            answer["added"].as_u64().unwrap(),
            answer["undone"].as_u64().unwrap(),
        )
    };
    let undone = Acknowledgement {
        undone: Some(at(5)),
        ..ack(1)
    };
    assert_eq!(send(&[ack(1), ack(2), ack(1)]).await, (2, 0));
    assert_eq!(send(&[ack(1)]).await, (0, 0));
    assert_eq!(send(&[undone.clone(), undone.clone()]).await, (0, 1));
    assert_eq!(send(&[ack(1), undone]).await, (0, 0));
    let page = listed::<Acknowledgement>(&journal, "");
    assert_eq!((&page["total"], &page["more"]), (&2.into(), &false.into()));
    assert_eq!(page["records"][0]["undone"], at(5).as_millisecond());
    assert_eq!(page["records"][1]["undone"], Value::Null);
    let mute = Mute {
        who: "ops".to_owned(),
        at: at(1),
        target: MuteTarget::Filter("ns:x".to_owned()),
        end: MuteEnd::Never,
        undone: None,
    };
    journal.take::<Mute>(&body(&[mute]), at(9), HERE).await.unwrap();
    assert_eq!(listed::<Mute>(&journal, "")["total"], 1);
}

#[tokio::test]
async fn pages_follow_each_other_by_the_last_id() {
    let mut tasks = JoinSet::new();
    let journal = journal(&mut tasks).await;
    let rows: Vec<_> = (1..=5).map(ack).collect();
    journal
        .take::<Acknowledgement>(&body(&rows), at(9), HERE)
        .await
        .unwrap();
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = listed::<Acknowledgement>(&journal, &query);
        seen.extend(
            page["records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["at"].clone()),
        );
        if page["more"] == false {
            break;
        }
        query = format!("limit=2&after={}", page["last"].as_str().unwrap());
    }
    assert_eq!(seen.len(), 5);
    let lost = listed::<Acknowledgement>(&journal, "after=0000000000000000");
    assert_eq!((&lost["lost_place"], &lost["total"]), (&true.into(), &5.into()));
    let since = listed::<Acknowledgement>(&journal, &format!("since={}", at(4).as_millisecond()));
    assert_eq!(since["total"], 2);
    for query in [
        "since=-1",
        "since=x",
        "limit=0",
        "limit=501",
        "limit=x",
        "after=1",
        "after=zzzzzzzzzzzzzzzz",
    ] {
        assert!(PageWish::read(query).is_err(), "{query}");
    }
}

#[tokio::test]
async fn one_wrong_decision_and_none_is_taken() {
    let mut tasks = JoinSet::new();
    let journal = journal(&mut tasks).await;
    let wrong = Acknowledgement {
        who: String::new(),
        ..ack(2)
    };
    for body in [
        body(&[ack(1), wrong]),
        b"".to_vec(),
        b"[]".to_vec(),
        b"{\"records\":1}".to_vec(),
        body(&vec![ack(1); MOST_AT_ONCE + 1]),
    ] {
        assert!(journal.take::<Acknowledgement>(&body, at(9), HERE).await.is_err());
    }
    assert_eq!(listed::<Acknowledgement>(&journal, "")["total"], 0);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_told_where_without_its_words() {
    let mut tasks = JoinSet::new();
    let journal = journal(&mut tasks).await;
    let refusal = journal
        .take::<Mute>(b"{\"records\":\n canary}", at(9), HERE)
        .await
        .unwrap_err();
    let why = "the body is not JSON from line 2, column 2 on";
    assert_eq!(refusal, ApiRefusal::Wrong(why.to_owned()));
    assert_eq!(refusal.status().as_u16(), 400);
}
