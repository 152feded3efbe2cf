//! What a sweep needs to know of a page.

use jiff::Timestamp;

/// The facts about a page that matter to the sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Entries of `data_list`.
    pub node: u64,
    /// Entries of `pod_info_list`.
    pub serverless: u64,
    /// Entries of either that are new to this sweep.
    pub new: u64,
    /// `total_num`
    pub total: Option<u64>,
    /// `last_update_time`
    pub snapshot_at: Option<Timestamp>,
    /// Whether the page was empty.
    pub silent: bool,
}

impl PageFacts {
    /// A page of the same list at `offset`, with as many records as this one or all that are left; `None` if none is left, or if it
    /// is unknown how many there are.
    pub(super) fn like_it_at(self, offset: u32) -> Option<Self> {
        let left = self
            .total?
            .checked_sub(u64::from(offset))
            .filter(|left| *left > 0)?;
        let is_whole = self.node + self.serverless <= left;
        let (node, serverless) = if is_whole {
            (self.node, self.serverless)
        } else {
            (left, 0)
        };
        Some(Self {
            node,
            serverless,
            new: node + serverless,
            ..self
        })
    }
}
