//! The names in the fleet.
//!
//! Owns the vocabulary (teams, their programs, the system's own workloads) and the three kinds of text that
//! Kubernetes generates: the suffix of a pod's name, the hash of a ReplicaSet, a UUID. It must not know what
//! has a name.

use super::key::{SeedKey, Topic, nth};

/// The letters of Kubernetes' generated names: no vowels, no letters that look alike.
const ALPHABET: [char; 27] = [
    'b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'z', '2',
    '4', '5', '6', '7', '8', '9',
];

/// The number of suffixes of five letters.
const SUFFIXES: u64 = 27 * 27 * 27 * 27 * 27;

/// A team: the namespace it works in and the programs it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Team {
    pub(super) namespace: &'static str,
    pub(super) programs: [&'static str; 4],
}

const fn team(namespace: &'static str, programs: [&'static str; 4]) -> Team {
    Team { namespace, programs }
}

const TEAMS: [Team; 26] = [
    team("payments", ["payment", "ledger", "refund", "invoice"]),
    team("checkout", ["cart", "checkout", "voucher", "tax"]),
    team("search", ["query", "indexer", "suggest", "ranking"]),
    team("identity", ["login", "session", "consent", "directory"]),
    team("ml-serving", ["embedding", "scoring", "feature", "model-router"]),
    team("catalog", ["product", "category", "attribute", "image"]),
    team("orders", ["order", "fulfilment", "return", "allocation"]),
    team("notifications", ["mail", "push", "sms", "template"]),
    team("risk-control", ["fraud", "rule", "blocklist", "device"]),
    team("inventory", ["stock", "warehouse", "replenish", "count"]),
    team("shipping", ["label", "carrier", "tracking", "route"]),
    team("recommendations", ["similar", "trending", "profile", "candidate"]),
    team("analytics", ["event", "funnel", "cohort", "dashboard"]),
    team("data-platform", ["ingest", "lake", "catalogue", "lineage"]),
    team("crm", ["account", "contact", "campaign", "case"]),
    team("loyalty", ["points", "tier", "reward", "partner"]),
    team("pricing", ["price", "promotion", "margin", "quote"]),
    team("media", ["transcode", "thumbnail", "upload", "stream"]),
    team("open-api", ["gateway", "quota", "webhook", "portal"]),
    team("iot-ingest", ["telemetry", "twin", "firmware", "broker"]),
    team("mobile-bff", ["home", "feed", "settings", "deeplink"]),
    team("finance", ["booking", "tariff", "closing", "audit"]),
    team("developer-tools", ["build", "artifact", "review", "runner"]),
    team("content", ["article", "layout", "comment", "asset"]),
    team("support", ["ticket", "chat", "survey", "knowledge"]),
    team("logistics", ["fleet", "slot", "depot", "dispatch"]),
];

/// The suffixes that a large fleet adds to a team's name to get more namespaces.
const VARIANTS: [&str; 12] = [
    "", "-canary", "-batch", "-eu", "-apac", "-latam", "-lab", "-edge", "-core", "-stage", "-perf", "-drill",
];

/// The parts of a team's program.
pub(super) const COMPONENTS: [&str; 8] = [
    "api",
    "worker",
    "web",
    "gateway",
    "consumer",
    "sync",
    "scheduler",
    "bff",
];

/// The programs that store state.
pub(super) const STORES: [&str; 5] = ["db", "queue", "cache", "index", "store"];

/// The scheduled jobs of a program.
pub(super) const CHORES: [&str; 6] = ["nightly", "hourly", "cleanup", "export", "reconcile", "report"];

/// The workloads with one pod on every node: namespace and name.
pub(super) const AGENTS: [(&str, &str); 7] = [
    ("kube-system", "everest-csi-driver"),
    ("kube-system", "node-local-dns"),
    ("kube-system", "kube-proxy"),
    ("kube-system", "icagent"),
    ("monitoring", "node-exporter"),
    ("logging", "fluent-bit"),
    ("ingress-nginx", "ingress-nginx-node"),
];

/// The workloads that every cluster needs: namespace and name.
pub(super) const SYSTEM: [(&str, &str); 10] = [
    ("kube-system", "coredns"),
    ("kube-system", "metrics-server"),
    ("kube-system", "everest-csi-controller"),
    ("ingress-nginx", "ingress-nginx-controller"),
    ("cert-manager", "cert-manager"),
    ("cert-manager", "cert-manager-webhook"),
    ("monitoring", "kube-state-metrics"),
    ("monitoring", "prometheus-adapter"),
    ("monitoring", "grafana"),
    ("logging", "log-router"),
];

/// The serverless workloads that do not end: namespace and name.
pub(super) const SERVERLESS: [(&str, &str); 6] = [
    ("settlement", "cci-settle-core"),
    ("settlement", "cci-settle-match"),
    ("batch", "batch-worker"),
    ("render", "cci-render-farm"),
    ("burst-web", "cci-web-front"),
    ("burst-web", "cci-web-api"),
];

/// The serverless jobs, which run until they are done: namespace and name.
pub(super) const SERVERLESS_CHORES: [(&str, &str); 4] = [
    ("settlement", "cci-settle-export"),
    ("batch", "batch-etl"),
    ("batch", "batch-report"),
    ("render", "cci-render-still"),
];

/// The largest number of team namespaces with different names.
pub(super) const MOST_NAMESPACES: u64 = (TEAMS.len() * VARIANTS.len()) as u64;

/// The programs and the name of a team namespace, by its number.
pub(super) fn team_namespace(number: u64) -> ([&'static str; 4], String) {
    let team = nth_team(number);
    (
        team.programs,
        format!(
            "{}{}",
            team.namespace,
            nth(&VARIANTS, number / TEAMS.len() as u64)
        ),
    )
}

fn nth_team(number: u64) -> Team {
    let index = usize::try_from(number % TEAMS.len() as u64).unwrap_or(0);
    TEAMS.get(index).copied().unwrap_or(team("default", ["app"; 4]))
}

/// Appends the five letters at the end of a pod's name. Different codes below [`SUFFIXES`] give different
/// letters, and neighbouring codes give letters that do not look alike.
pub(super) fn write_tail(out: &mut String, code: u64) {
    // Two affine steps around a rotation of the digits: each is one-to-one on 0..SUFFIXES.
    let code = (code % SUFFIXES * 8_675_309 + 1_234_577) % SUFFIXES;
    let code = code % 19_683 * 729 + code / 19_683;
    let code = (code * 5_915_587 + 7_919) % SUFFIXES;
    write_letters(out, code, 5);
}

/// Appends the hash of a ReplicaSet's template.
pub(super) fn write_template_hash(out: &mut String, key: SeedKey) {
    let length = 8 + key.below(Topic::Length, 3);
    write_letters(out, key.of(Topic::Hash), length);
}

fn write_letters(out: &mut String, mut number: u64, length: u64) {
    for _ in 0..length {
        out.push(nth_letter(number));
        number /= ALPHABET.len() as u64;
    }
}

fn nth_letter(number: u64) -> char {
    nth(&ALPHABET, number)
}

/// A random UUID, as a pod has.
pub(super) fn pod_uuid(key: SeedKey) -> String {
    let (high, low) = (key.of(Topic::Identity), key.of(Topic::Hash));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff,
    )
}

/// A time-based UUID, as a cluster has.
pub(super) fn cluster_uuid(key: SeedKey) -> String {
    let (high, low) = (key.of(Topic::Identity), key.of(Topic::Hash));
    format!(
        "{:08x}-{:04x}-11{:02x}-{:04x}-0255ac10{:04x}",
        high >> 32,
        (high >> 16) & 0xffff,
        0xed + (high & 3),
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff,
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_suffixes_are_the_same() {
        let mut seen = HashSet::new();
        for code in (0..200_000).chain(SUFFIXES - 200_000..SUFFIXES) {
            let mut tail = String::new();
            write_tail(&mut tail, code);
            assert_eq!(tail.len(), 5);
            assert!(seen.insert(tail), "{code}");
        }
    }

    #[test]
    fn no_two_namespaces_are_the_same() {
        let names: HashSet<String> = (0..MOST_NAMESPACES)
            .map(|number| team_namespace(number).1)
            .collect();
        assert_eq!(names.len() as u64, MOST_NAMESPACES);
    }

    #[test]
    fn uuids_have_the_right_format() {
        let key = SeedKey::root(1);
        for uuid in [pod_uuid(key), cluster_uuid(key)] {
            let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{uuid}");
        }
    }
}
