//! The words of the API: pod status, protection, detection.
//!
//! One table per list of words is used for parsing and showing. An unknown word is stored unchanged and never
//! counts as a good one. Must not: have colours or symbols; those belong to the screen.

use super::text::RemoteText;

macro_rules! word_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// An undocumented word, unchanged.
            Other(RemoteText),
        }

        impl $name {
            /// Every documented word, in the order of the documentation.
            pub const KNOWN: &'static [&'static str] = &[$($word),+];

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

            /// The word, safe to show.
            pub fn shown(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(text) => text.shown(),
                }
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
        Succeeded = "Succeeded",
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
        Closed = "closed",
        /// Protected.
        Opened = "opened",
        /// Protection is on but does not work.
        Exception = "protection_exception",
    }
}

word_list! {
    /// What HSS found in a serverless pod (field `detect_result`).
    Detection {
        /// Not scanned yet: this does not mean clean.
        Undetected = "undetected",
        /// Scanned; nothing was found.
        Clean = "clean",
        /// A risk was found.
        Risk = "risk",
        /// A scan is running.
        Scanning = "scanning",
    }
}

/// The documented words of `cluster_type` (source: the API reference of `ListKubernetesPods`).
pub const CLUSTER_TYPES: &[&str] = &[
    "k8s",
    "cce",
    "ali",
    "tencent",
    "azure",
    "aws",
    "self_built_hw",
    "self_built_idc",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_word_reads_back_as_itself() {
        for word in Status::KNOWN {
            assert_eq!(Status::read(word).shown(), *word);
        }
        for word in Protection::KNOWN {
            assert_eq!(Protection::read(word).shown(), *word);
        }
        for word in Detection::KNOWN {
            assert_eq!(Detection::read(word).shown(), *word);
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
