//! Random models, leads and activity, for tests that hold over all of them.
//!
//! Everything comes from a seed: the same seed gives the same model, lead and activity. A [`Draft`] is a model in pieces,
//! so that a test can shuffle its lines or leave some out; [`Draft::text`] is the rule file. Models are always valid: each
//! name has one type wherever it stands. Numbers, texts, targets and lengths of time come from small pools that models,
//! leads and activity share, so that conditions are met about as often as not, and so that edges are hit exactly.
//!
//! [`Wants`] narrows what models use, [`LeadWants`] and [`ActivityWants`] what leads and activity hold.

use std::collections::HashSet;

use merit::model::{Field, Model};
use merit::number::Range;
use merit::time::{Date, Instant, Period, Zone};
use merit::value::Type;
use serde_json::{Value as Json, json};

const DAY: i64 = 86_400_000_000;

/// A small generator of random numbers (SplitMix64).
pub struct Rng(u64);

impl Rng {
    /// From a seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A generator of its own for a name, so that what one name gets does not hang on the others.
    pub fn named(seed: u64, name: &str) -> Rng {
        Rng::new(name.bytes().fold(seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `n`, without `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % (n.max(1) as u64)) as usize
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True so often in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// In any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// What models may use; each is narrowed by the tests that have to.
#[derive(Clone, Copy)]
pub struct Wants {
    /// Months, quarters and years.
    pub calendar: bool,
    /// Dates as written, and dates that are printed.
    pub dates: bool,
    /// Amounts that may be negative where they are missing.
    pub negative_amounts: bool,
    /// Values that are missing although no field is: divisions, `days_since` and `latest` of what never happened,
    /// `domain`, labels without `otherwise`.
    pub computed_missing: bool,
    /// What gives nothing while it is not known, and something once it is: `if not` on the same side of nothing as what the
    /// rule gives, or inside of a choice; tables with `missing` and `otherwise`, or in a
    /// choice with amounts that may be missing.
    pub nothing_while_unknown: bool,
    /// `reset at` an activity whose window hangs on a field.
    pub reset_window_of_field: bool,
}

impl Wants {
    /// Everything.
    pub const ALL: Wants = Wants {
        calendar: true,
        dates: true,
        negative_amounts: true,
        computed_missing: true,
        nothing_while_unknown: true,
        reset_window_of_field: true,
    };
}

/// What leads may hold.
#[derive(Clone, Copy)]
pub struct LeadWants {
    /// How many in a hundred values are missing, unreadable or a range.
    pub gaps: usize,
    /// Numbers below nothing.
    pub negative: bool,
    /// Arrays in fields that are no lists.
    pub arrays: bool,
}

impl LeadWants {
    /// Everything.
    pub const ALL: LeadWants = LeadWants { gaps: 35, negative: true, arrays: true };
}

/// What activity may hold.
#[derive(Clone, Copy)]
pub struct ActivityWants {
    /// At most so many records.
    pub most: usize,
    /// No two records at one instant, and no two with one `event_id`.
    pub distinct: bool,
    /// Instants whole calendar months before as-of.
    pub calendar: bool,
}

impl ActivityWants {
    /// Everything.
    pub const ALL: ActivityWants = ActivityWants { most: 14, distinct: false, calendar: true };
}

/// A line of a model, or a block of lines.
#[derive(Clone, Debug)]
pub enum Piece {
    /// One line.
    Line(String),
    /// A block.
    Block {
        /// What stands before the brace.
        head: String,
        /// What stands inside.
        items: Vec<Piece>,
        /// Whether the order of what stands inside matters.
        in_order: bool,
    },
}

/// A model in pieces.
#[derive(Clone, Debug)]
pub struct Draft(pub Vec<Piece>);

impl Piece {
    fn write(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        match self {
            // A line that begins with a sign needs a `;` before it.
            Piece::Line(text) if text.starts_with('-') => *out += &format!("{indent}; {text}\n"),
            Piece::Line(text) => *out += &format!("{indent}{text}\n"),
            Piece::Block { head, items, .. } => {
                *out += &format!("{indent}{head} {{\n");
                items.iter().for_each(|i| i.write(out, depth + 1));
                *out += &format!("{indent}}}\n");
            }
        }
    }

    fn is_label(&self) -> bool {
        matches!(self, Piece::Block { head, .. } if head.starts_with("label "))
    }

    fn shuffle(&mut self, rng: &mut Rng) {
        if let Piece::Block { items, in_order: false, .. } = self {
            rng.shuffle(items);
            items.iter_mut().for_each(|i| i.shuffle(rng));
        }
    }

    fn size(&self) -> usize {
        match self {
            Piece::Line(_) => 1,
            Piece::Block { items, .. } => 1 + items.iter().map(Piece::size).sum::<usize>(),
        }
    }
}

impl Draft {
    /// The rule file.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.0.iter().for_each(|p| p.write(&mut out, 0));
        out
    }

    /// The same model with its lines in another order, wherever order does not matter: not the lines of choices, tables
    /// and labels, and not the labels among each other.
    pub fn shuffled(&self, rng: &mut Rng) -> Draft {
        let mut pieces = self.0.clone();
        rng.shuffle(&mut pieces);
        pieces.iter_mut().for_each(|p| p.shuffle(rng));
        let mut labels = self.0.iter().filter(|p| p.is_label());
        for piece in pieces.iter_mut().filter(|p| p.is_label()) {
            *piece = labels.next().expect("as many labels").clone();
        }
        Draft(pieces)
    }

    /// How many pieces there are, inner ones too.
    pub fn size(&self) -> usize {
        self.0.iter().map(Piece::size).sum()
    }

    /// Without the piece of this number, counted from the top.
    pub fn without(&self, at: usize) -> Draft {
        fn cut(items: &[Piece], at: &mut usize) -> Vec<Piece> {
            let mut out = Vec::new();
            for item in items {
                if *at == 0 {
                    *at = usize::MAX;
                    continue;
                }
                *at = at.saturating_sub(usize::from(*at != usize::MAX));
                out.push(match item {
                    Piece::Block { head, items, in_order } => {
                        Piece::Block { head: head.clone(), items: cut(items, at), in_order: *in_order }
                    }
                    line => line.clone(),
                });
            }
            out
        }
        Draft(cut(&self.0, &mut { at }))
    }
}

/// A random model that uses everything.
pub fn model(rng: &mut Rng) -> String {
    draft(rng, Wants::ALL).text()
}

/// An instant to evaluate as of: ends of days and months, noon, the first moment.
pub fn as_of(rng: &mut Rng) -> Instant {
    let days = ["2025-06-30", "2025-03-31", "2024-02-29", "2025-01-01"];
    let day = merit::time::read_iso(rng.pick(&days)).expect("a day").in_zone(&Zone::UTC).first();
    Instant(day.0 + rng.pick(&[0, 1, DAY / 2, DAY - 1, DAY - 1, DAY - 1]))
}

const NUMBERS: [&str; 13] = [
    "employees",
    "budget",
    "rating",
    "company.size",
    "employees",
    "budget",
    "rating",
    "budget",
    "seats",
    "seats",
    "rating",
    "employees",
    "`Deal Size (est)`",
];
const TEXTS: [&str; 5] = ["country", "industry", "title", "email", "`Lead Source (old)`"];
const DATES: [&str; 3] = ["created", "renewal", "signed"];
const FLAGS: [&str; 2] = ["opted_in", "is_partner"];
const LISTS: [&str; 2] = ["tags", "interests"];

const TYPES: [&str; 5] = ["visited", "downloaded", "clicked", "booked", "form"];
const TARGETS: [&str; 10] =
    ["pricing", "blog", "demo", "/pricing", "/", "*pric*", "/jobs/*", "b?og", "Ébauche", "/blog/*"];
const SEEN_TARGETS: [&str; 12] = [
    "pricing",
    "Pricing ",
    "blog",
    "demo",
    "/pricing",
    "https://www.acme.com/pricing/?utm=x",
    "acme.com",
    "/jobs/42",
    "/jobs",
    "ÉBAUCHE",
    "/blog/a/",
    "/pricing-guide",
];
const NUMBER_POOL: [&str; 18] = [
    "0", "1", "2", "3", "5", "10", "11", "49.5", "50", "51", "100", "200", "500", "1000", "10k", "0.25", "75%", "1.5M",
];
const AMOUNTS: [&str; 15] =
    ["1", "2", "3", "5", "7", "10", "15", "20", "30", "0.5", "2.5", "0.3333", "0.00005", "1.23456", "0"];

/// Values of a text field that models ask for and leads hold.
fn words_of(field: &str) -> &'static [&'static str] {
    match field {
        "country" => &["US", "DE", "GB", "Türkei"],
        "industry" => &["SaaS", "FinTech", "IT services", "Steel"],
        "title" => &["CEO", "VP of Sales", "V.P. Marketing", "director", "Head of Growth", "co-founder"],
        "email" => &["ann@acme.com", "bo@gmail.com", "c.d@rival.io", "nobody"],
        "plan" => &["free", "pro", "team"],
        "tags" | "interests" => &["vip", "early bird", "crm", "ads"],
        _ => &["outbound", "web", "Event", "partner"],
    }
}

fn bare(name: &str) -> &str {
    name.trim_matches('`')
}

/// What a let stands for.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Text,
    Date,
    Flag,
    TextList(&'static str),
    NumberList,
    /// A plain activity.
    Did,
}

struct Let {
    name: String,
    kind: Kind,
    /// Whether it hangs on activity.
    acts: bool,
}

/// What an expression may ask for at its place.
#[derive(Clone, Copy)]
struct Place {
    acts: bool,
    scores: bool,
    /// Labels above this number.
    labels: usize,
    stage: bool,
}

const POINTS: Place = Place { acts: true, scores: false, labels: 0, stage: false };

struct Gen<'r> {
    rng: &'r mut Rng,
    wants: Wants,
    lets: Vec<Let>,
    /// The name of each, how many criteria it has, and whether it hangs on activity.
    profiles: Vec<(String, usize, bool)>,
    groups: Vec<String>,
    /// The name and the texts of each.
    labels: Vec<(String, Vec<String>, bool)>,
    stages: Vec<&'static str>,
    has_current: bool,
    because: usize,
    in_choice: bool,
}

/// A random model in pieces.
pub fn draft(rng: &mut Rng, wants: Wants) -> Draft {
    let g = Gen {
        rng,
        wants,
        lets: Vec::new(),
        profiles: Vec::new(),
        groups: Vec::new(),
        labels: Vec::new(),
        stages: Vec::new(),
        has_current: false,
        because: 0,
        in_choice: false,
    };
    g.model()
}

/// Whole hours, halves and quarters, both sides of UTC, with and without a change of clocks; one that left out a day.
const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"];

impl Gen<'_> {
    fn model(mut self) -> Draft {
        let mut out = Vec::new();
        if self.wants.calendar && self.wants.dates && self.rng.chance(25) {
            let zone = self.rng.pick(&ZONES);
            out.push(Piece::Line(format!("model \"Random\" {{ time zone \"{zone}\" }}")));
        }
        self.ladder(&mut out);
        self.declarations(&mut out);
        for _ in 0..self.rng.below(4) {
            let line = self.let_line();
            out.push(line);
        }
        for _ in 0..self.rng.below(3) {
            let profile = self.profile();
            out.push(profile);
        }
        for _ in 0..self.rng.below(3) {
            let group = self.group();
            out.push(group);
        }
        for _ in 0..self.rng.below(4) {
            let item = self.scoring(true);
            out.push(item);
        }
        self.whole_score(&mut out);
        // Labels come before the stages that may ask for them; their place in the file does not matter.
        for _ in 0..self.rng.below(3) {
            let label = self.label();
            out.push(label);
        }
        self.decisions(&mut out);
        if out.is_empty() {
            out.push(Piece::Line("when activity() add 1".to_owned()));
        }
        Draft(out)
    }

    fn ladder(&mut self, out: &mut Vec<Piece>) {
        let ladders: [&[&str]; 3] =
            [&["cold", "warm", "hot"], &["lead", "mql", "sql", "customer"], &["lead", "iql", "mql", "pql", "sql"]];
        let which = self.rng.below(ladders.len() + 1);
        let Some(stages) = ladders.get(which) else {
            self.stages = vec!["lead", "iql", "mql", "pql", "sql"];
            return;
        };
        self.stages = stages.to_vec();
        let names: Vec<String> = stages
            .iter()
            .map(|s| if self.rng.chance(15) { format!("{s} = \"The {s}\", \"{s} one\"") } else { (*s).to_owned() })
            .collect();
        let mut line = format!("stages {}", names.join(", "));
        if self.rng.chance(40) {
            line += " from lifecycle_stage";
            self.has_current = true;
            if self.rng.chance(50) {
                line += " never lower";
            }
        }
        out.push(Piece::Line(line));
    }

    fn declarations(&mut self, out: &mut Vec<Piece>) {
        let mut line = |text: &str| out.push(Piece::Line(text.to_owned()));
        let of_fields = [
            "field employees: number from \"Number of Employees\", \"Headcount\"",
            "field budget: number",
            "field seats from \"Seat Count\"",
            "field country: text from \"Country/Region\"",
            "field title from \"Job Title\"",
            "field created: date",
            "field renewal: date from \"Renewal Date\"",
            "field signed: date \"MM/DD/YYYY\"",
            "field opted_in: flag",
        ];
        of_fields.iter().for_each(|f| {
            if self.rng.chance(20) {
                line(f)
            }
        });
        // An undeclared field of text may hold an array too; a list must be declared.
        line("field tags: list");
        line("field interests: list from \"Topics\"");
        let others = [
            "treat [\"N/A\", \"-\", \"unknown\"] as missing",
            "treat \"saas\" as missing in industry, plan",
            "activity visited from \"page_view\", \"Viewed Page\" target url",
            "activity hand_raise from \"form_sent\" where name in [\"Contact\", \"Renewal\"]",
            "activity sent, bounced are not engagement",
            "activity clicked are not engagement",
            "activity downloaded target file",
        ];
        others.iter().for_each(|f| {
            if self.rng.chance(25) {
                line(f)
            }
        });
    }

    // ---- Small things -------------------------------------------------------------------------------------------------

    fn number(&mut self) -> &'static str {
        self.rng.pick(&NUMBER_POOL)
    }

    fn text_field(&mut self) -> &'static str {
        self.rng.pick(&TEXTS)
    }

    fn word(&mut self, field: &str) -> String {
        let word = self.rng.pick(words_of(field));
        let word = if self.rng.chance(20) { word.to_uppercase() } else { word.to_owned() };
        format!("\"{word}\"")
    }

    fn list(&mut self, field: &'static str) -> String {
        let lets: Vec<&str> =
            self.lets.iter().filter(|l| l.kind == Kind::TextList(field)).map(|l| l.name.as_str()).collect();
        if !lets.is_empty() && self.rng.chance(50) {
            return lets[self.rng.below(lets.len())].to_owned();
        }
        let words: Vec<String> = (0..self.rng.between(1, 3)).map(|_| self.word(field)).collect();
        format!("[{}]", words.join(", "))
    }

    fn let_of(&mut self, kind: Kind, place: Place) -> Option<String> {
        let lets: Vec<&Let> = self.lets.iter().filter(|l| l.kind == kind && (place.acts || !l.acts)).collect();
        if lets.is_empty() || !self.rng.chance(25) {
            return None;
        }
        Some(lets[self.rng.below(lets.len())].name.clone())
    }

    fn period(&mut self) -> &'static str {
        let exact = ["1 day", "7 days", "30 days", "90 days", "12 hours", "45 minutes", "2 weeks", "36 hours"];
        let calendar = ["1 month", "3 months", "1 quarter", "1 year"];
        if self.wants.calendar && self.rng.chance(25) { self.rng.pick(&calendar) } else { self.rng.pick(&exact) }
    }

    /// A date value. `fields` allows those that hang on the lead.
    fn date(&mut self, fields: bool) -> String {
        let literals = ["2025-06-01", "2025-06-30", "2024-02-29", "2025-06-15T12:00:00Z", "2025-03-31", "2024-12-31"];
        match self.rng.below(4) {
            0 | 1 if fields => {
                let place = Place { acts: false, ..POINTS };
                self.let_of(Kind::Date, place).unwrap_or_else(|| self.rng.pick(&DATES).to_owned())
            }
            2 | 3 if self.wants.dates => self.rng.pick(&literals).to_owned(),
            _ => "today".to_owned(),
        }
    }

    /// `because "…"`, or nothing. Each says something else.
    fn because(&mut self) -> String {
        if self.rng.chance(65) {
            return String::new();
        }
        format!(" {}", self.sure_because())
    }

    fn sure_because(&mut self) -> String {
        self.because += 1;
        let template = self.template(Place { acts: true, scores: true, labels: self.labels.len(), stage: true });
        format!("because \"Reason {} {template}\"", self.because)
    }

    /// Something to print, perhaps with names in braces.
    fn template(&mut self, place: Place) -> String {
        let mut names: Vec<String> =
            vec!["country".to_owned(), "employees".to_owned(), "tags".to_owned(), "opted_in".to_owned()];
        if self.wants.dates {
            names.push("created".to_owned());
        }
        if place.scores {
            names.push("score".to_owned());
            names.extend(self.groups.clone());
        }
        names.extend(self.labels.iter().take(place.labels).filter(|l| place.stage || !l.2).map(|l| l.0.clone()));
        if place.stage {
            names.push("stage".to_owned());
        }
        names.extend(self.lets.iter().filter(|l| self.wants.dates || l.kind != Kind::Date).map(|l| l.name.clone()));
        match self.rng.below(4) {
            0 => format!("{{{}}}", names[self.rng.below(names.len())]),
            1 => format!("{{{{x}} {{{}}}", names[self.rng.below(names.len())]),
            _ => "plain".to_owned(),
        }
    }

    // ---- Activity -----------------------------------------------------------------------------------------------------

    /// An activity without window and count.
    fn call(&mut self) -> String {
        let kind = match self.rng.below(12) {
            0 | 1 => "activity",
            2 => "hand_raise",
            3 => "sent",
            _ => self.rng.pick(&TYPES),
        };
        let mut args: Vec<String> = Vec::new();
        match self.rng.below(5) {
            0 => args.push(format!("\"{}\"", self.rng.pick(&TARGETS))),
            1 => (0..2).for_each(|_| args.push(format!("\"{}\"", self.rng.pick(&TARGETS)))),
            2 if self.rng.chance(30) => args.push(format!("any {}", self.list("target"))),
            _ => {}
        }
        let mut text = args.join(", ");
        if self.rng.chance(20) {
            let filter = self.filter();
            text = format!("{text} where {filter}").trim_start().to_owned();
        }
        format!("{kind}({text})")
    }

    fn filter(&mut self) -> String {
        let one = |g: &mut Self| match g.rng.below(8) {
            0 | 1 => format!("minutes >= {}", g.number()),
            2 => format!("plan = {}", g.word("plan")),
            3 => format!("plan in {}", g.list("plan")),
            4 => "on_site".to_owned(),
            5 => "minutes is known".to_owned(),
            6 => format!("amount * 2 > {}", g.number()),
            _ => "not (plan contains \"r\")".to_owned(),
        };
        match self.rng.below(3) {
            0 => format!("{} and {}", one(self), one(self)),
            _ => one(self),
        }
    }

    fn window(&mut self, fields: bool) -> String {
        match self.rng.below(7) {
            0..=2 => format!(" in last {}", self.period()),
            3 => format!(" since {}", self.date(fields)),
            4 => format!(" before {}", self.date(fields)),
            5 => format!(" after {}", self.date(fields)),
            _ => format!(" between {} and {}", self.date(fields), self.date(fields)),
        }
    }

    fn maybe_window(&mut self, fields: bool) -> String {
        if self.rng.chance(40) { self.window(fields) } else { String::new() }
    }

    /// What `per` may count.
    fn counted(&mut self) -> String {
        if let Some(name) = self.let_of(Kind::Did, POINTS) {
            return name;
        }
        let call = self.call();
        call + &self.maybe_window(true)
    }

    /// A condition about one activity alone.
    fn did(&mut self) -> String {
        if let Some(name) = self.let_of(Kind::Did, POINTS) {
            return name;
        }
        let call = self.call();
        let window = self.maybe_window(true);
        let n = self.rng.between(1, 3);
        let count = match self.rng.below(9) {
            0 => format!(" at least {n} times"),
            1 => format!(" at most {n} times"),
            2 => format!(" exactly {n} times"),
            3 => " at least twice".to_owned(),
            4 => format!(" on at least {n} days"),
            5 => format!(" at least {} times within {}", n + 1, self.period()),
            _ => String::new(),
        };
        if self.rng.chance(50) { format!("{call}{count}{window}") } else { format!("{call}{window}{count}") }
    }

    // ---- Values -------------------------------------------------------------------------------------------------------

    fn numeric(&mut self, place: Place, depth: usize) -> String {
        if let Some(name) = self.let_of(Kind::Number, place) {
            return name;
        }
        if place.scores && self.rng.chance(30) {
            return match self.groups.len() {
                0 => "score".to_owned(),
                n => {
                    if self.rng.chance(50) {
                        "score".to_owned()
                    } else {
                        self.groups[self.rng.below(n)].clone()
                    }
                }
            };
        }
        if depth == 0 {
            return if self.rng.chance(80) { self.rng.pick(&NUMBERS).to_owned() } else { self.number().to_owned() };
        }
        let d = depth - 1;
        let missing = self.wants.computed_missing;
        match self.rng.below(22) {
            0 => format!("({} + {})", self.numeric(place, d), self.numeric(place, d)),
            1 => format!("({} - {})", self.numeric(place, d), self.numeric(place, d)),
            2 => format!(
                "{} * {}",
                self.numeric(place, 0),
                if missing { self.numeric(place, 0) } else { self.number().to_owned() }
            ),
            3 if missing => format!("{} / {}", self.numeric(place, 0), self.numeric(place, 0)),
            3 => format!("{} / 4", self.numeric(place, 0)),
            4 => format!("min({}, {})", self.numeric(place, d), self.numeric(place, d)),
            5 => format!("max({}, {})", self.numeric(place, d), self.numeric(place, d)),
            6 => format!("abs({})", self.numeric(place, d)),
            7 => format!("round({}, {})", self.numeric(place, d), self.rng.between(0, 2)),
            8 => format!("floor({})", self.numeric(place, d)),
            9 => format!("length({})", self.text_field()),
            10 => format!("days_since({})", self.rng.pick(&DATES)),
            11 if place.acts && missing => format!("days_since({})", self.call()),
            12 | 13 if place.acts => format!("count({})", self.counted()),
            14 if place.acts => format!("sum({}, minutes)", self.counted()),
            15 if place.acts && missing => format!("latest({}, minutes)", self.counted()),
            16 if place.acts && missing => format!("earliest({}, amount)", self.counted()),
            17 => format!("length({})", self.rng.pick(&LISTS)),
            18 => format!("-{}", self.rng.pick(&NUMBERS)),
            19 if missing => format!("hour({})", self.date_value(place)),
            20 if missing && self.wants.dates => {
                format!("{}({})", self.rng.pick(&["month", "year"]), self.date_value(place))
            }
            _ => self.rng.pick(&NUMBERS).to_owned(),
        }
    }

    // ---- Conditions ---------------------------------------------------------------------------------------------------

    /// A condition; `A unless B` too.
    fn condition(&mut self, place: Place) -> String {
        let condition = self.logic(place, 2);
        if self.rng.chance(12) {
            return format!("{condition} unless {}", self.logic(place, 1));
        }
        condition
    }

    fn logic(&mut self, place: Place, depth: usize) -> String {
        if depth == 0 {
            return self.atom(place);
        }
        let d = depth - 1;
        match self.rng.below(10) {
            0 => format!("{} and {}", self.tight(place, d), self.tight(place, d)),
            1 => format!("{} or {}", self.tight(place, d), self.tight(place, d)),
            2 => format!("not {}", self.tight(place, d)),
            _ => self.atom(place),
        }
    }

    fn tight(&mut self, place: Place, depth: usize) -> String {
        let inner = self.logic(place, depth);
        if depth == 0 { inner } else { format!("({inner})") }
    }

    fn atom(&mut self, place: Place) -> String {
        if place.stage && self.rng.chance(30) {
            let stage = if self.rng.chance(10) { "disqualified" } else { self.rng.pick(&self.stages) };
            return match self.rng.below(3) {
                0 => format!("stage in [{stage}, {}]", self.stages[0]),
                _ => format!("stage {} {stage}", self.rng.pick(&["=", ">=", "<", "!="])),
            };
        }
        if place.labels > 0 && self.rng.chance(25) {
            let allowed: Vec<usize> = (0..place.labels).filter(|&i| place.stage || !self.labels[i].2).collect();
            if !allowed.is_empty() {
                let (name, texts, _) = &self.labels[allowed[self.rng.below(allowed.len())]];
                let text = &texts[self.rng.below(texts.len())];
                return match self.rng.below(4) {
                    0 => format!("{name} != \"{text}\""),
                    1 if self.wants.computed_missing => format!("{name} is known"),
                    2 => format!("{name} in [\"{text}\", \"plain 1\"]"),
                    _ => format!("{name} = \"{text}\""),
                };
            }
        }
        if place.scores && self.rng.chance(35) {
            return format!("{} {} {}", self.numeric(place, 1), self.rng.pick(&[">=", "<", ">"]), self.number());
        }
        if self.has_current && self.rng.chance(6) {
            return format!("current {} {}", self.rng.pick(&["=", ">=", "<"]), self.rng.pick(&self.stages));
        }
        match self.rng.below(if place.acts { 21 } else { 14 }) {
            0..=2 => self.about_number(place),
            3..=5 => self.about_text(place),
            6 | 7 => self.about_date(place),
            8 => match self.let_of(Kind::Flag, place) {
                Some(name) => name,
                None => {
                    let flag = self.rng.pick(&FLAGS);
                    match self.rng.below(4) {
                        0 => format!("{flag} = no"),
                        1 => format!("{flag} is yes"),
                        _ => flag.to_owned(),
                    }
                }
            },
            9 => {
                let tags = self.rng.pick(&LISTS);
                match self.rng.below(3) {
                    0 => format!("{tags} contains {}", self.word("tags")),
                    1 => format!("{tags} contains all {}", self.list("tags")),
                    _ => format!("{tags} contains any {}", self.list("tags")),
                }
            }
            10 | 11 => {
                let profiles: Vec<(String, usize)> =
                    self.profiles.iter().filter(|p| place.acts || !p.2).map(|p| (p.0.clone(), p.1)).collect();
                if profiles.is_empty() {
                    return self.about_number(place);
                }
                let (name, size) = &profiles[self.rng.below(profiles.len())];
                match self.rng.below(6) {
                    0 => format!("at least {} of {name}", self.rng.between(1, *size)),
                    1 => format!("any of {name}"),
                    2 => format!("none of {name}"),
                    3 => format!("all of {name}"),
                    4 => format!("at least 1 of ({name}, opted_in)"),
                    _ => format!("fit({name})"),
                }
            }
            12 => {
                let n = self.rng.between(1, 3);
                let parts: Vec<String> = (0..3).map(|_| self.about_number(place)).collect();
                match self.rng.below(4) {
                    0 => format!("none of ({})", parts.join(", ")),
                    1 => format!("all of ({})", parts.join(", ")),
                    2 => format!("any of ({})", parts.join(", ")),
                    _ => format!("at least {n} of ({})", parts.join(", ")),
                }
            }
            13 => {
                let field = if self.rng.chance(50) { self.rng.pick(&TEXTS) } else { self.rng.pick(&NUMBERS) };
                format!("{field} is {}", self.rng.pick(&["known", "missing", "not known"]))
            }
            14 => {
                let (first, second) = (self.call(), self.call());
                let (a, b) = (self.maybe_window(true), self.maybe_window(true));
                let within = if self.rng.chance(60) { format!(" within {}", self.period()) } else { String::new() };
                format!("{first}{a} then {second}{b}{within}")
            }
            15 => format!("active in last {}", self.period()),
            16 => format!("inactive for {}", self.period()),
            _ => self.did(),
        }
    }

    fn about_number(&mut self, place: Place) -> String {
        let x = self.numeric(place, 1);
        match self.rng.below(9) {
            0 => format!("{x} between {} and {}", self.number(), self.number()),
            1 => {
                let named = self.let_of(Kind::NumberList, place);
                let list =
                    named.unwrap_or_else(|| format!("[{}, {}, -{}]", self.number(), self.number(), self.number()));
                format!("{x}{} in {list}", if self.rng.chance(30) { " not" } else { "" })
            }
            2 if self.wants.computed_missing => format!("{x} is {}", self.rng.pick(&["known", "missing"])),
            3 => format!("{x} {} {}", self.rng.pick(&["<", ">=", ">"]), self.numeric(place, 0)),
            _ => format!("{x} {} {}", self.rng.pick(&["=", "!=", "<", "<=", ">", ">="]), self.number()),
        }
    }

    fn about_text(&mut self, place: Place) -> String {
        let missing = self.wants.computed_missing;
        let (x, field) = match self.rng.below(10) {
            0 if missing => ("domain(email)".to_owned(), "domain"),
            1 if place.acts && missing => (format!("latest({}, plan)", self.counted()), "plan"),
            2 => match self.let_of(Kind::Text, place) {
                Some(name) => (name, "title"),
                None => ("title".to_owned(), "title"),
            },
            _ => {
                let field = self.text_field();
                (field.to_owned(), field)
            }
        };
        if field == "domain" {
            return format!(
                "{x} {}",
                self.rng.pick(&[
                    "= \"gmail.com\"",
                    "in [\"rival.io\", \"acme.com\"]",
                    "ends with \".com\"",
                    "is missing"
                ])
            );
        }
        match self.rng.below(11) {
            0 => format!("{x} in {}", self.list(field)),
            1 => format!("{x} not in {}", self.list(field)),
            2 => format!("{x} contains \"e\""),
            3 => format!("{x} mentions any {}", self.list(field)),
            4 => format!("{x} mentions \"vp\""),
            5 => format!("{x} starts with any [\"v\", \"s\", \"U\"]"),
            6 => format!("{x} ends with \"s\""),
            7 => format!("{x} matches any [\"VP *\", \"?S\", \"*@*\"]"),
            8 => format!("{x} != {}", self.word(field)),
            _ => format!("{x} = {}", self.word(field)),
        }
    }

    /// A date of the lead, or of its activity.
    fn date_value(&mut self, place: Place) -> String {
        if place.acts && self.wants.computed_missing && self.rng.chance(20) {
            return format!("{}({})", self.rng.pick(&["first", "last"]), self.counted());
        }
        self.let_of(Kind::Date, place).unwrap_or_else(|| self.rng.pick(&DATES).to_owned())
    }

    fn about_date(&mut self, place: Place) -> String {
        let x = self.date_value(place);
        match self.rng.below(9) {
            0 if self.wants.dates => format!("weekday({x}) in [\"Monday\", \"sunday\", \"Friday\"]"),
            0 | 1 => format!("{x} in last {}", self.period()),
            2 => format!("{x} in next {}", self.period()),
            3 => format!("{x} at least {} ago", self.period()),
            4 => format!("{x} since {}", self.date(true)),
            5 => format!("{x} before {}", self.date(true)),
            6 => format!("{x} between {} and {}", self.date(true), self.date(true)),
            7 => format!("{x} = {}", if self.wants.dates { "2025-06-30" } else { "today" }),
            _ => format!("{x} after {}", self.date(true)),
        }
    }

    // ---- Definitions --------------------------------------------------------------------------------------------------

    fn let_line(&mut self) -> Piece {
        let name = format!("let{}", self.lets.len());
        let acts = self.rng.chance(40);
        let place = Place { acts, ..POINTS };
        let (kind, text) = match self.rng.below(9) {
            0 | 1 => (Kind::Number, self.numeric(place, 2)),
            2 | 3 => (Kind::Flag, self.logic(place, 2)),
            4 => {
                let field = self.rng.pick(&["country", "industry", "title", "plan", "tags", "target"]);
                let words: Vec<String> =
                    (0..self.rng.between(1, 4))
                        .map(|_| {
                            if field == "target" {
                                format!("\"{}\"", self.rng.pick(&TARGETS))
                            } else {
                                self.word(field)
                            }
                        })
                        .collect();
                (Kind::TextList(field), format!("[{}]", words.join(", ")))
            }
            5 => (Kind::NumberList, format!("[{}, {}]", self.number(), self.number())),
            6 => (Kind::Text, "title".to_owned()),
            7 => (Kind::Date, self.rng.pick(&["created", "signed", "today"]).to_owned()),
            _ => (Kind::Did, self.call()),
        };
        // A bare name would take the type of what uses it; the fields' names have one type each.
        let acts = acts || kind == Kind::Did;
        self.lets.push(Let { name: name.clone(), kind, acts });
        Piece::Line(format!("let {name} = {text}"))
    }

    fn profile(&mut self) -> Piece {
        let name = format!("profile{}", self.profiles.len());
        let acts = self.rng.chance(40);
        let size = self.rng.between(1, 3);
        let items = (0..size)
            .map(|i| {
                let condition = self.condition(Place { acts, ..POINTS });
                let named = if self.rng.chance(40) { format!("part{i}: ") } else { String::new() };
                // A criterion that begins with a sign needs a `;` before it.
                Piece::Line(format!(
                    "{}{named}{condition}",
                    if condition.starts_with('-') && named.is_empty() { "; " } else { "" }
                ))
            })
            .collect();
        self.profiles.push((name.clone(), size, acts));
        Piece::Block {
            head: format!("{} {name} \"Title\"", self.rng.pick(&["profile", "persona"])),
            items,
            in_order: false,
        }
    }

    // ---- Points -------------------------------------------------------------------------------------------------------

    fn group(&mut self) -> Piece {
        let name = format!("group{}", self.groups.len());
        let whole = self.bounds() + &self.maybe(20, Self::fading);
        let mut items: Vec<Piece> = (0..self.rng.between(1, 4)).map(|_| self.scoring(true)).collect();
        if self.rng.chance(25) {
            let line = format!("reset if {}{}", self.condition(POINTS), self.because());
            items.push(Piece::Line(line));
        }
        if self.rng.chance(25) {
            let fields = self.wants.reset_window_of_field;
            let line = format!("reset at {}{}{}", self.call(), self.maybe_window(fields), self.because());
            items.push(Piece::Line(line));
        }
        // Of several, the order matters.
        let limits = self.rng.pick(&[0, 0, 0, 1, 2]);
        for _ in 0..limits {
            let condition = self.condition(POINTS);
            items.push(Piece::Line(self.limit(&condition)));
        }
        self.groups.push(name.clone());
        Piece::Block { head: format!("score {name}{whole}"), items, in_order: limits > 1 }
    }

    fn limit(&mut self, condition: &str) -> String {
        let end =
            self.rng.pick(&["up to 15", "up to 40", "up to 0", "never below 5", "never below -10", "never below 12.5"]);
        format!("{end} if {condition}{}", self.because())
    }

    fn fading(&mut self) -> String {
        format!("{} of silence", self.ageing())
    }

    fn bounds(&mut self) -> String {
        match self.rng.below(6) {
            0 => format!(" between {} and {}", self.rng.pick(&["-20", "0", "3"]), self.rng.pick(&["10", "50", "12.5"])),
            1 => format!(" up to {}", self.rng.pick(&["0", "15", "40"])),
            2 => format!(" never below {}", self.rng.pick(&["0", "-10", "5"])),
            _ => String::new(),
        }
    }

    /// A rule, a table or, where that may stand there, a choice.
    fn scoring(&mut self, choices: bool) -> Piece {
        match self.rng.below(10) {
            0 | 1 => self.table(),
            2 if choices => {
                self.in_choice = true;
                let items = (0..self.rng.between(2, 4)).map(|_| self.scoring(false)).collect();
                self.in_choice = false;
                let head = if self.rng.chance(50) { "first of" } else { "best of" };
                Piece::Block { head: head.to_owned(), items, in_order: true }
            }
            _ => Piece::Line(self.rule()),
        }
    }

    fn amount(&mut self) -> String {
        if self.rng.chance(75) {
            let sign = if self.wants.negative_amounts && self.wants.nothing_while_unknown && self.rng.chance(8) {
                "-"
            } else {
                ""
            };
            return format!("{sign}{}", self.rng.pick(&AMOUNTS));
        }
        if self.rng.chance(40) {
            return if self.wants.negative_amounts {
                self.let_of(Kind::Number, POINTS).unwrap_or_else(|| self.rng.pick(&["seats", "rating"]).to_owned())
            } else {
                self.rng.pick(&["seats", "rating"]).to_owned()
            };
        }
        let value = self.numeric(POINTS, 1);
        if self.wants.negative_amounts { format!("({value})") } else { format!("(abs({value}))") }
    }

    fn add(&mut self) -> String {
        let word = if self.rng.chance(25) { "subtract" } else { "add" };
        let filler = if self.rng.chance(10) { " points" } else { "" };
        let amount = self.amount();
        let amount = if word == "subtract" { amount.trim_start_matches('-') } else { &amount };
        format!("{word} {amount}{filler}")
    }

    fn ageing(&mut self) -> String {
        let period = self.period();
        match self.rng.below(3) {
            0 => format!(" halving every {period}"),
            1 => format!(" keeping {} every {period}", self.rng.pick(&["80%", "0.5", "0%", "99.9%", "33.33%"])),
            _ => format!(" losing {} every {period}", self.rng.pick(&["25%", "10%", "100%", "0.5%"])),
        }
    }

    fn rate(&mut self) -> String {
        let a = if self.wants.calendar { "a" } else { "every 1" };
        match self.rng.below(5) {
            0 => " at most once every 7 days".to_owned(),
            1 => format!(" at most 2 times {a} day"),
            2 => format!(" at most once {a} {}", self.rng.pick(&["day", "week"])),
            3 => format!(" at most {} times every {}", self.rng.between(1, 3), self.period()),
            _ if self.wants.calendar => {
                format!(
                    " at most once {}",
                    self.rng.pick(&["a month", "every quarter", "a year", "every 1 month", "an hour"])
                )
            }
            _ => " at most once every 1 week".to_owned(),
        }
    }

    fn maybe(&mut self, percent: usize, text: fn(&mut Self) -> String) -> String {
        if self.rng.chance(percent) { text(self) } else { String::new() }
    }

    fn rule(&mut self) -> String {
        let up_to = |g: &mut Self| format!(" up to {}", g.rng.pick(&["5", "12.5", "20", "0", "100"]));
        let per = |g: &mut Self| match g.rng.below(10) {
            0..=3 => (format!("per {}", g.counted()), true),
            4 | 5 => (format!("per distinct {}", g.counted()), true),
            6 => (format!("per {} since {}", g.period(), g.rng.pick(&DATES)), false),
            7 => (format!("per {} since {}", g.period(), g.counted()), false),
            _ => (format!("per {} of silence", g.period()), false),
        };
        let mut line = match self.rng.below(10) {
            // Without a condition.
            0..=2 => {
                let (add, (per, records)) = (self.add(), per(self));
                let limits =
                    if records { self.maybe(35, Self::rate) + &self.maybe(35, Self::ageing) } else { String::new() };
                return format!("{add} {per}{limits}{}{}", self.maybe(35, up_to), self.because());
            }
            3 => {
                let (condition, add, (per, records)) = (self.condition(POINTS), self.add(), per(self));
                let limits =
                    if records { self.maybe(35, Self::rate) + &self.maybe(35, Self::ageing) } else { String::new() };
                format!("when {condition} {add} {per}{limits}")
            }
            // About one activity, counted or aged.
            4..=6 => {
                let did = self.did();
                let condition = match self.rng.below(5) {
                    0 => format!("{did} and {}", self.atom(Place { acts: false, ..POINTS })),
                    1 => format!("not ({did})"),
                    _ => did,
                };
                let add = self.add();
                let (rate, ageing) = (self.maybe(35, Self::rate), self.maybe(50, Self::ageing));
                let each = if self.rng.chance(50) { " each time" } else { "" };
                format!("when {condition} {add}{each}{rate}{ageing}")
            }
            _ => format!("when {} {}", self.condition(POINTS), self.add()),
        };
        line += &self.maybe(20, up_to);
        line += &self.because();
        if self.rng.chance(20) && (self.wants.nothing_while_unknown || !self.in_choice) {
            let mut add = self.add();
            if !self.wants.nothing_while_unknown {
                let gives = line.contains(" add ");
                add = format!("{} {}", if gives { "subtract" } else { "add" }, self.rng.pick(&AMOUNTS));
            }
            line += &format!(" if not {add}{}", self.because());
        }
        line
    }

    fn table(&mut self) -> Piece {
        let title = if self.rng.chance(30) { " \"Title\"" } else { "" };
        let n = self.rng.between(1, 4);
        let (by, cases): (String, Vec<String>) = match self.rng.below(5) {
            0 | 1 => {
                let by = self.numeric(POINTS, 1);
                // A sign behind `by` would begin something else.
                let by = if by.starts_with('-') { "employees".to_owned() } else { by };
                (by, (0..n).map(|_| self.number_case()).collect())
            }
            2 | 3 => {
                let field = self.text_field();
                let cases = (0..n)
                    .map(|_| match self.rng.below(6) {
                        0 => format!("in {}", self.list(field)),
                        1 => self.list(field),
                        2 => format!("mentions {}", self.word("industry")),
                        3 => "contains \"a\"".to_owned(),
                        4 => format!("!= {}", self.word(field)),
                        _ => self.word(field),
                    })
                    .collect();
                (field.to_owned(), cases)
            }
            _ => {
                let cases = (0..n)
                    .map(|_| match self.rng.below(3) {
                        0 => format!("in last {}", self.period()),
                        1 => format!("before {}", self.date(true)),
                        _ => format!("in next {}", self.period()),
                    })
                    .collect();
                (self.rng.pick(&DATES).to_owned(), cases)
            }
        };
        let mut items: Vec<Piece> = Vec::new();
        for case in cases {
            items.push(self.case_line(&case));
        }
        let has_missing = self.rng.chance(25);
        if has_missing {
            let missing = self.case_line("missing");
            items.insert(self.rng.below(items.len() + 1), missing);
        }
        if self.rng.chance(35) && (self.wants.nothing_while_unknown || !has_missing) {
            let otherwise = self.case_line("otherwise");
            items.push(otherwise);
        }
        Piece::Block { head: format!("points by {by}{title}"), items, in_order: true }
    }

    fn number_case(&mut self) -> String {
        match self.rng.below(9) {
            0 => format!(">= {}", self.number()),
            1 => {
                let (low, high) = self.rng.pick(&[("1", "10"), ("11", "50"), ("51", "1000"), ("-5", "0")]);
                format!("{low} to {high}")
            }
            2 => format!("{} or more", self.number()),
            3 => format!("{} or less", self.number()),
            4 => format!("above {}", self.number()),
            5 => format!("below {}", self.number()),
            6 => format!("in [{}, {}]", self.number(), self.number()),
            7 => format!("between {} and {}", self.number(), self.number()),
            _ => self.number().to_owned(),
        }
    }

    fn case_line(&mut self, case: &str) -> Piece {
        let literal = self.rng.chance(85) || self.in_choice && !self.wants.nothing_while_unknown;
        let amount = if literal {
            format!("{}{}", if self.rng.chance(25) { "-" } else { "" }, self.rng.pick(&AMOUNTS))
        } else {
            self.amount()
        };
        // A colon that touches an instant is taken for a part of it.
        let apart = if case.ends_with('Z') { " " } else { "" };
        Piece::Line(format!("{case}{apart}: {amount}{}", self.because()))
    }

    fn whole_score(&mut self, out: &mut Vec<Piece>) {
        if !self.groups.is_empty() && self.rng.chance(30) {
            let group = |g: &mut Self| g.groups[g.rng.below(g.groups.len())].clone();
            let (a, b) = (group(self), group(self));
            let text = match self.rng.below(13) {
                0 => format!("(0.4 * {a} + 0.6 * {b})"),
                9 => format!("(min({a}, {b}) + 1)"),
                10 => format!("(abs({a} - {b}) * 0 + max(-{a}, 2 * {b}))"),
                11 => format!("(round(-{a} * {b} / 7, 5) - floor({a} / 3))"),
                12 => format!("({a} * {b} / 100)"),
                1 => format!("(max({a}, {b}) - 3)"),
                2 => format!("(round({a} / 3, 1) + floor({b}))"),
                3 => format!("(abs({a}) * 2)"),
                4 => format!("({a} / {b})"),
                5 => format!("({a} * {b} / 10)"),
                6 => format!("(min({a}, 20, rating))"),
                7 => format!("(-{a} + length(country))"),
                _ => format!("({a} / (employees + 1))"),
            };
            if self.wants.computed_missing || !text.contains(" / group") && !text.contains("(employees") {
                out.push(Piece::Line(format!("score = {text}")));
            }
        }
        if self.rng.chance(20) {
            let whole = self.bounds() + &self.maybe(50, Self::fading);
            if !whole.is_empty() {
                out.push(Piece::Line(format!("score{whole}")));
            }
        }
        if self.rng.chance(20) {
            let condition = if self.groups.is_empty() || self.rng.chance(50) {
                self.condition(POINTS)
            } else {
                format!("{} >= {}", self.groups[self.rng.below(self.groups.len())], self.rng.pick(&["0", "10", "25"]))
            };
            let limit = self.limit(&condition);
            out.push(Piece::Line(format!("score {limit}")));
        }
    }

    // ---- Decisions ----------------------------------------------------------------------------------------------------

    fn label(&mut self) -> Piece {
        let own = self.labels.len();
        let name = format!("label{own}");
        let stage = self.rng.chance(40);
        let place = Place { acts: true, scores: true, labels: own, stage };
        let mut texts = Vec::new();
        let mut items = Vec::new();
        let mut uses_stage = false;
        for i in 0..self.rng.between(1, 3) {
            let text = format!("{} {i}", self.template(place));
            let condition = self.condition(place);
            uses_stage |= stage;
            items.push(Piece::Line(format!("\"{text}\" if {condition}")));
            texts.push(self.filled(&text));
        }
        if !self.wants.computed_missing || self.rng.chance(60) {
            let text = self.rng.pick(&["\"None\"", "7", "\"plain 9\""]);
            items.push(Piece::Line(format!("otherwise {text}")));
            texts.push(text.trim_matches('"').to_owned());
        }
        self.labels.push((name.clone(), texts, uses_stage));
        Piece::Block { head: format!("label {name}"), items, in_order: true }
    }

    /// What a text may come to once its names are filled in, so that conditions can ask for it.
    fn filled(&mut self, template: &str) -> String {
        let mut out = template.replace("{country}", "US").replace("{opted_in}", "yes").replace("{employees}", "50");
        for (name, texts, _) in &self.labels {
            let text = texts[self.rng.below(texts.len())].as_str();
            out = out.replace(&format!("{{{name}}}"), text);
        }
        if out.contains(['{', '"']) { "plain 0".to_owned() } else { out }
    }

    fn decisions(&mut self, out: &mut Vec<Piece>) {
        let at_stage = Place { acts: true, scores: true, labels: self.labels.len(), stage: false };
        let everything = Place { stage: true, ..at_stage };
        for _ in 0..self.rng.below(5) {
            let stage = self.stages[self.rng.between(1, self.stages.len() - 1)];
            let line = format!("{stage} if {}{}", self.condition(at_stage), self.because());
            out.push(Piece::Line(line));
        }
        if self.rng.chance(25) {
            let stage = self.stages[self.rng.between(1, self.stages.len() - 1)];
            let line = format!("{stage} and above only if {} {}", self.condition(at_stage), self.sure_because());
            out.push(Piece::Line(line));
        }
        if self.rng.chance(15) {
            let line = format!("disqualify if {}{}", self.condition(at_stage), self.because());
            out.push(Piece::Line(line));
        }
        if self.rng.chance(10) {
            let line = format!("exclude if {}{}", self.condition(POINTS), self.because());
            out.push(Piece::Line(line));
        }
        if self.rng.chance(20) {
            let line = format!("review if {} {}", self.condition(everything), self.sure_because());
            out.push(Piece::Line(line));
        }
    }
}

// ---- Leads --------------------------------------------------------------------------------------------------------------

/// A random lead for a model. All its dates are reckoned from `as_of`: with the same generator and an `as_of` some whole
/// days later it is the same lead, so many days later.
pub fn lead(rng: &mut Rng, model: &Model, as_of: Instant, wants: LeadWants) -> Json {
    let mut lead = serde_json::Map::new();
    for field in &model.fields {
        let value = if rng.chance(wants.gaps) {
            match gap(rng, field, model) {
                Some(value) => value,
                None => continue,
            }
        } else if wants.arrays && field.of_type == Type::Text && rng.chance(6) {
            json!(["SaaS", "CEO", 3])
        } else {
            readable(rng, field, model, as_of, wants.negative)
        };
        put(rng, &mut lead, field, value);
    }
    Json::Object(lead)
}

/// Puts a value under one of the columns that feed a field.
fn put(rng: &mut Rng, lead: &mut serde_json::Map<String, Json>, field: &Field, value: Json) {
    let key = rng.pick(&field.keys.iter().map(String::as_str).collect::<Vec<_>>()).to_owned();
    if let Some((outer, inner)) = key.split_once('.') {
        lead.insert(outer.to_owned(), json!({ inner: value }));
        return;
    }
    let column = match rng.below(3) {
        0 => key.to_uppercase(),
        1 => key.replace('_', " "),
        _ => key,
    };
    lead.insert(column, value);
}

/// A value that is missing, unreadable or a range; none for a column that is absent.
fn gap(rng: &mut Rng, field: &Field, model: &Model) -> Option<Json> {
    Some(match rng.below(6) {
        0 => return None,
        1 => Json::Null,
        2 => json!("  "),
        3 if !model.missing_words.is_empty() => json!(rng.pick(&["n/a", "-", "Unknown"])),
        _ => match field.of_type {
            Type::Number if rng.chance(70) => {
                json!(rng.pick(&[
                    "51-200", "11–50", "1 to 10", "<10", "10,000+", "0-1", "> 100", "<=50", "$1k-$5k", "5-5", "11-1000"
                ]))
            }
            Type::Number => json!(rng.pick(&["twelve", "1e5", "200-51", "1,20", "9999999999999999"])),
            Type::Date => json!(rng.pick(&["soon", "2025-02-30", "30.06.2025"])),
            Type::Flag => json!(rng.pick(&["maybe", "2"])),
            _ => json!({ "nested": 1 }),
        },
    })
}

/// A value that can be read as the field's type, and is no range.
pub fn readable(rng: &mut Rng, field: &Field, model: &Model, as_of: Instant, negative: bool) -> Json {
    match field.of_type {
        Type::Number => match rng.below(8) {
            0 => json!(rng.pick(&["1,200", "$1.5M", "10k", "45%", " 50 ", "€ 100"])),
            1 if negative => json!(rng.pick(&[-1, -5, -1000])),
            2 => json!(rng.pick(&[0.25, 49.5, 99.999, 3.3])),
            3 => json!(rng.pick(&["50", "11", "0.1"])),
            _ => json!(rng.pick(&[0, 1, 2, 3, 5, 10, 11, 50, 51, 100, 200, 201, 500, 1000, 5000, 1_500_000])),
        },
        Type::Date => {
            let at = moment(rng, as_of, false);
            let day = Zone::UTC.day_of(at).to_string();
            match (rng.below(3), !field.format.dates.is_empty()) {
                (0, _) if rng.chance(50) => json!(local(at)),
                (0, _) => json!(at.to_string()),
                // 2025-06-30 as 06/30/2025.
                (1, true) => json!(format!("{}/{}/{}", &day[5..7], &day[8..10], &day[..4])),
                _ => json!(day),
            }
        }
        Type::Flag => {
            if rng.pick(&[true, false]) {
                json!(true)
            } else {
                json!(rng.pick(&["no", "Yes", "0", "y", "FALSE"]))
            }
        }
        Type::List => match rng.below(4) {
            0 => json!([]),
            1 => json!("vip; Early Bird ;crm"),
            _ => json!([rng.pick(words_of("tags")), rng.pick(words_of("tags"))]),
        },
        Type::Text | Type::Stage => {
            let name = bare(&field.name);
            if name == "lifecycle_stage" {
                return json!(
                    rng.pick(&model.ladder.stages.iter().map(String::as_str).collect::<Vec<_>>()).to_uppercase()
                );
            }
            let known = TEXTS.iter().any(|t| bare(t) == name);
            // A number field that nothing tells is read as text.
            let word = loop {
                let word = if known { rng.pick(words_of(name)) } else { rng.pick(&["50", "7", "web"]) };
                if !field.missing_words.contains(&word.to_lowercase()) {
                    break word;
                }
            };
            match rng.below(4) {
                0 => json!(word.to_lowercase()),
                1 => json!(format!(" {word} ")),
                _ => json!(word),
            }
        }
    }
}

/// A number that lies in a range; not below nothing. None where there is no such number.
pub fn number_in(rng: &mut Rng, range: &Range) -> Option<Json> {
    let mut pool: Vec<f64> = [
        0.0, 1.0, 2.0, 5.0, 9.0, 10.0, 11.0, 49.5, 50.0, 51.0, 100.0, 101.0, 200.0, 500.0, 1000.0, 3000.0, 10_000.0,
        2e6,
    ]
    .to_vec();
    pool.extend([range.low, range.high, range.low + 0.5, f64::midpoint(range.low, range.high)]);
    pool.retain(|&n| {
        let above = if range.low_open { n > range.low } else { n >= range.low };
        let below = if range.high_open { n < range.high } else { n <= range.high };
        above && below && n >= 0.0 && n.is_finite()
    });
    (!pool.is_empty()).then(|| json!(rng.pick(&pool)))
}

/// The time without an offset: of the model's zone, whichever that is.
fn local(at: Instant) -> String {
    at.to_string().trim_end_matches('Z').to_owned()
}

/// An instant at or near the edges of the windows that models ask for.
fn moment(rng: &mut Rng, as_of: Instant, calendar: bool) -> Instant {
    let nudge = rng.pick(&[0, 0, 0, 1, -1, DAY / 2, -3_600_000_000]);
    if calendar && rng.chance(15) {
        let months = rng.pick(&[1, 2, 3, 12, 24]);
        return Instant(as_of.plus(Period { months: 1, days: 0, exact: 0 }, -months, &Zone::UTC).0 + nudge);
    }
    let days = rng.pick(&[0, 0, 1, 2, 6, 7, 8, 14, 15, 29, 30, 31, 60, 89, 90, 91, 180, 365, 400, -1, -7, -30, -90]);
    Instant(as_of.0 - days * DAY + nudge)
}

/// A value with a key, put under a lead's column for a field, in place of what it had.
pub fn fill(lead: &mut Json, field: &Field, value: Json) {
    let Some(object) = lead.as_object_mut() else { return };
    let keys: Vec<&str> = field.keys.iter().map(String::as_str).collect();
    object.retain(|column, _| {
        let key = merit::text::name_key(column);
        !keys.contains(&key.as_str()) && !keys.iter().any(|k| k.split_once('.').is_some_and(|(outer, _)| outer == key))
    });
    match keys[0].split_once('.') {
        Some((outer, inner)) => object.insert(outer.to_owned(), json!({ inner: value })),
        None => object.insert(keys[0].to_owned(), value),
    };
}

// ---- Activity -----------------------------------------------------------------------------------------------------------

/// Random activity for a model; as with leads, all instants are reckoned from `as_of`.
pub fn activity(rng: &mut Rng, model: &Model, as_of: Instant, wants: ActivityWants) -> Vec<Json> {
    let mut kinds: Vec<String> = model.activity_types.iter().map(|t| t.name.clone()).collect();
    kinds.extend(model.activity_types.iter().flat_map(|t| t.from.iter().map(|f| f.kind.clone())));
    kinds.push("something_else".to_owned());
    let mut seen: HashSet<i64> = HashSet::new();
    let mut out: Vec<Json> = Vec::new();
    for n in 0..rng.below(wants.most + 1) {
        if !wants.distinct && !out.is_empty() && rng.chance(5) {
            // A copy of one before: the same, or the same `event_id` alone.
            let mut copy = out[rng.below(out.len())].clone();
            if copy["event_id"].is_string() && rng.chance(50) {
                copy["type"] = json!("visited");
            }
            out.push(copy);
            continue;
        }
        let mut record = serde_json::Map::new();
        let kind = &kinds[rng.below(kinds.len())];
        record.insert("type".to_owned(), json!(if rng.chance(20) { kind.to_uppercase() } else { kind.clone() }));
        if rng.chance(75) {
            record.insert("target".to_owned(), json!(rng.pick(&SEEN_TARGETS)));
        }
        let mut at = moment(rng, as_of, wants.calendar);
        match rng.below(12) {
            0 => {}
            1 => {
                record.insert("at".to_owned(), json!(rng.pick(&["soon", "06/30/2025"])));
            }
            2 | 3 => {
                // A whole day, one that no other record has where they must differ.
                at = Date::Day(Zone::UTC.day_of(at)).first();
                while wants.distinct && !seen.insert(at.0) {
                    at = Instant(at.0 - DAY);
                }
                record.insert("at".to_owned(), json!(Zone::UTC.day_of(at).to_string()));
            }
            4 if !wants.distinct && out.last().is_some_and(|l| l["at"].is_string()) => {
                record.insert("at".to_owned(), out[out.len() - 1]["at"].clone());
            }
            _ => {
                while wants.distinct && !seen.insert(at.0) {
                    at = Instant(at.0 - 1);
                }
                let is_local = !wants.distinct && rng.chance(25);
                record.insert("at".to_owned(), json!(if is_local { local(at) } else { at.to_string() }));
            }
        }
        if rng.chance(20) {
            record.insert("event_id".to_owned(), json!(format!("e{}", if wants.distinct { n } else { rng.below(5) })));
        }
        properties(rng, &mut record);
        out.push(Json::Object(record));
    }
    out
}

fn properties(rng: &mut Rng, record: &mut serde_json::Map<String, Json>) {
    let mut put = |rng: &mut Rng, percent: usize, key: &str, value: Json| {
        if rng.chance(percent) {
            record.insert(key.to_owned(), value);
        }
    };
    let minutes = match rng.below(5) {
        0 => json!("45"),
        1 => json!("long"),
        2 => json!("11-50"),
        _ => json!(rng.pick(&[0.1, 10.0, 30.0, 50.0, 0.2])),
    };
    put(rng, 50, "minutes", minutes);
    let plan = json!(rng.pick(words_of("plan")));
    put(rng, 40, "plan", plan);
    let amount = json!(rng.pick(&["100", "$1k", "25.5", ""]));
    put(rng, 40, "amount", amount);
    let on_site = json!(rng.pick(&["yes", "no", "maybe"]));
    put(rng, 30, "On Site", on_site);
    let url = json!(rng.pick(&SEEN_TARGETS));
    put(rng, 25, "url", url);
    put(rng, 20, "file", json!("ebook"));
    let name = json!(rng.pick(&["Contact", "renewal", "Other"]));
    put(rng, 40, "name", name);
}
