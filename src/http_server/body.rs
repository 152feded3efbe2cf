//! The body of an answer.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// A complete body: one text, or several parts of one, which answers may share. Its length is told before its first byte.
#[derive(Debug, Clone, Default)]
pub struct AnswerBody {
    next: Bytes,
    rest: VecDeque<Bytes>,
}

impl From<Bytes> for AnswerBody {
    fn from(next: Bytes) -> Self {
        let rest = VecDeque::new();
        Self { next, rest }
    }
}

impl From<Vec<u8>> for AnswerBody {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl FromIterator<Bytes> for AnswerBody {
    fn from_iter<T: IntoIterator<Item = Bytes>>(parts: T) -> Self {
        // An empty part would end the body.
        let mut rest: VecDeque<Bytes> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let next = rest.pop_front().unwrap_or_default();
        Self { next, rest }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let after = self.rest.pop_front().unwrap_or_default();
        let next = std::mem::replace(&mut self.next, after);
        Poll::Ready((!next.is_empty()).then(|| Ok(Frame::data(next))))
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let rest: usize = self.rest.iter().map(Bytes::len).sum();
        SizeHint::with_exact((self.next.len() + rest) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[tokio::test]
    async fn all_parts_arrive_in_order_and_their_length_is_known() {
        for (parts, expected) in [
            (vec![], ""),
            (vec!["", ""], ""),
            (vec!["one"], "one"),
            (vec!["one", "", "two", "three"], "onetwothree"),
        ] {
            let body: AnswerBody = parts.into_iter().map(Bytes::from).collect();
            assert_eq!(body.size_hint().exact(), Some(expected.len() as u64));
            assert_eq!(body.is_end_stream(), expected.is_empty());
            let read = body.collect().await.unwrap().to_bytes();
            assert_eq!(read, expected);
        }
    }
}
