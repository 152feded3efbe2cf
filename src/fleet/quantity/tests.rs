use super::*;
use proptest::prelude::*;

const CORE: u64 = 1_000_000_000;
const MIB: u64 = 1 << 20;

fn cpu(text: &str) -> Option<u64> {
    Quantity::read(text, Measure::Cpu).amount
}

fn memory(text: &str) -> Option<u64> {
    Quantity::read(text, Measure::Memory).amount
}

#[test]
fn cores_are_read() {
    let cases = [
        ("250m", CORE / 4),
        ("0.5", CORE / 2),
        ("2", 2 * CORE),
        ("1500u", 1_500_000),
        ("100n", 100),
        ("1e3", 1000 * CORE),
        ("1E-3", CORE / 1000),
        (".5", CORE / 2),
        ("5.", 5 * CORE),
        ("0", 0),
        ("0.0", 0),
        ("1k", 1000 * CORE),
        ("+5", 5 * CORE),
        ("+0.5", CORE / 2),
        ("-0", 0),
        ("-0.000m", 0),
        ("0.000000000000000000000000000000000000000001", 1), // rounded up
        ("1.0000000000000000000000000000000000000000", CORE),
        ("1.00000000000000000000000000000000000000001", CORE + 1),
        ("000000000000000000000000000000000000000000002", 2 * CORE),
        ("18446744073", 18_446_744_073 * CORE),
        ("18446744074", MOST),
        ("20000000000", MOST),
        ("1000000000000000000000000000000", MOST),
        ("1e400", MOST),
        ("1e2147483648", MOST),
        ("1e-2147483649", 1),
        ("9Ei", MOST),
    ];
    for (text, nanocores) in cases {
        assert_eq!(cpu(text), Some(nanocores), "{text}");
    }
}

#[test]
fn bytes_are_read() {
    let cases = [
        ("512Mi", 512 * MIB),
        ("1Gi", 1024 * MIB),
        ("1.5Gi", 1536 * MIB),
        ("500M", 500_000_000),
        ("128974848", 128_974_848),
        ("1e3", 1000),
        ("1E", 1_000_000_000_000_000_000),
        ("1500m", 2), // Kubernetes rounds up
        ("100n", 1),
        ("1e-400", 1),
        ("2Ki", 2048),
        ("+1Gi", 1024 * MIB),
        ("18446744073709551615", u64::MAX),
        ("18446744073709551616", MOST),
        ("15Ei", 15 << 60),
        ("16Ei", MOST),
        ("99999999999999999999Ei", MOST),
        ("123456789012345678901234567890", MOST),
        ("1234567890123456789012m", 1_234_567_890_123_456_790),
        ("1024000000000000000000000000000e-24", 1_024_000),
        ("0.5Ei", 1 << 59),
    ];
    for (text, bytes) in cases {
        assert_eq!(memory(text), Some(bytes), "{text}");
    }
}

#[test]
fn an_invalid_text_has_no_amount_and_is_stored() {
    for text in [
        "",
        "-",
        ".",
        "12%",
        "1.5 cores",
        "-5",
        "+",
        "++5",
        "+-5",
        "- 5",
        "5-",
        "+Mi",
        "∞",
        "1e99999999999999999999",
        "1e",
        "1e+",
        "1.2.3",
        "Mi",
        "1mi",
        "1KI",
        "0x10",
        "1_000",
        " 1",
        "1 ",
        "１",
    ] {
        let quantity = Quantity::read(text, Measure::Memory);
        assert_eq!(quantity.amount, None, "{text}");
        assert_eq!(quantity.text.raw(), text);
        assert_eq!(cpu(text), None, "{text}");
    }
}

#[test]
fn a_negative_quantity_has_no_amount_and_is_recognised() {
    let is_negative = |text: &str| Quantity::read(text, Measure::Cpu).is_negative();
    for text in ["-5", "-250m", "-0.1", "-1e3", "-1e400"] {
        assert!(is_negative(text) && cpu(text).is_none(), "{text}");
    }
    for text in ["-0", "-", "--5", "-x", "5", "+5", ""] {
        assert!(!is_negative(text), "{text}");
    }
}

#[test]
fn every_suffix_is_found_at_its_place() {
    for (at, known) in SUFFIXES.iter().enumerate() {
        assert_eq!(suffix(known.as_bytes()).map(usize::from), Some(at), "{known}");
    }
    assert_eq!([suffix(b"x"), suffix(b"Mb"), suffix(b"Kii")], [None; 3]);
}

#[test]
fn a_quantity_in_the_simplest_form_has_parts() {
    let of = |text: &str| Parts::of(text).map(|it| (it.mantissa, it.fraction, it.suffix));
    for (text, parts) in [
        ("0", (0, 0, 0)),
        ("250m", (250, 0, 3)),
        ("1.5Gi", (15, 1, 12)),
        ("0.05", (5, 2, 0)),
        ("10", (10, 0, 0)),
        ("1234567890123456", (1_234_567_890_123_456, 0, 0)),
        ("12345678901234.5Ki", (123_456_789_012_345, 1, 10)),
    ] {
        assert_eq!(of(text), Some(parts), "{text}");
    }
    for text in [
        "",
        "m",
        ".",
        ".5",
        "5.",
        "5.m",
        "00",
        "0250m",
        "01.5",
        "1.2.3",
        "1..2",
        "1e3",
        "-1",
        "12345678901234567",
        "123456789012345.6",
        "1K",
        "1 ",
    ] {
        assert_eq!(of(text), None, "{text}");
    }
}

#[test]
fn the_parts_give_the_factor_and_the_amount() {
    let (cpu, memory) = (Measure::Cpu, Measure::Memory);
    for (text, measure, factor, product) in [
        ("250m", cpu, Some(1_000_000), Some(250_000_000)),
        ("1.5", cpu, Some(100_000_000), Some(1_500_000_000)),
        ("2", cpu, Some(1_000_000_000), Some(2_000_000_000)),
        ("5n", cpu, Some(1), Some(5)),
        ("0.5n", cpu, None, None),
        ("1.5k", memory, Some(100), Some(1500)),
        ("1.5", memory, None, None),
        ("3Ki", memory, Some(1024), Some(3072)),
        ("1.5Ki", memory, None, None),
        ("250m", memory, None, None),
        ("99E", memory, Some(1_000_000_000_000_000_000), None),
        ("9Ei", cpu, None, None),
    ] {
        let parts = Parts::of(text).unwrap();
        assert_eq!(parts.factor(measure), factor, "{text}");
        assert_eq!(parts.product(measure), product, "{text}");
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 100_000))]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = (cpu(&text), memory(&text));
    }

    #[test]
    fn parts_restore_the_text_and_the_amount(
        text in prop_oneof!["[0-9]{0,9}(\\.[0-9]{0,8})?(m|n|u|k|M|G|Ki|Mi|Gi|Ei)?", any::<String>()],
    ) {
        if let Some(parts) = Parts::of(&text) {
            prop_assert_eq!(&parts.text(), &text);
            let product = parts.factor(Measure::Memory).and_then(|factor| parts.mantissa.checked_mul(factor));
            prop_assert!(product.is_none() || product == memory(&text));
            let is_too_large = parts.factor(Measure::Memory).is_some() && product.is_none();
            prop_assert!(!is_too_large || memory(&text) == Some(MOST));
            prop_assert_eq!(parts.amount(Measure::Cpu), cpu(&text));
            prop_assert_eq!(parts.amount(Measure::Memory), memory(&text));
        }
    }

    #[test]
    fn whole_millicores_are_exact(milli in 0_u64..10_000_000) {
        prop_assert_eq!(cpu(&format!("{milli}m")), Some(milli * 1_000_000));
    }

    #[test]
    fn a_fraction_and_its_suffix_agree(milli in 0_u64..10_000_000) {
        let decimal = format!("{}.{:03}", milli / 1000, milli % 1000);
        prop_assert_eq!(cpu(&decimal), cpu(&format!("{milli}m")));
    }
}
