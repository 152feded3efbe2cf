//! The filter language, with which an operator selects pods.
//!
//! Owns the syntax and what it means, and nothing else: [`parse`] turns a text into a [`Query`], whose `Display`
//! writes it back; [`mod@complete`] says what could be typed next; [`mod@draft`] what the
//! finished terms of a text say while it is typed; `eval`, which only tests have, says in the
//! plainest way which pods a query lets through. Must not: know how the fleet is stored, or how an error is drawn.
//!
//! ```text
//! query   = [ term { space term } ]
//!         | choice { space "or" space choice }           as with "|"; also "|" and "||"
//! term    = [ "!" ] choice
//! choice  = test { "|" test }                            one of several; behind a test of a column only those of columns
//! test    = pattern                                      any shown text
//!         | text-column ":" item { "," item }            a text, or one of several
//!         | text-column ( "=" | "!=" ) item { "," item }  the whole text, or none of several
//!         | number-column compare number                 a number, with its unit
//!         | number-column "=" "none"                     a number that is absent
//! item    = pattern | "none"                             `none` without quotes: the text is absent
//! pattern = word | glob | quoted | regex
//! word    = characters up to a space (in an item: or a comma)
//! glob    = a word with `*` (any characters) or `?` (one character)
//! quoted  = `"` characters, `\"` and `\\` `"`
//! regex   = "/" expression, with `\/` for a slash "/"
//! compare = "=" | "!=" | "<" | "<=" | ">" | ">="
//!
//! text-column   = a name of a field of texts:   pod ns cluster node ip status protect detect kind ...
//! number-column = a name of a field of numbers, by its unit:
//!                 percent               of the limit: 80, 79.5
//!               | cores                 Kubernetes quantities: 500m, 1.5
//!               | bytes                 Kubernetes quantities: 512Mi, 1.5Gi
//!               | age                   y w d h m s, the largest first: 90s, 1d12h
//!               | points                a whole number
//! ```
//!
//! The names are those of the [table of fields](super::fields::table): a field has its name, its aliases, the
//! API's name and its names in files, in upper and lower case. A number may also be in quotes, and a
//! percentage may end in `%`.
//!
//! **Joining.** Terms are joined by AND. Terms on the same column are joined by OR: `ns:a ns:b` is the same
//! as `ns:a,b`, and `cpu=1 cpu=2` finds both values. But bounds of a number (`<`, `<=`, `>`, `>=` and `!=`)
//! are separate terms, so `cpu%>=50 cpu%<80` is a range. A term with `!` excludes its matches; several such
//! terms exclude the matches of each: `!ns:a !ns:b` shows neither. `|` joins tests of any columns by OR, before the
//! spaces: `ns:a cpu>90%|mem>90%` is in that namespace and over one of the two.
//!
//! **Habits.** Forms of other languages work if they have one meaning: `ns==a` is `ns=a`, `ns:a|b` is
//! `ns:a,b`, `ns!=a` is `!ns=a`, `mem>90%` is `mem%>90`, and `or` is `|` where it joins all terms: beside a space it
//! could mean two things, and the error says what to type, as for `and` and `not`. In a column of documented words, a value that is neither documented nor present in a pod is an error
//! too, if the pods are known.
//!
//! **Texts.** Upper and lower case are equal. A word or a quoted text must occur in the value; in the columns
//! of API words (status, protect, detect, type) it must be at the beginning of a word, with no letter, digit,
//! space or hyphen before it, and the word may continue, so that the table does not become empty while you
//! type: `status:Fail` finds `Failed`, `detect:detected` does not find `undetected`, `protect:exception`
//! finds `protection_exception`. The screen's words work too: `protect:off` equals `protect:closed`, and
//! `detect:not-scanned` equals `detect:undetected`. After `=` a word or a quoted text must be the whole value:
//! `ns=pay` does not find `payments`, and `ip=10.0.0.1` not `10.0.0.12`. A glob must match the whole value. An expression may
//! match anywhere in it; it is case-sensitive if it contains an upper-case letter that is not part of an
//! escape. Within quotes only `\"` and `\\` have a meaning. Without a column, a pattern is compared with
//! every shown text. A word with `:`, `=`, `<` or `>` names a column, so a text such as `http://x` or
//! `10.0.0.1:80` is refused, with the advice to put it in quotes.
//!
//! **Unknown values.** A number that is absent or unreadable passes no comparison, not even `!=`; an absent
//! text matches no pattern. `none` finds absent values. An exclusion only removes known matches: `!cpu%>80`
//! still shows the pods whose usage is unknown, and `!detect:clean` those without a scan result. A limit of 0
//! limits nothing, but it is a value: `memlimit=none memlimit=0` finds all pods without a memory limit.

pub mod ast;
pub mod change_query;
mod change_sides;
pub mod change_word;
pub mod complete;
pub mod draft;
pub mod error;
pub(in crate::fleet) mod eval;
mod habits;
mod lex;
pub mod number;
pub mod parse;
pub mod pattern;

pub use ast::{Cmp, Query, Term, Test};
pub use change_query::{ChangeColumn, ChangeQuery, complete_change};
pub use complete::{Completion, MAX_COMPLETIONS, Values, complete, present};
pub use draft::{Draft, DraftFault, draft};
pub use error::{ParseError, ParseErrorKind};
pub use eval::{ReadyQuery, matches};
pub use number::Unit;
pub use pattern::{Matching, Pattern, quoted_where_needed, whole};
