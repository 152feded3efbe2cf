//! The history of the figures since the start, in bounded memory.
//!
//! Owns the CPU share over the last minute, each figure since the start in at most [`POINTS`] points, and when
//! a log line is due. Must not: read anything itself.

use std::collections::VecDeque;
use std::time::Duration;

use super::vitals::{EVERY, Vitals};

/// The most points of the history. When it is full, every second point is dropped, and points are
/// taken half as often.
pub const POINTS: usize = 96;
/// The window in which the CPU share is measured.
const WINDOW: Duration = Duration::from_mins(1);
/// How often a line is logged.
const REPORTED_EVERY: Duration = Duration::from_hours(24);

/// The figures at one moment of the history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HealthPoint {
    /// Resident memory in bytes.
    pub resident: Option<u64>,
    /// The share of one processor in the minute before, in hundredths of a percent.
    pub cpu_share: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
    /// Open files, sockets included.
    pub descriptors: Option<u64>,
}

/// The program's own figures over time.
#[derive(Debug, Clone, Default)]
pub struct Health {
    last: Option<Vitals>,
    /// Uptime and CPU time of the readings in the last [`WINDOW`].
    cpu: VecDeque<(Duration, Duration)>,
    points: Vec<HealthPoint>,
    /// The uptime at which the next point is due.
    next_point: Duration,
    step: Duration,
    reported: Duration,
}

impl Health {
    /// Takes new figures. Returns whether a log line is due.
    pub fn take(&mut self, vitals: Vitals) -> bool {
        self.last = Some(vitals);
        let is_old = |(at, _): &(Duration, Duration)| vitals.uptime.saturating_sub(*at) > WINDOW;
        while self.cpu.front().is_some_and(is_old) {
            self.cpu.pop_front();
        }
        self.cpu.push_back((vitals.uptime, vitals.cpu));
        if vitals.uptime >= self.next_point {
            self.point(HealthPoint {
                resident: vitals.resident,
                cpu_share: self.cpu_share(),
                threads: vitals.threads,
                descriptors: vitals.descriptors,
            });
            self.next_point = vitals.uptime + self.step;
        }
        let due = vitals.uptime.saturating_sub(self.reported) >= REPORTED_EVERY;
        if due {
            self.reported = vitals.uptime;
        }
        due
    }

    fn point(&mut self, point: HealthPoint) {
        if self.points.len() >= POINTS {
            let mut keeps = false;
            self.points.retain(|_| {
                keeps = !keeps;
                keeps
            });
            self.step *= 2;
        }
        self.step = self.step.max(EVERY);
        self.points.push(point);
    }

    /// The newest figures.
    pub fn vitals(&self) -> Option<&Vitals> {
        self.last.as_ref()
    }

    /// The share of one processor over the last minute, in hundredths of a percent; `None` with fewer than
    /// two readings.
    pub fn cpu_share(&self) -> Option<u64> {
        let (first, last) = (self.cpu.front()?, self.cpu.back()?);
        let span = last.0.saturating_sub(first.0);
        let used = last.1.saturating_sub(first.1);
        let share = used.as_nanos() * 10_000 / Some(span.as_nanos()).filter(|span| *span > 0)?;
        u64::try_from(share).ok()
    }

    /// The figures since the start, oldest first, evenly spaced.
    pub fn points(&self) -> &[HealthPoint] {
        &self.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64, cpu_ms: u64, resident: u64) -> Vitals {
        Vitals {
            uptime: Duration::from_secs(second),
            cpu: Duration::from_millis(cpu_ms),
            resident: Some(resident),
            ..Vitals::default()
        }
    }

    #[test]
    fn the_cpu_share_is_that_of_the_last_minute() {
        let mut health = Health::default();
        health.take(at(0, 0, 1));
        assert_eq!(health.cpu_share(), None);
        // A busy start, then a thousandth.
        health.take(at(5, 5000, 1));
        assert_eq!(health.cpu_share(), Some(10_000));
        for step in 0..20 {
            health.take(at(10 + 5 * step, 5000 + 5 * step, 1));
        }
        assert_eq!(health.cpu_share(), Some(10));
        assert!(health.cpu.len() <= 14, "bounded");
    }

    #[test]
    fn a_year_of_figures_fits_into_a_hundred_points() {
        let mut health = Health::default();
        let mut reports = 0_u32;
        let steps = 365 * 24 * 3600 / EVERY.as_secs();
        for step in 0..steps {
            reports += u32::from(health.take(at(step * EVERY.as_secs(), 0, step)));
        }
        let memory: Vec<u64> = health
            .points()
            .iter()
            .filter_map(|point| point.resident)
            .collect();
        assert!(memory.len() <= POINTS && memory.len() > POINTS / 2 - 1);
        assert_eq!(health.points().last().and_then(|point| point.cpu_share), Some(0));
        let gaps: Vec<u64> = memory.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (least, most) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
        assert!(most - least <= most / 2 + 1, "evenly spaced: {least} to {most}");
        assert_eq!(memory.first(), Some(&0), "from the start on");
        assert_eq!(reports, 364, "once a day");
    }
}
