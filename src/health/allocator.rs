//! The memory that the C library holds for the program but that holds no data.
//!
//! A program that runs for months replaces its pods again and again, on several threads. glibc gives each thread an arena of its
//! own and returns only the end of an arena to the system, so memory that is free lies between blocks that are used, and each
//! arena has its own share of it. A process with 100,000 pods grew from 34 to more than 95 MiB that way. Here the arenas are
//! limited, large blocks come from the system and go back to it, and free memory is returned after each new list.
//!
//! Other C libraries have no such settings: there nothing is done.

/// Threads that share memory take turns for blocks of more than a kilobyte; smaller ones are kept by each thread.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: libc::c_int = 1;
/// Larger blocks come from the system. glibc raises its own limit to the largest block that was freed, up to 32 MiB. A page of
/// pods is smaller.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE_BYTES: libc::c_int = 256 << 10;
/// What may be free at the end of an arena: about what is needed for the pages that are under way.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const FREE_BYTES: libc::c_int = 1 << 20;

/// Limits the memory that is held without data. To be called before other threads start.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "the settings of glibc's allocator have no safe interface"
)]
pub fn limit() {
    for (setting, value) in [
        (libc::M_ARENA_MAX, ARENAS),
        (libc::M_MMAP_THRESHOLD, LARGE_BYTES),
        (libc::M_TRIM_THRESHOLD, FREE_BYTES),
    ] {
        // SAFETY: `mallopt` takes two numbers, and a value that it does not accept changes nothing.
        let is_set = unsafe { libc::mallopt(setting, value) } != 0;
        if !is_set {
            tracing::debug!(
                setting,
                value,
                "the C library does not take this setting of its memory"
            );
        }
    }
}

/// Returns the memory that holds no data to the system. Takes some milliseconds, in which other threads may wait for memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the function of glibc has no safe interface")]
pub fn give_back() {
    // SAFETY: `malloc_trim` takes a number, locks each arena while it works on it, and leaves all blocks in use as they are.
    let _ = unsafe { libc::malloc_trim(0) };
}

/// Nothing: this C library has no such setting.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub const fn limit() {}

/// Nothing: this C library has no such function.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub const fn give_back() {}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::process::Command;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    /// Names what a program of its own is to look at: settings of the allocator last as long as the process, and the memory of
    /// other tests would be counted too.
    const ALONE: &str = "HSS_TOP_TEST_ALLOCATOR";
    const MIB: usize = 1 << 20;

    /// Resident memory in bytes.
    fn resident() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: usize = line.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
        kib << 10
    }

    /// The bytes that become free at once when a block of 8 MiB is dropped that others lie behind.
    fn given_back_by_a_large_block() -> usize {
        // Where nothing forbids it, the library takes blocks of this size from an arena from now on.
        drop(vec![1_u8; 8 * MIB]);
        let (large, behind) = (vec![1_u8; 8 * MIB], vec![vec![2_u8; 100]; 1000]);
        let before = resident();
        drop(large);
        let after = resident();
        drop(behind);
        before.saturating_sub(after)
    }

    /// The arenas of threads, each of which begins a region of 64 MiB.
    fn arenas() -> usize {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let ends: Vec<(usize, usize)> = maps
            .lines()
            .filter_map(|line| {
                let (from, to) = line.split_whitespace().next()?.split_once('-')?;
                let number = |text| usize::from_str_radix(text, 16).ok();
                Some((number(from)?, number(to)?))
            })
            .collect();
        let is_whole = |from: usize| ends.iter().any(|(_, to)| *to == from + 64 * MIB);
        let begins = ends.iter().filter(|(from, _)| from % (64 * MIB) == 0);
        begins.filter(|(from, _)| is_whole(*from)).count()
    }

    /// The arenas that some threads add which need memory at the same time.
    fn arenas_of_threads() -> usize {
        let (before, all) = (arenas(), Barrier::new(5));
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let some = vec![3_u8; 4000];
                    all.wait();
                    all.wait();
                    drop(some);
                });
            }
            all.wait();
            let now = arenas();
            all.wait();
            now.saturating_sub(before)
        })
    }

    /// Memory between blocks that are used, of 32 MiB, and how much of it is given back.
    fn given_back_of_holes() -> usize {
        let mut blocks: Vec<Option<Vec<u8>>> = (0..8192).map(|_| Some(vec![4_u8; 4096])).collect();
        for (number, block) in blocks.iter_mut().enumerate() {
            if number % 64 > 0 {
                *block = None;
            }
        }
        let before = resident();
        give_back();
        before.saturating_sub(resident())
    }

    #[test]
    fn memory_without_data_is_limited_and_given_back() {
        match std::env::var(ALONE).as_deref() {
            Ok("unlimited") => {
                assert!(given_back_by_a_large_block() < 4 * MIB);
                assert!(arenas_of_threads() > 1);
            }
            Ok("limited") => {
                limit();
                assert!(given_back_by_a_large_block() >= 6 * MIB);
                assert_eq!(arenas_of_threads(), 0);
                let of_holes = given_back_of_holes();
                assert!(of_holes >= 20 * MIB, "{of_holes} bytes");
            }
            _ => {
                for which in ["unlimited", "limited"] {
                    let name = concat!(
                        "health::allocator::tests::",
                        "memory_without_data_is_limited_and_given_back"
                    );
                    let alone = Command::new(std::env::current_exe().unwrap())
                        .args([name, "--exact", "--test-threads=1"])
                        .env(ALONE, which)
                        .output()
                        .unwrap();
                    let told = String::from_utf8_lossy(&alone.stdout);
                    assert!(
                        alone.status.success() && told.contains("1 passed"),
                        "{which}: {told}"
                    );
                }
            }
        }
    }
}
