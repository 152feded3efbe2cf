//! The state of an earlier run, while it is read.
//!
//! Owns the receiving end: first the dates and changes, then page by page, so that pages are merged while
//! others are still read, and the receiver can do other work in between. Must not: know the file.

use tokio::sync::{mpsc, oneshot};

use super::Facts;
use crate::fleet::PodKey;
use crate::fleet::blocks::StoredPods;
use crate::fleet::changes::Change;
use crate::hss::wire::Page;

/// What an earlier run stored, without the pages.
#[derive(Debug, Default)]
pub struct RestoredHead {
    /// The facts about the pages.
    pub facts: Facts,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
    /// The pods that were being scanned again after a scan that found a risk.
    pub rescans: Vec<PodKey>,
}

/// The state that an earlier run stored. Its pages arrive one by one.
#[derive(Debug, Default)]
pub struct Kept {
    /// The pods of all pages, where they are known without these.
    pub pods: Option<OfferedPods>,
    /// The pages, decoded like answers.
    pub pages: Option<mpsc::Receiver<Page>>,
    /// Everything else.
    pub head: RestoredHead,
}

/// The pods of all pages. Pages follow only if these are not taken.
#[derive(Debug)]
pub struct OfferedPods {
    /// The pods.
    pub pods: StoredPods,
    /// The number of pages that have them.
    pub pages: u64,
    /// Where to say that they are taken. If nobody says so, the pages are read.
    pub taken: oneshot::Sender<()>,
}

/// A part of the stored state.
#[derive(Debug)]
pub enum Restored {
    /// Everything but the pods, which follow.
    Head(Box<RestoredHead>),
    /// The pods of all pages.
    Pods(Box<OfferedPods>),
    /// A page, decoded like an answer.
    Page(Box<Page>),
    /// The end.
    End,
}

/// The parts of an earlier run's state that are still to come.
#[derive(Debug)]
pub struct Restore {
    head: Option<oneshot::Receiver<Kept>>,
    pods: Option<OfferedPods>,
    pages: Option<mpsc::Receiver<Page>>,
}

impl Restore {
    pub(super) fn new(head: oneshot::Receiver<Kept>) -> Self {
        Self {
            head: Some(head),
            pods: None,
            pages: None,
        }
    }

    /// Waits for the next part. Nothing is lost if the wait is cancelled.
    pub async fn next(&mut self) -> Restored {
        if let Some(head) = &mut self.head {
            // If the file cannot be read there are no parts; the recorder says why.
            let kept = head.await.unwrap_or_default();
            (self.head, self.pods, self.pages) = (None, kept.pods, kept.pages);
            return Restored::Head(Box::new(kept.head));
        }
        if let Some(pods) = self.pods.take() {
            return Restored::Pods(Box::new(pods));
        }
        let page = match &mut self.pages {
            Some(pages) => pages.recv().await,
            None => None,
        };
        page.map_or(Restored::End, |page| Restored::Page(Box::new(page)))
    }

    /// Whether not even the first part has arrived, because the file does not respond.
    pub fn is_silent(&self) -> bool {
        self.head.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_head_arrives_first_and_then_the_pages_and_the_end() {
        let (out, head) = oneshot::channel();
        let mut restore = Restore::new(head);
        assert!(restore.is_silent());
        let (pages_in, pages) = mpsc::channel(1);
        let kept = Kept {
            pages: Some(pages),
            ..Kept::default()
        };
        out.send(kept).unwrap();
        assert!(matches!(restore.next().await, Restored::Head(_)));
        assert!(!restore.is_silent());
        pages_in.send(Page::default()).await.unwrap();
        assert!(matches!(restore.next().await, Restored::Page(_)));
        drop(pages_in);
        for _ in 0..2 {
            assert!(matches!(restore.next().await, Restored::End));
        }
    }

    #[tokio::test]
    async fn an_unreadable_file_yields_nothing() {
        let (out, head) = oneshot::channel();
        drop(out);
        let mut restore = Restore::new(head);
        let Restored::Head(head) = restore.next().await else {
            panic!("no head");
        };
        assert_eq!((head.facts, head.changes.len()), (Facts::default(), 0));
        assert!(matches!(restore.next().await, Restored::End));
    }
}
