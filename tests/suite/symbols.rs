//! What names stand for: definitions with their uses, also in models that have errors.

use merit::check::Checked;
use merit::diagnostic::Code;
use merit::model::Model;
use merit::source::{FileId, Span};
use merit::symbols::{Symbol, SymbolId, SymbolKind, UseRole};

use super::generate::{self, Rng, Wants};
use super::support;

/// The symbol of a kind and name.
fn find(checked: &Checked, kind: SymbolKind, name: &str) -> SymbolId {
    let at = checked.symbols.all.iter().position(|s| s.kind == kind && s.name == name);
    SymbolId(at.unwrap_or_else(|| panic!("no {kind:?} {name} among {:?}", checked.symbols.all)))
}

/// The texts and lines of the uses of a symbol.
fn uses(checked: &Checked, kind: SymbolKind, name: &str) -> Vec<(String, usize, UseRole)> {
    let source = &checked.sources.files[0];
    let uses = checked.symbols.uses_of(find(checked, kind, name));
    uses.map(|u| (source.slice(u.span).to_owned(), source.line_of(u.span.start), u.role)).collect()
}

const TEXT: &str = r#"field company_size: number from "employees"
let large = company_size >= 500
let rivals = ["Acme", "Umbrella"]
profile icp "Our market" { size: large  home: country in ["US", "CA"] }
score intent { add 5 per visited("pricing" where minutes > 2) }
label note { "{company_size} people, \"{{ {  country }\" \u{41} {intent}" if fit(icp) }
mql if intent >= 5 and not (company in rivals)
activity visited from "Page View" where minutes > 0
test "large" {
  lead { employees: 600, country: "US" }
  visited("pricing" where minutes = 3) today
  expect stage = mql and note is known
}
"#;

#[test]
fn names_know_their_uses() {
    let checked = support::checked(TEXT);
    assert!(checked.model.is_some(), "{:?}", checked.diagnostics);
    let of = |kind, name| uses(&checked, kind, name);
    let used = |text: &str, line, role| (text.to_owned(), line, role);
    use UseRole::{Model, Test, Text};
    assert_eq!(
        of(SymbolKind::Field, "company_size"),
        [used("company_size", 2, Model), used("company_size", 6, Text), used("employees", 10, Test)]
    );
    assert_eq!(
        of(SymbolKind::Field, "country"),
        [used("country", 4, Model), used("country", 6, Text), used("country", 10, Test)]
    );
    assert_eq!(of(SymbolKind::Let, "large"), [used("large", 4, Model)]);
    assert_eq!(of(SymbolKind::List, "rivals"), [used("rivals", 7, Model)]);
    assert_eq!(of(SymbolKind::Profile, "icp"), [used("icp", 6, Model)]);
    assert_eq!(of(SymbolKind::Group, "intent"), [used("intent", 6, Text), used("intent", 7, Model)]);
    assert_eq!(of(SymbolKind::Label, "note"), [used("note", 12, Test)]);
    assert_eq!(of(SymbolKind::Stage, "mql"), [used("mql", 7, Model), used("mql", 12, Test)]);
    assert_eq!(of(SymbolKind::ActivityType, "visited"), [used("visited", 5, Model), used("visited", 11, Test)]);
    let minutes: usize = checked.symbols.of(&[SymbolKind::Property]).filter(|symbol| symbol.name == "minutes").count();
    assert!(minutes > 0);
    let criteria: Vec<&str> = checked.symbols.of(&[SymbolKind::Criterion]).map(|c| c.name.as_str()).collect();
    assert_eq!(criteria, ["size", "home"]);
    assert!(checked.symbols.of(&[SymbolKind::Stage]).any(|s| s.name == "iql" && s.defined.is_none()));
}

#[test]
fn a_place_finds_its_name() {
    let checked = support::checked(TEXT);
    let at = |text: &str| {
        let place = TEXT.find(text).expect("the text") as u32;
        let (span, id) = checked.symbols.at(FileId(0), place)?;
        let symbol = checked.symbols.get(id)?;
        Some((checked.sources.slice(span).to_owned(), symbol.kind, symbol.name.clone()))
    };
    let is = |text: &str, kind, name: &str| Some((text.to_owned(), kind, name.to_owned()));
    assert_eq!(at("large = "), is("large", SymbolKind::Let, "large"));
    assert_eq!(at("intent >= 5"), is("intent", SymbolKind::Group, "intent"));
    assert_eq!(at("employees: 600"), is("employees", SymbolKind::Field, "company_size"));
    assert_eq!(at(">= 500"), None);
    assert_eq!(at("600"), None);
}

#[test]
fn a_model_with_errors_keeps_its_names() {
    let checked = support::checked("let hot = score >= 70\nprofile icp { country = }\nsql if hot and fit(icp)\n");
    assert!(checked.model.is_none());
    assert_eq!(uses(&checked, SymbolKind::Let, "hot"), [("hot".to_owned(), 3, UseRole::Model)]);
}

/// What a model has of each kind: what a name that was forgotten would change.
fn counts(model: &Model) -> [usize; 6] {
    [
        model.fields.len(),
        model.definitions.len(),
        model.groups.len(),
        model.labels.len(),
        model.activity_types.len(),
        model.queries.len(),
    ]
}

fn renamed(text: &str, checked: &Checked, id: SymbolId, name: &str) -> String {
    let defined = checked.symbols.get(id).and_then(|symbol| symbol.defined);
    let mut places: Vec<Span> = checked.symbols.uses_of(id).map(|u| u.span).chain(defined).collect();
    places.sort_unstable();
    places.dedup();
    let mut out = text.to_owned();
    for place in places.iter().rev() {
        out.replace_range(place.start as usize..place.end as usize, name);
    }
    out
}

#[test]
fn a_name_that_is_renamed_by_its_uses_means_the_same() {
    let mut renames = [0; 6];
    for seed in 0..support::cases(300) {
        let text = generate::draft(&mut Rng::new(seed), Wants::ALL).text();
        let checked = support::checked(&text);
        let model = checked.model.as_ref().unwrap_or_else(|| panic!("{:?}\n{text}", checked.diagnostics));
        for (at, Symbol { kind, name, defined, .. }) in checked.symbols.all.iter().enumerate() {
            let kinds = [
                SymbolKind::Let,
                SymbolKind::List,
                SymbolKind::Profile,
                SymbolKind::Group,
                SymbolKind::Label,
                SymbolKind::Stage,
            ];
            let Some(of) = kinds.iter().position(|k| k == kind).filter(|_| defined.is_some()) else { continue };
            let after = renamed(&text, &checked, SymbolId(at), "quite_another_name");
            let again = support::checked(&after);
            let Some(other) = &again.model else {
                panic!("{kind:?} {name} (seed {seed}): {:?}\n{after}", again.diagnostics)
            };
            assert_eq!(counts(other), counts(model), "{kind:?} {name} (seed {seed})\n{after}");
            let told = |checked: &Checked| -> Vec<Code> {
                checked.diagnostics.iter().map(|d| d.code).filter(|code| *code != Code::L505).collect()
            };
            assert_eq!(told(&again), told(&checked), "{kind:?} {name} (seed {seed})\n{after}");
            renames[of] += 1;
        }
    }
    assert!(renames.iter().all(|&n| n > 0), "{renames:?}");
}
