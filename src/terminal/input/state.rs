//! Where the decoder is in the stream of bytes.

/// The position in the stream of bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum DecoderState {
    /// Between two keys.
    #[default]
    Ground,
    /// Inside a character of several bytes.
    Character,
    /// After ESC.
    Escape,
    /// After an ESC that was alone for a while: no longer Alt, but perhaps the first byte of a sequence.
    LoneEscape,
    /// After `ESC O`: perhaps a number for modifiers, and a final byte.
    Function,
    /// After `ESC [`: parameters up to a final byte.
    Sequence,
    /// After `ESC [ [`: a function key of the Linux console.
    Console,
    /// After `ESC [ M`: three numbers of a mouse report in the old form.
    Mouse,
    /// After `ESC ]` and the like: a string up to its end, such as the answer to a query for colours.
    Text,
    /// After ESC in such a string: perhaps its end.
    TextEnd,
    /// Between the marks of a paste.
    Paste,
}
