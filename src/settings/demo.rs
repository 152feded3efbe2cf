//! Whom to ask: the API, a simulator in this process, or a recording.
//!
//! Owns the start of the simulator and of the replay. Must not: know what the answers are used for.

use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::demo_past::past_of;
use super::{ReplayTarget, Settings, Target};
use crate::clock::Clock;
use crate::hss::transport::Carrier;
use crate::hss::transport::tls::Trust;
use crate::hss::{Credential, Endpoint, ProjectId, Setup, Token};
use crate::recording::{PROJECT, RecordingReplay};
use crate::simulator::Simulator;

impl Settings {
    /// Whom to ask, and whom to trust in TLS. A demo's simulator is one of the `servers`; it may still be
    /// starting when it is asked, because its address is known before.
    pub async fn reach(
        &self,
        clock: &Clock,
        servers: &mut JoinSet<io::Result<()>>,
    ) -> io::Result<(Setup, Arc<Trust>)> {
        match &self.target {
            Target::Api(api) => Ok((api.setup.clone(), Arc::clone(&api.trust))),
            Target::Demo(simulator) => {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let url = format!("http://{}", listener.local_addr()?);
                let (mut simulator, clock) = (simulator.clone(), clock.clone());
                // Without a screen its pods are those that the screen shows.
                if simulator.past.is_none() && self.has_demo_past {
                    simulator.past = past_of(&simulator, &clock);
                }
                servers.spawn(async move {
                    let simulator = Simulator::new(*simulator, clock);
                    simulator.serve(listener, std::future::pending()).await
                });
                let endpoint = Endpoint::parse(&url, false).map_err(io::Error::other)?;
                let project = ProjectId::new(&self.source.project).map_err(io::Error::other)?;
                let token = Token::new("demo").map_err(io::Error::other)?;
                let setup = Setup::new(endpoint, project, Credential::Token(token));
                Ok((setup, Arc::default()))
            }
            Target::Replay(replay) => Ok((replay.setup()?, Arc::default())),
        }
    }
}

impl ReplayTarget {
    /// A setup whose calls never reach a network. Its host only appears in messages, its token nowhere.
    fn setup(&self) -> io::Result<Setup> {
        let endpoint = Endpoint::parse("https://recording.invalid", false).map_err(io::Error::other)?;
        let project = ProjectId::new(PROJECT).map_err(io::Error::other)?;
        let token = Token::new("replay").map_err(io::Error::other)?;
        let replay = RecordingReplay::begin(self.recording.clone(), self.pace);
        Ok(Setup {
            carrier: Carrier::Replayed(Arc::new(replay)),
            ..Setup::new(endpoint, project, Credential::Token(token))
        })
    }
}
