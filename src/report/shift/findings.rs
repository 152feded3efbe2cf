//! The lines of the report: open findings with their beginning, findings that ended in the shift, and the
//! pods nearest to their limits.
//!
//! The current state of the pods decides which findings are open; the changes only give the beginning. A
//! finding has ended if a change of the shift ended it and the pod does not have it again. So nothing is
//! listed twice, and no ended finding is listed as open.

use std::collections::HashMap;

use super::ShiftReport;
use super::safe::{code, field, plain};
use crate::fleet::change_log::{FindingEnd, FindingEpisode, episodes};
use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::decisions::{Mute, MuteTarget};
use crate::fleet::risk::{self, PROBLEM_SCORE, Reason};
use crate::fleet::usage::{BELOW_AGAIN, CRITICAL_PERCENT, WARN_PERCENT};
use crate::fleet::words::{Detection, Status};
use crate::fleet::{Field, Fleet, Pod, PodKey, RemoteText};

/// How many of the pods nearest to their limits are listed.
const MOST_USED: usize = 20;

/// An open finding of a pod, from this shift or from before.
#[derive(Debug, Clone)]
pub(super) struct OpenFinding<'a> {
    /// The pod as it is.
    pub pod: Pod,
    /// What it is; of several, the heaviest first.
    pub what: String,
    /// The change that began the heaviest; `None` if it began before hss-top watched.
    pub since: Option<&'a Change>,
    /// The pod's score.
    pub score: u32,
}

/// A finding that ended in the shift.
#[derive(Debug, Clone)]
pub(super) struct EndedFinding<'a> {
    /// What it was.
    pub what: String,
    /// The change that began it, if hss-top saw it.
    pub since: Option<&'a Change>,
    /// The change that ended it.
    pub ended: &'a Change,
    /// How it ended.
    pub how: &'static str,
    weight: u32,
    place: [Field<RemoteText>; 3],
}

/// A pod near a limit.
#[derive(Debug, Clone)]
pub(super) struct UsedPod {
    /// The pod.
    pub pod: Pod,
    /// Percent of the limit.
    pub percent: u32,
    /// Which limit.
    pub of: &'static str,
}

/// All findings of a report.
#[derive(Debug, Clone, Default)]
pub(super) struct ShiftFindings<'a> {
    /// Open, and of this shift.
    pub new: Vec<OpenFinding<'a>>,
    /// Ended in this shift.
    pub ended: Vec<EndedFinding<'a>>,
    /// Open, and from before.
    pub before: Vec<OpenFinding<'a>>,
}

impl EndedFinding<'_> {
    /// Pod, namespace and cluster.
    pub fn fields(&self) -> &[Field<RemoteText>; 3] {
        &self.place
    }

    /// Pod, namespace and cluster as cells.
    pub fn place(&self) -> [String; 3] {
        let [pod, namespace, cluster] = &self.place;
        [field(pod), field(namespace), field(cluster)]
    }
}

/// Pod, namespace and cluster as cells.
pub(super) fn place_of(pod: &Pod) -> [String; 3] {
    [field(pod.name()), field(pod.namespace()), field(pod.cluster())]
}

/// The history of a pod, as the places of its changes.
#[derive(Default)]
struct PodStory<'a> {
    open: HashMap<Reason, &'a FindingEpisode>,
    /// The change with which it appeared, if hss-top saw it.
    appeared: Option<usize>,
}

/// The findings, the heaviest first.
pub(super) fn of_shift(report: &ShiftReport) -> ShiftFindings<'_> {
    let changes: Vec<&Change> = report.fleet.changes().iter().collect();
    let episodes = episodes(report.fleet.changes());
    let stories = stories(&changes, &episodes);
    let mut findings = ShiftFindings::default();
    let mut open_now: HashMap<PodKey, Vec<Reason>> = HashMap::new();
    let about = |pod: &Pod| report.is_about(pod);
    for pod in pods_from(report, Reason::CpuWarn.weight()).filter(about) {
        let story = stories.get(&pod.key);
        let reasons = open_reasons(&pod, story);
        let since = |reason: Reason| -> Option<&Change> {
            let story = story?;
            let episode = story.open.get(&reason);
            let begin = episode.map_or(story.appeared, |episode| episode.begin)?;
            changes.get(begin).copied()
        };
        let is_new = |reason: &Reason| since(*reason).is_some_and(|change| report.is_within(change));
        let (new, before): (Vec<Reason>, Vec<Reason>) = reasons.iter().partition(|reason| is_new(reason));
        for (list, reasons) in [(&mut findings.new, new), (&mut findings.before, before)] {
            let Some(heaviest) = reasons.first() else { continue };
            list.push(OpenFinding {
                what: what_is_open(&pod, &reasons, story),
                since: since(*heaviest),
                score: risk::score(&pod),
                pod: pod.clone(),
            });
        }
        open_now.insert(pod.key.clone(), reasons);
    }
    findings.ended = ended(report, &changes, &episodes, &open_now);
    for list in [&mut findings.new, &mut findings.before] {
        list.sort_by(|one, other| {
            let date = |open: &OpenFinding<'_>| open.since.and_then(|change| change.after);
            let order = other
                .score
                .cmp(&one.score)
                .then_with(|| date(other).cmp(&date(one)));
            order.then_with(|| one.pod.key.cmp(&other.pod.key))
        });
    }
    findings
}

fn stories<'a>(changes: &[&Change], episodes: &'a [FindingEpisode]) -> HashMap<PodKey, PodStory<'a>> {
    let mut stories: HashMap<PodKey, PodStory<'a>> = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        match change.kind {
            ChangeKind::Appeared => stories.entry(change.pod.clone()).or_default().appeared = Some(at),
            ChangeKind::Vanished => drop(stories.remove(&change.pod)),
            _ => {}
        }
    }
    for episode in episodes.iter().filter(|episode| episode.end.is_none()) {
        let story = stories.entry(episode.pod.clone()).or_default();
        story.open.insert(episode.reason, episode);
    }
    stories
}

/// The listed pods in scope with at least this score.
fn pods_from(report: &ShiftReport, least: u32) -> impl Iterator<Item = Pod> + '_ {
    let (fleet, in_scope) = (&report.fleet, report.rows_in_scope());
    let scored = move |row: &u32| fleet.score(*row).is_some_and(|score| score >= u64::from(least));
    let listed = fleet
        .rows()
        .filter(scored)
        .filter(move |row| in_scope.has(*row) && fleet.gone_since(*row).is_none());
    listed.filter_map(|row| fleet.pod(row))
}

/// The open findings of a pod, the heaviest first. Critical usage counts until it is well below the
/// threshold.
fn open_reasons(pod: &Pod, story: Option<&PodStory<'_>>) -> Vec<Reason> {
    let mut reasons = risk::reasons(pod);
    let measures = [
        (Reason::MemoryCritical, pod.memory_usage()),
        (Reason::CpuCritical, pod.cpu_usage()),
    ];
    for (reason, usage) in measures {
        let is_told = story.is_some_and(|story| story.open.contains_key(&reason));
        let is_near = usage
            .percent()
            .is_some_and(|percent| percent + BELOW_AGAIN >= CRITICAL_PERCENT);
        if is_told && is_near && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons.retain(|reason| reason.weight() >= PROBLEM_SCORE);
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight()));
    reasons
}

/// The open findings in words.
fn what_is_open(pod: &Pod, reasons: &[Reason], story: Option<&PodStory<'_>>) -> String {
    let of_usage = |name: &str, percent: Option<u32>, reason: Reason| {
        percent.map_or_else(
            || reason.label().to_owned(),
            |percent| format!("{name} at {percent} %"),
        )
    };
    let is_rescanned = pod.detection().value() == Some(&Detection::Rescanning);
    let words = reasons.iter().map(|reason| {
        let words = match reason {
            Reason::MemoryCritical => of_usage("memory", pod.memory_usage().percent(), *reason),
            Reason::CpuCritical => of_usage("CPU", pod.cpu_usage().percent(), *reason),
            Reason::DetectionRisk if is_rescanned => "risk (scan)".to_owned(),
            reason => reason.label().to_owned(),
        };
        let episode = story.and_then(|story| story.open.get(reason));
        match episode.map_or(0, |episode| episode.comebacks) {
            0 => words,
            1 => format!("{words} (regressed)"),
            2 => format!("{words} (regressed twice)"),
            times => format!("{words} (regressed {times} times)"),
        }
    });
    let words = words.collect::<Vec<_>>().join(", ");
    if pod.status().value() == Some(&Status::Succeeded) {
        format!("{words} (pod is done)")
    } else {
        words
    }
}

/// The findings that ended in the shift and are not open again, each with its last end.
fn ended<'a>(
    report: &'a ShiftReport,
    changes: &[&'a Change],
    episodes: &[FindingEpisode],
    open_now: &HashMap<PodKey, Vec<Reason>>,
) -> Vec<EndedFinding<'a>> {
    let unlisted = report.unlisted();
    let is_meant = |change: &&Change| report.is_within(change) && report.is_about_pod_of(change, &unlisted);
    let mut last: HashMap<(&PodKey, Reason), EndedFinding<'a>> = HashMap::new();
    for episode in episodes
        .iter()
        .filter(|episode| episode.reason.weight() >= PROBLEM_SCORE)
    {
        let is_open = open_now
            .get(&episode.pod)
            .is_some_and(|open| open.contains(&episode.reason));
        let Some((at, end)) = episode.end.filter(|_| !is_open) else {
            continue;
        };
        let Some(ended) = changes.get(at).copied().filter(is_meant) else {
            continue;
        };
        let shown = report.fleet.shown_change(ended);
        let finding = EndedFinding {
            what: what_ended(episode.reason, ended),
            since: episode.begin.and_then(|at| changes.get(at).copied()),
            ended,
            how: match end {
                FindingEnd::Resolved(_) => "resolved",
                FindingEnd::PodGone(_) => "pod gone",
            },
            weight: episode.reason.weight(),
            place: [shown.name, shown.namespace, shown.cluster],
        };
        last.insert((&episode.pod, episode.reason), finding);
    }
    let mut ended: Vec<(&PodKey, EndedFinding<'a>)> = last
        .into_iter()
        .map(|((pod, _), finding)| (pod, finding))
        .collect();
    ended.sort_by(|(pod, one), (other_pod, other)| {
        let order = other.weight.cmp(&one.weight);
        let order = order.then_with(|| other.ended.seen_at().cmp(&one.ended.seen_at()));
        order.then_with(|| pod.cmp(other_pod))
    });
    ended.into_iter().map(|(_, finding)| finding).collect()
}

fn what_ended(reason: Reason, ended: &Change) -> String {
    let name = match (reason, &ended.kind) {
        (Reason::MemoryCritical, ChangeKind::MemoryThreshold(..)) => "memory",
        (Reason::CpuCritical, ChangeKind::CpuThreshold(..)) => "CPU",
        _ => return reason.label().to_owned(),
    };
    match (ended.used.before, ended.used.after) {
        (Some(before), Some(after)) => format!("{name} {before} % → {after} %"),
        _ => reason.label().to_owned(),
    }
}

/// The pods nearest to a limit, or beyond it.
pub(super) fn worst_used(report: &ShiftReport) -> Vec<UsedPod> {
    let near = pods_from(report, Reason::CpuWarn.weight()).filter(|pod| report.is_about(pod));
    let mut used: Vec<UsedPod> = near
        .flat_map(|pod| {
            let both = [(pod.memory_usage(), "memory"), (pod.cpu_usage(), "CPU")];
            both.into_iter().filter_map(move |(usage, of)| {
                let percent = usage.percent().filter(|percent| *percent >= WARN_PERCENT)?;
                let pod = pod.clone();
                Some(UsedPod { pod, percent, of })
            })
        })
        .collect();
    used.sort_by(|one, other| {
        let key = |used: &UsedPod| std::cmp::Reverse(used.percent);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.pod.key.cmp(&other.pod.key))
    });
    used.truncate(MOST_USED);
    used
}

/// What is muted.
pub(super) fn mute_target_words(fleet: &Fleet, mute: &Mute) -> String {
    match &fleet.shown_target(&mute.target) {
        MuteTarget::Pod { name, namespace, .. } => {
            format!("pod {} in {}", code(name.raw()), code(namespace.raw()))
        }
        MuteTarget::Namespace { namespace, cluster } => {
            format!("namespace {} of {}", code(namespace.raw()), code(cluster.raw()))
        }
        MuteTarget::Filter(filter) => format!("filter {}", plain(filter)),
    }
}
