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
