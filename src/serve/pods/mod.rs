//! The pods, in the form in which HSS lists them.
//!
//! Owns the list that is served and its pages. The list is of one picture, made when a sweep has met every pod: its pages fit
//! together, and a client that walks over them while the next picture comes sees that by `total_num` and `last_update_time`, as
//! it does with HSS. Pages that were sent more than once lately are kept, within a bound. Both lists share one window: `offset` counts the records of `data_list` first, then those of
//! `pod_info_list`, and `total_num` counts both. Must not: know HTTP.

mod buffers;
mod pieces;
mod query;
mod record;
mod refusal;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hyper::body::Bytes;
use jiff::Timestamp;

pub use buffers::PageBuffers;
use pieces::RecordPieces;
pub use query::{LONGEST_PAGE, PodsQuery};
pub use refusal::ApiRefusal;

use crate::fleet::fields::Lists;
use crate::fleet::listed::ListedRows;
use crate::fleet::{Fleet, Scope};

/// Searches whose rows are remembered: a client asks the same for each page.
const SEARCHES: usize = 4;
/// The most bytes of pages that are kept as they were sent: all pages of some 5,500 pods, or those that many
/// screens read at about the same time.
const KEPT_BYTES: usize = 5 << 19;
/// How many pages are remembered as having been sent once: those that many screens read at about the same time, and all of a
/// small list.
const SENT_ONCE: usize = 64;

/// Which pods are kept: what a call may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptPart {
    /// The project, once it is known.
    pub project: Option<String>,
    /// The enterprise project, or the word for all.
    pub enterprise_project: String,
    /// The part of the fleet that HSS was asked for.
    pub scope: Scope,
}

impl KeptPart {
    /// Whether a call for `project` asks for pods that are kept.
    ///
    /// # Errors
    /// What is kept instead.
    pub fn check(&self, project: &str, query: &PodsQuery) -> Result<(), ApiRefusal> {
        let refused = |what: &str, kept: &str| {
            Err(ApiRefusal::NotKept(format!(
                "this hss-top collector keeps the pods of {what} {kept}"
            )))
        };
        if let Some(kept) = self.project.as_deref().filter(|kept| *kept != project) {
            return refused("project", kept);
        }
        // Whoever names none takes what there is: HSS would answer for the default one alone.
        let kept = &self.enterprise_project;
        if query
            .enterprise_project
            .as_ref()
            .is_some_and(|asked| asked != kept)
        {
            return refused("enterprise project", kept);
        }
        let asked = &query.scope;
        for (kept, asked, what) in [
            (&self.scope.pod, &asked.pod, "pod_name"),
            (&self.scope.namespace, &asked.namespace, "namespace_name"),
            (&self.scope.cluster, &asked.cluster, "cluster_name"),
        ] {
            if let Some(kept) = kept.as_ref().filter(|kept| asked.as_ref() != Some(kept)) {
                return refused(what, kept);
            }
        }
        Ok(())
    }
}

/// A list of all pods.
#[derive(Debug)]
pub struct ServedList {
    fleet: Fleet,
    whole: Arc<ListedRows>,
    snapshot_at: Option<Timestamp>,
    searches: Mutex<Vec<(Scope, FoundRows)>>,
    sent: Mutex<SentPages>,
    pieces: Mutex<Option<Arc<RecordPieces>>>,
}

/// The rows of a search, once it is over. Those who ask the same meanwhile wait for it.
type FoundRows = Arc<OnceLock<Arc<ListedRows>>>;

/// The pages that were sent more than once lately, the oldest first. A script that reads all pages once leaves none here.
#[derive(Debug, Default)]
struct SentPages {
    once: VecDeque<PodsQuery>,
    pages: VecDeque<(PodsQuery, Bytes)>,
    bytes: usize,
}

impl SentPages {
    fn find(&self, query: &PodsQuery) -> Option<Bytes> {
        let mut newest_first = self.pages.iter().rev();
        let found = newest_first.find(|(known, _)| known == query);
        found.map(|(_, page)| page.clone())
    }

    /// Notes that a page was sent, and keeps it if that was the second time.
    fn note(&mut self, query: PodsQuery, page: &Bytes) {
        if !self.once.contains(&query) {
            self.once.truncate(SENT_ONCE - 1);
            self.once.push_front(query);
            return;
        }
        self.bytes += page.len();
        // The buffer is for other pages.
        let page = Bytes::copy_from_slice(page);
        self.pages.push_back((query, page));
        while self.bytes > KEPT_BYTES
            && let Some((_, oldest)) = self.pages.pop_front()
        {
            self.bytes -= oldest.len();
        }
    }
}

impl ServedList {
    /// The list of this picture, of a snapshot that HSS took then.
    pub fn of(fleet: Fleet, snapshot_at: Option<Timestamp>) -> Self {
        Self {
            whole: Arc::new(fleet.listed(&Scope::default())),
            fleet,
            snapshot_at,
            searches: Mutex::default(),
            sent: Mutex::default(),
            pieces: Mutex::default(),
        }
    }

    /// Whether it is of the snapshot that HSS took then.
    pub fn is_of(&self, snapshot_at: Option<Timestamp>) -> bool {
        self.snapshot_at == snapshot_at
    }

    /// When HSS took its snapshot.
    pub fn snapshot_at(&self) -> Option<Timestamp> {
        self.snapshot_at
    }

    /// How many records it has.
    pub fn records(&self) -> usize {
        self.whole.len()
    }

    /// The rows of a scope, if no search is needed for them.
    pub fn known_rows(&self, scope: &Scope) -> Option<Arc<ListedRows>> {
        if scope.is_whole() {
            return Some(Arc::clone(&self.whole));
        }
        let searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, found) = searches.iter().find(|(known, _)| known == scope)?;
        found.get().cloned()
    }

    /// The rows of a scope. Takes as long as a walk over all names.
    pub fn rows(&self, scope: &Scope) -> Arc<ListedRows> {
        if let Some(rows) = self.known_rows(scope) {
            return rows;
        }
        let found = self.search(scope);
        let rows = found.get_or_init(|| Arc::new(self.fleet.listed(scope)));
        Arc::clone(rows)
    }

    /// The search for a scope: the one that is under way, or a new one.
    fn search(&self, scope: &Scope) -> FoundRows {
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = searches.iter().find(|(known, _)| known == scope) {
            return Arc::clone(known);
        }
        if searches.len() >= SEARCHES {
            searches.remove(0);
        }
        let new = FoundRows::default();
        searches.push((scope.clone(), Arc::clone(&new)));
        new
    }

    /// The page that the query asks for, of the rows of its scope. One that was sent twice lately is sent again.
    pub fn answer(&self, rows: &ListedRows, query: PodsQuery, buffers: &PageBuffers) -> Bytes {
        let sent = || self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = sent().find(&query) {
            return page;
        }
        let page = self.page(rows, query.offset, query.limit, buffers);
        sent().note(query, &page);
        page
    }

    /// The pieces of all records.
    fn pieces(&self) -> Arc<RecordPieces> {
        let mut pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        let current = pieces.take().filter(|pieces| pieces.are_current());
        let current = current.unwrap_or_else(|| Arc::new(RecordPieces::of(&self.fleet)));
        *pieces = Some(Arc::clone(&current));
        current
    }

    /// The page of these rows, as JSON.
    pub fn page(&self, rows: &ListedRows, offset: usize, limit: usize, buffers: &PageBuffers) -> Bytes {
        let nodes = rows.nodes.window(offset, limit);
        let offset = offset.saturating_sub(rows.nodes.len());
        let serverless = rows.serverless.window(offset, limit - nodes.len());
        let pieces = self.pieces();
        let mut page = buffers.page();
        let out = &mut page.text;
        out.put(format!("{{\"total_num\":{}", rows.len()).as_bytes());
        if let Some(at) = self.snapshot_at {
            out.put(format!(",\"last_update_time\":{}", at.as_millisecond()).as_bytes());
        }
        for (name, list, rows) in [
            ("data_list", Lists::Node, nodes),
            ("pod_info_list", Lists::Serverless, serverless),
        ] {
            out.put(format!(",\"{name}\":[").as_bytes());
            pieces.put_all(out, list, &self.fleet, &rows);
            out.put(b"]");
        }
        out.put(b"}");
        page.written()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods, serverless};
    use crate::hss::wire::read_page;
    use proptest::prelude::*;

    fn query(text: &str) -> PodsQuery {
        PodsQuery::read(text).unwrap()
    }

    #[test]
    fn only_what_is_kept_is_answered() {
        let kept = KeptPart {
            project: Some("p1".to_owned()),
            enterprise_project: "all_granted_eps".to_owned(),
            scope: Scope {
                namespace: Some("pay".to_owned()),
                ..Scope::default()
            },
        };
        let in_pay = "namespace_name=pay";
        for (project, text, is_kept) in [
            ("p1", in_pay, true),
            (
                "p1",
                "namespace_name=pay&enterprise_project_id=all_granted_eps",
                true,
            ),
            ("p1", "namespace_name=pay&pod_name=api", true),
            ("p2", in_pay, false),
            ("p1", "namespace_name=pay&enterprise_project_id=0", false),
            ("p1", "", false),
            ("p1", "namespace_name=payments", false),
        ] {
            let found = kept.check(project, &query(text));
            assert_eq!(found.is_ok(), is_kept, "{project} {text}: {found:?}");
        }
        let unknown = KeptPart::default();
        assert!(unknown.check("any", &query("")).is_ok(), "the caller checks that");
    }

    #[test]
    fn a_page_at_the_boundary_has_both_lists() {
        let nodes = (0..15).map(|at| node(&format!("n-{at:02}")).build());
        let others = (0..7).map(|at| serverless(&format!("s-{at:02}")).build());
        let fleet: Fleet = nodes.chain(others).collect();
        let at = Timestamp::from_millisecond(1_755_250_215_618).unwrap();
        let list = ServedList::of(fleet, Some(at));
        let rows = list.rows(&Scope::default());
        let lengths = |offset| {
            let page = list.page(&rows, offset, 10, &PageBuffers::default());
            let page: serde_json::Value = serde_json::from_slice(&page).unwrap();
            assert_eq!(
                (&page["total_num"], &page["last_update_time"]),
                (&22.into(), &1_755_250_215_618_i64.into())
            );
            ["data_list", "pod_info_list"].map(|name| page[name].as_array().unwrap().len())
        };
        assert_eq!(
            [0, 10, 20, 22, 2_000_000].map(lengths),
            [[10, 0], [5, 5], [0, 2], [0, 0], [0, 0]]
        );
    }

    #[test]
    fn equal_searches_that_are_made_at_once_are_one() {
        let fleet: Fleet = (0..20_000)
            .map(|at| node(&format!("n-{at:05}")).build())
            .collect();
        let list = ServedList::of(fleet, None);
        let scope = query("pod_name=777").scope;
        let start = std::sync::Barrier::new(4);
        let found: Vec<Arc<ListedRows>> = std::thread::scope(|threads| {
            let search = || {
                start.wait();
                list.rows(&scope)
            };
            let threads: Vec<_> = (0..4).map(|_| threads.spawn(search)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(found.iter().all(|rows| Arc::ptr_eq(rows, &found[0])));
        assert!(Arc::ptr_eq(&list.known_rows(&scope).unwrap(), &found[0]));
    }

    #[test]
    fn a_page_that_was_sent_twice_is_sent_again_and_all_that_are_kept_have_a_bound() {
        let fleet: Fleet = (0..2000).map(|at| node(&format!("n-{at:04}")).build()).collect();
        let list = ServedList::of(fleet, None);
        let rows = list.rows(&Scope::default());
        let buffers = PageBuffers::default();
        let answer = |text: &str| list.answer(&rows, query(text), &buffers);
        let first = answer("limit=200");
        assert_eq!(first, list.page(&rows, 0, 200, &buffers));
        assert_eq!(answer("limit=200"), first);
        let third = answer("limit=200");
        assert_eq!((third.as_ptr(), &third), (answer("limit=200").as_ptr(), &first));
        assert_ne!(answer("limit=100"), first);
        for offset in 0..1900 {
            answer(&format!("limit=200&offset={offset}"));
        }
        assert_eq!(
            list.sent.lock().unwrap().pages.len(),
            1,
            "the others were sent once"
        );
        for offset in 0..3800 {
            answer(&format!("limit=200&offset={}", offset / 2));
        }
        let sent = list.sent.lock().unwrap();
        assert_eq!(sent.once.len(), SENT_ONCE);
        let bytes: usize = sent.pages.iter().map(|(_, page)| page.len()).sum();
        assert!(
            bytes == sent.bytes && bytes <= KEPT_BYTES && bytes > KEPT_BYTES / 2,
            "{bytes}"
        );
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(32, 400))]

        #[test]
        fn a_walk_over_all_pages_meets_every_record_once(
            pods in prop::collection::vec(pods(), 0..60),
            limit in 10_usize..=200,
            namespace in "[ab]?",
        ) {
            let fleet: Fleet = pods.into_iter().collect();
            let scope = Scope { namespace: (!namespace.is_empty()).then_some(namespace), ..Scope::default() };
            let list = ServedList::of(fleet.clone(), None);
            let rows = list.rows(&scope);
            prop_assert!(Arc::ptr_eq(&rows, &list.rows(&scope)), "a search is made once");
            let (mut nodes, mut serverless, mut offset) = (Vec::new(), Vec::new(), 0);
            while offset < rows.len() {
                let page = list.page(&rows, offset, limit, &PageBuffers::default());
                let page = read_page(page).unwrap();
                prop_assert_eq!(page.total, Some(rows.len() as u64));
                let records = page.pods.records();
                let met = records.node.len() + records.serverless.len();
                prop_assert!(met > 0 && met <= limit);
                offset += met;
                nodes.extend(records.node);
                serverless.extend(records.serverless);
            }
            let expected: Vec<_> = fleet.pods().filter(|pod| scope.may_hold(pod)).collect();
            let count = |is_it: fn(&&crate::fleet::Pod) -> bool| expected.iter().filter(is_it).count();
            prop_assert_eq!(nodes.len(), count(|pod| pod.node.is_some()));
            prop_assert_eq!(serverless.len(), count(|pod| pod.serverless.is_some()));
        }
    }
}
