//! What an earlier run left, as it is read.
//!
//! Owns the receiving end: the dates and changes first, then page by page, so that pages are merged while others are still
//! read, and whoever receives may do something else meanwhile. Must not: know the file.

use tokio::sync::{mpsc, oneshot};

use super::Facts;
use crate::fleet::changes::Change;
use crate::hss::wire::Page;

/// What was stored by an earlier run. Its pages come one by one.
#[derive(Debug, Default)]
pub struct Kept {
    /// The pages, decoded as answers are.
    pub pages: Option<mpsc::Receiver<Page>>,
    /// What is known of them.
    pub facts: Facts,
    /// What changed, oldest first.
    pub changes: Vec<Change>,
}

/// A part of what was stored.
#[derive(Debug)]
pub enum Restored {
    /// What is known of the pages that follow, and what changed, oldest first.
    Head(Facts, Vec<Change>),
    /// A page, decoded as an answer is.
    Page(Box<Page>),
    /// There is nothing more.
    End,
}

/// What is still to come of an earlier run.
#[derive(Debug)]
pub struct Restore {
    head: Option<oneshot::Receiver<Kept>>,
    pages: Option<mpsc::Receiver<Page>>,
}

impl Restore {
    pub(super) fn new(head: oneshot::Receiver<Kept>) -> Self {
        Self {
            head: Some(head),
            pages: None,
        }
    }

    /// Waits for the next part. Nothing is lost where the wait is given up.
    pub async fn next(&mut self) -> Restored {
        if let Some(head) = &mut self.head {
            // Where the file cannot be read there is nothing; why is the recorder's to say.
            let kept = head.await.unwrap_or_default();
            (self.head, self.pages) = (None, kept.pages);
            return Restored::Head(kept.facts, kept.changes);
        }
        let page = match &mut self.pages {
            Some(pages) => pages.recv().await,
            None => None,
        };
        page.map_or(Restored::End, |page| Restored::Page(Box::new(page)))
    }

    /// Whether not even the head has come: the file does not answer.
    pub fn is_silent(&self) -> bool {
        self.head.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_head_comes_first_and_then_the_pages_and_an_end() {
        let (out, head) = oneshot::channel();
        let mut restore = Restore::new(head);
        assert!(restore.is_silent());
        let (pages_in, pages) = mpsc::channel(1);
        let kept = Kept {
            pages: Some(pages),
            ..Kept::default()
        };
        out.send(kept).unwrap();
        assert!(matches!(restore.next().await, Restored::Head(..)));
        assert!(!restore.is_silent());
        pages_in.send(Page::default()).await.unwrap();
        assert!(matches!(restore.next().await, Restored::Page(_)));
        drop(pages_in);
        for _ in 0..2 {
            assert!(matches!(restore.next().await, Restored::End));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_nothing() {
        let (out, head) = oneshot::channel();
        drop(out);
        let mut restore = Restore::new(head);
        let Restored::Head(facts, changes) = restore.next().await else {
            panic!("no head");
        };
        assert_eq!((facts, changes.len()), (Facts::default(), 0));
        assert!(matches!(restore.next().await, Restored::End));
    }
}
