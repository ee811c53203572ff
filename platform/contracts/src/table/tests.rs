//! The binary form keeps every bit, and bytes from anywhere are refused without a panic.

use proptest::prelude::*;

use super::*;

fn column(rows: usize) -> impl Strategy<Value = Values> {
    let number = prop_oneof![8 => any::<f64>().prop_filter("finite", |x| x.is_finite()), 1 => Just(f64::NAN)];
    let numbers = prop::collection::vec(number, rows).prop_map(Values::Numbers);
    let texts = prop::collection::vec("\\PC{0,6}", 1..5).prop_flat_map(move |dictionary| {
        let code = prop_oneof![5 => 0..dictionary.len() as u32, 1 => Just(MISSING)];
        prop::collection::vec(code, rows)
            .prop_map(move |codes| Values::Texts { dictionary: dictionary.clone(), codes })
    });
    prop_oneof![numbers, texts]
}

fn table() -> impl Strategy<Value = Table> {
    (0..40_usize).prop_flat_map(|rows| prop::collection::vec(column(rows), 0..5)).prop_map(|values| {
        let named = values.into_iter().enumerate();
        Table::new(named.map(|(i, values)| Column { name: format!("c{i} µ"), values }).collect()).unwrap()
    })
}

fn bits(table: &Table) -> Vec<Vec<u64>> {
    let bits = |values: &Values| match values {
        Values::Numbers(numbers) => numbers.iter().map(|x| x.to_bits()).collect(),
        Values::Texts { codes, .. } => codes.iter().map(|&c| u64::from(c)).collect(),
    };
    table.columns().iter().map(|c| bits(&c.values)).collect()
}

proptest! {
    #[test]
    fn reads_what_it_wrote(table in table()) {
        let read = Table::decode(&table.encode()).unwrap();
        prop_assert_eq!(bits(&read), bits(&table));
        prop_assert_eq!(read.rows(), table.rows());
        for (a, b) in read.columns().iter().zip(table.columns()) {
            prop_assert_eq!(&a.name, &b.name);
            if let (Values::Texts { dictionary: a, .. }, Values::Texts { dictionary: b, .. }) = (&a.values, &b.values) {
                prop_assert_eq!(a, b);
            }
        }
    }

    #[test]
    fn notices_a_changed_byte(table in table(), place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = table.encode();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(Table::decode(&bytes).is_err());
    }

    #[test]
    fn notices_a_missing_end(table in table(), place in any::<prop::sample::Index>()) {
        let bytes = table.encode();
        prop_assert!(Table::decode(&bytes[..place.index(bytes.len())]).is_err());
    }

    #[test]
    fn survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Table::decode(&bytes).is_err());
    }
}

#[test]
fn has_more_than_one_block_when_it_is_long() {
    let numbers: Vec<f64> = (0..BLOCK + 3).map(|i| i as f64).collect();
    let table = Table::new(vec![Column { name: "x".into(), values: Values::Numbers(numbers) }]).unwrap();
    let bytes = table.encode();
    assert_eq!(Table::decode(&bytes).unwrap(), table);
    let mut by_hand = table_head(1, BLOCK + 3);
    by_hand.extend(column_head("x", None));
    for part in table.numbers("x").unwrap().chunks(BLOCK) {
        let block = encode_numbers(part);
        by_hand.extend(block_frame(&block));
        by_hand.extend(block);
    }
    assert_eq!(by_hand, bytes, "the pieces are the whole");
}

#[test]
fn refuses_columns_of_different_length() {
    let column = |name: &str, n: usize| Column { name: name.into(), values: Values::Numbers(vec![0.0; n]) };
    let error = Table::new(vec![column("a", 2), column("b", 3)]).unwrap_err();
    assert_eq!(error.to_string(), "column \"b\" has 3 rows, the table has 2");
}

#[test]
fn a_dictionary_can_be_read_from_its_head_alone() {
    let texts = vec!["a".to_owned(), "µ".to_owned()];
    assert_eq!(decode_dictionary(&column_head("c", Some(&texts))), Ok(texts));
    assert!(decode_dictionary(&column_head("c", None)).is_err());
}
