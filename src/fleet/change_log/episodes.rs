//! Findings of pods from beginning to end, as far as the changes show.
//!
//! Owns which change begins a finding and which one ends it. A finding may have begun before hss-top watched: then no change
//! began it, and the one that ends it is all that is known. Must not: know what a pod is like now.

use std::collections::HashMap;

use super::FindingEnd;
use crate::fleet::changes::{ChangeKind, Changes};
use crate::fleet::pod::PodKey;
use crate::fleet::risk::{Reason, RiskInputs};
use crate::fleet::score_shift;

/// The reasons of a score that a change can bring, the heaviest first.
const FINDINGS: [Reason; 10] = [
    Reason::DetectionRisk,
    Reason::ProtectionException,
    Reason::Failed,
    Reason::StatusUnknown,
    Reason::MemoryCritical,
    Reason::CpuCritical,
    Reason::Pending,
    Reason::ProtectionClosed,
    Reason::MemoryWarn,
    Reason::CpuWarn,
];

/// One finding of one pod. Changes are told by their places among all changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingEpisode {
    /// The pod.
    pub pod: PodKey,
    /// What was found.
    pub reason: Reason,
    /// The change with which it began; `None` where it was there when hss-top first looked.
    pub begin: Option<usize>,
    /// Whether that change itself names it. A pod that appears may have more findings than its change names.
    pub is_seen_to_begin: bool,
    /// The change that ended it, and how.
    pub end: Option<(usize, FindingEnd)>,
    /// How often the pod had the same before.
    pub comebacks: u32,
}

/// The state of a pod so far.
#[derive(Default)]
struct PodEpisodes {
    /// The change with which it appeared, if that was seen.
    appeared: Option<usize>,
    /// The open episodes, as places in the list of all.
    open: HashMap<Reason, usize>,
    times: HashMap<Reason, u32>,
}

/// All episodes, in the order of their first change; episodes that begin with the same change, the heaviest first.
pub fn episodes(changes: &Changes) -> Vec<FindingEpisode> {
    let mut book = EpisodeBook::default();
    for (at, change) in changes.iter().enumerate() {
        match change.kind {
            ChangeKind::Appeared => book.appear(at, &change.pod, change.found),
            ChangeKind::Vanished => {
                let end = (at, FindingEnd::PodGone(change.after));
                book.vanish(&change.pod, change.found, end);
            }
            _ => {
                if let Some(sides) = score_shift::inputs(&change.kind) {
                    let end = (at, FindingEnd::Resolved(change.after));
                    book.change(&change.pod, sides, end);
                }
            }
        }
    }
    book.all
}

#[derive(Default)]
struct EpisodeBook {
    all: Vec<FindingEpisode>,
    pods: HashMap<PodKey, PodEpisodes>,
}

impl EpisodeBook {
    fn appear(&mut self, at: usize, pod: &PodKey, found: Option<Reason>) {
        let known = self.pods.entry(pod.clone()).or_default();
        known.appeared = Some(at);
        if let Some(reason) = found.filter(|reason| FINDINGS.contains(reason)) {
            self.begin(at, pod, reason);
        }
    }

    fn vanish(&mut self, pod: &PodKey, found: Option<Reason>, end: (usize, FindingEnd)) {
        let known = self.pods.entry(pod.clone()).or_default();
        let mut open: Vec<usize> = std::mem::take(&mut known.open).into_values().collect();
        open.sort_unstable();
        let is_told = |all: &[FindingEpisode], reason| {
            let mut told = open.iter().filter_map(|at| all.get(*at));
            told.any(|episode| episode.reason == reason)
        };
        if let Some(reason) = found.filter(|reason| FINDINGS.contains(reason))
            && !is_told(&self.all, reason)
        {
            self.end(pod, reason, end);
        }
        for at in open {
            if let Some(episode) = self.all.get_mut(at) {
                episode.end = Some(end);
            }
        }
        if let Some(known) = self.pods.get_mut(pod) {
            known.appeared = None;
        }
    }

    fn change(&mut self, pod: &PodKey, sides: [RiskInputs<'_>; 2], end: (usize, FindingEnd)) {
        for reason in FINDINGS {
            match sides.map(|side| is_found(side, reason)) {
                [true, false] => self.end(pod, reason, end),
                [false, true] => self.begin(end.0, pod, reason),
                _ => {}
            }
        }
    }

    fn begin(&mut self, at: usize, pod: &PodKey, reason: Reason) {
        let place = self.all.len();
        let known = self.pods.entry(pod.clone()).or_default();
        let times = known.times.entry(reason).or_default();
        let comebacks = *times;
        *times += 1;
        // A change in between was not recorded: the finding began anew.
        known.open.insert(reason, place);
        self.all.push(FindingEpisode {
            pod: pod.clone(),
            reason,
            begin: Some(at),
            is_seen_to_begin: true,
            end: None,
            comebacks,
        });
    }

    fn end(&mut self, pod: &PodKey, reason: Reason, end: (usize, FindingEnd)) {
        let known = self.pods.entry(pod.clone()).or_default();
        if let Some(at) = known.open.remove(&reason) {
            if let Some(episode) = self.all.get_mut(at) {
                episode.end = Some(end);
            }
            return;
        }
        let times = known.times.entry(reason).or_default();
        let comebacks = *times;
        *times += 1;
        self.all.push(FindingEpisode {
            pod: pod.clone(),
            reason,
            begin: known.appeared,
            is_seen_to_begin: false,
            end: Some(end),
            comebacks,
        });
    }
}

/// Whether a side of a change has a finding. What is beyond the higher threshold is beyond the lower one too: it does not end
/// there.
fn is_found(side: RiskInputs<'_>, reason: Reason) -> bool {
    side.have(reason)
        || match reason {
            Reason::MemoryWarn => side.have(Reason::MemoryCritical),
            Reason::CpuWarn => side.have(Reason::CpuCritical),
            _ => false,
        }
}
