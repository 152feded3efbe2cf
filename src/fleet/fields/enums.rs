//! The enums of fields, made from the rows of the table.
//!
//! Owns the one macro that turns the six sections of [`table`](super::table) into enums and their matches, so that no
//! list can forget a row. Must not: know any field.

/// Makes the enums from the rows of the six sections.
macro_rules! pod_fields {
    (
        sent name { $(#[$m:meta])* $name:ident($m_api:literal, $m_lists:expr, $m_words:expr) => $m_row:expr, }
        sent texts { $($(#[$t:meta])* $text:ident($t_api:literal, $t_lists:expr, $t_words:expr) => $t_row:expr,)+ }
        derived texts { $($(#[$d:meta])* $derived:ident($d_words:expr) => $d_row:expr,)+ }
        derived numbers { $($(#[$n:meta])* $number:ident($n_unit:expr) => $n_row:expr,)+ }
        sent quantities { $($(#[$q:meta])* $quantity:ident($q_api:literal, $q_lists:expr, $q_unit:expr) => $q_row:expr,)+ }
        sent dates { $($(#[$a:meta])* $date:ident($a_api:literal, $a_lists:expr, $a_unit:expr) => $a_row:expr,)+ }
    ) => {
        /// A field of a pod.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum PodField {
            $(#[$m])* $name,
            $($(#[$t])* $text,)+
            $($(#[$d])* $derived,)+
            $($(#[$n])* $number,)+
            $($(#[$q])* $quantity,)+
            $($(#[$a])* $date,)+
        }

        /// A field of a pod that is a text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum PodText {
            $(#[$m])* $name,
            $($(#[$t])* $text,)+
            $($(#[$d])* $derived,)+
        }

        /// A field of a pod that is a number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum PodNumber {
            $($(#[$n])* $number,)+
            $($(#[$q])* $quantity,)+
            $($(#[$a])* $date,)+
        }

        /// A field that HSS sends as a text: names, words and quantities.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum TextField {
            $(#[$m])* $name,
            $($(#[$t])* $text,)+
            $($(#[$q])* $quantity,)+
        }

        /// The columns of numbers in which the store holds the fields.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Col {
            /// What the row is, and whether its pod has a name. The names themselves are one text.
            Flags,
            $($(#[$t])* $text,)+
            /// When the pod was created.
            Created,
            $($(#[$q])* $quantity,)+
            /// CPU used, of its limit.
            CpuUsage,
            /// Memory used, of its limit.
            MemoryUsage,
            /// The risk score. The last column, from which their number follows.
            Risk,
        }

        impl PodField {
            /// Every field, in the order in which completion offers them.
            pub const ALL: &'static [Self] = &[
                Self::$name, $(Self::$text,)+ $(Self::$derived,)+ $(Self::$number,)+ $(Self::$quantity,)+ $(Self::$date,)+
            ];

            /// Its row.
            pub const fn row(self) -> &'static FieldRow {
                match self {
                    Self::$name => const { &$m_row },
                    $(Self::$text => const { &$t_row },)+
                    $(Self::$derived => const { &$d_row },)+
                    $(Self::$number => const { &$n_row },)+
                    $(Self::$quantity => const { &$q_row },)+
                    $(Self::$date => const { &$a_row },)+
                }
            }

            /// Whether it is a text or a number.
            pub const fn kind(self) -> FieldKind {
                match self {
                    Self::$name => FieldKind::Text(PodText::$name),
                    $(Self::$text => FieldKind::Text(PodText::$text),)+
                    $(Self::$derived => FieldKind::Text(PodText::$derived),)+
                    $(Self::$number => FieldKind::Number(PodNumber::$number),)+
                    $(Self::$quantity => FieldKind::Number(PodNumber::$quantity),)+
                    $(Self::$date => FieldKind::Number(PodNumber::$date),)+
                }
            }

            /// HSS's name for it, if HSS sends it.
            pub const fn sent(self) -> Option<Sent> {
                match self {
                    Self::$name => Some(Sent { name: $m_api, lists: $m_lists }),
                    $(Self::$text => Some(Sent { name: $t_api, lists: $t_lists }),)+
                    $(Self::$quantity => Some(Sent { name: $q_api, lists: $q_lists }),)+
                    $(Self::$date => Some(Sent { name: $a_api, lists: $a_lists }),)+
                    $(Self::$derived => None,)+
                    $(Self::$number => None,)+
                }
            }
        }

        impl PodText {
            /// Every text.
            pub const ALL: &'static [Self] = &[Self::$name, $(Self::$text,)+ $(Self::$derived,)+];

            /// The field.
            pub const fn field(self) -> PodField {
                match self {
                    Self::$name => PodField::$name,
                    $(Self::$text => PodField::$text,)+
                    $(Self::$derived => PodField::$derived,)+
                }
            }

            /// The field that HSS sends for it; `None` for a derived text.
            pub const fn as_sent(self) -> Option<TextField> {
                match self {
                    Self::$name => Some(TextField::$name),
                    $(Self::$text => Some(TextField::$text),)+
                    $(Self::$derived => None,)+
                }
            }

            /// The kind of its texts.
            pub const fn wording(self) -> Wording {
                match self {
                    Self::$name => $m_words,
                    $(Self::$text => $t_words,)+
                    $(Self::$derived => $d_words,)+
                }
            }
        }

        impl PodNumber {
            /// Every number.
            pub const ALL: &'static [Self] = &[$(Self::$number,)+ $(Self::$quantity,)+ $(Self::$date,)+];

            /// The field.
            pub const fn field(self) -> PodField {
                match self {
                    $(Self::$number => PodField::$number,)+
                    $(Self::$quantity => PodField::$quantity,)+
                    $(Self::$date => PodField::$date,)+
                }
            }

            /// The unit of its numbers.
            pub const fn unit(self) -> Unit {
                match self {
                    $(Self::$number => $n_unit,)+
                    $(Self::$quantity => $q_unit,)+
                    $(Self::$date => $a_unit,)+
                }
            }
        }

        impl TextField {
            /// Every one.
            pub const ALL: &'static [Self] = &[Self::$name, $(Self::$text,)+ $(Self::$quantity,)+];

            /// HSS's name for it.
            pub const fn sent(self) -> Sent {
                match self {
                    Self::$name => Sent { name: $m_api, lists: $m_lists },
                    $(Self::$text => Sent { name: $t_api, lists: $t_lists },)+
                    $(Self::$quantity => Sent { name: $q_api, lists: $q_lists },)+
                }
            }

            /// The column that holds it; that of the pod's name only says whether there is one.
            pub const fn col(self) -> Col {
                match self {
                    Self::$name => Col::Flags,
                    $(Self::$text => Col::$text,)+
                    $(Self::$quantity => Col::$quantity,)+
                }
            }

            /// Whether it is a quantity.
            pub const fn is_quantity(self) -> bool {
                matches!(self, $(Self::$quantity)|+)
            }
        }
    };
}

pub(super) use pod_fields;
