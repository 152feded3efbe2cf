//! The kinds of errors: what a caller does about them.

/// The kind of an error. It decides the state word and whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service cannot be reached.
    Offline,
    /// Too many calls.
    Throttled,
    /// The credential is not accepted, or missing.
    SignIn,
    /// A key pair is not accepted. More than five refusals in a row lock it for five minutes, for everybody.
    KeyRefused,
    /// The credential is accepted but may not do this.
    Denied,
    /// A temporary fault: worth another try soon.
    Passing,
    /// A fault that another try soon would not fix.
    Lasting,
}
