//! A request as a value.

use reqwest::Method;
use reqwest::header::HeaderMap;

/// A request. It has no `Debug`, because a header or the body may be a secret.
pub struct Outgoing {
    /// `GET`, `POST`, `PUT`
    pub method: Method,
    /// The path, encoded, below the endpoint's own.
    pub path: String,
    /// The query, encoded; empty for none.
    pub query: String,
    /// Headers other than those of HTTP itself.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// Whether it may be sent again if it is unknown whether the service received it.
    pub may_be_repeated: bool,
}
