//! How many leads a second the batch engine answers, one thread, leads and activity in memory, compiled once.
//!
//! `cargo bench --bench batch`; the data are those of the bench of the interpreter.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // A measurement that cannot set up its files fails.

#[allow(dead_code)]
#[path = "interpreter.rs"]
mod interpreter;

use divan::counter::ItemsCount;
use merit::eval::batch::{Batch, Program, WIDTH};

fn main() {
    divan::main();
}

/// Everything: what could be, and all that fired.
#[divan::bench(sample_count = 10)]
fn answer(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |program| program);
}

/// What other engines give too: score and stage.
#[divan::bench(sample_count = 10)]
fn score_and_stage(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |program| program.without_possible());
}

fn measure(bencher: divan::Bencher<'_, '_>, of: for<'m> fn(Program<'m>) -> Program<'m>) {
    let model = interpreter::model();
    let leads = interpreter::leads(&model);
    let as_of = model.as_of(merit::time::read_iso("2025-06-30T00:00:00Z").unwrap_or_else(|| panic!("a date")));
    let program = of(Program::compile(&model, as_of));
    let mut batch = Batch::new(&program);
    bencher
        .counter(ItemsCount::new(leads.len()))
        .bench_local(|| leads.chunks(WIDTH).map(|block| batch.answer(block).len).sum::<usize>());
}
