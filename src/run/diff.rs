//! Leads asked under two models: who moves, and which change moved them.

use std::collections::HashSet;
use std::io;

use super::account::without_column;
use super::input::Input;
use super::pass::{Failed, Pass};
use super::progress::Progress;
use super::sink::Sink;
use crate::bind::Binding;
use crate::compare::{Answer, Comparison, Effects, Mover, OneSide, Row};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Field;
use crate::stream::{Answered, Key, id_bytes};
use crate::time::Instant;

/// How leads stood and stand.
pub struct Moves {
    /// What each change does to them.
    pub effects: Effects,
    /// Rows that could not be read.
    pub errors: u64,
    /// Whether a row, of leads or of activity, could not be read.
    pub has_errors: bool,
}

/// Finds out how leads stood and stand. `tell` gets what there is to say as soon as it is known; what makes a strict run fail
/// is left to [`Failed::Refused`]. Three passes: one with each model, and one for those that move as they are in the files.
///
/// # Errors
/// As those of [`Pass::open`], [`Pass::with`] and [`super::Run::answer`].
pub fn moves(
    comparison: &Comparison<'_>,
    as_of: Instant,
    input: &Input,
    progress: &dyn Progress,
    tell: &mut dyn FnMut(&Diagnostic),
) -> Result<Moves, Failed> {
    let (old, new) = (&comparison.old.model, &comparison.new.model);
    let input = &input.clone().held()?;
    let open = || Pass::open(input, &[old, new], progress);
    let [before, after] = comparison.sides(as_of);
    let pass = open()?;
    of_old(&pass, comparison, input.strict, tell)?;
    let mut afters = Vec::new();
    let run = pass.with(&after.program)?;
    run.notes().iter().for_each(&mut *tell);
    let ended = run.answer(&Side(&after), &mut |_, answer| afters.push(answer))?;
    let mut effects = Effects::new(comparison);
    // Of those that move: which of all leads, how they stood and stand.
    let mut moved = Vec::new();
    let mut ids = HashSet::new();
    let mut all = afters.iter().enumerate();
    open()?.with(&before.program)?.answer(&Side(&before), &mut |id, before| {
        if let Some((number, after)) = all.next()
            && let Some(standings) = effects.count(comparison, &before, after)
        {
            moved.push((number, standings));
            ids.insert(id);
        }
    })?;
    drop(afters);
    ended.problems.iter().for_each(tell);
    let rows = if moved.is_empty() { Vec::new() } else { rows(open()?.of_those(&ids), after, &ids, &moved)? };
    let movers = rows
        .iter()
        .zip(moved)
        .map(|(row, (_, (before, after)))| Mover { id: row.id.clone(), before, after, moved_by: Vec::new() })
        .collect();
    effects.moved(comparison, as_of, &ended.leads.columns().keys, movers, &rows);
    let errors = ended.account.stages.get("error").copied().unwrap_or(0);
    Ok(Moves { effects, errors, has_errors: ended.has_errors })
}

/// Tells what the old model alone reads and no column gives; what the new one does is told by its run.
fn of_old(
    pass: &Pass<'_>,
    comparison: &Comparison<'_>,
    is_strict: bool,
    tell: &mut dyn FnMut(&Diagnostic),
) -> Result<(), Failed> {
    let keys = &pass.leads().columns().keys;
    let (old, new) = (Binding::new(&comparison.old.model, keys), Binding::new(&comparison.new.model, keys));
    let of_new = without_column(&new, pass.leads());
    let is_new = |old: &Field| of_new.iter().any(|(new, _)| new.name == old.name);
    let of_old: Vec<_> = without_column(&old, pass.leads()).into_iter().filter(|(field, _)| !is_new(field)).collect();
    let told = crate::messages::data::no_columns(&of_old, pass.leads().name());
    if let Some(told) = told.as_ref().filter(|_| is_strict) {
        return Err(Failed::Refused(vec![Diagnostic { severity: Severity::Error, ..told.clone() }]));
    }
    told.iter().for_each(tell);
    Ok(())
}

/// What is compared of each answer, with what tells its lead's id from others.
struct Side<'m>(&'m OneSide<'m>);

impl<'m> Sink for Side<'m> {
    type Block = Vec<(u64, Answer)>;
    type Out = dyn FnMut(u64, Answer) + 'm;

    fn add(&self, block: &mut Self::Block, answered: &Answered<'_>) {
        if let Ok((answers, lane)) = answered.answer {
            block.push((Key::of(&id_bytes(answered.id)).fingerprint(), self.0.answer(answers, lane)));
        }
    }

    fn take(&self, see: &mut Self::Out, block: Self::Block) -> io::Result<()> {
        block.into_iter().for_each(|(id, answer)| see(id, answer));
        Ok(())
    }
}

/// The leads that move, as they are in the files.
fn rows<M>(pass: Pass<'_>, side: OneSide<'_>, ids: &HashSet<u64>, moved: &[(usize, M)]) -> Result<Vec<Row>, Failed> {
    let columns = pass.leads().columns().names.len();
    let program = side.program.keeping_all();
    let mut rows = Vec::with_capacity(moved.len());
    let (mut number, mut wanted) = (0, moved.iter().map(|(number, _)| *number).peekable());
    pass.with(&program)?.answer(&AsRead { ids, columns }, &mut |row: Option<Row>| {
        // Several leads may have one id; not all of them move.
        if wanted.next_if_eq(&number).is_some() {
            rows.extend(row);
        }
        number += 1;
    })?;
    Ok(rows)
}

/// The rows of some leads, and none of all others.
struct AsRead<'i> {
    ids: &'i HashSet<u64>,
    columns: usize,
}

impl<'i> Sink for AsRead<'i> {
    type Block = Vec<Option<Row>>;
    type Out = dyn FnMut(Option<Row>) + 'i;

    fn add(&self, block: &mut Self::Block, answered: &Answered<'_>) {
        if answered.answer.is_err() {
            return;
        }
        let is_wanted = self.ids.contains(&Key::of(&id_bytes(answered.id)).fingerprint());
        block.push(is_wanted.then(|| {
            let lead = (answered.lead)();
            Row { id: lead.id, cells: (0..self.columns).map(answered.cell).collect(), activity: lead.activity }
        }));
    }

    fn take(&self, see: &mut Self::Out, block: Self::Block) -> io::Result<()> {
        block.into_iter().for_each(see);
        Ok(())
    }
}
