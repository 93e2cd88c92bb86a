//! Expressions of SQL as a typed tree, in no dialect.
//!
//! Texts and names stand in it as they are; how they are written safely is a matter of `print`. There is no piece of text that is
//! taken over as SQL. Truth has three values, NULL for unknown, as in the language.

use crate::operators::CompareOp;

/// What an entry of a list is called.
pub(super) const ENTRY: &str = "entry";

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// True, false, or NULL for unknown.
    Flag,
    /// A double.
    Number,
    /// A 64-bit integer: points in ten-thousandths, counts, days, microseconds since 1970, ranks on the ladder.
    Whole,
    /// A text.
    Text,
}

/// A column of a table of the query, by the level of the layer that has it, see `layers`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// The layer in which it can first be read.
    pub level: usize,
}

/// A double, equal where its bits are.
#[derive(Debug, Clone, Copy)]
pub struct Double(pub f64);

impl PartialEq for Double {
    fn eq(&self, other: &Double) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Double {}

impl std::hash::Hash for Double {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sql {
    /// A column.
    Column(Column),
    /// Nothing, of a type.
    Null(Kind),
    /// A flag.
    Flag(bool),
    /// A double.
    Number(Double),
    /// An integer.
    Whole(i64),
    /// A text.
    Text(String),
    /// `NOT a`
    Not(Box<Sql>),
    /// `a AND b AND …`
    All(Vec<Sql>),
    /// `a OR b OR …`
    Any(Vec<Sql>),
    /// Two values of one type against each other.
    Compare(CompareOp, Box<Sql>, Box<Sql>),
    /// One of these values.
    In(Box<Sql>, Vec<Sql>),
    /// `a IS NULL`
    IsNull(Box<Sql>),
    /// A text against a pattern.
    Like(Box<Sql>, Vec<Piece>),
    /// The first whose condition is true.
    Case(Vec<(Sql, Sql)>, Box<Sql>),
    /// All added up.
    Sum(Vec<Sql>),
    /// `a op b` on two numbers of one type.
    Binary(Binary, Box<Sql>, Box<Sql>),
    /// Texts one behind the other.
    Concat(Vec<Sql>),
    /// A function.
    Call(Function, Vec<Sql>),
    /// Whether some entry of a list, [`Sql::entry`], meets a condition; NULL where there is no list.
    Some(Box<Sql>, Box<Sql>),
    /// Over the rows of a group.
    Aggregate(Aggregate, Box<Sql>),
    /// Over rows in an order.
    Over(Box<Window>),
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Itself.
    Text(String),
    /// Any run of characters.
    Any,
    /// One character.
    One,
}

/// Operations on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `a - b`
    Minus,
    /// `a * b`
    Times,
    /// `a / b` on doubles, b being neither 0 nor NULL.
    Divide,
    /// The whole part of `a / b` on integers that are not below 0.
    IntDivide,
    /// What is left of that.
    Modulo,
}

/// Functions; how each is called is a matter of the dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// The form in which a text is compared, see `text::fold`; NULL for one that is blank.
    Fold,
    /// Whether an id is surely its own key, see `lead::id_key`: no blank in it, no `@`, not of 18 characters.
    IsPlainId,
    /// Whether a date of a column is an instant, by the type of the column.
    HasZone,
    /// The words of a folded text, see `text::words`.
    Words,
    /// A text without white space at its ends.
    Trim,
    /// How many characters.
    Length,
    /// The characters from one on, counted from 1; or so many of them.
    Substring,
    /// The place of a text in another, from 1; 0 where it is not in it.
    Position,
    /// A text with one text in place of another.
    Replace,
    /// Each character of a set as its partner of another.
    Translate,
    /// What an id is compared by, see `lead::id_key`, where the engine has a function for it.
    Key,
    /// Without the characters of a set at its end.
    TrimEnd,
    /// Without the characters of a set at its beginning.
    TrimStart,
    /// A double, at least 0, rounded down, as an integer.
    Floor,
    /// Without its sign.
    Abs,
    /// As a double.
    ToNumber,
    /// As an integer: the digits of a text, or an integer of another width.
    ToWhole,
    /// An integer in digits.
    ToText,
    /// The microseconds since 1970 of a column with dates or times.
    Micros,
    /// A column with flags as a flag.
    ToFlag,
    /// The path of a page, see `text::page_path`, where the engine has a function for it.
    Page,
    /// How many entries a list has.
    Entries,
    /// The entries of a list, with `, ` between them.
    Joined,
    /// Whether a text holds nothing but letters.
    AreLetters,
    /// Whether a text holds nothing but letters, digits, `-` and `.`.
    AreOfHost,
}

/// Functions over groups of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// How many rows meet a condition.
    Count,
    /// The sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// How many different values.
    Different,
}

/// A function over the rows of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Window {
    /// What is asked.
    pub of: Over,
    /// The rows that belong together.
    pub by: Vec<Sql>,
    /// Their order.
    pub order: Vec<Sql>,
    /// Whether it is turned round.
    pub descending: bool,
}

/// What is asked over rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Over {
    /// The number of the row, from 1.
    RowNumber,
    /// The value so many rows further on.
    Lead(Sql, i64),
    /// Over all of them.
    All(Aggregate, Sql),
    /// Over those behind this row.
    Behind(Aggregate, Sql),
    /// Over this row, its equals in the order and those behind.
    From(Aggregate, Sql),
}

impl Sql {
    /// A number.
    pub fn number(n: f64) -> Sql {
        Sql::Number(Double(n))
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Sql {
        Sql::Text(text.into())
    }

    /// The entry of a list that a condition on some of them looks at.
    pub fn entry() -> Sql {
        Sql::Column(Column { name: ENTRY.to_owned(), kind: Kind::Text, level: 0 })
    }

    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Sql::Column(column) => column.kind,
            Sql::Null(kind) => *kind,
            Sql::Number(_) => Kind::Number,
            Sql::Whole(_) => Kind::Whole,
            Sql::Text(_) | Sql::Concat(_) => Kind::Text,
            Sql::Flag(_)
            | Sql::Not(_)
            | Sql::All(_)
            | Sql::Any(_)
            | Sql::Compare(..)
            | Sql::In(..)
            | Sql::IsNull(_)
            | Sql::Some(..)
            | Sql::Like(..) => Kind::Flag,
            Sql::Case(_, otherwise) => otherwise.kind(),
            Sql::Sum(items) => items.first().map_or(Kind::Whole, Sql::kind),
            Sql::Binary(_, a, _) => a.kind(),
            Sql::Call(function, args) => match function {
                Function::Fold
                | Function::Words
                | Function::Trim
                | Function::Substring
                | Function::Replace
                | Function::TrimEnd
                | Function::TrimStart
                | Function::Page
                | Function::Translate
                | Function::Key
                | Function::Joined
                | Function::ToText => Kind::Text,
                Function::Length
                | Function::Entries
                | Function::Position
                | Function::Floor
                | Function::ToWhole
                | Function::Micros => Kind::Whole,
                Function::ToNumber => Kind::Number,
                Function::ToFlag
                | Function::IsPlainId
                | Function::HasZone
                | Function::AreLetters
                | Function::AreOfHost => Kind::Flag,
                Function::Abs => args.first().map_or(Kind::Number, Sql::kind),
            },
            Sql::Aggregate(Aggregate::Different | Aggregate::Count, _) => Kind::Whole,
            Sql::Aggregate(_, of) => of.kind(),
            Sql::Over(window) => match &window.of {
                Over::RowNumber => Kind::Whole,
                Over::All(Aggregate::Different | Aggregate::Count, _) => Kind::Whole,
                Over::Lead(of, _) | Over::All(_, of) | Over::Behind(_, of) | Over::From(_, of) => of.kind(),
            },
        }
    }

    /// Whether it is written out, the same for all rows.
    pub fn is_constant(&self) -> bool {
        matches!(self, Sql::Null(_) | Sql::Flag(_) | Sql::Number(_) | Sql::Whole(_) | Sql::Text(_))
    }

    /// Calls `f` for each part right below.
    pub fn for_each_part<'s>(&'s self, f: &mut dyn FnMut(&'s Sql)) {
        match self {
            Sql::Column(_) | Sql::Null(_) | Sql::Flag(_) | Sql::Number(_) | Sql::Whole(_) | Sql::Text(_) => {}
            Sql::Not(a) | Sql::IsNull(a) | Sql::Like(a, _) | Sql::Aggregate(_, a) => f(a),
            Sql::All(items) | Sql::Any(items) | Sql::Sum(items) | Sql::Concat(items) | Sql::Call(_, items) => {
                items.iter().for_each(f);
            }
            Sql::Compare(_, a, b) | Sql::Binary(_, a, b) | Sql::Some(a, b) => {
                f(a);
                f(b);
            }
            Sql::In(a, items) => {
                f(a);
                items.iter().for_each(f);
            }
            Sql::Case(cases, otherwise) => {
                for (when, then) in cases {
                    f(when);
                    f(then);
                }
                f(otherwise);
            }
            Sql::Over(window) => {
                let Window { of, by, order, descending: _ } = &**window;
                match of {
                    Over::RowNumber => {}
                    Over::Lead(of, _) | Over::All(_, of) | Over::Behind(_, of) | Over::From(_, of) => f(of),
                }
                by.iter().chain(order).for_each(f);
            }
        }
    }

    /// Calls `f` for each column in it, and with whether unknown counts as false where it stands. `decides` tells that of the whole.
    pub fn for_each_read<'s>(&'s self, decides: bool, f: &mut dyn FnMut(&'s Column, bool)) {
        match self {
            Sql::Column(column) => f(column, decides),
            Sql::All(items) | Sql::Any(items) => items.iter().for_each(|item| item.for_each_read(decides, f)),
            Sql::Aggregate(Aggregate::Count, of) => of.for_each_read(true, f),
            Sql::Case(cases, otherwise) => {
                for (when, then) in cases {
                    when.for_each_read(true, f);
                    then.for_each_read(decides, f);
                }
                otherwise.for_each_read(decides, f);
            }
            other => other.for_each_part(&mut |part| part.for_each_read(false, f)),
        }
    }

    /// The same, without saying that unknown counts as false where that makes no difference; `decides` as there.
    pub fn told_apart(&self, decides: bool) -> Sql {
        let all = |items: &[Sql]| items.iter().map(|item| item.told_apart(decides)).collect();
        match self {
            Sql::Case(cases, otherwise) if decides && is_surely(cases, otherwise) => cases[0].0.told_apart(true),
            Sql::All(items) => Sql::All(all(items)),
            Sql::Any(items) => Sql::Any(all(items)),
            Sql::Aggregate(Aggregate::Count, of) => Sql::Aggregate(Aggregate::Count, Box::new(of.told_apart(true))),
            Sql::Case(cases, otherwise) => {
                let cases = cases.iter().map(|(when, then)| (when.told_apart(true), then.told_apart(decides)));
                Sql::Case(cases.collect(), Box::new(otherwise.told_apart(decides)))
            }
            other => other.clone(),
        }
    }

    /// Calls `f` for each column that is compared with a word, and the word.
    pub fn for_each_word<'s>(&'s self, f: &mut dyn FnMut(&'s Column, &'s str)) {
        match self {
            Sql::Compare(CompareOp::Equal, a, b) => {
                if let (Sql::Column(column), Sql::Text(word)) = (&**a, &**b) {
                    f(column, word);
                }
            }
            Sql::In(a, items) => {
                if let Sql::Column(column) = &**a {
                    for item in items {
                        if let Sql::Text(word) = item {
                            f(column, word);
                        }
                    }
                }
            }
            _ => {}
        }
        self.for_each_part(&mut |part| part.for_each_word(f));
    }

    /// The first layer in which all of its columns can be read.
    pub fn level(&self) -> usize {
        if let Sql::Column(column) = self {
            return column.level;
        }
        let mut level = 0;
        self.for_each_part(&mut |part| level = level.max(part.level()));
        level
    }

    /// How many parts it has, counted up to `most`.
    pub fn size(&self, most: usize) -> usize {
        let mut size = 1;
        self.for_each_part(&mut |part| {
            if size < most {
                size += part.size(most - size);
            }
        });
        size
    }

    /// `NOT a`
    pub fn not(self) -> Sql {
        match self {
            Sql::Flag(yes) => Sql::Flag(!yes),
            Sql::Null(_) => self,
            Sql::Not(inner) => *inner,
            Sql::Compare(op, a, b) => Sql::Compare(op.opposite(), a, b),
            other => Sql::Not(Box::new(other)),
        }
    }

    /// Whether it holds for some entry of a list.
    pub fn of_some(self, list: Sql) -> Sql {
        Sql::Some(Box::new(list), Box::new(self))
    }

    /// All of these.
    pub fn all(items: impl IntoIterator<Item = Sql>) -> Sql {
        Sql::chain(items, false)
    }

    /// Any of these.
    pub fn any(items: impl IntoIterator<Item = Sql>) -> Sql {
        Sql::chain(items, true)
    }

    /// `AND`, or `OR`, of which one that is `decides` is enough to know the whole.
    fn chain(items: impl IntoIterator<Item = Sql>, decides: bool) -> Sql {
        let mut out = Vec::new();
        for item in items {
            match item {
                Sql::Flag(yes) if yes == decides => return Sql::Flag(decides),
                Sql::Flag(_) => {}
                Sql::Any(parts) if decides => out.extend(parts),
                Sql::All(parts) if !decides => out.extend(parts),
                other => out.push(other),
            }
        }
        match out.len() {
            0 => Sql::Flag(!decides),
            1 => out.remove(0),
            _ if decides => Sql::Any(out),
            _ => Sql::All(out),
        }
    }

    /// `a op b`
    pub fn compare(op: CompareOp, a: Sql, b: Sql) -> Sql {
        if matches!(a, Sql::Null(_)) || matches!(b, Sql::Null(_)) {
            return Sql::Null(Kind::Flag);
        }
        if let (Sql::Whole(a), Sql::Whole(b)) = (&a, &b) {
            return Sql::Flag(op.holds(a.cmp(b)));
        }
        Sql::Compare(op, Box::new(a), Box::new(b))
    }

    /// `a = b`
    pub fn equals(self, b: Sql) -> Sql {
        Sql::compare(CompareOp::Equal, self, b)
    }

    /// `a < b`
    pub fn below(self, b: Sql) -> Sql {
        Sql::compare(CompareOp::Less, self, b)
    }

    /// `a <= b`
    pub fn at_most(self, b: Sql) -> Sql {
        Sql::compare(CompareOp::LessOrEqual, self, b)
    }

    /// `a >= b`
    pub fn at_least(self, b: Sql) -> Sql {
        Sql::compare(CompareOp::GreaterOrEqual, self, b)
    }

    /// `a > b`
    pub fn above(self, b: Sql) -> Sql {
        Sql::compare(CompareOp::Greater, self, b)
    }

    /// Whether it is NULL.
    pub fn null(self) -> Sql {
        match self {
            Sql::Null(_) => Sql::Flag(true),
            other if other.is_constant() => Sql::Flag(false),
            other => Sql::IsNull(Box::new(other)),
        }
    }

    /// Whether it is not NULL.
    pub fn known(self) -> Sql {
        self.null().not()
    }

    /// `CASE WHEN … THEN … ELSE … END`
    pub fn case(cases: impl IntoIterator<Item = (Sql, Sql)>, otherwise: Sql) -> Sql {
        let mut out: Vec<(Sql, Sql)> = Vec::new();
        for (when, then) in cases {
            match when.told() {
                Sql::Flag(false) | Sql::Null(_) => {}
                Sql::Flag(true) => return Sql::case_of(out, then),
                when => out.push((when, then)),
            }
        }
        Sql::case_of(out, otherwise)
    }

    /// A condition that decides: one that is unknown counts as false there, and need not say so.
    fn told(self) -> Sql {
        match self {
            Sql::Case(mut cases, otherwise) if is_surely(&cases, &otherwise) => cases.remove(0).0,
            other => other,
        }
    }

    fn case_of(mut cases: Vec<(Sql, Sql)>, otherwise: Sql) -> Sql {
        // What gives the same as what follows need not be asked.
        while cases.last().is_some_and(|(_, then)| *then == otherwise) {
            cases.pop();
        }
        if cases.is_empty() { otherwise } else { Sql::Case(cases, Box::new(otherwise)) }
    }

    /// `CASE WHEN a THEN b ELSE c END`
    pub fn when(self, then: Sql, otherwise: Sql) -> Sql {
        Sql::case([(self, then)], otherwise)
    }

    /// The value, or another where it is NULL.
    pub fn or(self, other: Sql) -> Sql {
        match self {
            Sql::Null(_) => other,
            known if known.is_constant() => known,
            known => known.clone().null().when(other, known),
        }
    }

    /// All added up.
    pub fn sum(kind: Kind, items: impl IntoIterator<Item = Sql>) -> Sql {
        let mut out = Vec::new();
        let mut whole: i64 = 0;
        for item in items {
            match item {
                Sql::Whole(n) if kind == Kind::Whole => whole = whole.saturating_add(n),
                Sql::Sum(parts) if kind == Kind::Whole => out.extend(parts),
                other => out.push(other),
            }
        }
        if kind == Kind::Whole && (whole != 0 || out.is_empty()) {
            out.push(Sql::Whole(whole));
        }
        if out.len() == 1 { out.remove(0) } else { Sql::Sum(out) }
    }

    /// `a op b`
    pub fn binary(op: Binary, a: Sql, b: Sql) -> Sql {
        Sql::Binary(op, Box::new(a), Box::new(b))
    }

    /// `-a` of an integer or a double.
    pub fn negated(self) -> Sql {
        match self {
            Sql::Whole(n) => Sql::Whole(-n),
            Sql::Number(Double(n)) => Sql::number(-n),
            other => {
                let zero = if other.kind() == Kind::Whole { Sql::Whole(0) } else { Sql::number(0.0) };
                Sql::binary(Binary::Minus, zero, other)
            }
        }
    }

    /// The lesser of two that are not NULL.
    pub fn lesser(self, other: Sql) -> Sql {
        match (&self, &other) {
            (Sql::Whole(a), Sql::Whole(b)) => Sql::Whole(*a.min(b)),
            _ => self.clone().below(other.clone()).when(self, other),
        }
    }

    /// The greater of two that are not NULL.
    pub fn greater(self, other: Sql) -> Sql {
        match (&self, &other) {
            (Sql::Whole(a), Sql::Whole(b)) => Sql::Whole(*a.max(b)),
            _ => self.clone().above(other.clone()).when(self, other),
        }
    }

    /// Something over the rows that have `by` in common, in an order.
    pub fn over(of: Over, by: impl Into<Vec<Sql>>, order: impl Into<Vec<Sql>>) -> Sql {
        Sql::Over(Box::new(Window { of, by: by.into(), order: order.into(), descending: false }))
    }

    /// A function.
    pub fn call(function: Function, args: impl IntoIterator<Item = Sql>) -> Sql {
        Sql::Call(function, args.into_iter().collect())
    }
}

/// Whether these are the cases of a truth that counts as false where it is unknown.
pub(super) fn is_surely(cases: &[(Sql, Sql)], otherwise: &Sql) -> bool {
    matches!((cases, otherwise), ([(_, Sql::Flag(true))], Sql::Flag(false)))
}
