//! The real way: the client asks, signs and decodes, and the store merges.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hss_top::clock::Clock;
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::{Scope, Store};
use hss_top::hss::{
    Answer, Client, Credential, Endpoint, ListPods, ProjectId, Setup, Token, TransportContext,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{AT_ONCE, pages};

/// How long it takes to have the first `count` pages decoded.
pub async fn decode(address: SocketAddr, count: usize) -> Duration {
    let (took, ()) = fetch(address, count, (), |(), answer| drop(answer)).await;
    took
}

/// How long it takes until the pods of the first `count` pages are held by `store`.
pub async fn hold(address: SocketAddr, count: usize, store: &mut Store) -> Duration {
    let mut held = std::mem::take(store);
    held.begin_sweep(SweepKind::Fleet);
    let take = |store: &mut Store, answer: Answer| {
        store.take(Some(SweepKind::Fleet), &answer.value.pods);
    };
    let (took, held) = fetch(address, count, held, take).await;
    *store = held;
    took
}

/// Hands each answer to `take`, in a task of its own like those that ask, so that it runs where the answer has just come.
async fn fetch<T: Send + 'static>(
    address: SocketAddr,
    count: usize,
    mut taken: T,
    take: impl Fn(&mut T, Answer) + Send + 'static,
) -> (Duration, T) {
    let endpoint = Endpoint::parse(&format!("http://{address}"), false).unwrap();
    let credential = Credential::Token(Token::new("t").unwrap());
    let setup = Setup::new(endpoint, ProjectId::new("p").unwrap(), credential);
    let client = Arc::new(Client::new(setup, TransportContext::new(Clock::system())));
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let (out, mut answers) = mpsc::channel(AT_ONCE);
    let mut calls = JoinSet::new();
    for _ in 0..AT_ONCE {
        calls.spawn(ask(Arc::clone(&client), count, Arc::clone(&next), out.clone()));
    }
    drop(out);
    let taking = tokio::spawn(async move {
        while let Some(answer) = answers.recv().await {
            take(&mut taken, answer);
        }
        taken
    });
    let taken = taking.await.unwrap();
    (began.elapsed(), taken)
}

/// Asks for page after page.
async fn ask(client: Arc<Client>, count: usize, next: Arc<AtomicUsize>, out: mpsc::Sender<Answer>) {
    let first = ListPods::new("all_granted_eps", 200, Scope::default()).unwrap();
    loop {
        let page = next.fetch_add(1, Ordering::Relaxed);
        if page >= count {
            return;
        }
        let call = first.at(u32::try_from(page * pages::PODS).unwrap()).unwrap();
        let answer = client.list_pods(&call).await.unwrap();
        out.send(answer).await.unwrap();
    }
}
