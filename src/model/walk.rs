//! Every expression of a model, with its owner and its role: the one walk.
//!
//! Written by exhaustive destructuring, so that a new part of the model cannot be forgotten: whoever asks who uses a field, what a
//! lint should look at or what something depends on goes through here.

use super::{
    Activity, ActivitySource, ActivityType, Amount, Case, CaseLine, Counting, Definition, Expr, FieldId, Group, Label,
    Ladder, Model, QueryId, ResetAt, Rule, Scoring, StageLine, Table, Template, TemplatePart, Test, Verdict,
};

/// Who an expression belongs to.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'m> {
    /// A `let` or profile.
    Definition(&'m Definition),
    /// An `activity … from … where` line.
    ActivityType(&'m ActivityType),
    /// A rule.
    Rule(&'m Rule),
    /// A table of points.
    Table(&'m Table),
    /// `reset if …`
    ResetIf(&'m Verdict),
    /// `reset at …`
    ResetAt(&'m ResetAt),
    /// `score = …`
    Formula,
    /// `stages … from FIELD`
    Ladder,
    /// `NAME if …`
    StageLine(&'m StageLine),
    /// `NAME and above only if …`
    Gate(&'m StageLine),
    /// `disqualify if …`
    Disqualify(&'m Verdict),
    /// `exclude if …`
    Exclude(&'m Verdict),
    /// `review if …`
    Review(&'m Verdict),
    /// A label.
    Label(&'m Label),
    /// A test.
    Test(&'m Test),
}

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What a definition stands for.
    Definition,
    /// A condition.
    Condition,
    /// How many points.
    Amount,
    /// `up to M`
    Bound,
    /// What is counted, or what something is reckoned from.
    Counted,
    /// What a table is about.
    Subject,
    /// When a line of a table holds.
    Case,
    /// A value in a text that is printed.
    Text,
    /// A formula.
    Formula,
    /// What a test expects.
    Expectation,
}

/// A part of a model that reads leads or activity.
#[derive(Debug, Clone, Copy)]
pub enum Part<'m> {
    /// An expression.
    Expr(&'m Expr),
    /// An activity that is counted, with its window.
    Activity(&'m Activity),
    /// Every record of a query, without a window.
    Query(QueryId),
    /// A field by itself.
    Field(FieldId),
}

/// Who is told of each part.
pub type See<'s, 'm> = dyn FnMut(Owner<'m>, Role, Part<'m>) + 's;

impl<'m> Part<'m> {
    /// Calls `f` for each expression in this part, those above before those below. Definitions are not entered.
    pub fn visit(self, model: &'m Model, f: &mut dyn FnMut(&'m Expr)) {
        match self {
            Part::Expr(expr) => {
                f(expr);
                expr.for_each_child(model, &mut |child| Part::Expr(child).visit(model, f));
            }
            Part::Activity(activity) => activity.for_each_child(model, &mut |child| Part::Expr(child).visit(model, f)),
            Part::Query(_) | Part::Field(_) => {}
        }
    }
}

impl Model {
    /// How many parts the model has: what going through it once costs.
    #[must_use]
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.walk(&mut |_, _, _| size += 1);
        size
    }

    /// Calls `see` for every part of the model that reads leads or activity, in the order of its kinds.
    pub fn walk<'m>(&'m self, see: &mut See<'_, 'm>) {
        let Model {
            definitions,
            activity_types,
            groups,
            loose,
            formula,
            ladder,
            stage_lines,
            gates,
            disqualify,
            exclude,
            reviews,
            labels,
            tests,
            // What has no expressions; those of queries stand in the activities that ask for them.
            info: _,
            hash: _,
            sources: _,
            files: _,
            fields: _,
            missing_words: _,
            queries: _,
            properties: _,
            tables: _,
            bounds: _,
            bounds_order: _,
        } = self;
        for definition in definitions {
            let Definition { value, name: _, span: _, profile: _, fields: _ } = definition;
            see(Owner::Definition(definition), Role::Definition, Part::Expr(value));
        }
        for kind in activity_types {
            let ActivityType { from, name: _, folded: _, target: _, is_engagement: _ } = kind;
            for ActivitySource { filter, kind: _, target: _ } in from {
                filter.iter().for_each(|filter| see(Owner::ActivityType(kind), Role::Condition, Part::Expr(filter)));
            }
        }
        scoring(loose, see);
        for Group { items, resets, reset_at, name: _, title: _, bounds: _, end_order: _, span: _ } in groups {
            scoring(items, see);
            resets.iter().for_each(|reset| verdict(Owner::ResetIf(reset), reset, see));
            for reset in reset_at {
                let ResetAt { activity, because, order: _, span: _ } = reset;
                see(Owner::ResetAt(reset), Role::Counted, Part::Activity(activity));
                template(Owner::ResetAt(reset), because.as_ref(), see);
            }
        }
        formula.iter().for_each(|formula| see(Owner::Formula, Role::Formula, Part::Expr(formula)));
        let Ladder { from, stages: _, spellings: _, never_lower: _ } = ladder;
        from.iter().for_each(|&field| see(Owner::Ladder, Role::Subject, Part::Field(field)));
        stage_lines.iter().for_each(|line| stage_line(Owner::StageLine(line), line, see));
        gates.iter().for_each(|line| stage_line(Owner::Gate(line), line, see));
        disqualify.iter().for_each(|v| verdict(Owner::Disqualify(v), v, see));
        exclude.iter().for_each(|v| verdict(Owner::Exclude(v), v, see));
        reviews.iter().for_each(|v| verdict(Owner::Review(v), v, see));
        for label in labels {
            let Label { lines, name: _, title: _, asks_for_stage: _, span: _ } = label;
            for (text, condition, _) in lines {
                condition.iter().for_each(|c| see(Owner::Label(label), Role::Condition, Part::Expr(c)));
                template(Owner::Label(label), Some(text), see);
            }
        }
        for test in tests {
            let Test { expect, name: _, as_of: _, lead: _, activity: _, span: _ } = test;
            expect.iter().for_each(|(expr, _)| see(Owner::Test(test), Role::Expectation, Part::Expr(expr)));
        }
    }
}

fn scoring<'m>(items: &'m [Scoring], see: &mut See<'_, 'm>) {
    for item in items {
        match item {
            Scoring::Rule(rule) => self::rule(rule, see),
            Scoring::Choice { items, best: _ } => scoring(items, see),
            Scoring::Table(table) => self::table(table, see),
        }
    }
}

fn rule<'m>(rule: &'m Rule, see: &mut See<'_, 'm>) {
    let Rule {
        when,
        amount,
        counting,
        up_to,
        because,
        if_not,
        rate: _,
        ageing: _,
        fields: _,
        order: _,
        subject: _,
        span: _,
    } = rule;
    let owner = Owner::Rule(rule);
    when.iter().for_each(|c| see(owner, Role::Condition, Part::Expr(c)));
    points(owner, amount, see);
    match counting {
        Counting::Once(activity) => activity.iter().for_each(|a| see(owner, Role::Counted, Part::Activity(a))),
        Counting::Each { activity, through: _ }
        | Counting::Distinct(activity)
        | Counting::SinceActivity(_, activity) => {
            see(owner, Role::Counted, Part::Activity(activity));
        }
        Counting::SinceDate(_, date) => see(owner, Role::Counted, Part::Expr(date)),
        Counting::Silence(_, query) => see(owner, Role::Counted, Part::Query(*query)),
    }
    up_to.iter().for_each(|m| see(owner, Role::Bound, Part::Expr(m)));
    template(owner, because.as_ref(), see);
    if let Some((amount, because)) = if_not {
        points(owner, amount, see);
        template(owner, because.as_ref(), see);
    }
}

fn table<'m>(table: &'m Table, see: &mut See<'_, 'm>) {
    let Table { by, lines, title: _, keyed: _, fields: _, span: _ } = table;
    let owner = Owner::Table(table);
    see(owner, Role::Subject, Part::Expr(by));
    for CaseLine { case, amount, because, order: _, words: _, span: _ } in lines {
        match case {
            Case::When(condition) => see(owner, Role::Case, Part::Expr(condition)),
            Case::Missing | Case::Otherwise { takes_unknown: _ } => {}
        }
        points(owner, amount, see);
        template(owner, because.as_ref(), see);
    }
}

fn points<'m>(owner: Owner<'m>, amount: &'m Amount, see: &mut See<'_, 'm>) {
    let Amount { value, subtract: _, literal: _ } = amount;
    see(owner, Role::Amount, Part::Expr(value));
}

fn stage_line<'m>(owner: Owner<'m>, line: &'m StageLine, see: &mut See<'_, 'm>) {
    let StageLine { condition, because, stage: _, order: _, span: _ } = line;
    see(owner, Role::Condition, Part::Expr(condition));
    template(owner, because.as_ref(), see);
}

fn verdict<'m>(owner: Owner<'m>, verdict: &'m Verdict, see: &mut See<'_, 'm>) {
    let Verdict { condition, because, order: _, span: _ } = verdict;
    see(owner, Role::Condition, Part::Expr(condition));
    template(owner, because.as_ref(), see);
}

fn template<'m>(owner: Owner<'m>, template: Option<&'m Template>, see: &mut See<'_, 'm>) {
    let Some(Template { parts }) = template else { return };
    for part in parts {
        match part {
            TemplatePart::Text(_) => {}
            TemplatePart::Value(value) => see(owner, Role::Text, Part::Expr(value)),
        }
    }
}
