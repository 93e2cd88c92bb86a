//! Expressions as the text of a dialect.

use super::dialect::Dialect;
use super::expr::{Aggregate, Binary, Kind, Over, Piece, Sql, Window, is_surely};
use crate::operators::CompareOp;

/// So many values are compared one by one on DuckDB; it makes a join of `IN`.
const MOST_EQUALITIES: usize = 16;

impl Dialect {
    /// An expression, in parentheses wherever it could be read otherwise.
    pub(super) fn print(self, sql: &Sql) -> String {
        let print = |sql: &Sql| self.print(sql);
        let list = |items: &[Sql], between: &str| items.iter().map(print).collect::<Vec<_>>().join(between);
        match sql {
            Sql::Column(column) => self.name_of(&column.name),
            Sql::Null(kind) => format!("CAST(NULL AS {})", self.type_of(*kind)),
            Sql::Flag(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
            Sql::Number(n) => self.number(n.0),
            Sql::Whole(n) => self.whole(*n),
            Sql::Text(text) => self.text(text),
            Sql::Not(a) => format!("(NOT {})", self.print(a)),
            Sql::All(items) => format!("({})", list(items, " AND ")),
            Sql::Any(items) => format!("({})", list(items, " OR ")),
            Sql::Compare(op, a, b) => format!("({} {} {})", self.print(a), sign(*op), self.compared(b)),
            Sql::In(a, items) if self == Dialect::DuckDb && items.len() <= MOST_EQUALITIES => {
                self.print(&Sql::any(items.iter().map(|item| (**a).clone().equals(item.clone()))))
            }
            Sql::In(a, items) => {
                let items: Vec<String> = items.iter().map(|i| self.compared(i)).collect();
                format!("({} IN ({}))", self.print(a), items.join(", "))
            }
            Sql::IsNull(a) => format!("({} IS NULL)", self.print(a)),
            Sql::Like(a, pieces) => self.like(&self.print(a), pieces),
            Sql::Case(cases, otherwise) if is_surely(cases, otherwise) => self.is_true(&self.print(&cases[0].0)),
            Sql::Case(cases, otherwise) => {
                let mut out = "CASE".to_owned();
                for (when, then) in cases {
                    out.push_str(&format!(" WHEN {} THEN {}", self.print(when), self.print(then)));
                }
                format!("{out} ELSE {} END", self.print(otherwise))
            }
            Sql::Sum(items) => self.balanced(items, " + "),
            Sql::Concat(items) => self.balanced(items, " || "),
            Sql::Binary(op, a, b) => match (op, self) {
                // An integer division by itself would be one of decimals there.
                (Binary::Divide, _) | (Binary::Minus | Binary::Times | Binary::IntDivide | Binary::Modulo, _) => {
                    self.binary(*op, &self.print(a), &self.print(b))
                }
            },
            Sql::Some(list, condition) => self.some(&self.print(list), &self.print(condition)),
            Sql::Call(function, args) => {
                let args: Vec<String> = args.iter().map(|arg| self.plain(arg)).collect();
                self.call(*function, &args)
            }
            Sql::Aggregate(aggregate, of) => self.aggregate(*aggregate, &self.print(of), of.kind(), ""),
            Sql::Over(window) => self.over(window),
        }
    }

    /// Where the width of an integer makes no difference.
    fn plain(self, sql: &Sql) -> String {
        match sql {
            Sql::Whole(n) if *n >= 0 => n.to_string(),
            sql => self.print(sql),
        }
    }

    /// What something is compared with. Spark takes a round of its analyser to make an integer wider.
    fn compared(self, sql: &Sql) -> String {
        if self.is_spark() { self.print(sql) } else { self.plain(sql) }
    }

    /// A chain of many is a tree of little depth: engines bound that.
    fn balanced(self, items: &[Sql], operator: &str) -> String {
        match items {
            [] => self.whole(0),
            [one] => self.print(one),
            many if many.len() <= 8 => {
                format!("({})", many.iter().map(|i| self.print(i)).collect::<Vec<_>>().join(operator))
            }
            many => {
                let (a, b) = many.split_at(many.len() / 2);
                format!("({}{operator}{})", self.balanced(a, operator), self.balanced(b, operator))
            }
        }
    }

    fn like(self, x: &str, pieces: &[Piece]) -> String {
        let escape = if self == Dialect::BigQuery { '\\' } else { '!' };
        let mut pattern = String::new();
        for piece in pieces {
            match piece {
                Piece::Any => pattern.push('%'),
                Piece::One => pattern.push('_'),
                Piece::Text(text) => {
                    for c in text.chars() {
                        if matches!(c, '%' | '_') || c == escape {
                            pattern.push(escape);
                        }
                        pattern.push(c);
                    }
                }
            }
        }
        let clause = match self {
            Dialect::BigQuery => "",
            // It looks for a text in a text where nothing is said of signs before signs.
            Dialect::DuckDb if !pattern.contains(escape) => "",
            _ => " ESCAPE '!'",
        };
        format!("({x} LIKE {}{clause})", self.text(&pattern))
    }

    fn aggregate(self, aggregate: Aggregate, of: &str, kind: Kind, over: &str) -> String {
        match aggregate {
            // Sums of integers are wider than what was added.
            Aggregate::Sum if kind == Kind::Whole => format!("CAST(SUM({of}){over} AS {})", self.type_of(kind)),
            Aggregate::Sum => format!("SUM({of}){over}"),
            Aggregate::Min => format!("MIN({of}){over}"),
            Aggregate::Max => format!("MAX({of}){over}"),
            Aggregate::Count => format!("COUNT(CASE WHEN {of} THEN 1 END){over}"),
            Aggregate::Different => format!("COUNT(DISTINCT {of}){over}"),
        }
    }

    fn over(self, window: &Window) -> String {
        let Window { of, by, order, descending } = window;
        let list = |items: &[Sql]| items.iter().map(|i| self.print(i)).collect::<Vec<_>>().join(", ");
        let by = if by.is_empty() { String::new() } else { format!("PARTITION BY {}", list(by)) };
        let turned = if *descending { " DESC" } else { "" };
        let order: Vec<String> = order.iter().map(|i| format!("{}{turned}", self.print(i))).collect();
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        match of {
            Over::RowNumber => format!("ROW_NUMBER() OVER ({by}{order})"),
            Over::Lead(of, n) => format!("LEAD({}, {n}) OVER ({by}{order})", self.print(of)),
            Over::All(aggregate, of) => {
                self.aggregate(*aggregate, &self.print(of), of.kind(), &format!(" OVER ({by})"))
            }
            Over::Behind(aggregate, of) => {
                let rows = " ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING";
                self.aggregate(*aggregate, &self.print(of), of.kind(), &format!(" OVER ({by}{order}{rows})"))
            }
            Over::From(aggregate, of) => {
                let rows = " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING";
                self.aggregate(*aggregate, &self.print(of), of.kind(), &format!(" OVER ({by}{order}{rows})"))
            }
        }
    }
}

fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "<>",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
    }
}
