//! Merit: a small language in which marketing and sales agree on when a lead is worth a call.
//!
//! ```text
//! text ──syntax::parse──▶ ast::File ──check──▶ Model ──eval::Interpreter──▶ Outcome + Trace
//!                            │                   │            ▲                  │
//!                            └── Diagnostics ────┤            │                  └─▶ results, words ─▶ cli (CSV, JSON, table)
//!                                  │             └─▶ bind ─▶ Lead
//!                                  └─▶ render           ▲
//! files ──data──▶ rows of cells, activity ──────────────┘
//! ```
//!
//! Two trees only: `syntax::ast`, what was written, and `model`, what it means. `syntax`, `check` and `eval` do no I/O and
//! never read the clock; `eval` cannot fail. `ARCHITECTURE.md` has the rooms and the fences.

pub mod bind;
pub mod book;
pub mod builtins;
pub mod calculate;
pub mod check;
pub mod cli;
pub mod columns;
pub mod compare;
pub mod complete;
pub mod coverage;
pub mod data;
pub mod diagnostic;
pub mod eval;
pub mod exact;
pub mod explain;
pub mod format;
pub mod lead;
pub mod load;
pub mod messages;
pub mod model;
pub mod number;
pub mod operators;
pub mod output;
pub mod page;
pub mod paths;
pub mod plan;
pub mod points;
pub mod reads;
pub mod remembered;
pub mod render;
pub mod repl;
pub mod report;
pub mod results;
pub mod revision;
pub mod run;
pub mod session;
pub mod shown;
pub mod source;
pub mod stdout;
pub mod stream;
pub mod suggest;
pub mod symbols;
pub mod syntax;
pub mod testing;
pub mod text;
pub mod time;
pub mod value;
pub mod words;
