//! Merit: a small language in which marketing and sales agree on when a lead is worth a call.
//!
//! A program that keeps [`Rules`] gets answers in three calls:
//!
//! ```
//! use merit::Rules;
//! use serde_json::json;
//!
//! let rules = Rules::parse(
//!     r#"
//!     profile icp "Mid-market software" {
//!       industry in ["SaaS", "FinTech"]
//!       employees between 50 and 1000
//!     }
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
//! let scorer = rules.scorer("2025-06-30")?;
//! let answer = scorer.score(&json!({
//!     "title": "Head of Growth",
//!     "industry": "SaaS",
//!     "events": [
//!         {"type": "visited", "target": "pricing", "at": "2025-06-27"},
//!         {"type": "visited", "target": "blog", "at": "2025-06-30"},
//!     ],
//! }))?;
//! assert_eq!((answer.score, answer.stage.as_str(), answer.could_be.as_str()), (Some(50.0), "mql", "sql"));
//! assert_eq!(answer.missing, ["employees", "email"]);
//! assert_eq!(answer.reasons[1], "+5 Reads the blog");
//! # Ok::<(), merit::Problems>(())
//! ```
//!
//! A lead may be any struct that serde can write. [`Rules::load`] reads a file and those that it uses,
//! [`Scorer::score_file`] scores files of leads, [`Scorer::explain`] says why, [`Rules::changes_since`] what is new.
//! [`Problems`] are errors, and draw themselves with the lines that they are about.
//!
//! All else is the inside of the program: `ARCHITECTURE.md` has its rooms, the flow through them and the fences between them.

#[doc(hidden)]
pub mod bind;
#[doc(hidden)]
pub mod book;
#[doc(hidden)]
pub mod braces;
#[doc(hidden)]
pub mod builtins;
#[doc(hidden)]
pub mod calculate;
#[doc(hidden)]
pub mod check;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod columns;
#[doc(hidden)]
pub mod compare;
#[doc(hidden)]
pub mod complete;
#[doc(hidden)]
pub mod coverage;
#[doc(hidden)]
pub mod data;
#[doc(hidden)]
pub mod diagnostic;
#[doc(hidden)]
pub mod eval;
#[doc(hidden)]
pub mod exact;
#[doc(hidden)]
pub mod explain;
#[doc(hidden)]
pub mod format;
mod front;
#[doc(hidden)]
pub mod lead;
#[doc(hidden)]
pub mod load;
#[doc(hidden)]
pub mod messages;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod number;
#[doc(hidden)]
pub mod operators;
#[doc(hidden)]
pub mod output;
#[doc(hidden)]
pub mod page;
#[doc(hidden)]
pub mod paths;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod points;
#[doc(hidden)]
pub mod reads;
#[doc(hidden)]
pub mod remembered;
#[doc(hidden)]
pub mod render;
#[doc(hidden)]
pub mod repl;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod reserved;
#[doc(hidden)]
pub mod results;
#[doc(hidden)]
pub mod revision;
#[doc(hidden)]
pub mod run;
#[doc(hidden)]
pub mod session;
#[doc(hidden)]
pub mod shown;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod stdout;
#[doc(hidden)]
pub mod stream;
#[doc(hidden)]
pub mod suggest;
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
#[doc(hidden)]
pub mod words;

pub use diagnostic::Diagnostic;
pub use explain::Explanation;
pub use front::{Problems, Rules, Score, Scorer};
pub use run::Ended;
