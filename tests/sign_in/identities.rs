//! Identity tokens: each way to sign in with one, against the simulated cloud whose clock the test moves.

use std::collections::HashMap;
use std::time::Duration;

use hss_top::hss::auth::chain;
use hss_top::hss::call_record::CallSubject;
use hss_top::hss::error::ErrorKind;
use hss_top::hss::{Client, Endpoint, ProjectId, Setup, TransportContext};
use hss_top::simulator::{
    AcceptedToken, KnownAgency, KnownIdentities, KnownProvider, Simulator, SimulatorSettings,
};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::support::scripted::{Scripted, Step};
use super::{CANARY, Hands, Secret, call, first_page, header, page, refused};

/// The ways, each with how long its key pair is used: to a tenth of its life, or to 40 minutes, before its end.
const WAYS: [(&str, Duration); 4] = [
    ("agency", Duration::from_mins(54)),
    ("provider", Duration::from_mins(324)),
    ("file", Duration::from_mins(324)),
    ("pod", Duration::from_mins(54)),
];

/// A simulated cloud that accepts what the file of the token holds.
struct Cloud {
    url: String,
    hands: Hands,
    token: Secret,
    file: Secret,
    _tasks: JoinSet<()>,
}

impl Cloud {
    async fn start() -> Self {
        let (hands, token) = (Hands::new(), Secret::new("one\n"));
        let accepted = AcceptedToken::File(token.path.clone());
        let identities = KnownIdentities {
            provider: Some(KnownProvider {
                id: format!("{CANARY}-idp"),
                token: accepted.clone(),
            }),
            agency: Some(KnownAgency {
                provider_urn: format!("{CANARY}-purn"),
                urn: format!("{CANARY}-aurn"),
                token: accepted.clone(),
            }),
            pod: Some(accepted),
        };
        let settings = SimulatorSettings {
            identities,
            token_lifetime: Duration::from_hours(1),
            pods: 3,
            serverless: 0,
            ..SimulatorSettings::default()
        };
        let simulator = Simulator::new(settings, hands.clock());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { simulator.serve(listener, std::future::pending()).await.unwrap() });
        let file = Secret::new(&sdks_file(&token.path.display().to_string()));
        Self {
            url,
            hands,
            token,
            file,
            _tasks: tasks,
        }
    }

    /// A client that signs in this way, with the token in the file at `token`, at `place`.
    fn client_with(&self, way: &str, token: &str, place: &str) -> Client {
        self.client_of(way, token, place, &self.url)
    }

    /// The same, with pods from `hss`.
    fn client_of(&self, way: &str, token: &str, place: &str, hss: &str) -> Client {
        let file = self.file.path.display().to_string();
        let pod = format!("{place}/pod-identity/credentials");
        let set: HashMap<&str, String> = match way {
            "agency" => [
                ("HUAWEICLOUD_OIDC_PROVIDER_URN", format!("{CANARY}-purn")),
                ("HUAWEICLOUD_OIDC_AGENCY_URN", format!("{CANARY}-aurn")),
                ("HUAWEICLOUD_OIDC_TOKEN_FILE", token.to_owned()),
            ]
            .into(),
            "provider" => [
                ("HUAWEICLOUD_SDK_IDP_ID", format!("{CANARY}-idp")),
                ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", token.to_owned()),
            ]
            .into(),
            "file" => [("HUAWEICLOUD_SDK_CREDENTIALS_FILE", file)].into(),
            _ => [
                ("HC_CONTAINER_CREDENTIALS_FULL_URI", pod),
                ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.to_owned()),
            ]
            .into(),
        };
        let found = chain::find(&|name| set.get(name).cloned(), None);
        let place = || Some(Endpoint::parse(place, false).unwrap());
        let setup = Setup {
            iam: place(),
            sts: place(),
            ..Setup::new(
                Endpoint::parse(hss, false).unwrap(),
                ProjectId::new("p-1").unwrap(),
                found.unwrap().unwrap(),
            )
        };
        Client::new(setup, TransportContext::new(self.hands.clock()))
    }

    fn client(&self, way: &str) -> Client {
        self.client_with(way, &self.token.path.display().to_string(), &self.url)
    }
}

fn sdks_file(token: &str) -> String {
    format!("[basic]\nak = UNUSED\nsk = canary\nidp_id = {CANARY}-idp\nid_token_file = {token}\n")
}

/// How often an identity token was sent.
fn sign_ins(client: &Client) -> usize {
    let calls = client.calls();
    let sent = calls.iter().filter(|call| call.subject == CallSubject::SignIn);
    sent.count()
}

#[tokio::test]
async fn a_key_pair_is_kept_and_renewed_before_its_end_with_the_token_of_that_time() {
    let cloud = Cloud::start().await;
    for (way, life) in WAYS {
        cloud.token.write("one\n");
        let client = cloud.client(way);
        for _ in 0..3 {
            call(&client).await.unwrap();
        }
        assert_eq!(sign_ins(&client), 1, "{way}");
        let end = client.credentials().expires_at().await.unwrap();
        assert!(end > cloud.hands.clock().now(), "{way}");
        cloud
            .hands
            .turn(life.checked_sub(Duration::from_secs(1)).unwrap());
        call(&client).await.unwrap();
        assert_eq!(sign_ins(&client), 1, "{way}: still good");
        cloud.hands.turn(Duration::from_secs(2));
        call(&client).await.unwrap();
        call(&client).await.unwrap();
        assert_eq!(sign_ins(&client), 2, "{way}: renewed before its end");
        cloud.token.write("two\n");
        call(&client).await.unwrap();
        call(&client).await.unwrap();
        assert_eq!(sign_ins(&client), 3, "{way}: another token, another pair");
    }
}

#[tokio::test]
async fn a_refused_token_rests_until_its_file_changes_or_a_minute_has_passed() {
    let cloud = Cloud::start().await;
    for (way, _) in WAYS {
        let own = Secret::new("wrong\n");
        cloud.file.write(&sdks_file(&own.path.display().to_string()));
        let client = cloud.client_with(way, &own.path.display().to_string(), &cloud.url);
        for _ in 0..5 {
            let error = call(&client).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SignIn, "{way}: {error}");
            let sentence = error.to_string();
            assert!(
                sentence.contains("says: The identity token is not accepted. (401"),
                "{way}: {sentence}"
            );
            assert!(!format!("{error:?}").contains(CANARY), "{way}");
        }
        assert_eq!(sign_ins(&client), 1, "{way}");
        cloud.hands.turn(Duration::from_mins(1));
        call(&client).await.unwrap_err();
        assert_eq!(sign_ins(&client), 2, "{way}: a minute later");
        own.write("one\n");
        call(&client).await.unwrap();
        assert_eq!(sign_ins(&client), 3, "{way}: with the corrected file");
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_asked_at_each_call() {
    let cloud = Cloud::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|it| it.local_addr())
        .unwrap();
    for (way, _) in WAYS {
        let token = cloud.token.path.display().to_string();
        let client = cloud.client_with(way, &token, &format!("http://{nobody}"));
        for sent in 1..3 {
            let error = call(&client).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Offline, "{way}: {error}");
            assert!(error.to_string().contains(&nobody.to_string()), "{way}: {error}");
            assert_eq!(
                sign_ins(&client),
                sent,
                "{way}: nothing was sent, so nothing rests"
            );
        }
    }
}

#[tokio::test]
async fn a_bad_token_file_costs_nothing_until_the_pair_ends() {
    let cloud = Cloud::start().await;
    for (way, life) in WAYS {
        let own = Secret::new("one\n");
        cloud.token.write("one\n");
        cloud.file.write(&sdks_file(&own.path.display().to_string()));
        let client = cloud.client_with(way, &own.path.display().to_string(), &cloud.url);
        call(&client).await.unwrap();
        for text in ["", "can ary\n", "\0\u{1}", "wrong"] {
            own.write(text);
            call(&client).await.unwrap();
            call(&client).await.unwrap();
        }
        assert_eq!(
            sign_ins(&client),
            2,
            "{way}: only what could be a token was sent, once"
        );
        std::fs::remove_file(&own.path).unwrap();
        call(&client).await.unwrap();
        // Past its end, whichever way.
        cloud.hands.turn(life + Duration::from_mins(41));
        let over = call(&client).await.unwrap_err().to_string();
        assert!(over.contains("No such file"), "{way}: {over}");
        own.write("one\n");
        call(&client).await.unwrap();
    }
}

#[tokio::test]
async fn a_pair_that_hss_refuses_is_replaced_once() {
    let cloud = Cloud::start().await;
    for (way, _) in WAYS {
        let hss = Scripted::start(vec![refused(), page(), refused()]).await;
        let token = cloud.token.path.display().to_string();
        let client = cloud.client_of(way, &token, &cloud.url, &hss.url());
        call(&client).await.unwrap();
        assert_eq!(sign_ins(&client), 2, "{way}");
        for _ in 0..4 {
            let error = call(&client).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::KeyRefused, "{way}: {error}");
        }
        assert_eq!(sign_ins(&client), 3, "{way}: one more, and no other");
    }
}

#[tokio::test]
async fn a_redirect_of_a_service_is_refused_and_the_other_host_asked_nothing() {
    let cloud = Cloud::start().await;
    let other = Scripted::start(vec![Step::json("200 OK", "{}")]).await;
    let to = format!("Location: http://localhost:{}/\r\n", other.address.port());
    for (way, _) in WAYS {
        let leads_away = Scripted::start(vec![Step::http("307 Temporary Redirect", &to, "")]).await;
        let token = cloud.token.path.display().to_string();
        let client = cloud.client_with(way, &token, &leads_away.url());
        let error = call(&client).await.unwrap_err().to_string();
        assert!(
            error.contains("redirect (307) to localhost refused"),
            "{way}: {error}"
        );
    }
    assert_eq!(other.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_without_a_key_pair_is_told_without_what_it_holds() {
    let cloud = Cloud::start().await;
    let half = format!(r#"{{"credential":{{"access":"{CANARY}","secret":"{CANARY}"}}}}"#);
    let token = format!("Content-Type: application/json\r\nX-Subject-Token: {CANARY}-token\r\n");
    for (way, _) in WAYS {
        let service = Scripted::start(vec![Step::http("201 Created", &token, &half)]).await;
        let path = cloud.token.path.display().to_string();
        let client = cloud.client_with(way, &path, &service.url());
        let error = call(&client).await.unwrap_err().to_string();
        assert!(
            error.contains("key pair") && !error.contains(CANARY),
            "{way}: {error}"
        );
    }
}

/// What the pod's service is asked, as the official SDK asks it.
#[tokio::test]
async fn a_pod_sends_its_token_as_it_is_and_an_empty_object() {
    let cloud = Cloud::start().await;
    let pair = r#"{"accessKeyId":"AK","secretAccessKey":"canary","securityToken":"sts"}"#;
    let service = Scripted::start(vec![Step::json("200 OK", pair)]).await;
    let path = cloud.token.path.display().to_string();
    let client = cloud.client_with("pod", &path, &service.url());
    // The simulated HSS does not know this pair.
    client.list_pods(&first_page()).await.unwrap_err();
    let asked = service.requests();
    assert!(
        asked[0].starts_with("POST /pod-identity/credentials HTTP/1.1\r\n"),
        "{asked:?}"
    );
    assert_eq!(header(&asked[0], "authorization").as_deref(), Some("one"));
    assert_eq!(
        header(&asked[0], "content-type").as_deref(),
        Some("application/json")
    );
    assert!(asked[0].ends_with("\r\n\r\n{}"), "{asked:?}");
}
