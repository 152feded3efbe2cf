//! `hss-top simulate`: the simulator as a program.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{SimulateArgs, stdout};
use crate::clock::Clock;
use crate::env::Variables;
use crate::simulator::{
    AcceptedToken, KnownAgency, KnownIdentities, KnownProvider, PasswordLogin, SigningKeys, Simulator,
    SimulatorSettings,
};

/// Serves until SIGTERM, SIGINT or SIGHUP arrives; running calls get one second to finish. The first line of
/// output names the address.
pub async fn run(args: SimulateArgs, variables: Variables<'_>, clock: Clock) -> io::Result<()> {
    let set = |name: &str| variables(name).filter(|value| !value.is_empty());
    let settings = SimulatorSettings {
        seed: args.seed,
        pods: args.pods,
        serverless: args.serverless,
        mirrored: args.mirrored,
        lists: args.lists.into(),
        calls_per_minute: args.calls_per_minute,
        latency: args.latency,
        past: None,
        snapshot_every: args.snapshot_every,
        token: set("HSS_TOP_TOKEN").map(Into::into),
        keys: set("HUAWEICLOUD_SDK_AK")
            .zip(set("HUAWEICLOUD_SDK_SK"))
            .map(|(access, secret)| SigningKeys {
                access,
                secret: secret.into(),
                security_token: set("HUAWEICLOUD_SDK_SECURITY_TOKEN").map(Into::into),
            }),
        login: login(&set)?,
        identities: identities(&set),
        token_lifetime: args.token_lifetime,
        projects: if args.projects.is_empty() {
            SimulatorSettings::default().projects
        } else {
            args.projects
        },
    };
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hup = signal(SignalKind::hangup())?;
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| unheard(args.listen, &error))?;
    let mut out = io::stdout().lock();
    let told = writeln!(out, "listening on http://{}", listener.local_addr()?).and_then(|()| out.flush());
    told.map_err(|error| io::Error::new(error.kind(), stdout::fault(&error)))?;
    drop(out);
    let ended = async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {}, _ = hup.recv() => {} }
    };
    Simulator::new(settings, clock).serve(listener, ended).await
}

/// Why nothing can listen on an address, and what to do.
fn unheard(address: SocketAddr, error: &io::Error) -> io::Error {
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there; choose another port with --listen".to_owned()
        }
        _ => error.to_string(),
    };
    io::Error::new(error.kind(), format!("cannot listen on {address}: {why}"))
}

/// Reads who can sign in. An incomplete login is an error: otherwise each sign-in would fail without a
/// reason.
fn login(set: &dyn Fn(&str) -> Option<String>) -> io::Result<Option<PasswordLogin>> {
    let variables = ["HSS_TOP_IAM_USER", "HSS_TOP_IAM_PASSWORD", "HSS_TOP_IAM_DOMAIN"];
    match variables.map(set) {
        [Some(user), Some(password), Some(domain)] => Ok(Some(PasswordLogin {
            user,
            password: password.into(),
            domain,
        })),
        [None, None, None] => Ok(None),
        _ => {
            let [user, password, domain] = variables;
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{user}, {password} and {domain} must be set together"),
            ))
        }
    }
}

/// Reads which identity tokens are accepted, from the variables by which a client signs in.
fn identities(set: &dyn Fn(&str) -> Option<String>) -> KnownIdentities {
    let file = |name: &str| set(name).map(|path| AcceptedToken::File(path.into()));
    let of_agency = set("HUAWEICLOUD_OIDC_ID_TOKEN").map(|token| AcceptedToken::Text(token.into()));
    let of_agency = of_agency.or_else(|| file("HUAWEICLOUD_OIDC_TOKEN_FILE"));
    let urns = set("HUAWEICLOUD_OIDC_PROVIDER_URN").zip(set("HUAWEICLOUD_OIDC_AGENCY_URN"));
    let provider = set("HUAWEICLOUD_SDK_IDP_ID").zip(file("HUAWEICLOUD_SDK_ID_TOKEN_FILE"));
    KnownIdentities {
        provider: provider.map(|(id, token)| KnownProvider { id, token }),
        agency: urns
            .zip(of_agency)
            .map(|((provider_urn, urn), token)| KnownAgency {
                provider_urn,
                urn,
                token,
            }),
        pod: file("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_login_is_an_error() {
        let of = |names: &[&str]| {
            login(&|name| names.contains(&name).then(|| name.to_lowercase()))
                .map(|login| login.map(|login| (login.user, login.domain)))
        };
        let (user, password) = ("HSS_TOP_IAM_USER", "HSS_TOP_IAM_PASSWORD");
        assert_eq!(of(&[]).unwrap(), None);
        let whole = ("hss_top_iam_user".to_owned(), "hss_top_iam_domain".to_owned());
        assert_eq!(of(&[user, password, "HSS_TOP_IAM_DOMAIN"]).unwrap(), Some(whole));
        for half in [&[user][..], &[password], &[user, password]] {
            assert!(of(half).is_err(), "{half:?}");
        }
    }
}
