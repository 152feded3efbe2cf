//! Tests of `row_texts`.

use super::*;
use crate::fleet::fixture::{node, pods};
use crate::fleet::store::encoding::uuid_text;
use proptest::prelude::*;

fn plain(text: SentText<'_>) -> String {
    match text {
        SentText::Text(text) => text.to_owned(),
        SentText::Uuid(uuid) => uuid_text(uuid),
        SentText::Address(bits) => std::net::Ipv4Addr::from_bits(bits).to_string(),
        SentText::Quantity(SentQuantity {
            digits,
            fraction,
            suffix,
        }) => {
            let width = usize::from(fraction);
            let digits = format!("{digits:0>width$}", width = width + 1);
            let (whole, rest) = digits.split_at(digits.len() - width);
            let point = if width > 0 { "." } else { "" };
            format!("{whole}{point}{rest}{}", SUFFIXES[usize::from(suffix)])
        }
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(128, 2_500))]

    #[test]
    fn the_texts_of_a_row_are_those_of_its_pod(pods in proptest::collection::vec(pods(), 1..12)) {
        let fleet: Fleet = pods.into_iter().collect();
        let searched = fleet.texts_of_part(0);
        let searched = std::str::from_utf8(searched.written()).unwrap();
        for row in fleet.rows() {
            let pod = fleet.pod(row).unwrap();
            let texts = fleet.row_texts(row);
            prop_assert_eq!(texts.is_none(), pod.node.is_some() && pod.serverless.is_some());
            let Some(texts) = texts else { continue };
            for field in TextField::ALL {
                let sent = pod.sent(*field).part(|text| (*text).to_owned());
                let is = texts.text(*field).part(|text| plain(*text));
                prop_assert_eq!(is, sent, "{:?}", field);
            }
            for field in OWN_FIELDS {
                let text = texts.text(field);
                let is_searched = match &text {
                    // Words are searched with those that rows have in common.
                    Field::Value(SentText::Text(_)) if field != TextField::Name => true,
                    Field::Value(text) => searched.split('|').any(|it| it == plain(*text)) || plain(*text).contains('|'),
                    _ => true,
                };
                prop_assert!(is_searched, "{:?} is not in {}", text, searched);
            }
            prop_assert_eq!(&texts.created(), pod.create_time());
            for field in TextField::ALL {
                let words = fleet.words_in_common(*field);
                let word = words.map(|words| words.words[texts.word_code(words.place)]);
                prop_assert!(word.is_none_or(|word| word.part(|word| (*word).to_owned()) == texts.text(*field).part(|text| plain(*text))));
            }
        }
    }
}

#[test]
fn a_part_with_a_secret_in_a_name_is_known_to_have_one_and_no_other_part() {
    let secret = "row-texts-Sec_ret+1";
    let many = (0..5000).map(|number| {
        let name = if number == 4500 {
            format!("x-{secret}-y")
        } else {
            format!("pod-{number}")
        };
        node(&name).id(&format!("id-{number}")).within("c", "n").build()
    });
    let fleet: Fleet = many.collect();
    let shared: Fleet = [node("a \"b\"").within("c", secret).build()]
        .into_iter()
        .collect();
    let states = |fleet: &Fleet| {
        let rows = (0..fleet.parts()).map(|part| fleet.texts_of_rows(part));
        [fleet.texts_in_common()]
            .into_iter()
            .chain(rows)
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&fleet), [TextsState::Plain; 3]);
    secrets::protect(secret);
    assert_eq!(
        states(&fleet),
        [TextsState::Plain, TextsState::Plain, TextsState::Secret]
    );
    assert_eq!(states(&shared), [TextsState::Secret, TextsState::Odd]);
}
