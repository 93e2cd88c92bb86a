//! What is done to sums of points, held against exact fractions: fading in silence, bounds under a condition.

use merit::eval::Interpreter;
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive, Zero};

use super::generate::Rng;
use super::support;

type BigRational = Ratio<BigInt>;

/// Rounded half away from zero to so many places.
fn rounded(n: &BigRational, places: u32) -> BigRational {
    let unit = BigRational::from_integer(BigInt::from(10).pow(places));
    let half = BigRational::new(1.into(), 2.into());
    let whole = (n.abs() * &unit + half).floor() / unit;
    if n.is_negative() { -whole } else { whole }
}

fn decimal(text: &str) -> BigRational {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().expect("digits");
    BigRational::new(digits, BigInt::from(10).pow(fraction.len() as u32))
}

#[test]
fn fading_and_bounds_are_exact() {
    let mut rng = Rng::named(3, "sums");
    for _ in 0..2_000 {
        let amount = rng.pick(&["20", "-20", "0.3333", "12.5", "1000000", "-7.0001"]);
        let (word, share) =
            (rng.pick(&["keeping", "losing"]), rng.pick(&["90", "95", "33.33", "99.9", "0", "100", "12.5"]));
        let (every, days) = (rng.pick(&[1, 7, 30]), rng.pick(&[0, 1, 6, 7, 29, 30, 161, 1000, 3650]));
        let (low, high) = (rng.pick(&["-3", "0", "5"]), rng.pick(&["2", "10.5", "40"]));
        let limits: Vec<&str> =
            [("up", high), ("low", low)].iter().filter(|_| rng.chance(50)).map(|(w, _)| *w).collect();
        let lines: String = limits
            .iter()
            .map(|w| {
                if *w == "up" {
                    format!("  up to {high} if yes_to_it\n")
                } else {
                    format!("  never below {low} if yes_to_it\n")
                }
            })
            .collect();
        let whole = if rng.chance(50) { " up to 30" } else { "" };
        let model = support::model(&format!(
            "score e {word} {share}% every {every} days of silence{whole} {{\n  when booked() add ({amount})\n{lines}}}\n"
        ));
        let as_of = support::as_of("2025-06-30T00:00:00Z");
        let at = merit::time::Instant(as_of.0 - days * 86_400_000_000).to_string();
        let record = serde_json::json!({ "type": "booked", "at": at });
        let (lead, _) = support::lead(&model, &serde_json::json!({ "yes_to_it": "yes" }), &[record]);
        let score = Interpreter::new(&model, as_of).evaluate(&lead).score.expect("a score");

        let k = (days / every) as i32;
        let share = decimal(share) / BigRational::from_integer(100.into());
        let left = if word == "keeping" {
            share.pow(k)
        } else {
            let left = BigRational::from_integer(1.into()) - share * BigRational::from_integer(k.into());
            if left.is_negative() { BigRational::zero() } else { left }
        };
        let mut wanted = rounded(&(decimal(amount) * rounded(&left, 9)), 4);
        for limit in limits {
            wanted = if limit == "up" { wanted.min(decimal(high)) } else { wanted.max(decimal(low)) };
        }
        if !whole.is_empty() {
            wanted = wanted.min(decimal("30"));
        }
        let wanted =
            (wanted * BigRational::from_integer(10_000.into())).to_integer().to_i128().expect("ten-thousandths");
        assert_eq!(score, wanted, "{} after {days} days", model.sources.files[0].text);
    }
}
