//! The access list of a file (POSIX ACL), where its mode alone does not say who can read it.
//!
//! systemd from 254 on gives a service its credentials as files of root with the mode 0440 and a list that lets the service's user
//! in: the group's bits of such a mode are the limit of the list, and no group can read the file. Must not: decide by the mode.
//!
//! The form is that of Linux (`system.posix_acl_access`, version 2): the version in 4 bytes, then entries of a tag and permissions in
//! 2 bytes each and a user's or group's number in 4, little-endian.

use std::fs::File;

use rustix::fs::fgetxattr;
use rustix::process::geteuid;

const VERSION: [u8; 4] = 2_u32.to_le_bytes();
/// The largest list that is read: a few dozen entries.
const MOST_BYTES: usize = 512;

const OWNER: u16 = 0x01;
const USER: u16 = 0x02;
const MASK: u16 = 0x10;

/// Whether the file has a list by which nobody but its owner and we can do anything with it.
pub(super) fn lets_only_us_in(file: &File) -> bool {
    let mut list = [0; MOST_BYTES];
    let length = fgetxattr(file, "system.posix_acl_access", &mut list).unwrap_or_default();
    list.get(..length)
        .is_some_and(|list| is_for_us_alone(list, geteuid().as_raw()))
}

fn is_for_us_alone(list: &[u8], us: u32) -> bool {
    let Some(entries) = list.strip_prefix(&VERSION).filter(|entries| !entries.is_empty()) else {
        return false;
    };
    let (entries, rest) = entries.as_chunks::<8>();
    let may = |&[tag, tag_high, permissions, permissions_high, id @ ..]: &[u8; 8]| {
        let is_nobody_else = match u16::from_le_bytes([tag, tag_high]) {
            OWNER | MASK => true,
            USER => u32::from_le_bytes(id) == us,
            // A group, or all others; an unknown entry too.
            _ => false,
        };
        is_nobody_else || [permissions, permissions_high] == [0, 0]
    };
    rest.is_empty() && entries.iter().all(may)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut list = VERSION.to_vec();
        for (tag, permissions, id) in entries {
            list.extend(tag.to_le_bytes());
            list.extend(permissions.to_le_bytes());
            list.extend(id.to_le_bytes());
        }
        list
    }

    #[test]
    fn a_list_is_private_if_only_the_owner_and_we_are_in_it() {
        const NOBODY: u32 = u32::MAX;
        let (group, named_group, others) = (0x04, 0x08, 0x20);
        // What systemd 257 writes for the user 61234.
        let of_systemd = [
            (OWNER, 4, NOBODY),
            (USER, 4, 61_234),
            (group, 0, NOBODY),
            (MASK, 4, NOBODY),
            (others, 0, NOBODY),
        ];
        assert!(is_for_us_alone(&list(&of_systemd), 61_234));
        assert!(!is_for_us_alone(&list(&of_systemd), 1000), "somebody else's");
        for more in [
            (USER, 4, 1000),
            (named_group, 4, 1000),
            (group, 4, NOBODY),
            (others, 4, NOBODY),
            (0x40, 1, NOBODY),
        ] {
            let list = list(&[&of_systemd[..], &[more]].concat());
            assert!(!is_for_us_alone(&list, 61_234), "{more:?}");
        }
        for broken in [
            &b""[..],
            &VERSION,
            &list(&of_systemd)[..18],
            &[&[3, 0, 0, 0], &list(&of_systemd)[4..]].concat(),
        ] {
            assert!(!is_for_us_alone(broken, 61_234), "{broken:?}");
        }
    }
}
