//! Activity files: which column says whose a record is, what happened, to what and when; and which types there are.

use std::collections::BTreeMap;

use super::columns::{Kind, common_name, dates_as, kind};
use super::survey::{Column, SAMPLE, Survey};
use super::systems::System;
use crate::data::{Leads, Options, Part, Source, Values, open};
use crate::diagnostic::Diagnostic;
use crate::text::{fold, page_path};
use crate::time::{Date, Instant};

/// More types than these are not counted.
const MOST_TYPES: usize = 1_000;

/// What the columns of activity are usually called.
const LABELS: &[(Part, &str)] = &[
    (
        Part::Type,
        "type event event_type event_name activity_type activity action kind typ ereignis aktivität aktivitätstyp aktion évènement événement evento actividad acción",
    ),
    (
        Part::At,
        "at date timestamp time datetime activity_date event_date event_time occurred_at created_at created date_time datum zeitpunkt zeit fecha quand",
    ),
    (
        Part::Target,
        "target url page page_url page_title link path asset asset_name content detail details subject object form ziel seite inhalt objekt cible página objetivo",
    ),
    (Part::EventId, "event_id uuid guid message_id activity_id ereignis_id"),
];

/// What types are called here, by words in what other systems call them. The first that fits counts.
const TYPES: &[(&str, &[&str])] = &[
    ("unsubscribed", &["unsubscrib", "opt-out", "opt out", "optout", "abgemeldet", "abmeldung", "désabonn", "baja"]),
    ("bounced", &["bounce", "undeliver", "unzustellbar"]),
    ("replied", &["repl", "answered", "geantwortet", "antwort", "répon"]),
    ("attended", &["attend", "teilgenommen", "teilnahme", "asist"]),
    ("registered", &["regist", "angemeldet", "anmeldung", "inscri"]),
    ("booked", &["booked", "meeting", "demo sched", "termin", "appointment", "gebucht", "réserv", "reunión"]),
    (
        "requested",
        &["request", "quote", "anfrage", "angefragt", "angebot", "demande", "solicit", "contact sales", "contact us"],
    ),
    ("downloaded", &["download", "ebook", "whitepaper", "heruntergeladen", "télécharg", "descarg"]),
    ("submitted", &["form", "submit", "filled", "abgesendet", "ausgefüllt", "formul"]),
    ("clicked", &["click", "klick", "cliqu", "clic"]),
    ("opened", &["open", "geöffnet", "ouvert", "abierto"]),
    ("signed_up", &["sign up", "signed up", "signup", "sign-up", "account created", "trial"]),
    ("logged_in", &["log in", "login", "logged in", "signed in", "sign in"]),
    ("called", &["call", "anruf", "telefon", "appel", "llamada"]),
    ("sent", &["sent", "deliver", "versendet", "gesendet", "zugestellt", "envoy", "enviado"]),
    ("visited", &["page", "visit", "view", "besuch", "seite", "vu", "visit"]),
];

/// What the columns of a part are usually called.
fn labels(part: Part) -> impl Iterator<Item = &'static str> {
    LABELS.iter().filter(move |(p, _)| *p == part).flat_map(|(_, labels)| labels.split(' '))
}

/// A file of activity.
pub struct Log {
    /// The file, as it is shown.
    pub file: String,
    /// Whether it is that of the leads.
    pub is_inside: bool,
    /// The columns that play a part, each with the column of leads that holds the same, where that is not their id.
    pub columns: Vec<(Part, String)>,
    /// The column of leads that the lead's column holds; none for the id.
    pub of: Option<usize>,
    /// The share of the leads named that are there.
    pub known: f64,
    /// How dates are written, and whether day and month may be swapped.
    pub dates: (Vec<String>, bool),
    /// The types, each with how often it came and with its targets.
    pub types: BTreeMap<String, (u64, Values)>,
    /// The newest date.
    pub last: Option<Instant>,
    /// How the numbers of the file's end are left out.
    pub footer: Option<String>,
}

/// What a file of activity is. `systems` are those that its columns may come from.
///
/// # Errors
/// Where the file cannot be read.
pub fn look(
    source: &Source,
    options: &Options,
    survey: &Survey,
    leads: &Survey,
    systems: &[&System],
) -> Result<Log, Diagnostic> {
    let find = |part: Part| -> Vec<usize> {
        let column = |key: &str| survey.columns.iter().position(|c| c.key == key && c.filled > 0);
        let mut found: Vec<usize> = systems.iter().flat_map(|s| s.columns_of(part)).filter_map(column).collect();
        found.dedup();
        if found.is_empty() {
            found.extend([part.name()].into_iter().chain(labels(part)).find_map(column));
        }
        found
    };
    let (lead, of, known) = whose(survey, leads, systems);
    let mut columns: Vec<(Part, usize)> = lead.map(|at| (Part::LeadId, at)).into_iter().collect();
    for part in [Part::Type, Part::Target, Part::At, Part::EventId] {
        for at in find(part) {
            if !columns.iter().any(|(_, other)| *other == at) {
                columns.push((part, at));
            }
        }
    }
    let at = |part: Part| columns.iter().find(|(p, _)| *p == part).map(|(_, at)| *at);
    let dates = match at(Part::At).and_then(|at| survey.columns.get(at)).map(|column| kind(column, false)) {
        Some(Kind::Date(shapes, is_either)) => (shapes, is_either),
        _ => (Vec::new(), false),
    };
    let mut log = Log {
        file: survey.name.clone(),
        is_inside: false,
        of,
        known,
        types: BTreeMap::new(),
        last: None,
        footer: survey.footer.clone(),
        columns: columns.iter().filter_map(|(part, at)| Some((*part, survey.columns.get(*at)?.name.clone()))).collect(),
        dates,
    };
    let mut options = options.clone();
    options.layout.header_row = survey.header_row.or(options.layout.header_row);
    let format = dates_as(&log.dates.0);
    if at(Part::Type).is_none() {
        return Ok(log);
    }
    let mut records = Records::default();
    let rows = Leads::new(open(source.clone(), &options)?, &options)?;
    for row in rows.rows().take(usize::try_from(SAMPLE).unwrap_or(usize::MAX)).filter(|row| row.error.is_none()) {
        let cell = |at: usize| row.cells.get(at).map(|cell| cell.as_text()).unwrap_or_default();
        // Of several columns the first that is not blank.
        let first = |part: Part| {
            let of_part = columns.iter().filter(|(p, _)| *p == part).map(|(_, at)| cell(*at));
            of_part.into_iter().find(|text| !text.trim().is_empty())
        };
        let kind = first(Part::Type).unwrap_or_default().trim().to_owned();
        if kind.is_empty() || lead.is_some_and(|lead| cell(lead).trim().is_empty()) {
            continue;
        }
        let at = first(Part::At).and_then(|at| format.read_date(&at)).map(Date::first);
        records.add(row.line, &kind, first(Part::Target).as_deref(), at);
    }
    (log.types, log.last) = (records.types, records.last);
    Ok(log)
}

/// Whether a column of this key may hold types of activity.
pub fn may_be_type(key: &str, systems: &[System]) -> bool {
    labels(Part::Type).any(|label| label == key)
        || systems.iter().flat_map(|s| s.columns_of(Part::Type)).any(|column| column == key)
}

/// Whether a file says what happened and when, rather than who somebody is.
pub fn is_log(survey: &Survey) -> bool {
    let has = |part: Part| labels(part).any(|label| survey.columns.iter().any(|c| c.key == label));
    has(Part::Type) && has(Part::At) && !survey.columns.iter().any(|c| common_name(&c.key) == Some("company"))
}

/// The activity that stands inside of leads.
pub fn inside(file: &str, records: Records) -> Log {
    Log {
        file: file.to_owned(),
        is_inside: true,
        columns: Vec::new(),
        of: None,
        known: 1.0,
        dates: (Vec::new(), false),
        types: records.types,
        last: records.last,
        footer: None,
    }
}

/// Types of activity with their targets, as they are counted.
#[derive(Default)]
pub struct Records {
    /// By type, how often it came and with which targets.
    pub types: BTreeMap<String, (u64, Values)>,
    /// The newest date.
    pub last: Option<Instant>,
}

impl Records {
    /// Counts a record.
    pub fn add(&mut self, line: u64, kind: &str, target: Option<&str>, at: Option<Instant>) {
        if self.types.len() >= MOST_TYPES && !self.types.contains_key(kind) {
            return;
        }
        let (count, targets) = self.types.entry(kind.to_owned()).or_default();
        *count += 1;
        if let Some(target) = target {
            targets.add(|| line, page_path(target).unwrap_or(target));
        }
        self.last = self.last.max(at);
    }
}

/// The column that says whose a record is, the column of leads that it holds, and how many of its values are there.
fn whose(survey: &Survey, leads: &Survey, systems: &[&System]) -> (Option<usize>, Option<usize>, f64) {
    let share = |column: &Column, of: &Column| {
        let there = column.ids.iter().filter(|id| of.ids.contains(id)).count();
        there as f64 / column.ids.len().max(1) as f64
    };
    let mut best: Option<(f64, usize, usize)> = None;
    for (at, column) in survey.columns.iter().enumerate().filter(|(_, c)| c.ids.len() > 1) {
        for (of, lead) in leads.columns.iter().enumerate().filter(|(i, c)| Some(*i) == leads.id || c.is_unique()) {
            // Where two fit alike, the id comes first.
            let share = share(column, lead) + if Some(of) == leads.id { 1e-6 } else { 0.0 };
            if share >= 0.2 && best.is_none_or(|(before, ..)| share > before) {
                best = Some((share, at, of));
            }
        }
    }
    if let Some((share, at, of)) = best {
        return (Some(at), Some(of).filter(|of| Some(*of) != leads.id), share.min(1.0));
    }
    // Too few records to tell: by the label.
    let labels = systems.iter().flat_map(|s| s.columns_of(Part::LeadId));
    let mut labels = labels.chain(["lead_id", "contact_id", "user_id", "email"]);
    let at = labels.find_map(|label| survey.columns.iter().position(|c| c.key == label && c.filled > 0));
    let is_mail = at.and_then(|at| survey.columns.get(at)).is_some_and(|c| c.values.share(|v| v.contains('@')) > 0.5);
    let of = leads.columns.iter().position(|c| c.key.contains("mail")).filter(|of| is_mail && Some(*of) != leads.id);
    (at, of, 0.0)
}

/// What a type is called here, and whether a library that is used says so.
pub fn name_of(kind: &str, systems: &[&System]) -> (Option<String>, bool) {
    let folded = fold(kind);
    if let Some(name) = systems.iter().find_map(|system| system.types.get(&*folded)) {
        return (Some(name.clone()), true);
    }
    let name = TYPES.iter().find(|(name, parts)| *name == folded || parts.iter().any(|part| folded.contains(part)));
    (name.map(|(name, _)| (*name).to_owned()), false)
}
