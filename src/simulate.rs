//! `hss-top simulate`: the simulator as a program.

use std::io::{self, Write as _};

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::SimulateArgs;
use crate::clock::Clock;
use crate::settings::Variables;
use crate::simulator::{Settings, SigningKeys, Simulator};

/// Serves until SIGTERM, SIGINT or SIGHUP. The first line of output says where.
pub async fn run(args: SimulateArgs, variables: Variables<'_>, clock: Clock) -> io::Result<()> {
    let set = |name: &str| variables(name).filter(|value| !value.is_empty());
    let settings = Settings {
        seed: args.seed,
        pods: args.pods,
        serverless: args.serverless,
        mirrored: args.mirrored,
        lists: args.lists.into(),
        calls_per_minute: args.calls_per_minute,
        latency: args.latency,
        snapshot_every: args.snapshot_every,
        token: set("HSS_TOP_TOKEN").map(Into::into),
        keys: set("HUAWEICLOUD_SDK_AK")
            .zip(set("HUAWEICLOUD_SDK_SK"))
            .map(|(access, secret)| SigningKeys {
                access,
                secret: secret.into(),
                security_token: set("HUAWEICLOUD_SDK_SECURITY_TOKEN").map(Into::into),
            }),
        ..Settings::default()
    };
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hup = signal(SignalKind::hangup())?;
    let listener = TcpListener::bind(args.listen).await?;
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    out.flush()?;
    drop(out);
    let ended = async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {}, _ = hup.recv() => {} }
    };
    tokio::select! {
        result = Simulator::new(settings, clock).serve(listener, std::future::pending()) => result,
        () = ended => Ok(()),
    }
}
