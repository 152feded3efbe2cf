//! Facts about the matches of an expression, derived from its syntax.
//!
//! Owns the facts that rule out texts before the expression runs. Must not: claim that a text matches.

use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition,
};

use crate::fleet::query::pattern::Glob;

/// The expression with the same matches as the glob.
pub fn of_glob(glob: &Glob) -> Hir {
    let any = || {
        Hir::class(Class::Unicode(ClassUnicode::new([ClassUnicodeRange::new(
            '\0',
            char::MAX,
        )])))
    };
    let parts = glob.folded().chars().map(|character| match character {
        '*' => Hir::repetition(Repetition {
            min: 0,
            max: None,
            greedy: true,
            sub: Box::new(any()),
        }),
        '?' => any(),
        other => Hir::literal(other.encode_utf8(&mut [0; 4]).as_bytes()),
    });
    let start = Hir::look(regex_syntax::hir::Look::Start);
    let end = Hir::look(regex_syntax::hir::Look::End);
    Hir::concat([start].into_iter().chain(parts).chain([end]).collect())
}

/// The same expression for texts that are ASCII without upper-case letters: case-insensitive letters become
/// lower-case ones.
pub fn for_plain(expression: &Hir) -> Hir {
    match expression.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.intersect(&ClassUnicode::new([
                ClassUnicodeRange::new('\0', '@'),
                ClassUnicodeRange::new('[', '\x7f'),
            ]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut class = class.clone();
            class.intersect(&ClassBytes::new([
                ClassBytesRange::new(0, b'@'),
                ClassBytesRange::new(b'[', 0x7f),
            ]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(for_plain(&repetition.sub))),
        HirKind::Capture(capture) => for_plain(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(for_plain).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(for_plain).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => expression.clone(),
    }
}

/// The longest text that every match contains.
pub fn required(expression: &Hir) -> &[u8] {
    match expression.kind() {
        HirKind::Literal(literal) => &literal.0,
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Concat(parts) => {
            let parts = parts.iter().map(required);
            parts.max_by_key(|text| text.len()).unwrap_or_default()
        }
        HirKind::Alternation(_)
        | HirKind::Class(_)
        | HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Repetition(_) => &[],
    }
}

/// Whether a match may consist of these ASCII characters alone.
pub fn may_be_of(expression: &Hir, characters: &[u8]) -> bool {
    match expression.kind() {
        HirKind::Literal(literal) => literal.0.iter().all(|byte| characters.contains(byte)),
        HirKind::Class(class) => characters.iter().any(|character| match class {
            Class::Unicode(class) => {
                let has = |range: &ClassUnicodeRange| {
                    (range.start()..=range.end()).contains(&char::from(*character))
                };
                class.ranges().iter().any(has)
            }
            Class::Bytes(class) => {
                let has = |range: &ClassBytesRange| (range.start()..=range.end()).contains(character);
                class.ranges().iter().any(has)
            }
        }),
        HirKind::Repetition(repetition) => repetition.min == 0 || may_be_of(&repetition.sub, characters),
        HirKind::Capture(capture) => may_be_of(&capture.sub, characters),
        HirKind::Concat(parts) => parts.iter().all(|part| may_be_of(part, characters)),
        HirKind::Alternation(parts) => parts.iter().any(|part| may_be_of(part, characters)),
        HirKind::Empty | HirKind::Look(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::query::{Pattern, Query, Test};

    fn parse(source: &str) -> Hir {
        let mut parser = regex_syntax::ParserBuilder::new();
        parser.case_insensitive(true).build().parse(source).unwrap()
    }

    #[test]
    fn the_longest_text_that_must_occur_is_found() {
        for (source, text) in [
            ("api", "api"),
            ("^pay(ment)+-[0-9]", "ment"),
            ("[a-z]+-checkout(-[0-9])?", "-checkout"),
            ("api|web", ""),
            ("(api)?x{2}", "x"),
            (r"\bk8s\b", "k8s"),
        ] {
            assert_eq!(required(&for_plain(&parse(source))), text.as_bytes(), "{source}");
        }
        assert_eq!(required(&parse("api")), b"", "in either case");
    }

    #[test]
    fn a_glob_is_an_expression_for_the_complete_text() {
        let query = Query::parse("web*-?").unwrap();
        let Test::Any(Pattern::Glob(glob)) = &query.terms()[0].test else {
            panic!("no glob");
        };
        let expression = of_glob(glob);
        assert_eq!(required(&expression), b"web");
        let properties = expression.properties();
        assert!(
            properties
                .look_set_prefix()
                .contains(regex_syntax::hir::Look::Start)
        );
        assert!(
            properties
                .look_set_suffix()
                .contains(regex_syntax::hir::Look::End)
        );
    }

    #[test]
    fn an_expression_limits_the_characters_of_its_matches() {
        let address = b"0123456789.";
        for source in [
            r"10\.0\.",
            "[0-9a-f]{4}",
            "^(x|1)?$",
            r"\d+\b",
            "(?-u:[a-c0])",
            "x*",
        ] {
            assert!(may_be_of(&parse(source), address), "{source}");
        }
        for source in ["[0-9]{3}[a-f]{4}", "1x", "x|[a-c]", "é", "(?-u:a)+", "x{2}"] {
            assert!(!may_be_of(&parse(source), address), "{source}");
        }
    }
}
