//! The numbers of rows whose field has too many values for a table: amounts, ids, addresses.
//!
//! Owns ranking the values that the fleet has: a row's number is the place of its value among them. Must not: say anything
//! else than [`Sort::compare`](crate::fleet::sort::Sort::compare) says.

use super::keys::ranks;
use crate::fleet::quantity::Measure;
use crate::fleet::snapshot::Fleet;
use crate::fleet::sort::AddressOrder;
use crate::fleet::store::chunk::{Chunk, Col};
use crate::fleet::store::dictionary::{ABSENT, UNREADABLE};
use crate::fleet::store::encoding::{self, IS_UUID, Interner, uuid_text};

/// How many IPv4 addresses there are: what is none of them comes behind.
const IPV4_ADDRESSES: u64 = 1 << 32;

/// What a row's number is worked out with.
#[derive(Debug)]
pub enum Ranked {
    /// Amounts of a column of quantities.
    Amount {
        /// The column.
        col: Col,
        /// What it measures.
        measure: Measure,
        /// Every amount that some row has, the smallest first.
        amounts: Vec<u64>,
        /// The words that quantities without a short form are.
        words: Interner,
    },
    /// Ids, by their letters.
    Id {
        /// Every UUID that some row has, the smallest first; their letters have the same order.
        uuids: Vec<u128>,
        /// For each id that is no UUID, in their order, how many UUIDs come before it.
        before: Vec<usize>,
        /// The number of each word that has no short form, by its code.
        odd: Vec<u64>,
    },
    /// The pod's own address.
    PodIp {
        /// The number of each word that has no short form, by its code.
        odd: Vec<u64>,
    },
}

impl Ranked {
    /// Of a column of quantities.
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

    /// Of the ids.
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

    /// Of the pods' own addresses.
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

    /// Above every number.
    pub fn count(&self) -> u64 {
        match self {
            Self::Amount { amounts, .. } => amounts.len() as u64,
            Self::Id { uuids, odd, .. } => (uuids.len() + odd.len()) as u64,
            Self::PodIp { odd } => IPV4_ADDRESSES + odd.len() as u64,
        }
    }

    /// The number of a row that has a value.
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
