//! The comparison of two pods.
//!
//! Owns how two pods compare by a field; every field can be sorted by. Pods without a value in a column come
//! last in both directions. Pods with equal values have a fixed order by cluster, namespace and name, so that
//! nothing jumps. A column's other direction is its first one read backwards, including equal pods, so
//! reversing needs no sort; only pods without a value stay in their order. [`Sort::compare`] is the
//! reference; [`order`](super::order) does the same with complete columns. Must not: know titles or widths.

use std::cmp::{Ordering, Reverse};
use std::net::IpAddr;

use super::fields::{FieldKind, PodField, PodNumber, TextOf};
use super::pod::Pod;
use super::quantity::Quantity;
use super::text::RemoteText;
use super::words::Status;
use super::{Field, risk};

/// A column and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The column.
    pub key: PodField,
    /// Whether the largest value comes first.
    pub descending: bool,
}

impl PodField {
    /// The direction that an operator expects for this field: the worst pods come first.
    pub const fn first_direction(self) -> Sort {
        Sort {
            key: self,
            descending: self.row().starts_largest,
        }
    }
}

impl Default for Sort {
    fn default() -> Self {
        PodField::Risk.first_direction()
    }
}

impl Sort {
    /// The same column in the other direction.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            descending: !self.descending,
            ..self
        }
    }

    /// Whether this is the first direction read backwards.
    pub fn is_backwards(self) -> bool {
        self != self.key.first_direction()
    }

    /// Whether this pod takes part in reading backwards: it has a value.
    pub fn reads_backwards(self, pod: &Pod) -> bool {
        self.is_backwards() && self.by_key(pod, pod).1
    }

    /// Orders two pods.
    pub fn compare(self, a: &Pod, b: &Pod) -> Ordering {
        let (by_key, valued) = self.by_key(a, b);
        let fixed = fixed(a).cmp(&fixed(b));
        by_key.then(if valued && self.is_backwards() {
            fixed.reverse()
        } else {
            fixed
        })
    }

    /// Compares two pods by the column alone, and returns whether both have a value.
    fn by_key(self, a: &Pod, b: &Pod) -> (Ordering, bool) {
        match self.key.sorted_by().kind() {
            FieldKind::Text(text) => self.by_text(text.of(a), text.of(b)),
            FieldKind::Number(number) => self.by_number(number, a, b),
        }
    }

    /// Compares two texts of one field.
    fn by_text(self, a: TextOf<'_>, b: TextOf<'_>) -> (Ordering, bool) {
        match (a, b) {
            (TextOf::Text(a), TextOf::Text(b)) => self.directed(a.value(), b.value()),
            (TextOf::Address(a), TextOf::Address(b))
            | (TextOf::Addresses([a, _]), TextOf::Addresses([b, _])) => {
                self.directed(AddressOrder::of_field(a), AddressOrder::of_field(b))
            }
            (TextOf::Status(a), TextOf::Status(b)) => {
                self.directed(a.value().map(Status::shown), b.value().map(Status::shown))
            }
            (TextOf::Protection(a), TextOf::Protection(b)) => self.directed(a.value(), b.value()),
            (TextOf::Detection(a), TextOf::Detection(b)) => self.directed(a.value(), b.value()),
            (TextOf::Lists(a), TextOf::Lists(b)) => self.directed(lists_rank(a), lists_rank(b)),
            // Both are of one field.
            _ => (Ordering::Equal, false),
        }
    }

    fn by_number(self, number: PodNumber, a: &Pod, b: &Pod) -> (Ordering, bool) {
        let amount = |quantity: &Field<Quantity>| quantity.value().and_then(|quantity| quantity.amount);
        match number {
            PodNumber::Risk => self.directed(Some(risk::score(a)), Some(risk::score(b))),
            PodNumber::CpuPercent => self.directed(a.cpu_usage().percent(), b.cpu_usage().percent()),
            PodNumber::MemoryPercent => self.directed(a.memory_usage().percent(), b.memory_usage().percent()),
            PodNumber::Cpu => self.directed(amount(a.cpu()), amount(b.cpu())),
            PodNumber::Memory => self.directed(amount(a.memory()), amount(b.memory())),
            PodNumber::CpuLimit => self.directed(amount(a.cpu_limit()), amount(b.cpu_limit())),
            PodNumber::MemoryLimit => self.directed(amount(a.memory_limit()), amount(b.memory_limit())),
            // The youngest pod has the latest date.
            PodNumber::Age => self.directed(
                a.created().value().copied().map(Reverse),
                b.created().value().copied().map(Reverse),
            ),
        }
    }

    fn directed<T: Ord>(self, a: Option<T>, b: Option<T>) -> (Ordering, bool) {
        match (a, b) {
            (None, None) => (Ordering::Equal, false),
            (None, Some(_)) => (Ordering::Greater, false),
            (Some(_), None) => (Ordering::Less, false),
            (Some(a), Some(b)) if self.descending => (b.cmp(&a), true),
            (Some(a), Some(b)) => (a.cmp(&b), true),
        }
    }
}

/// The order of addresses: IP addresses by number, other texts after them in alphabetical order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressOrder<'a> {
    /// An IP address.
    Number(IpAddr),
    /// A text that is not an IP address.
    Odd(&'a str),
}

impl<'a> AddressOrder<'a> {
    /// The sort key of an address as HSS sent it.
    pub fn of(text: &'a str) -> Self {
        text.parse().map_or(Self::Odd(text), Self::Number)
    }

    fn of_field(field: &'a Field<RemoteText>) -> Option<Self> {
        field.value().map(|text| Self::of(text.raw()))
    }
}

/// The rank of the lists that a pod is in: only on nodes, in both, only serverless.
pub const fn lists_rank(lists: [bool; 2]) -> Option<u32> {
    match lists {
        [true, false] => Some(0),
        [true, true] => Some(1),
        [false, true] => Some(2),
        [false, false] => None,
    }
}

/// The fixed order of pods with equal values.
fn fixed(pod: &Pod) -> impl Ord + '_ {
    (pod.cluster(), pod.namespace(), pod.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{PodFixture, node, serverless};

    fn order(sort: Sort, pods: Vec<PodFixture>) -> Vec<String> {
        let mut pods: Vec<Pod> = pods.into_iter().map(PodFixture::build).collect();
        pods.sort_by(|a, b| sort.compare(a, b));
        pods.iter()
            .filter_map(|pod| pod.name().value().map(|name| name.raw().to_owned()))
            .collect()
    }

    fn fleet() -> Vec<PodFixture> {
        vec![
            node("calm")
                .usage("1m", "100m", "1Gi", "10Gi")
                .created_ms(1_700_000_000_000),
            node("hot")
                .usage("95m", "100m", "900Mi", "10Gi")
                .created_ms(1_600_000_000_000),
            node("bare"),
            serverless("risky")
                .security("opened", "risk")
                .created_ms(1_750_000_000_000),
        ]
    }

    #[test]
    fn the_worst_comes_first_by_default() {
        assert_eq!(order(Sort::default(), fleet()), ["risky", "hot", "bare", "calm"]);
    }

    #[test]
    fn memory_is_sorted_as_a_number_and_unknown_values_are_last_in_both_directions() {
        let sort = PodField::MemoryPercent.first_direction();
        assert_eq!(order(sort, fleet()), ["calm", "hot", "bare", "risky"]);
        assert_eq!(order(sort.reversed(), fleet()), ["hot", "calm", "bare", "risky"]);
    }

    #[test]
    fn the_other_direction_is_the_first_read_backwards_except_pods_without_a_value() {
        let fleet = || {
            vec![
                node("b"),
                node("a"),
                node("hot-b").usage("95m", "100m", "", ""),
                node("hot-a").usage("95m", "100m", "", ""),
            ]
        };
        let sort = PodField::CpuPercent.first_direction();
        assert_eq!(order(sort, fleet()), ["hot-a", "hot-b", "a", "b"]);
        assert_eq!(order(sort.reversed(), fleet()), ["hot-b", "hot-a", "a", "b"]);
    }

    #[test]
    fn age_ascending_is_youngest_first() {
        assert_eq!(
            order(PodField::Age.first_direction(), fleet()),
            ["risky", "calm", "hot", "bare"]
        );
    }

    #[test]
    fn amounts_addresses_and_lists_have_an_order_of_their_own() {
        let fleet = || {
            let with_ip = |name, ip| {
                let mut pod = node(name).build();
                if let Some(record) = &mut pod.node {
                    record.common.pod_ip = RemoteText::name(ip).into();
                }
                pod
            };
            vec![
                with_ip("ten", "10.0.0.10"),
                with_ip("two", "10.0.0.2"),
                with_ip("odd", "about"),
                with_ip("six", "fe80::1"),
                node("big").usage("1", "", "1Gi", "2Gi").build(),
                node("small").usage("90m", "100m", "100Mi", "").build(),
                serverless("less").build(),
            ]
        };
        let first = |field: PodField, count: usize| {
            let mut pods = fleet();
            pods.sort_by(|a, b| field.first_direction().compare(a, b));
            let names = pods
                .iter()
                .map(|pod| pod.name().value().unwrap().raw().to_owned());
            names.take(count).collect::<Vec<_>>()
        };
        assert_eq!(first(PodField::PodIp, 4), ["two", "ten", "six", "odd"]);
        assert_eq!(first(PodField::Ip, 4), first(PodField::PodIp, 4));
        assert_eq!(first(PodField::Cpu, 2), ["big", "small"]);
        assert_eq!(first(PodField::CpuPercent, 1), ["small"]);
        assert_eq!(first(PodField::MemoryLimit, 1), ["big"]);
        assert_eq!(first(PodField::Kind, 7).last().unwrap(), "less");
    }
}
