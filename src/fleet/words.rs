//! The words of the API: pod status, protection, detection.
//!
//! One table per word list has HSS's word, the screen's word and the filter's word: HSS's `closed` sounds as
//! if something were shut, and `undetected` as if nothing had been found. Files contain HSS's words. A word
//! that is in no table is stored as received and never counts as good. Must not: have colours or signs, which
//! belong to the screen.

use super::text::RemoteText;

/// A documented word of the API, and its translations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedWord {
    /// As HSS sends it, and in exported files.
    pub raw: &'static str,
    /// As the screen shows it.
    pub shown: &'static str,
    /// As a filter writes it: the shown word without spaces.
    pub typed: &'static str,
    /// Another word for it that a filter understands: as a narrow column shows it. HSS's word where there is none.
    pub brief: &'static str,
}

impl ListedWord {
    /// A word that is shown and typed like HSS's.
    pub const fn plain(word: &'static str) -> Self {
        Self {
            raw: word,
            shown: word,
            typed: word,
            brief: word,
        }
    }

    /// Every form of it, possibly with duplicates.
    pub const fn forms(&self) -> [&'static str; 4] {
        [self.raw, self.shown, self.typed, self.brief]
    }
}

/// The first of these words.
macro_rules! first {
    ($first:literal $(, $other:literal)*) => {
        $first
    };
}

macro_rules! word_list {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal $(as $shown:literal)? $(or $typed:literal)? $(brief $brief:literal)?,)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// An undocumented word, unchanged.
            Other(RemoteText),
        }

        impl $name {
            /// Every documented word as HSS sends it, in the order of the documentation.
            pub const KNOWN: &'static [&'static str] = &[$($word),+];
            /// The same with their translations.
            pub const LISTED: &'static [ListedWord] = &[$(ListedWord {
                raw: $word,
                shown: first!($($shown,)? $word),
                typed: first!($($typed,)? $($shown,)? $word),
                brief: first!($($brief,)? $word),
            }),+];

            /// Parses the API's word; an undocumented one becomes [`Self::Other`].
            pub fn read(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(RemoteText::name(other)),
                }
            }

            /// The word as HSS sent it.
            pub fn raw(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(text) => text.raw(),
                }
            }

            /// The word of the screen; an undocumented word is made safe.
            pub fn shown(&self) -> &str {
                match self {
                    $(Self::$variant => first!($($shown,)? $word),)+
                    Self::Other(text) => text.shown(),
                }
            }

            /// The filter's word.
            pub fn typed(&self) -> &str {
                match self {
                    $(Self::$variant => first!($($typed,)? $($shown,)? $word),)+
                    Self::Other(text) => text.shown(),
                }
            }

            /// The word of a narrow column.
            pub fn brief(&self) -> &str {
                match self {
                    $(Self::$variant => first!($($brief,)? $word),)+
                    Self::Other(text) => text.shown(),
                }
            }

            /// Every form of it, possibly with duplicates: a filter finds it by each.
            pub fn forms(&self) -> [&str; 4] {
                let raw = match self {
                    $(Self::$variant => $word,)+
                    Self::Other(text) => text.shown(),
                };
                [raw, self.shown(), self.typed(), self.brief()]
            }
        }
    };
}

word_list! {
    /// A pod's phase (field `status`; the words are those of Kubernetes).
    Status {
        /// Accepted, but not all of its containers run.
        Pending = "Pending",
        /// Bound to a node, with a container running.
        Running = "Running",
        /// All containers ended successfully.
        Succeeded = "Succeeded" brief "done",
        /// All containers ended, at least one of them with an error.
        Failed = "Failed",
        /// The node did not respond.
        Unknown = "Unknown",
    }
}

word_list! {
    /// Whether HSS protects a serverless pod (field `protect_status`).
    Protection {
        /// Not protected.
        Closed = "closed" as "off",
        /// Protected.
        Opened = "opened" as "on",
        /// Protection is on but does not work.
        Exception = "protection_exception" as "broken",
    }
}

word_list! {
    /// What HSS found in a serverless pod (field `detect_result`).
    Detection {
        /// Not scanned yet: this does not mean clean.
        Undetected = "undetected" as "not scanned" or "not-scanned",
        /// Scanned; nothing was found.
        Clean = "clean",
        /// A risk was found.
        Risk = "risk",
        /// A scan is running, and the last one that finished found a risk. The word is ours: HSS says `scanning`.
        Rescanning = "risk-scanning" as "risk (scan)" or "risk-scanning",
        /// A scan is running.
        Scanning = "scanning",
    }
}

impl Detection {
    /// Whether a risk is known: the last scan that finished found one.
    pub const fn is_risk(&self) -> bool {
        matches!(self, Self::Risk | Self::Rescanning)
    }

    /// The word that HSS sends for it.
    pub fn sent(&self) -> &str {
        match self {
            Self::Rescanning => Self::Scanning.raw(),
            other => other.raw(),
        }
    }
}

/// The documented words of `cluster_type` (source: the API reference of `ListKubernetesPods`).
pub const CLUSTER_TYPES: &[ListedWord] = &[
    ListedWord::plain("k8s"),
    ListedWord::plain("cce"),
    ListedWord::plain("ali"),
    ListedWord::plain("tencent"),
    ListedWord::plain("azure"),
    ListedWord::plain("aws"),
    ListedWord::plain("self_built_hw"),
    ListedWord::plain("self_built_idc"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_word_reads_back_as_itself() {
        for word in Status::LISTED {
            assert_eq!(Status::read(word.raw).forms(), word.forms());
            assert_eq!(word.raw, word.shown, "Kubernetes' words are known to all");
        }
        for word in Protection::LISTED {
            assert_eq!(Protection::read(word.raw).forms(), word.forms());
        }
        for word in Detection::LISTED {
            assert_eq!(Detection::read(word.raw).forms(), word.forms());
        }
    }

    #[test]
    fn the_screen_says_what_a_word_means_and_files_keep_it() {
        for (raw, shown) in [
            ("closed", "off"),
            ("opened", "on"),
            ("protection_exception", "broken"),
        ] {
            let word = Protection::read(raw);
            assert_eq!((word.raw(), word.shown()), (raw, shown));
        }
        let word = Detection::read("undetected");
        assert_eq!(
            word.forms(),
            ["undetected", "not scanned", "not-scanned", "undetected"]
        );
        assert_eq!(word.raw(), "undetected");
    }

    #[test]
    fn what_is_typed_has_no_space_and_is_one_word_only() {
        for list in [
            Status::LISTED,
            Protection::LISTED,
            Detection::LISTED,
            CLUSTER_TYPES,
        ] {
            for word in list {
                assert!(!word.typed.contains(char::is_whitespace), "{word:?}");
                let forms = list.iter().flat_map(|word| [word.raw, word.typed]);
                let same = forms.filter(|form| *form == word.typed).count();
                assert_eq!(same, if word.raw == word.typed { 2 } else { 1 }, "{word:?}");
            }
        }
    }

    #[test]
    fn an_unknown_word_is_stored_and_safe_to_show() {
        assert_eq!(
            Status::read("Evicted"),
            Status::Other(RemoteText::name("Evicted"))
        );
        assert_eq!(Status::read("running").shown(), "running");
        assert_ne!(Status::read("running"), Status::Running);
        assert_eq!(Detection::read("cle\u{200b}an").shown(), "cle\\u{200b}an");
    }
}
