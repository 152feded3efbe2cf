//! How much a pod may use and how much it uses.
//!
//! Owns the amounts and the many notations of a Kubernetes quantity: each workload has one notation, and the
//! fleet has them all. Knows no pod: callers pass keys.

use super::key::{SeedKey, Topic, nth};
use super::scenario::PodLife;
use super::workload::{Workload, WorkloadKind};

const MI: u64 = 1 << 20;
const GI: u64 = 1 << 30;

/// A limit as its author wrote it, and the same in millicores; the small ones first.
const CPU_LIMITS: [(&str, u64); 14] = [
    ("100m", 100),
    ("150m", 150),
    ("200m", 200),
    ("250m", 250),
    ("300m", 300),
    ("500m", 500),
    ("500m", 500),
    ("0.5", 500),
    ("1", 1000),
    ("1", 1000),
    ("1500m", 1500),
    ("2", 2000),
    ("4", 4000),
    ("8", 8000),
];

/// A limit as its author wrote it, and the same in bytes; the small ones first.
const MEMORY_LIMITS: [(&str, u64); 14] = [
    ("128974848", 123 * MI),
    ("128Mi", 128 * MI),
    ("200Mi", 200 * MI),
    ("256Mi", 256 * MI),
    ("300Mi", 300 * MI),
    ("500M", 500_000_000),
    ("512Mi", 512 * MI),
    ("512Mi", 512 * MI),
    ("1Gi", GI),
    ("1Gi", GI),
    ("1.5Gi", 1536 * MI),
    ("2Gi", 2 * GI),
    ("4Gi", 4 * GI),
    ("16Gi", 16 * GI),
];

/// How many of the smallest limits the cluster's own workloads choose from.
const SYSTEM_SIZES: u64 = 6;

/// The limits in a workload's template; both are absent if nobody set them.
pub(super) struct ResourceLimits {
    pub(super) cpu: Option<String>,
    pub(super) memory: Option<String>,
    millicores: u64,
    bytes: u64,
}

/// What a running pod uses.
pub(super) struct WorkloadUsage {
    pub(super) cpu: String,
    pub(super) memory: String,
}

impl ResourceLimits {
    pub(super) fn of(workload: &Workload) -> Self {
        let key = workload.key;
        let sizes = if workload.system {
            SYSTEM_SIZES
        } else {
            CPU_LIMITS.len() as u64
        };
        // A workload that needs many cores often needs much memory.
        let size = key.below(Topic::Size, sizes);
        let aside = (size + key.below(Topic::MemoryLimit, 5)).saturating_sub(2);
        let (cpu, millicores) = nth(&CPU_LIMITS, size);
        let (memory, bytes) = nth(&MEMORY_LIMITS, aside.min(MEMORY_LIMITS.len() as u64 - 1));
        let careless = match (workload.system, workload.kind) {
            (true, WorkloadKind::DaemonSet) => 500,
            (true, _) => 250,
            _ => 50,
        };
        let limited = !key.chance(Topic::ResourceLimits, careless);
        Self {
            cpu: limited.then(|| cpu.to_owned()),
            memory: limited.then(|| memory.to_owned()),
            millicores,
            bytes,
        }
    }

    /// The usage of the pod in a slot, in the notation of its workload.
    pub(super) fn usage(
        &self,
        workload: &Workload,
        slot: SeedKey,
        life: PodLife,
        generation: u64,
    ) -> WorkloadUsage {
        let notation = workload.key.below(Topic::Notation, 8);
        let (cpu, memory) = levels(slot, life, generation);
        WorkloadUsage {
            cpu: write_millicores(notation, self.millicores * cpu / 1000),
            memory: write_bytes(notation, self.bytes / 1000 * memory),
        }
    }
}

/// Usage in thousandths of the limits. Strain affects the CPU, the memory, or both; only the CPU can exceed
/// its limit.
fn levels(slot: SeedKey, life: PodLife, generation: u64) -> (u64, u64) {
    let wiggle = slot.child(Topic::Wiggle, generation);
    let level = |topic: Topic, strained: bool| {
        let at_ease = match slot.below(topic, 100) {
            0..86 => 40 + slot.child(topic, 0).below(Topic::Level, 480),
            86..97 => 500 + slot.child(topic, 0).below(Topic::Level, 180),
            _ => 700 + slot.child(topic, 0).below(Topic::Level, 140),
        };
        let needed = if strained {
            at_ease.max(life.strain)
        } else {
            at_ease
        };
        needed + wiggle.below(topic, 41) - 20
    };
    let on = slot.below(Topic::Resource, 3);
    (
        level(Topic::WorkloadUsage, on != 0),
        level(Topic::Resource, on != 1).min(998),
    )
}

fn write_millicores(notation: u64, amount: u64) -> String {
    match notation {
        0 | 1 => trim(&format!("{}.{:03}", amount / 1000, amount % 1000)),
        2 => format!("{}n", amount * 1_000_000 + amount * 7919 % 1_000_000),
        _ => format!("{amount}m"),
    }
}

fn write_bytes(notation: u64, amount: u64) -> String {
    match notation {
        0 => amount.to_string(),
        1 | 2 => format!("{}Ki", amount >> 10),
        3 if amount >= GI => trim(&format!("{}.{:02}", amount / GI, amount % GI * 100 / GI)) + "Gi",
        _ => format!("{}Mi", amount >> 20),
    }
}

/// Removes trailing zeros of the fraction.
fn trim(decimal: &str) -> String {
    decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_in_each_notation() {
        assert_eq!(write_millicores(0, 1250), "1.25");
        assert_eq!(write_millicores(0, 2000), "2");
        assert_eq!(write_millicores(1, 0), "0");
        assert_eq!(write_millicores(2, 3), "3023757n");
        assert_eq!(write_millicores(5, 37), "37m");
        assert_eq!(write_bytes(0, 128_974_848), "128974848");
        assert_eq!(write_bytes(1, 4096), "4Ki");
        assert_eq!(write_bytes(3, 1536 * MI), "1.5Gi");
        assert_eq!(write_bytes(3, 300 * MI), "300Mi");
    }
}
