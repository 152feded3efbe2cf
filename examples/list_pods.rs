//! Lists the pods of a project without a screen: `HSS_TOP_TOKEN=… cargo run --example list_pods -- PROJECT ENDPOINT`.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::collector::{Budgets, Collector, CollectorSettings, FetchRequest, PAGES_AHEAD, SourceSetup};
use hss_top::fleet::{Fleet, RemoteText, Scope, SourceId};
use hss_top::hss::request::ALL_ENTERPRISE_PROJECTS;
use hss_top::hss::{Credential, Endpoint, ListPods, ProjectId, Setup, Token};
use hss_top::state::DiskWait;

/// All pods of `project` that HSS lists, after one complete sweep.
pub async fn fleet(project: &str, endpoint: &str, token: &str) -> Result<Fleet, Box<dyn Error>> {
    let endpoint = Endpoint::parse(endpoint, false)?;
    let credential = Credential::Token(Token::new(token)?);
    let source = SourceSetup {
        id: SourceId::new(0),
        name: None,
        setup: Setup::new(endpoint, ProjectId::new(project)?, credential),
        trust: Arc::default(),
        call: ListPods::new(ALL_ENTERPRISE_PROJECTS, 200, Scope::default())?,
        calls_per_minute: 5,
        state: None,
        disk: DiskWait::Never,
        ledger: None,
        refusals: None,
        accepted_age: None,
        pages_ahead: PAGES_AHEAD,
        request: FetchRequest {
            scope: Scope::default(),
            pod: None,
            asks: 0,
            syncs: 0,
            interval: Duration::from_mins(1),
        },
        after: None,
        team: None,
    };
    let (settings, clock) = (CollectorSettings::default(), Clock::system());
    let mut collector = Collector::start(vec![source], settings, &Budgets::default(), &clock);
    while let Some(reply) = collector.replies.recv().await {
        match reply.into_list() {
            Some((status, _)) if status.problem.is_some() => return Err("HSS did not answer".into()),
            Some((status, Some(fleet))) if status.complete => return Ok(fleet),
            _ => {}
        }
    }
    Err("the collector ended".into())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [project, endpoint] = [1, 2].map(|number| std::env::args().nth(number).unwrap_or_default());
    let mut output = std::io::stdout();
    for pod in fleet(&project, &endpoint, &std::env::var("HSS_TOP_TOKEN")?)
        .await?
        .pods()
    {
        writeln!(output, "{}", pod.name().value().map_or("", RemoteText::shown))?;
    }
    Ok(())
}
