//! The name that a mistyped one was meant to be.

/// The one of `names` nearest to `name`, if it differs by at most one slip in three characters, and never in
/// all of them: a hint that makes no sense is worse than no hint.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let known = names.min_by_key(|known| distance(known))?;
    let length = name.chars().count().max(known.chars().count());
    let slips = distance(known);
    let is_near = slips <= length.div_ceil(3) && slips < name.chars().count().min(known.chars().count());
    is_near.then_some(known)
}

#[cfg(test)]
mod tests {
    use crate::config::ConfigKey;

    #[test]
    fn a_mistyped_name_has_a_nearest_one_and_nonsense_has_none() {
        assert_eq!(ConfigKey::nearest("regoin"), Some("region"));
        assert_eq!(ConfigKey::nearest("proyect_id"), Some("project_id"));
        assert_eq!(ConfigKey::nearest("colour"), None);
        assert_eq!(ConfigKey::nearest(""), None);
        let near = |name| super::nearest(name, ["ns", "q", "pods", "export"].into_iter());
        assert_eq!(
            ["nss", "pdos", "exprot", "exportt"].map(near),
            [Some("ns"), Some("pods"), Some("export"), Some("export")]
        );
        assert_eq!(["x", "xy", "nowhere", "weight"].map(near), [None; 4]);
    }
}
