//! What requests are answered from.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;

use super::pods::{ApiRefusal, KeptPart, LONGEST_PAGE, ServedList};
use crate::collector::{SyncState, SyncStatus};
use crate::fleet::changes::Changes;
use crate::metrics::{PagePart, SourceMetrics, TextFormat, page_parts};
use crate::ui::format::count;

/// How long to wait before asking again, if it is unknown when the list will be ready.
const USUAL_WAIT: Duration = Duration::from_secs(15);
/// The longest of such waits.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Everything that is ready to be sent. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Published {
    /// The page of metrics.
    pub metrics: Arc<MetricsPage>,
    /// The sources, in the order of their numbers; never none.
    pub sources: Arc<[PublishedSource]>,
}

/// What is ready to be sent of one source. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct PublishedSource {
    /// Which profile it is, as a label; empty if it is the only source.
    pub profile: Arc<str>,
    /// Which pods are kept.
    pub kept: Arc<KeptPart>,
    /// All pods, once a sweep of this run or of an earlier one met every pod.
    pub list: Option<Arc<ServedList>>,
    /// How current the list is.
    pub currency: Currency,
    /// The newest changes, of this run and of earlier ones.
    pub changes: Changes,
}

/// How current a list is, when it was published.
#[derive(Debug, Clone, Copy)]
pub struct Currency {
    /// When HSS last confirmed it.
    pub confirmed_at: Option<Timestamp>,
    /// When the sweep under way will be over.
    pub done_at: Option<Timestamp>,
    /// The word for it.
    pub state: SyncState,
}

impl Default for Currency {
    fn default() -> Self {
        Self {
            confirmed_at: None,
            done_at: None,
            state: SyncState::Loading { met: 0, total: None },
        }
    }
}

impl Currency {
    /// What `status` says of a list that HSS last confirmed then.
    pub fn of(status: &SyncStatus, state: SyncState, confirmed_at: Option<Timestamp>) -> Self {
        Self {
            confirmed_at,
            done_at: status.done_at,
            state,
        }
    }

    /// How long ago HSS last confirmed it. What lies ahead of the clock is not old.
    pub fn age(&self, now: Timestamp) -> Duration {
        let age = self.confirmed_at.map(|at| now.duration_since(at));
        age.and_then(|age| Duration::try_from(age).ok())
            .unwrap_or_default()
    }

    /// Why there is no list yet, in a sentence that begins with the state word.
    pub fn missing(&self, now: Timestamp) -> String {
        let why = match self.state {
            SyncState::Loading { total: None, .. } => "HSS has not answered yet".to_owned(),
            SyncState::Loading {
                met,
                total: Some(total),
            } => {
                let more = self.done_at.map_or_else(String::new, |_| {
                    format!(", about {} s more", self.wait(now).as_secs())
                });
                format!("{} of {} pods{more}", count(met), count(total))
            }
            SyncState::Partial { met, total } => {
                let (met, total) = (count(met), count(total));
                format!("HSS listed {met} of {total} pods, fewer than it counts")
            }
            SyncState::Throttled(_) => "HSS allows no call at the moment".to_owned(),
            SyncState::Auth => "HSS refuses the credential".to_owned(),
            SyncState::Denied => "the credential may not list the pods".to_owned(),
            SyncState::Offline => "HSS cannot be reached".to_owned(),
            SyncState::Stale(_) => "HSS does not answer as it should".to_owned(),
            SyncState::Fresh | SyncState::Recorded | SyncState::Old(_) => {
                "the list is being written".to_owned()
            }
        };
        format!("{}: {why}", self.state.word())
    }

    /// The refusal of a call that needs the list.
    pub fn not_ready(&self, now: Timestamp) -> ApiRefusal {
        ApiRefusal::NotReady {
            after: self.wait(now),
            state: self.state.word(),
            why: format!("not all pods are known yet; {}", self.missing(now)),
        }
    }

    /// How long to wait for the first list.
    pub fn wait(&self, now: Timestamp) -> Duration {
        let left = self.done_at.map(|at| at.duration_since(now));
        let left = left.and_then(|left| Duration::try_from(left).ok());
        let wait = left
            .unwrap_or(USUAL_WAIT)
            .clamp(Duration::from_secs(1), LONGEST_WAIT);
        Duration::from_secs(wait.as_secs().max(1))
    }
}

impl Published {
    /// What the metrics are made of, and the sources.
    pub fn new(metrics: Vec<SourceMetrics>, sources: Arc<[PublishedSource]>) -> Self {
        let metrics = Arc::new(MetricsPage::of(metrics));
        Self { metrics, sources }
    }

    /// The place of the source that a client names by its project; `None` if it names none.
    ///
    /// A project of HSS may be found later than the first request: then the answer is that of a source
    /// without pods, which is that they are not known yet.
    ///
    /// # Errors
    /// Which projects there are instead, or that one must be named.
    pub fn place_of(&self, project: Option<&str>) -> Result<usize, ApiRefusal> {
        let only = self.sources.len() == 1;
        let Some(project) = project else {
            if only {
                return Ok(0);
            }
            let known = self
                .sources
                .iter()
                .filter_map(|source| source.kept.project.as_deref());
            return Err(ApiRefusal::Wrong(format!(
                "project_id is required: this hss-top collector keeps the projects {}",
                known.collect::<Vec<_>>().join(", ")
            )));
        };
        let known = || self.sources.iter().map(|source| source.kept.project.as_deref());
        let named = known().position(|known| known == Some(project));
        let found = named.or_else(|| known().position(|known| known.is_none()));
        found.ok_or_else(|| {
            let projects: Vec<&str> = known().flatten().collect();
            let word = if only { "project" } else { "projects" };
            ApiRefusal::NotKept(format!(
                "this hss-top collector keeps the pods of {word} {}",
                projects.join(", ")
            ))
        })
    }

    /// How many pages its lists have, as far as they are known.
    pub fn pages(&self) -> u32 {
        let lists = self.sources.iter().filter_map(|source| source.list.as_ref());
        let pages = lists
            .map(|list| list.records().div_ceil(LONGEST_PAGE))
            .sum::<usize>();
        u32::try_from(pages).unwrap_or(u32::MAX)
    }

    /// A line for each source without a list, with its label and the reason; empty if all have one.
    pub fn not_ready(&self, now: Timestamp) -> Vec<String> {
        let without = self.sources.iter().filter(|source| source.list.is_none());
        let line = |source: &PublishedSource| {
            let why = source.currency.missing(now);
            match &*source.profile {
                "" => format!("not ready: no sweep has seen all pods yet; {why}"),
                profile => format!("not ready: no sweep has seen all pods of {profile} yet; {why}"),
            }
        };
        without.map(line).collect()
    }
}

/// A page of metrics. It is written for the first scraper that asks for its form: each answer of HSS brings another page, and
/// few of them are read.
#[derive(Debug)]
pub struct MetricsPage {
    sources: Vec<SourceMetrics>,
    texts: [OnceLock<Arc<[Bytes]>>; TextFormat::ALL.len()],
}

impl MetricsPage {
    /// The page of these sources, not written yet.
    pub fn of(sources: Vec<SourceMetrics>) -> Self {
        Self {
            sources,
            texts: Default::default(),
        }
    }

    /// Its bytes, in parts. The long ones are those that were written when the pods were counted: a page has no second copy of
    /// them.
    pub fn parts(&self, format: TextFormat) -> Arc<[Bytes]> {
        let bytes = |part| match part {
            PagePart::Own(text) => Bytes::from(text),
            PagePart::Shared(text) => Bytes::from_owner(text),
        };
        let write = || page_parts(format, &self.sources).into_iter().map(bytes).collect();
        match self.texts.get(format as usize) {
            Some(parts) => Arc::clone(parts.get_or_init(write)),
            None => write(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_projects(projects: &[Option<&str>]) -> Published {
        let source = |project: Option<&str>| PublishedSource {
            kept: Arc::new(KeptPart {
                project: project.map(str::to_owned),
                ..KeptPart::default()
            }),
            ..PublishedSource::default()
        };
        Published::new(Vec::new(), projects.iter().copied().map(source).collect())
    }

    #[test]
    fn a_source_is_named_by_its_project_and_needs_no_name_where_it_is_the_only_one() {
        let place = |projects: &[Option<&str>], asked| of_projects(projects).place_of(asked).ok();
        let both = [Some("a"), Some("b")];
        assert_eq!(
            [Some("a"), Some("b"), Some("c"), None].map(|asked| place(&both, asked)),
            [Some(0), Some(1), None, None]
        );
        assert_eq!(
            [Some("a"), Some("c"), None].map(|asked| place(&both[..1], asked)),
            [Some(0), None, Some(0)]
        );
        let later = [Some("a"), None];
        assert_eq!(
            [Some("a"), Some("c"), None].map(|asked| place(&later, asked)),
            [Some(0), Some(1), None]
        );
        let refusal = of_projects(&both).place_of(Some("c")).unwrap_err();
        let kept = "this hss-top collector keeps the pods of projects a, b";
        assert_eq!(refusal, ApiRefusal::NotKept(kept.to_owned()));
    }

    #[test]
    fn a_page_of_metrics_is_written_once_for_each_form_that_is_asked_for() {
        let page = MetricsPage::of(Vec::new());
        assert!(page.texts.iter().all(|text| text.get().is_none()));
        let open = page.parts(TextFormat::OpenMetrics);
        assert_eq!(open.concat(), b"# EOF\n");
        assert!(Arc::ptr_eq(&page.parts(TextFormat::OpenMetrics), &open));
        let written = TextFormat::ALL.map(|format| page.texts[format as usize].get().is_some());
        assert_eq!(written, [false, true]);
    }

    #[test]
    fn a_source_without_pods_says_what_it_waits_for() {
        let at = |second: i64| Timestamp::from_second(1_760_000_000 + second).unwrap();
        let loading = |total| SyncState::Loading { met: 1200, total };
        for (state, done_at, why) in [
            (loading(None), None, "LOADING: HSS has not answered yet"),
            (
                loading(Some(6040)),
                Some(114),
                "LOADING: 1,200 of 6,040 pods, about 114 s more",
            ),
            (loading(Some(6040)), None, "LOADING: 1,200 of 6,040 pods"),
            (SyncState::Auth, None, "AUTH: HSS refuses the credential"),
            (SyncState::Offline, None, "OFFLINE: HSS cannot be reached"),
        ] {
            let currency = Currency {
                state,
                done_at: done_at.map(at),
                ..Currency::default()
            };
            assert_eq!(currency.missing(at(0)), why);
            let published = PublishedSource {
                currency,
                ..PublishedSource::default()
            };
            let published = Published::new(Vec::new(), [published].into());
            assert_eq!(
                published.not_ready(at(0)),
                [format!("not ready: no sweep has seen all pods yet; {why}")]
            );
        }
    }

    #[test]
    fn a_wait_is_until_the_sweep_is_over_and_bounded() {
        let at = |second: i64| Timestamp::from_second(1_760_000_000 + second).unwrap();
        let wait = |done_at: Option<i64>| {
            let currency = Currency {
                done_at: done_at.map(at),
                ..Currency::default()
            };
            currency.wait(at(0)).as_secs()
        };
        for (done_at, seconds) in [
            (None, 15),
            (Some(40), 40),
            (Some(0), 1),
            (Some(-9), 15),
            (Some(9999), 300),
        ] {
            assert_eq!(wait(done_at), seconds, "{done_at:?}");
        }
    }
}
