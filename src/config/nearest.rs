//! What somebody meant who mistyped a name.

/// The one of `names` that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let known = names.min_by_key(|known| distance(known))?;
    (distance(known) <= known.chars().count().max(3) / 3 + 1).then_some(known)
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
    }
}
