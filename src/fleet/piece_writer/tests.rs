//! Tests of `piece_writer`.

use super::*;
use proptest::prelude::*;

fn written(fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) -> String {
    let mut out = PieceWriter::default();
    out.put_with(fill);
    String::from_utf8(out.written().to_vec()).unwrap()
}

#[test]
fn eight_digits_are_those_of_the_number() {
    let ends =
        (0..10_000_u64).flat_map(|four| [four, four * TEN_THOUSAND, four * TEN_THOUSAND + 9999 - four]);
    for number in ends {
        assert_eq!(
            eight_digits(number).to_le_bytes(),
            format!("{number:08}").as_bytes()
        );
    }
}

proptest! {
    #[test]
    fn all_that_was_written_is_there(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<bool>(), 0_usize..100), 0..20),
        again in prop::collection::vec(0_usize..500, 20),
        room in 0_usize..400,
    ) {
        // What was in the memory before does not show.
        let (mut out, mut expected) = (PieceWriter::into_memory(vec![7; room]), Vec::new());
        for ((piece, is_part, len), again) in pieces.into_iter().zip(again) {
            let len = if is_part { len.min(piece.len()) } else { piece.len() };
            out.put_first(len, &piece);
            expected.extend_from_slice(&piece[..len]);
            let begin = again.min(expected.len());
            let part = begin..expected.len().min(begin + again / 2);
            out.put_again(part.clone());
            expected.extend_from_within(part);
        }
        out.put_with(|room| {
            room[..2].copy_from_slice(b"ab");
            2
        });
        expected.extend_from_slice(b"ab");
        out.put_at(1, 9);
        expected[1] = 9;
        out.put_at(out.len(), 8);
        out.put_byte(6);
        expected.extend([8, 6]);
        prop_assert_eq!((out.written(), out.len()), (&expected[..], expected.len()));
        let again = expected.len() / 2;
        out.put_again(expected.len() - again..expected.len());
        expected.extend_from_within(expected.len() - again..);
        prop_assert_eq!(out.written(), &expected[..]);
        out.truncate(1);
        prop_assert_eq!(out.written(), &expected[..1]);
    }

    #[test]
    fn digits_are_those_of_the_number(number in any::<u64>(), shift in 0_u32..64, fraction in 0_usize..17) {
        let number = number >> shift;
        let mut text = format!("{number:0>width$}", width = fraction + 1);
        if fraction > 0 {
            text.insert(text.len() - fraction, '.');
        }
        text.push('m');
        prop_assert_eq!(written(|room| put_number(room, number, fraction, b"m")), text);
    }

    #[test]
    fn addresses_and_uuids_have_their_usual_form(bits in any::<u32>(), uuid in any::<u128>()) {
        prop_assert_eq!(written(|room| put_address(room, bits)), std::net::Ipv4Addr::from_bits(bits).to_string());
        prop_assert_eq!(written(|room| put_uuid(room, uuid)), crate::fleet::store::encoding::uuid_text(uuid));
    }
}
