//! A parsed filter.
//!
//! Owns the structure of a query and how it is written. A query is a flat list of terms:
//! `status:Failed,Unknown` is two terms on one column, which has the same meaning. [`Query::clauses`] and
//! [`Query::exclusions`] return the same terms as logic, for evaluation. Must not: evaluate.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::complete::Values;
use super::error::ParseError;
use super::pattern::{NONE, Pattern};
use super::{habits, parse};
use crate::fleet::fields::{FieldKind, PodField, PodNumber, PodText};

/// A filter. Cheap to clone; equal to another with the same terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    terms: Arc<[Term]>,
}

/// A test, and whether the pods that pass it are shown or excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether `!` stands before it.
    pub excluded: bool,
    /// Whether `|` stands before it: it is another choice beside the term before. One that excludes is never another choice.
    pub joined: bool,
    /// The test.
    pub test: Test,
}

/// A test of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of the shown texts matches.
    Any(Pattern),
    /// A text of the column matches.
    Text(PodText, Pattern),
    /// The column's number is known and compares in this way with this number, which is in the column's
    /// [unit](PodNumber::unit).
    Number(PodNumber, Cmp, u64),
    /// The column has no value.
    Absent(FieldKind),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cmp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Query {
    /// Parses what the user typed.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::query(text, &|_, _| true)
    }

    /// The same, where the values that pods have are known: one that no pod can have, in a column of documented words, is an
    /// error.
    pub fn parse_among(text: &str, values: &impl Values) -> Result<Self, ParseError> {
        parse::query(text, &|column, pattern| habits::is_value(column, pattern, values))
    }

    /// Whether every pod passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether some term tests this field.
    pub fn asks_for(&self, field: PodField) -> bool {
        self.terms
            .iter()
            .any(|term| term.test.column() == Some(field.kind()))
    }

    /// The terms in the order in which they were typed.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The terms, each with those that `|` joins to it.
    pub fn groups(&self) -> impl Iterator<Item = &[Term]> {
        self.terms.chunk_by(|_, next| next.joined)
    }

    /// The tests that a pod must pass: at least one of each clause. The tests of a clause are joined by `|`, or are on one
    /// column; a test of any text has a clause of its own, and so has each bound of a number.
    pub fn clauses(&self) -> Vec<Vec<&Test>> {
        let mut joined: Vec<Vec<&Test>> = Vec::new();
        let mut clauses: Vec<Vec<&Test>> = Vec::new();
        for group in self.groups() {
            let [term] = group else {
                joined.push(group.iter().map(|term| &term.test).collect());
                continue;
            };
            if term.excluded {
                continue;
            }
            let same_column = |clause: &&mut Vec<&Test>| {
                let column = clause.first().and_then(|test| test.column_of_choices());
                column.is_some() && column == term.test.column_of_choices()
            };
            match clauses.iter_mut().find(same_column) {
                Some(clause) => clause.push(&term.test),
                None => clauses.push(vec![&term.test]),
            }
        }
        clauses.append(&mut joined);
        clauses
    }

    /// The tests that a pod must not pass.
    pub fn exclusions(&self) -> impl Iterator<Item = &Test> {
        self.terms
            .iter()
            .filter(|term| term.excluded)
            .map(|term| &term.test)
    }
}

impl FromIterator<Term> for Query {
    fn from_iter<I: IntoIterator<Item = Term>>(terms: I) -> Self {
        Self {
            terms: terms.into_iter().collect(),
        }
    }
}

impl Term {
    /// Whether this term can be written as another item in the list of the term `before`.
    fn continues(&self, before: &Self) -> bool {
        let column = self.test.column();
        matches!(column, Some(FieldKind::Text(_)))
            && !before.joined
            && column == before.test.column()
            && self.test.is_whole() == before.test.is_whole()
            && self.excluded == before.excluded
    }
}

impl Test {
    /// The column that is tested, if the test has one.
    pub fn column(&self) -> Option<FieldKind> {
        match self {
            Self::Any(_) => None,
            Self::Text(column, _) => Some(FieldKind::Text(*column)),
            Self::Number(column, ..) => Some(FieldKind::Number(*column)),
            Self::Absent(column) => Some(*column),
        }
    }

    /// The column, if several tests on it are choices.
    pub(super) fn column_of_choices(&self) -> Option<FieldKind> {
        self.column().filter(|_| !self.is_bound())
    }

    /// Whether it is a bound of a number: several bounds on one column are a range.
    fn is_bound(&self) -> bool {
        matches!(self, Self::Number(_, cmp, _) if *cmp != Cmp::Equal)
    }

    /// Whether the complete text must be the one that was typed.
    fn is_whole(&self) -> bool {
        matches!(self, Self::Text(_, Pattern::Whole(_)))
    }

    /// Writes the part before the value.
    fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(_) => Ok(()),
            Self::Text(column, Pattern::Whole(_)) => write!(f, "{column}{}", Cmp::Equal),
            Self::Text(column, _) => write!(f, "{column}:"),
            Self::Number(column, cmp, _) => write!(f, "{column}{cmp}"),
            Self::Absent(FieldKind::Text(column)) => write!(f, "{column}:"),
            Self::Absent(FieldKind::Number(column)) => write!(f, "{column}{}", Cmp::Equal),
        }
    }

    fn write_value(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(pattern) | Self::Text(_, pattern) => write!(f, "{pattern}"),
            Self::Number(column, _, amount) => {
                let text = column.unit().write(*amount);
                let quote = if habits::lacks_unit(*column, &text) {
                    "\""
                } else {
                    ""
                };
                write!(f, "{quote}{text}{quote}")
            }
            Self::Absent(_) => f.write_str(NONE),
        }
    }
}

impl Cmp {
    /// Every comparison; a longer sign comes before a shorter one that it begins with.
    pub const ALL: [Self; 6] = [
        Self::AtMost,
        Self::AtLeast,
        Self::NotEqual,
        Self::Equal,
        Self::Less,
        Self::Greater,
    ];

    /// The sign as it is typed.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether the comparison holds for a value that is `ordering` to the number.
    pub const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

impl fmt::Display for Cmp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

impl fmt::Display for Query {
    /// Writes a text that parses as the same query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<&Term> = None;
        for group in self.groups() {
            let is_alone = group.len() == 1;
            for term in group {
                if term.joined {
                    f.write_str("|")?;
                    term.test.write_head(f)?;
                } else if is_alone && before.is_some_and(|before| term.continues(before)) {
                    f.write_str(",")?;
                } else {
                    f.write_str(if before.is_some() { " " } else { "" })?;
                    f.write_str(if term.excluded { "!" } else { "" })?;
                    term.test.write_head(f)?;
                }
                term.test.write_value(f)?;
                before = Some(term);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub mod strategy {
    //! Queries for property tests.

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::fleet::query::pattern::{Expression, Glob, Phrase};

    fn pattern() -> impl Strategy<Value = Pattern> {
        prop_oneof![
            4 => "\\PC{1,12}".prop_map(|text| Pattern::Phrase(Phrase::new(&text))),
            4 => "[a-c0-9 :,!/\"\\\\*=<>none-]{1,6}".prop_map(|text| Pattern::Phrase(Phrase::new(&text))),
            2 => "[a-z.-]{0,4}[*?][a-z*?-]{0,4}".prop_map(|text| Pattern::Glob(Glob::new(&text))),
            1 => select(vec!["^web-[0-9]+$", r"a\/b c", "[x,\"]", "(?i)A|B", r"\b10\.0", "[0-9a-f]{4}", "^.?$", "run+ing"])
                .prop_map(|source| Pattern::Regex(Expression::compile(source).unwrap())),
        ]
    }

    fn test() -> impl Strategy<Value = Test> {
        let columns: Vec<FieldKind> = PodField::ALL.iter().map(|field| field.kind()).collect();
        prop_oneof![
            pattern()
                .prop_filter("is explained instead", |it| {
                    !matches!(it, Pattern::Glob(_)) || habits::mistaken(&it.to_string()).is_none()
                })
                .prop_map(Test::Any),
            (select(PodText::ALL.to_vec()), pattern()).prop_map(|(column, it)| Test::Text(column, it)),
            (select(PodText::ALL.to_vec()), pattern())
                .prop_map(|(column, it)| Test::Text(column, it.whole())),
            (
                select(PodNumber::ALL.to_vec()),
                select(Cmp::ALL.to_vec()),
                any::<u64>(),
                0_u32..64
            )
                .prop_map(|(column, cmp, amount, shift)| Test::Number(
                    column,
                    cmp,
                    amount >> shift
                )),
            select(columns).prop_map(Test::Absent),
        ]
    }

    /// Generates any query that can be typed.
    pub fn query() -> impl Strategy<Value = Query> {
        let term = |excluded| {
            move |test| Term {
                excluded,
                joined: false,
                test,
            }
        };
        let one = (any::<bool>(), test()).prop_map(move |(excluded, test)| vec![term(excluded)(test)]);
        let joined = proptest::collection::vec(test(), 2..4).prop_map(move |tests| {
            let mut terms: Vec<Term> = tests.into_iter().map(term(false)).collect();
            parse::join(&mut terms);
            terms
        });
        let group = prop_oneof![4 => one, 1 => joined];
        proptest::collection::vec(group, 0..6).prop_map(|groups| groups.concat().into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fields::names::named;
    use proptest::prelude::*;

    fn query(text: &str) -> Query {
        Query::parse(text).unwrap()
    }

    #[test]
    fn tests_on_one_column_are_one_clause_except_bounds_and_exclusions() {
        let query =
            query("api web ns:a cpu%>=80 ns:b,none !ns:c !ns:d cpu>1 cpu%=none cpu%<90 cpu%=85 cpu%!=86");
        let clauses: Vec<usize> = query.clauses().iter().map(Vec::len).collect();
        assert_eq!(clauses, [1, 1, 3, 1, 1, 2, 1, 1]);
        assert_eq!(query.exclusions().count(), 2);
        assert_eq!(query.terms().len(), 13);
    }

    #[test]
    fn a_query_is_written_in_its_shortest_form() {
        let cases = [
            ("", ""),
            ("  a   B ", "a B"),
            ("namespace:a NS:b", "ns:a,b"),
            ("ns:a !ns:b !ns:c ns:d", "ns:a !ns:b,c ns:d"),
            ("memory>=1024Mi age<24h", "mem>=1Gi age<1d"),
            ("\"a b\" \"c\" \"none\"", "\"a b\" c \"none\""),
            ("status:/^f/,NONE cpulimit=None", "status:/^f/,none cpulimit=none"),
            ("cpu%>\"80.50%\"", "cpu%>80.5"),
            ("ns=a,\"b c\" ns=D ns!=e,f", "ns=a,\"b c\",D !ns=e,f"),
            ("ns=a,b*,none,/c/ ns:d", "ns=a ns:b*,none,/c/,d"),
        ];
        for (typed, written) in cases {
            assert_eq!(query(typed).to_string(), written);
        }
    }

    #[test]
    fn a_query_knows_the_columns_that_it_tests() {
        let asked = |text: &str, name: &str| query(text).asks_for(named(name).unwrap());
        for (text, name) in [
            ("ns:a", "ns"),
            ("api !risk>5", "risk"),
            ("api ip:none cpu=1", "ip"),
        ] {
            assert!(asked(text, name), "{text}");
        }
        for (text, name) in [("", "ns"), ("api", "pod"), ("ns:a mem>1Mi", "cpu")] {
            assert!(!asked(text, name), "{text}");
        }
        assert!(query("  ").is_empty() && !query("a").is_empty() && !query("!a").is_empty());
    }

    #[test]
    fn each_comparison_holds_for_its_orderings() {
        for (cmp, holds) in [
            (Cmp::Equal, [false, true, false]),
            (Cmp::NotEqual, [true, false, true]),
            (Cmp::Less, [true, false, false]),
            (Cmp::AtMost, [true, true, false]),
            (Cmp::Greater, [false, false, true]),
            (Cmp::AtLeast, [false, true, true]),
        ] {
            let orderings = [Ordering::Less, Ordering::Equal, Ordering::Greater];
            assert_eq!(orderings.map(|ordering| cmp.holds(ordering)), holds, "{cmp}");
        }
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 20_000))]

        #[test]
        fn a_written_query_parses_as_the_same_query(query in strategy::query()) {
            let text = query.to_string();
            prop_assert_eq!(Query::parse(&text), Ok(query), "{}", text);
        }
    }
}
