//! Every expression of a model, with its owner and its role: the one walk.
//!
//! Written by exhaustive destructuring, so that a new part of the model cannot be forgotten: whoever asks who uses a field, what a
//! lint should look at or what something depends on goes through here.

use super::{
    Activity, ActivitySource, ActivityType, Amount, Case, CaseLine, Counting, DataFormat, Definition, Expr, Fading,
    FieldId, Group, Label, LabelLine, Ladder, Limit, Line, LineId, Model, QueryId, ResetAt, Rule, Scoring, StageLine,
    Table, Template, TemplatePart, Test, Verdict,
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
    /// How a group fades, or the whole score
    Fading(&'m Fading),
    /// `up to 50 if …`, `never below 10 if …`
    Limit(&'m Limit),
    /// `reset if …`
    ResetIf(&'m Verdict),
    /// `reset at …`
    ResetAt(&'m ResetAt),
    /// `score = …`
    Formula,
    /// `stages … from FIELD`
    Ladder,
    /// `activity log { lead "Email" = email }`
    Log,
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
            zone: _,
            leads: _,
            log: DataFormat { lead: of_log, .. },
            definitions,
            activity_types,
            groups,
            loose,
            formula,
            fading,
            limits,
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
            bounds_line: _,
            // What they say is gone through where they stand.
            lines: _,
        } = self;
        let of_log = of_log.iter().filter_map(|lead| lead.field);
        of_log.for_each(|field| see(Owner::Log, Role::Subject, Part::Field(field)));
        for definition in definitions {
            let Definition { value, of_type: _, name: _, span: _, profile: _, fields: _ } = definition;
            see(Owner::Definition(definition), Role::Definition, Part::Expr(value));
        }
        for kind in activity_types {
            let ActivityType { from, name: _, folded: _, target: _, is_engagement: _ } = kind;
            for ActivitySource { filter, kind: _, target: _ } in from {
                filter.iter().for_each(|filter| see(Owner::ActivityType(kind), Role::Condition, Part::Expr(filter)));
            }
        }
        let mut walk = Walk { model: self, see };
        walk.scoring(loose);
        for group in groups {
            let Group {
                items,
                fading,
                limits,
                resets,
                reset_at,
                name: _,
                title: _,
                bounds: _,
                bounds_line: _,
                span: _,
            } = group;
            walk.scoring(items);
            walk.whole(fading.as_ref(), limits);
            resets.iter().for_each(|reset| walk.verdict(Owner::ResetIf(reset), reset));
            for reset in reset_at {
                let ResetAt { activity, line } = reset;
                walk.part(Owner::ResetAt(reset), Role::Counted, Part::Activity(activity));
                walk.because(Owner::ResetAt(reset), *line);
            }
        }
        formula.iter().for_each(|formula| walk.part(Owner::Formula, Role::Formula, Part::Expr(formula)));
        walk.whole(fading.as_ref(), limits);
        let Ladder { from, stages: _, spellings: _, never_lower: _ } = ladder;
        from.iter().for_each(|&field| walk.part(Owner::Ladder, Role::Subject, Part::Field(field)));
        stage_lines.iter().for_each(|line| walk.stage_line(Owner::StageLine(line), line));
        gates.iter().for_each(|line| walk.stage_line(Owner::Gate(line), line));
        disqualify.iter().for_each(|v| walk.verdict(Owner::Disqualify(v), v));
        exclude.iter().for_each(|v| walk.verdict(Owner::Exclude(v), v));
        reviews.iter().for_each(|v| walk.verdict(Owner::Review(v), v));
        for label in labels {
            let Label { lines, name: _, title: _, asks_for_stage: _, span: _ } = label;
            for LabelLine { text, condition, line: _ } in lines {
                condition.iter().for_each(|c| walk.part(Owner::Label(label), Role::Condition, Part::Expr(c)));
                walk.text(Owner::Label(label), text);
            }
        }
        for test in tests {
            let Test { expect, name: _, as_of: _, lead: _, activity: _, span: _ } = test;
            expect.iter().for_each(|(expr, _)| walk.part(Owner::Test(test), Role::Expectation, Part::Expr(expr)));
        }
    }
}

/// A walk on its way.
struct Walk<'w, 's, 'm> {
    model: &'m Model,
    see: &'w mut See<'s, 'm>,
}

impl<'m> Walk<'_, '_, 'm> {
    fn part(&mut self, owner: Owner<'m>, role: Role, part: Part<'m>) {
        (self.see)(owner, role, part);
    }

    fn scoring(&mut self, items: &'m [Scoring]) {
        for item in items {
            match item {
                Scoring::Rule(rule) => self.rule(rule),
                Scoring::Choice { items, best: _ } => self.scoring(items),
                Scoring::Table(table) => self.table(table),
            }
        }
    }

    fn whole(&mut self, fading: Option<&'m Fading>, limits: &'m [Limit]) {
        if let Some(fading) = fading {
            let Fading { query, ageing: _, line: _ } = fading;
            self.part(Owner::Fading(fading), Role::Counted, Part::Query(*query));
        }
        for limit in limits {
            let Limit { condition, line, bounds: _ } = limit;
            self.part(Owner::Limit(limit), Role::Condition, Part::Expr(condition));
            self.because(Owner::Limit(limit), *line);
        }
    }

    fn rule(&mut self, rule: &'m Rule) {
        let Rule { when, amount, counting, up_to, if_not, line, rate: _, ageing: _, fields: _ } = rule;
        let owner = Owner::Rule(rule);
        when.iter().for_each(|c| self.part(owner, Role::Condition, Part::Expr(c)));
        self.points(owner, amount);
        match counting {
            Counting::Once(activity) => {
                activity.iter().for_each(|a| self.part(owner, Role::Counted, Part::Activity(a)));
            }
            Counting::Each { activity, through: _ }
            | Counting::Distinct(activity)
            | Counting::SinceActivity(_, activity) => {
                self.part(owner, Role::Counted, Part::Activity(activity));
            }
            Counting::SinceDate(_, date) => self.part(owner, Role::Counted, Part::Expr(date)),
            Counting::Silence(_, query) => self.part(owner, Role::Counted, Part::Query(*query)),
        }
        up_to.iter().for_each(|m| self.part(owner, Role::Bound, Part::Expr(m)));
        if_not.iter().for_each(|amount| self.points(owner, amount));
        self.because(owner, *line);
    }

    fn table(&mut self, table: &'m Table) {
        let Table { by, lines, title: _, keyed: _, fields: _, span: _ } = table;
        let owner = Owner::Table(table);
        self.part(owner, Role::Subject, Part::Expr(by));
        for CaseLine { case, amount, line, words: _ } in lines {
            match case {
                Case::When(condition) => self.part(owner, Role::Case, Part::Expr(condition)),
                Case::Missing | Case::Otherwise { takes_unknown: _ } => {}
            }
            self.points(owner, amount);
            self.because(owner, *line);
        }
    }

    fn points(&mut self, owner: Owner<'m>, amount: &'m Amount) {
        let Amount { value, subtract: _, literal: _ } = amount;
        self.part(owner, Role::Amount, Part::Expr(value));
    }

    fn stage_line(&mut self, owner: Owner<'m>, line: &'m StageLine) {
        let StageLine { condition, line, stage: _ } = line;
        self.part(owner, Role::Condition, Part::Expr(condition));
        self.because(owner, *line);
    }

    fn verdict(&mut self, owner: Owner<'m>, verdict: &'m Verdict) {
        let Verdict { condition, line } = verdict;
        self.part(owner, Role::Condition, Part::Expr(condition));
        self.because(owner, *line);
    }

    fn because(&mut self, owner: Owner<'m>, line: LineId) {
        let Line { because, because_not, kind: _, group: _, span: _, subject: _, called: _ } = self.model.line(line);
        because.iter().chain(because_not).for_each(|text| self.text(owner, text));
    }

    fn text(&mut self, owner: Owner<'m>, text: &'m Template) {
        let Template { parts } = text;
        for part in parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Value(value) => self.part(owner, Role::Text, Part::Expr(value)),
            }
        }
    }
}
