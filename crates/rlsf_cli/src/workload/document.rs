//! A made JSON document: the orders of a shop, with strings of many lengths.

use crate::random::Random;
use core::fmt::{self, Write};

/// The document's length in bytes, give or take an order.
const LENGTH: usize = 2_500_000;
/// What an order adds at most.
const SLACK: usize = 16 * 1024;

const WORDS: [&str; 40] = [
    "the",
    "parcel",
    "was",
    "left",
    "with",
    "a",
    "neighbour",
    "please",
    "ring",
    "twice",
    "fragile",
    "return",
    "gift",
    "wrapping",
    "blue",
    "ribbon",
    "deliver",
    "before",
    "noon",
    "on",
    "Friday",
    "customer",
    "called",
    "about",
    "missing",
    "part",
    "replacement",
    "sent",
    "at",
    "no",
    "charge",
    "invoice",
    "attached",
    "see",
    "previous",
    "order",
    "warehouse",
    "confirmed",
    "stock",
    "internationally",
];
const NAMES: [&str; 16] = [
    "Ada",
    "Grace",
    "Edsger",
    "Barbara",
    "Donald",
    "Frances",
    "Alan",
    "Niklaus",
    "Radia",
    "Tony",
    "Jean-François",
    "Łukasz",
    "Björk",
    "Ngozi",
    "Yukihiro",
    "María José",
];
const CITIES: [&str; 12] = [
    "Oslo",
    "Lisboa",
    "København",
    "Nairobi",
    "Reykjavík",
    "São Paulo",
    "Kyoto",
    "Montréal",
    "Wellington",
    "Ulaanbaatar",
    "Santiago de Compostela",
    "Ho Chi Minh City",
];

/// Makes the document that belongs to a seed.
pub(super) fn make(seed: u64) -> String {
    let mut author = Author {
        text: String::with_capacity(LENGTH + SLACK),
        random: Random::new(seed),
    };
    author.orders().map(|()| author.text).unwrap_or_default()
}

struct Author {
    text: String,
    random: Random,
}

impl Author {
    fn orders(&mut self) -> fmt::Result {
        write!(
            self.text,
            r#"{{"shop":"The Corner Shop","currency":"EUR","orders":["#
        )?;
        let mut number = 0;
        while self.text.len() < LENGTH {
            if number > 0 {
                self.text.push(',');
            }
            self.order(number)?;
            number += 1;
        }
        write!(self.text, r#"],"count":{number}}}"#)
    }

    fn order(&mut self, number: u32) -> fmt::Result {
        let token = self.random.bits();
        let priority = self.random.below(10) == 0;
        write!(
            self.text,
            r#"{{"id":{number},"token":"{token:016x}","priority":{priority},"#
        )?;
        self.customer()?;
        write!(self.text, r#","items":["#)?;
        for item in 0..=self.random.below(6) {
            if item > 0 {
                self.text.push(',');
            }
            self.item()?;
        }
        write!(self.text, r#"],"coupon":null,"notes":"#)?;
        self.sentence(40)?;
        write!(self.text, "}}")
    }

    fn customer(&mut self) -> fmt::Result {
        let name = *self.random.pick(&NAMES);
        let city = *self.random.pick(&CITIES);
        let code = self.random.below(100_000);
        let latitude = f64::from(self.random.below(1_800_000)) / 10_000.0 - 90.0;
        write!(
            self.text,
            r#""customer":{{"name":"{name}","email":"{code}@example.org","address":{{"city":"{city}","code":"{code:05}","latitude":{latitude}}}}}"#
        )
    }

    fn item(&mut self) -> fmt::Result {
        let stock_number = self.random.below(1_000_000);
        let quantity = 1 + self.random.below(4);
        let price = f64::from(self.random.below(20_000)) / 100.0;
        write!(
            self.text,
            r#"{{"sku":"SKU-{stock_number:06}","quantity":{quantity},"price":{price},"sizes":[{quantity},{},{}],"title":"#,
            self.random.below(50),
            self.random.below(5000),
        )?;
        self.sentence(6)?;
        write!(self.text, "}}")
    }

    /// Up to `most` words, mostly fewer.
    fn sentence(&mut self, most: u32) -> fmt::Result {
        let count = 1 + self.random.below(most).min(self.random.below(most));
        write!(self.text, r#""{}"#, self.random.pick(&WORDS))?;
        for _ in 1..count {
            write!(self.text, " {}", self.random.pick(&WORDS))?;
        }
        write!(self.text, r#"""#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_json_and_depends_on_the_seed_alone() {
        let document = make(1);
        assert!(document.len() >= LENGTH && document.len() <= LENGTH + SLACK);
        assert!(serde_json::from_str::<serde_json::Value>(&document).is_ok());
        assert_eq!(document, make(1));
        assert_ne!(document, make(2));
    }
}
