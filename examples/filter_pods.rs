//! Filters a page of pods as the dashboard does: reads an answer of ListK8sPods from standard input and
//! prints the pods that pass the filter in the first argument.
//!
//! ```sh
//! cargo run --example filter_pods -- 'ns:payments cpu%>70' < tests/fixtures/page-example.json
//! ```

use std::io::{self, Read as _, Write as _};

use color_eyre::eyre::Result;
use hss_top::clock::Clock;
use hss_top::fleet::query::Query;
use hss_top::fleet::{Store, View, ViewRequest};
use hss_top::hss::wire::read_page;

fn main() -> Result<()> {
    color_eyre::install()?;
    let filter = std::env::args().nth(1).unwrap_or_default();
    let mut answer = Vec::new();
    io::stdin().read_to_end(&mut answer)?;

    let page = read_page(answer)?;
    let mut store = Store::default();
    store.take(None, &page.pods); // a page by itself: no sweep, so nothing is taken for gone
    let request = ViewRequest {
        filter: Query::parse(&filter)?,
        ..ViewRequest::default()
    };
    let view = View::of(&store.snapshot(), request, Clock::system().now());

    let mut out = io::stdout().lock();
    for pod in (0..view.len()).filter_map(|place| view.pod(place)) {
        let shown =
            |text: Option<&hss_top::fleet::RemoteText>| text.map_or("–", |text| text.shown()).to_owned();
        writeln!(
            out,
            "{}\t{}",
            shown(pod.namespace().value()),
            shown(pod.name().value())
        )?;
    }
    Ok(())
}
