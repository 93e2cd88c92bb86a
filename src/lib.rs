//! Merit: a small language in which marketing and sales agree on when a lead is worth a call.
//!
//! A program that keeps [`Rules`] gets answers in three calls:
//!
//! ```
//! let rules = merit::Rules::parse(
//!     r#"
//!     profile icp "Mid-market software" { industry in ["SaaS", "FinTech"]; employees between 50 and 1000 }
//!
//!     when visited("pricing") add 30
//!     add 5 per visited("blog") halving every 30 days up to 20 because "Reads the blog"
//!     points by title { mentions any ["CEO", "founder"]: 20; mentions any ["VP", "head of"]: 15 }
//!
//!     mql if score >= 30
//!     sql if score >= 45 and fit(icp)
//!     disqualify if domain(email) in ["rival.example"] because "Competitor"
//!     "#,
//! )?;
//! let answer = rules.scorer("2025-06-30")?.score(&serde_json::json!({
//!     "title": "Head of Growth", "industry": "SaaS",
//!     "events": [
//!         {"type": "visited", "target": "pricing", "at": "2025-06-27"},
//!         {"type": "visited", "target": "blog", "at": "2025-06-30"},
//!         {"type": "visited", "target": "blog", "at": "2025-05-21"},
//!     ],
//! }))?;
//! assert_eq!((answer.score, answer.stage.as_str(), answer.could_be.as_str()), (Some(52.5), "mql", "sql"));
//! # Ok::<(), merit::Problems>(())
//! ```
//!
//! A lead may be any struct that serde can write, and JSON is one, too. Each answer has its reasons:
//!
//! ```
//! let rules = merit::Rules::parse("when role mentions \"CEO\" add 20\nwhen employees >= 50 add 10")?;
//! let lead: serde_json::Value = serde_json::from_str(r#"{ "role": "CEO & founder", "employees": "1,200" }"#)?;
//! let answer = rules.scorer_now().score(&lead)?;
//! for reason in &answer.reasons {
//!     println!("{reason}");
//! }
//! assert_eq!(answer.reasons, [r#"+20 Role mentions "CEO""#, "+10 Employees >= 50"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Rules::load`] reads a file and those that it uses, [`Scorer::score_file`] scores files of leads, [`Scorer::explain`]
//! says why, [`Rules::changes_since`] what is new. [`Problems`] are errors, and draw themselves with the lines that they are about.
//!
//! The feature `cli` is the program, `sqlite` and `postgres` are databases that it can ask. Without them (`default-features = false`)
//! none of the crates for a terminal or a network are needed.
//! All else is the inside of the program: `ARCHITECTURE.md` has its rooms, the flow through them and the fences between them.

// What only the program needs, and the databases that it asks.
#![cfg_attr(not(all(feature = "cli", feature = "sqlite", feature = "postgres")), allow(dead_code))]

// What pest makes of the grammar names it, where pest is built without `std`.
extern crate alloc;

#[doc(hidden)]
pub mod bind;
#[doc(hidden)]
pub mod book;
mod braces;
#[doc(hidden)]
pub mod builtins;
mod calculate;
mod census;
#[doc(hidden)]
pub mod check;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod columns;
#[doc(hidden)]
pub mod compare;
mod complete;
mod coverage;
#[doc(hidden)]
pub mod data;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod dbt;
#[doc(hidden)]
pub mod diagnostic;
#[doc(hidden)]
pub mod eval;
mod exact;
#[doc(hidden)]
pub mod explain;
#[doc(hidden)]
pub mod format;
mod front;
#[doc(hidden)]
pub mod lead;
#[doc(hidden)]
pub mod library;
#[doc(hidden)]
pub mod load;
mod messages;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod number;
mod operators;
#[cfg(feature = "cli")]
mod output;
#[doc(hidden)]
pub mod page;
mod paths;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod points;
#[doc(hidden)]
pub mod reads;
mod remembered;
#[doc(hidden)]
pub mod render;
#[cfg(feature = "cli")]
mod repl;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod reserved;
#[doc(hidden)]
pub mod results;
#[cfg(feature = "cli")]
mod revision;
#[doc(hidden)]
pub mod run;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod session;
#[doc(hidden)]
pub mod shown;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod sql;
#[cfg(feature = "cli")]
mod start;
#[cfg(feature = "cli")]
mod stdout;
mod stream;
mod suggest;
#[doc(hidden)]
pub mod symbols;
#[doc(hidden)]
pub mod syntax;
#[doc(hidden)]
pub mod testing;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod time;
#[doc(hidden)]
pub mod value;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod verify;
#[doc(hidden)]
pub mod words;

pub use diagnostic::Diagnostic;
pub use explain::Explanation;
pub use front::{Problems, Rules, Score, Scorer};
pub use run::Ended;
