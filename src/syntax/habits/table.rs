//! What people type from habit, and what to type in Merit: a row each.
//!
//! A pattern is words parted by blanks: `a|b` is one of them, `a?` may be left out, capitals take what they name (see
//! [`super::pattern`]), `^` stands for the beginning of an item, `$` for the end of a line, `&a|b` looks ahead, `!a|b` looks ahead for
//! something else. In what is proper, `$1` is what the first capital took. Of two rows that fit, the first counts.

use std::sync::LazyLock;

use crate::diagnostic::{Code, Diagnostic};
use crate::messages::habits as say;
use crate::source::Span;

/// A row of the table.
pub struct Habit {
    pub code: Code,
    pub typed: &'static str,
    /// What to type. The parser reads the whole line with it before anybody is told.
    pub proper: &'static str,
    /// What to type where something else was meant.
    pub or: &'static str,
    /// Whether it is only the nearest that Merit has.
    pub is_near: bool,
}

const fn row(code: Code, typed: &'static str, proper: &'static str) -> Habit {
    Habit { code, typed, proper, or: "", is_near: false }
}

const fn two(code: Code, typed: &'static str, proper: &'static str, or: &'static str) -> Habit {
    Habit { code, typed, proper, or, is_near: false }
}

const fn near(code: Code, typed: &'static str, proper: &'static str) -> Habit {
    Habit { code, typed, proper, or: "", is_near: true }
}

use Code::{E105, E110, E112, E115, E118, E119, E121, E122, E123, E124, E125, E126, E127};

/// What only whole lines can tell stands before what single words can.
pub const HABITS: &[Habit] = &[
    // How long ago.
    row(
        E119,
        "no|not activity|engagement|interaction|touch in|for|since|over|within|during the? last|past? PERIOD",
        "inactive for $1",
    ),
    row(
        E119,
        "last activity|engagement|interaction|touch is? more|older|longer|over|greater than? PERIOD ago?",
        "inactive for $1",
    ),
    row(E119, "last activity|engagement|interaction|touch is? at least PERIOD ago", "inactive for $1"),
    row(E119, "last activity|engagement|interaction|touch >|>= PERIOD ago?", "inactive for $1"),
    row(E119, "last activity|engagement|interaction|touch before PERIOD ago", "inactive for $1"),
    row(
        E119,
        "last activity|engagement|interaction|touch is? <|<=|in|within|less|after|since than? the? last|past? PERIOD ago?",
        "active in last $1",
    ),
    row(E119, "not|no active|engaged for|since|over|during|within|in the? last|past? PERIOD", "inactive for $1"),
    row(
        E119,
        "inactive|silent|idle|dormant|quiet for|in|over|since|during|within? at|more|over|longer? least|than? the? last|past? PERIOD",
        "inactive for $1",
    ),
    row(E119, "active|engaged for|over|during|within|since the? last|past? PERIOD", "active in last $1"),
    row(E110, "no activity|engagement|interaction !(", "not activity()"),
    row(E119, "ACT is? more|longer|older|greater|over|earlier than? PERIOD ago", "$1 and not $1 in last $2"),
    row(E119, "ACT before|prior to? PERIOD ago", "$1 and not $1 in last $2"),
    row(E119, "ACT >|>= PERIOD ago", "$1 and not $1 in last $2"),
    row(E119, "is? more|longer|older|greater|over|earlier than? PERIOD ago|old?", "at least $1 ago"),
    row(E119, "is? before|prior to? PERIOD ago", "at least $1 ago"),
    row(E119, "is? at least PERIOD ago|old", "at least $1 ago"),
    row(E119, ">|>= PERIOD ago|old", "at least $1 ago"),
    row(E119, "is? less|newer|younger|fewer|under|later than? PERIOD ago|old?", "in last $1"),
    row(E119, "is? at most PERIOD ago|old", "in last $1"),
    row(E119, "<|<= PERIOD ago|old", "in last $1"),
    row(E119, "is? after|since PERIOD ago", "in last $1"),
    row(E119, "is? prior|earlier to|than VALUE", "before $1"),
    row(E119, "is? later than VALUE", "after $1"),
    row(E119, "is SINCE &VALUE", "$1"),
    row(E119, ">|>=|after|since NOW - PERIOD", "in last $2"),
    row(E119, "<|<=|before NOW - PERIOD", "at least $2 ago"),
    row(E119, "<|<=|before NOW + PERIOD", "in next $2"),
    row(E119, ">|>=|after|since NOW - NUM", "in last $2 days"),
    row(E119, "<|<=|before NOW - NUM", "at least $2 days ago"),
    row(E119, "NOW - NAME", "days_since($2)"),
    // Windows.
    row(E119, "SUBJECT is? not in|within|during|over the? last|past|previous? PERIOD", "not $1 in last $2"),
    row(E119, "not in|within|during|over the? last|past|previous PERIOD SUBJECT", "not $2 in last $1"),
    two(E119, "at least COUNT within the? last|past? PERIOD", "at least $1 in last $2", "at least $1 within $2"),
    two(E119, "COUNT within the? last|past? PERIOD", "at least $1 in last $2", "at least $1 within $2"),
    row(E119, "TIMES in|over|during the? last|past|previous? PERIOD", "$1 in last $2"),
    row(E119, "ACT in|over|during PERIOD", "$1 in last $2"),
    two(E119, "NAME in|within PERIOD", "$1 in next $2", "$1 in last $2"),
    row(E119, "is? in|within|during|over|for? the? previous|preceding|trailing|last|past PERIOD", "in last $1"),
    row(E119, "is? within|during PERIOD", "in last $1"),
    row(E119, "is? within the? next PERIOD", "in next $1"),
    row(E119, "ACT in? this month", "$1{year(at) = year(today) and month(at) = month(today)}"),
    row(E119, "ACT in? this year", "$1{year(at) = year(today)}"),
    row(E119, "ACT today", "$1 since today"),
    row(E119, "NAME is? in? this month", "year($1) = year(today) and month($1) = month(today)"),
    row(E119, "NAME is? in? this year", "year($1) = year(today)"),
    row(E119, "NAME today", "$1 = today"),
    near(E119, "is? in? this week", "in last week"),
    near(E119, "is? in? this quarter", "in last quarter"),
    near(E119, "is? yesterday", "in last 2 days"),
    row(E119, "ACT PERIOD ago", "$1 in last $2"),
    two(E119, "NAME PERIOD ago", "$1 at least $2 ago", "$1 in last $2"),
    // How many times.
    row(E118, "NUMBER or more|greater times", "at least $1 times"),
    row(E118, "NUMBER or fewer|less times", "at most $1 times"),
    row(E118, "TIMES or more", "at least $1"),
    row(E118, "more than once", "at least twice"),
    row(E118, "more than twice", "at least 3 times"),
    row(E118, "multiple|several|many times", "at least twice"),
    row(E118, "a? minimum|min of? NUMBER times", "at least $1 times"),
    row(E118, "a? maximum of? NUMBER times", "at most $1 times"),
    row(E118, "no|not more than NUMBER times", "at most $1 times"),
    row(E118, "no|not less|fewer than NUMBER times", "at least $1 times"),
    row(E118, "less|fewer than LESS times", "at most $1 times"),
    row(E118, "ACT at least NUM", "$1 at least $2 times"),
    row(E118, "ACT at most NUM", "$1 at most $2 times"),
    row(E118, "ACT exactly NUM", "$1 exactly $2 times"),
    // Comparing.
    row(E110, "is? greater|more|bigger|higher|larger than or equal|equals to? NUMERIC", ">= $1"),
    row(E110, "is? less|fewer|smaller|lower than or equal|equals to? NUMERIC", "<= $1"),
    row(E110, "is? no|not less|fewer|lower than NUMERIC", ">= $1"),
    row(E110, "is? no|not more|greater|higher than NUMERIC", "<= $1"),
    row(E110, "is? greater|more|bigger|higher|larger|over|above|exceeds|exceeding than? NUMERIC", "> $1"),
    row(E110, "is? less|fewer|smaller|lower|under|below than? NUMERIC", "< $1"),
    row(E110, "is? not equal to VALUE", "!= $1"),
    row(E110, "does|do not equal VALUE", "!= $1"),
    row(E110, "is? equal|equals to? VALUE", "= $1"),
    row(E110, "is? the? same as VALUE", "= $1"),
    row(E110, "is? at least NUMERIC", ">= $1"),
    row(E110, "is? at most NUMERIC", "<= $1"),
    row(E110, "is? exactly NUMERIC", "= $1"),
    row(E110, "is between", "between"),
    row(E115, "has|have|having|include|includes|including any|one? of? TEXTS", "mentions any [$1]"),
    row(E110, "has|have|having|include|includes|including any|one of? LIST", "mentions any $1"),
    row(E110, "has|have|having|include|includes|including TEXT", "mentions $1"),
    row(E110, "contain|containing TEXT", "contains $1"),
    row(E110, "mention|mentioning TEXT", "mentions $1"),
    row(E110, "not like LIKE", "not $1"),
    row(E110, "like|ilike LIKE", "$1"),
    row(E110, "match|matching TEXT", "matches $1"),
    row(E110, "start|starting|begin|begins|beginning with", "starts with"),
    row(E110, "end|ending|finishes with", "ends with"),
    row(E110, "does|do not contain|contains", "not contains"),
    row(E110, "doesn|don ' t contain|contains", "not contains"),
    row(E110, "does|do not mention|mentions|include|includes|have|has", "not mentions"),
    row(E110, "doesn|don ' t mention|mentions|include|includes|have|has", "not mentions"),
    row(E110, "does|do not match|matches", "not matches"),
    row(E110, "does|do not start|starts|begin|begins with", "not starts with"),
    row(E110, "does|do not end|ends with", "not ends with"),
    row(E115, "is? not any|either|one of? TEXTS", "not in [$1]"),
    row(E115, "is|=? any|either of? TEXTS", "in [$1]"),
    row(E115, "is|=? any|either of? LIST", "in $1"),
    row(E115, "TEXTTEST any of? TEXTS", "$1 any [$2]"),
    row(E115, "TEXTTEST all of? TEXTS", "$1 all [$2]"),
    row(E115, "TEXTTEST COMMAS", "$1 any [$2]"),
    row(E115, "=|is COMMAS", "in [$1]"),
    row(E115, "!= COMMAS", "not in [$1]"),
    row(E115, "^ TEXTS :", "in [$1]:"),
    row(E112, "BIG", "$1"),
    row(E112, "NUMBER percent", "$1%"),
    row(E110, "VALUE ^ 2", "($1 * $1)"),
    row(E110, "VALUE ^ 3", "($1 * $1 * $1)"),
    row(E110, "VALUE * * 2", "($1 * $1)"),
    row(E110, "VALUE * * 3", "($1 * $1 * $1)"),
    // Activity.
    row(E110, "did|does|do not|never DONE", "not $1"),
    row(E110, "didn|doesn|don ' t DONE", "not $1"),
    row(E110, "has|have|had|did|was not|never ACT", "not $1"),
    row(E110, "hasn|haven|hadn|didn ' t ACT", "not $1"),
    row(E110, "never|no|without ACT", "not $1"),
    row(E110, "has|have|did ACT", "$1"),
    row(E126, "never VERB !(|_|=|>|<|is", "not $1()"),
    row(
        E126,
        "first|earliest ACT &at|in|before|after|since|between|is|>|<|>=|<=|=|more|less|older|within|over",
        "first($1)",
    ),
    row(
        E126,
        "last|latest|newest ACT &at|in|before|after|since|between|is|>|<|>=|<=|=|more|less|older|within|over",
        "last($1)",
    ),
    row(
        E126,
        "the? most recent ACT &at|in|before|after|since|between|is|>|<|>=|<=|=|more|less|older|within|over",
        "last($1)",
    ),
    row(E126, "first|ever|already|once ACT", "$1"),
    // Two words in a row.
    row(E126, "email domain|host", "domain(email)"),
    row(E126, "domain of NAME", "domain($1)"),
    row(E126, "number|count of times? ACT", "count($1)"),
    row(E126, "number of NAME &COMPARED", "number_of_$1"),
    two(E126, "NAME VERB !COMPARED", "$2(\"$1\")", "$2()"),
    row(E126, "NAMES &COMPARED", "$1"),
    two(E126, "BEFORE NAME NUM &add|subtract|and|or", "$1 $2 >= $3", "$1 $2 = $3"),
    // Points.
    row(E122, "^ NUMBER points? for|per each|every? ACT", "add $1 per $2"),
    row(E122, "per|for each|every ACT", "per $1"),
    row(E122, "each|every ACT", "per $1"),
    row(E123, "for each|every time?", "each time"),
    row(E123, "every time", "each time"),
    row(E123, "up to NUMBER times? per|a|an|each|every UNIT", "at most $1 times $2"),
    row(E122, "otherwise|else GIVE", "if not $1"),
    row(E122, "^ GIVE SUM", "when $N2 is known $1 ($2)"),
    row(E122, "^ GIVE NAME", "when $2 is known $1 $2"),
    row(E122, "GIVE SUM", "$1 ($2)"),
    row(E122, "^ whenever|where", "when"),
    // Stages and verdicts.
    row(E121, "^ when|if COND then? VERDICT", "$2 if $1"),
    row(E121, "^ when|if COND { NAME }", "$2 if $1"),
    row(E121, "^ VERDICT when|where|:", "$1 if"),
    row(E121, "^ VERDICT unless COND &because", "$1 if not ($2)"),
    row(E121, "^ VERDICT unless COND $", "$1 if not ($2)"),
    row(E121, "^ VERDICT &SUBJECT", "$1 if"),
    row(E121, "^ stage NAME if|when|:", "$1 if"),
    row(E121, "^ stage NAME { COND }", "$1 if $2"),
    row(E121, "^ stage NAME >|>=|=|at|from NUM", "$1 if score >= $2"),
    row(E121, "^ NAME only if|when", "$1 and above only if"),
    row(E121, "^ NAME requires|needs", "$1 and above only if"),
    row(E121, "^ stages LADDER", "stages $1"),
    row(E121, "^ suppress|skip|ignore|remove|delete|block|drop|filter out? if|when|where|:", "exclude if"),
    row(E121, "^ reject|decline|discard if|when|where|:", "disqualify if"),
    row(E121, "^ hold|flag|check when|where|:", "review if"),
    // The whole score.
    row(
        E125,
        "^ cap|limit|max|maximum|hold|keep the? score|total|points at|to|of|below|:|=? NUM",
        "score between 0 and $1",
    ),
    row(E125, "^ score|total|points is? at most NUM", "score between 0 and $1"),
    row(E125, "^ score|total|points is? <|<=|: NUM $", "score between 0 and $1"),
    row(E125, "^ score|total|points is? >|>= NUM $", "score never below $1"),
    row(E125, "^ min|minimum|floor score|total|points at|to|of|:|=? NUM", "score never below $1"),
    row(E125, "^ score from|between? NUMBER to|-|–|and NUM", "score between $1 and $2"),
    row(E125, "^ cap|limit|max|maximum at|to|of|:|=? NUM $", "score up to $1"),
    two(
        E124,
        "^ decay|decays|fade|fades the? score|points? by? PERCENT every|per|each|a UNITS",
        "score losing $1 every $2 of silence",
        "score keeping $L every $2 of silence",
    ),
    // Labels.
    row(E127, "^ TEXT otherwise|else|default", "otherwise $1"),
    row(E127, "^ TEXT $", "otherwise $1"),
    row(E127, "^ TEXT when|where|:", "$1 if"),
    row(E127, "^ if|when COND then|: TEXT", "$2 if $1"),
    row(E127, "^ COND : TEXT $", "$2 if $1"),
    // Words that begin no statement.
    row(E105, "^ LABEL to|as|is|:|=? TEXT if|when|where|unless COND $", "label $1 { $2 if $3 }"),
    row(E105, "^ set|tag|mark NAME to|as|is|:|= TEXT $", "label $1 { otherwise $2 }"),
    row(E105, "^ LABEL WORD if|when|where COND $", "label $1 { \"$2\" if $3 }"),
    row(E105, "^ set|tag|mark NAME to|as|is|:|= TEXT if|when|where COND $", "label $1 { $2 if $3 }"),
    row(E105, "^ LABEL {", "label $1 {"),
    row(E105, "^ PROFILE {", "profile $1 {"),
    row(E105, "^ list NAME =|:|is? LIST", "let $1 = $2"),
    row(E105, "^ list NAME =|:|is? TEXTS", "let $1 = [$2]"),
    row(E105, "^ var|const|define|variable|set|list NAME =|:|as|to", "let $1 ="),
    row(E105, "^ import|include|require|load TEXT", "use $1"),
];

/// What nobody can be given a line for.
pub struct Advice {
    pub typed: &'static str,
    /// From its place, what was typed, and what the capitals took.
    pub tell: fn(Span, &str, &[String]) -> Diagnostic,
}

const fn advice(typed: &'static str, tell: fn(Span, &str, &[String]) -> Diagnostic) -> Advice {
    Advice { typed, tell }
}

pub const ADVICE: &[Advice] = &[
    advice("in? the? top|best|highest|bottom|worst|lowest NUMBER %?", |at, typed, _| say::among_others(at, typed)),
    advice("NOW -|+ PERIOD", |at, typed, _| say::calculated_date(at, typed)),
    advice("WORD % NUMBER", |at, _, _| say::remainder(at)),
    advice("VALUE ^", |at, typed, _| say::power(at, typed)),
    advice("WORD ^", |at, typed, _| say::power(at, typed)),
    advice("VALUE * *", |at, typed, _| say::power(at, typed)),
    advice("^ cap|limit|max|maximum NAME at|to|of? NUMBER", |at, typed, taken| {
        say::bound_of_score(at, typed, taken.first().map_or("", |t| t), taken.get(1).map_or("", |t| t))
    }),
    advice("^ PROFILE :|=|>=|at NUMBER", |at, typed, taken| {
        say::some_of_profile(at, typed, taken.first().map_or("", |t| t), taken.get(1).map_or("", |t| t))
    }),
    advice("^ round|round_robin|rotate robin?", |at, typed, _| say::turns(at, typed)),
    advice("^ notify|alert|send|email|mail|slack|webhook|sms|push|ping TEXT", |at, _, _| say::sending(at)),
    advice("^ notify|alert|send|email|mail|slack|webhook|sms|push|ping WORD", |at, _, _| say::sending(at)),
    advice("^ sla|escalate|deadline", |at, _, _| say::sending(at)),
    advice("^ account|company|accounts|companies &WORD", |at, typed, _| say::companies(at, typed)),
    advice("^ account|company|accounts|companies {", |at, typed, _| say::companies(at, typed)),
    advice("^ group|aggregate|rollup by|per?", |at, typed, _| say::companies(at, typed)),
];

/// Words that begin a line, and would be read as part of the rule above it.
pub const BEGIN_LINES: &[&str] =
    &["cap", "limit", "max", "maximum", "min", "minimum", "hold", "keep", "decay", "decays", "fade", "fades"];

/// The patterns of both tables, in parts.
pub static PARTS: LazyLock<Vec<Vec<&'static str>>> =
    LazyLock::new(|| HABITS.iter().map(|h| h.typed.split(' ').collect()).collect());
pub static ADVICE_PARTS: LazyLock<Vec<Vec<&'static str>>> =
    LazyLock::new(|| ADVICE.iter().map(|a| a.typed.split(' ').collect()).collect());
