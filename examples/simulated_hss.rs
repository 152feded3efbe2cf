//! The simulated HSS in a test: serve it on a free port, request a page with the client, and check the
//! result. It needs no account and no network, and the same seed gives the same pods.

use color_eyre::eyre::{Result, ensure};
use hss_top::clock::Clock;
use hss_top::fleet::{Scope, Store};
use hss_top::hss::client::Setup;
use hss_top::hss::{Client, Credential, Endpoint, ListPods, ProjectId, Token, TransportContext};
use hss_top::simulator::{Simulator, SimulatorSettings};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> Result<()> {
    color_eyre::install()?;
    let clock = Clock::system();
    let settings = SimulatorSettings {
        pods: 500,
        serverless: 20,
        ..SimulatorSettings::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr()?), false)?;
    let mut servers = JoinSet::new(); // aborts what is in it when it is dropped
    servers.spawn(Simulator::new(settings, clock.clone()).serve(listener, std::future::pending()));

    let credential = Credential::Token(Token::new("any-token")?);
    let setup = Setup::new(endpoint, ProjectId::new("0123456789abcdef")?, credential);
    let client = Client::new(setup, TransportContext::new(clock));
    let answer = client
        .list_pods(&ListPods::new("all_granted_eps", 200, Scope::default())?)
        .await?;

    ensure!(
        answer.value.total == Some(520),
        "the list counts the pods of both kinds"
    );
    let mut store = Store::default();
    store.take(None, &answer.value.pods);
    ensure!(store.snapshot().len() == 200, "a page holds 200 pods");
    Ok(())
}
