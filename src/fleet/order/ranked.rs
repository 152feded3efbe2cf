//! Sort numbers for fields with too many values for a table: amounts, ids, addresses.
//!
//! Owns ranking the values in the fleet: a row's number is the rank of its value. Must not: give another
//! order than [`Sort::compare`](crate::fleet::sort::Sort::compare).

use super::keys::ranks;
use crate::fleet::quantity::Measure;
use crate::fleet::snapshot::Fleet;
use crate::fleet::sort::AddressOrder;
use crate::fleet::store::chunk::{Chunk, Col};
use crate::fleet::store::dictionary::{ABSENT, UNREADABLE};
use crate::fleet::store::encoding::{self, IS_UUID, Interner, uuid_text};

/// The number of IPv4 addresses: other texts sort after them.
const IPV4_ADDRESSES: u64 = 1 << 32;

/// The data that a row's number is computed from.
#[derive(Debug)]
pub enum Ranked {
    /// For a column of quantities.
    Amount {
        /// The column.
        col: Col,
        /// Every amount in the fleet, the smallest first.
        measure: Measure,
        /// Every amount that some row has, the smallest first.
        amounts: Vec<u64>,
        /// The words, which include the quantities without a short form.
        words: Interner,
    },
    /// For the ids, compared as text.
    Id {
        /// Every UUID in the fleet, the smallest first; their texts have the same order.
        uuids: Vec<u128>,
        /// For each id that is not a UUID, in order, the number of UUIDs that sort before it.
        before: Vec<usize>,
        /// The number of each word without a short form, by its code.
        odd: Vec<u64>,
    },
    /// For the pods' own addresses.
    PodIp {
        /// The number of each word without a short form, by its code.
        odd: Vec<u64>,
    },
}

impl Ranked {
    /// The ranks of a column of quantities.
    pub fn amounts(fleet: &Fleet, col: Col, measure: Measure) -> Self {
        let words = fleet.words().clone();
        let mut amounts = Vec::new();
        for chunk in fleet.chunks() {
            chunk.column(col).for_each(|_, code| {
                amounts.extend(words.amount(code, measure).value());
            });
        }
        amounts.sort_unstable();
        amounts.dedup();
        Self::Amount {
            col,
            measure,
            amounts,
            words,
        }
    }

    /// The ranks of the ids.
    pub fn ids(fleet: &Fleet) -> Self {
        let mut uuids = Vec::new();
        for chunk in fleet.chunks() {
            chunk.column(Col::Id).for_each(|at, code| {
                if code == IS_UUID {
                    uuids.push(chunk.uuid(at));
                }
            });
        }
        uuids.sort_unstable();
        uuids.dedup();
        let words = fleet.words().odd();
        let by_code = words.table(|word| word.value().copied());
        let valued = by_code
            .iter()
            .enumerate()
            .filter_map(|(code, word)| Some(((*word)?, code)));
        let mut order: Vec<(&str, usize)> = valued.collect();
        order.sort_unstable();
        let mut odd = vec![0; by_code.len()];
        let mut before = Vec::with_capacity(order.len());
        for (rank, (word, code)) in order.into_iter().enumerate() {
            let smaller = uuids.partition_point(|uuid| uuid_text(*uuid).as_str() < word);
            before.push(smaller);
            if let Some(number) = odd.get_mut(code) {
                *number = (smaller + rank) as u64;
            }
        }
        Self::Id { uuids, before, odd }
    }

    /// The ranks of the pods' own addresses.
    pub fn pod_ips(fleet: &Fleet) -> Self {
        let words = fleet.words().odd();
        let orders = words.table(|word| word.value().map(|word| AddressOrder::of(word)));
        let short = orders.iter().map(|order| match order {
            Some(AddressOrder::Number(std::net::IpAddr::V4(address))) => Some(u64::from(address.to_bits())),
            _ => None,
        });
        let short: Vec<Option<u64>> = short.collect();
        let behind = ranks(orders)
            .into_iter()
            .map(|rank| IPV4_ADDRESSES + u64::from(rank));
        let odd = behind.zip(short).map(|(behind, short)| short.unwrap_or(behind));
        Self::PodIp { odd: odd.collect() }
    }

    /// A number that is larger than every rank.
    pub fn count(&self) -> u64 {
        match self {
            Self::Amount { amounts, .. } => amounts.len() as u64,
            Self::Id { uuids, odd, .. } => (uuids.len() + odd.len()) as u64,
            Self::PodIp { odd } => IPV4_ADDRESSES + odd.len() as u64,
        }
    }

    /// The number of a row; `None` if it has no value.
    pub fn number(&self, chunk: &Chunk, at: usize) -> Option<u64> {
        match self {
            Self::Amount {
                col,
                measure,
                amounts,
                words,
            } => {
                let amount = *words.amount(chunk.code(*col, at), *measure).value()?;
                Some(amounts.partition_point(|other| *other < amount) as u64)
            }
            Self::Id { uuids, before, odd } => match chunk.code(Col::Id, at) {
                ABSENT | UNREADABLE => None,
                IS_UUID => {
                    let uuid = chunk.uuid(at);
                    let smaller = uuids.partition_point(|other| *other < uuid);
                    Some((smaller + before.partition_point(|place| *place <= smaller)) as u64)
                }
                code => of_code(odd, code - IS_UUID),
            },
            Self::PodIp { odd } => {
                let code = chunk.code(Col::PodIp, at);
                match encoding::address(code) {
                    Some(address) => Some(address.to_bits().into()),
                    None => of_code(odd, encoding::odd_ip(code)?),
                }
            }
        }
    }
}

fn of_code(numbers: &[u64], code: u64) -> Option<u64> {
    numbers.get(usize::try_from(code).ok()?).copied()
}
