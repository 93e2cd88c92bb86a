//! What a column is: which of the common fields, which type, how its cells are written, and whether it tells of a person.

use super::survey::Column;
use crate::number::NumberStyle;
use crate::time::{DateShape, shapes_of};
use crate::value::{CellFormat, Raw, Type};

/// The common fields, with what their labels are made of in English, German, French and Spanish.
const LABELS: &[(&str, &str)] = &[
    (
        "email",
        "email e_mail email_address e_mail_address mail mail_address e_mail_adresse email_adresse emailadresse courriel adresse_e_mail adresse_mail correo correo_electronico correo_electrónico",
    ),
    ("first_name", "first_name firstname given_name vorname prénom prenom nombre"),
    ("last_name", "last_name lastname surname family_name nachname familienname nom nom_de_famille apellido apellidos"),
    (
        "title",
        "title job_title jobtitle position job_position role jobtitel berufsbezeichnung funktion stellung fonction poste intitulé_du_poste cargo puesto",
    ),
    (
        "company",
        "company company_name account account_name organization organisation organization_name firma firmenname unternehmen unternehmensname société societe entreprise empresa compañía",
    ),
    ("domain", "domain email_domain company_domain website_domain domäne domaine dominio"),
    ("industry", "industry sector vertical branche industrie wirtschaftszweig secteur secteur_d_activité industria"),
    (
        "employees",
        "employees number_of_employees num_employees no_of_employees employee_count company_size company_headcount headcount staff mitarbeiter mitarbeiterzahl anzahl_mitarbeiter anzahl_der_mitarbeiter beschäftigte effectif effectifs nombre_de_salariés nombre_d_employés empleados número_de_empleados numero_de_empleados tamaño_de_la_empresa",
    ),
    (
        "revenue",
        "revenue annual_revenue yearly_revenue turnover umsatz jahresumsatz chiffre_d_affaires ca_annuel ingresos ingresos_anuales facturación facturacion",
    ),
    ("country", "country country_region country_code land staat pays país pais"),
    ("state", "state state_region province region bundesland provinz région provincia estado"),
    ("city", "city town stadt ort ville ciudad localidad"),
    (
        "phone",
        "phone phone_number telephone mobile mobile_phone telefon telefonnummer handy téléphone telephone_portable teléfono telefono",
    ),
    ("website", "website web_site website_url url homepage webseite site_web sitio_web página_web"),
    (
        "source",
        "source lead_source original_source utm_source quelle lead_quelle leadquelle herkunft origine source_du_lead fuente origen",
    ),
    ("campaign", "campaign campaign_name utm_campaign kampagne campagne campaña"),
    (
        "lifecycle_stage",
        "lifecycle_stage lifecyclestage lifecycle_status lebenszyklusphase lebenszyklus_phase phase_du_cycle_de_vie etapa_del_ciclo_de_vida",
    ),
    ("lead_status", "lead_status leadstatus status_des_leads statut_du_lead estado_del_lead"),
    (
        "owner",
        "owner lead_owner contact_owner account_owner besitzer zuständig zuständiger verantwortlicher betreuer vertriebler propriétaire responsable propietario",
    ),
    (
        "consent",
        "consent marketing_consent gdpr_consent opt_in optin newsletter_opt_in einwilligung werbeeinwilligung consentement consentimiento",
    ),
    (
        "created",
        "created created_at created_on created_date create_date date_created creation_date signup_date registered_at angelegt angelegt_am erstellt erstellt_am erstelldatum anlagedatum créé_le date_de_création fecha_de_creación creado_el",
    ),
    (
        "last_activity",
        "last_activity last_activity_date last_activity_at last_seen last_seen_at letzte_aktivität letzter_kontakt dernière_activité dernier_contact última_actividad último_contacto",
    ),
    ("customer_since", "customer_since became_a_customer_date kunde_seit client_depuis cliente_desde"),
];

/// Parts of labels that tell of a person, or of nothing that a rule would ask for.
const PERSONAL: &[&str] = &[
    "name",
    "vorname",
    "nachname",
    "nom",
    "prénom",
    "apellido",
    "apellidos",
    "nombre",
    "email",
    "mail",
    "phone",
    "telefon",
    "tel",
    "mobile",
    "fax",
    "street",
    "straße",
    "strasse",
    "address",
    "adresse",
    "dirección",
    "zip",
    "plz",
    "postal",
    "postcode",
    "postleitzahl",
    "birthday",
    "birthdate",
    "geburtstag",
    "geburtsdatum",
    "linkedin",
    "twitter",
    "facebook",
    "xing",
    "skype",
    "ip",
    "ssn",
    "salutation",
    "anrede",
    "gender",
    "geschlecht",
    "notes",
    "notizen",
    "note",
    "comment",
    "comments",
    "description",
    "beschreibung",
    "photo",
    "avatar",
    "password",
    "owner",
    "besitzer",
    "propriétaire",
    "propietario",
    "recipient",
    "latitude",
    "longitude",
];

/// Fields whose values are people's, or nearly so: they are never shown.
pub const UNSHOWN: &[&str] = &["email", "first_name", "last_name", "phone", "owner", "website", "domain", "company"];

/// How cells of a column are written.
pub enum Kind {
    /// Text, also where nothing fits.
    Text,
    /// Numbers and ranges of them.
    Number(NumberStyle),
    /// Dates: the shapes beside ISO, and whether day and month may be the other way round.
    Date(Vec<String>, bool),
    /// Yes or no.
    Flag,
    /// Entries, parted by a sign; `;` and arrays need none.
    List(Option<&'static str>),
}

/// The common field that a label plainly means.
pub fn common_name(key: &str) -> Option<&'static str> {
    LABELS.iter().find(|(_, labels)| labels.split(' ').any(|label| label == key)).map(|(name, _)| *name)
}

/// Whether a column tells of one person, as far as its label says.
pub fn is_personal(column: &Column, field: &str) -> bool {
    UNSHOWN.contains(&field)
        || column.key.split(['_', '.']).any(|word| PERSONAL.contains(&word))
            && !matches!(field, "title" | "company" | "campaign")
        || column.values.share(|value| value.contains('@')) > 0.05
}

/// The column that looks like the id of leads: a number or a code of its own in every row, else the e-mail address.
pub fn looks_like_id(columns: &[Column]) -> Option<usize> {
    let looks = |c: &Column| c.is_unique() && c.share_filled() > 0.95 && !matches!(kind(c, false), Kind::Date(..));
    let is_named =
        |c: &Column| ["id", "nummer", "_nr", "_no", "number", "key", "code"].iter().any(|end| c.key.ends_with(end));
    let first = |is: &dyn Fn(&Column) -> bool| columns.iter().position(|c| looks(c) && is(c));
    first(&is_named).or_else(|| first(&|c| common_name(&c.key) == Some("email")))
}

/// The values that many leads share, the commonest first: nothing of a single person.
pub fn common_values(column: &Column, field: &str, most: usize) -> Vec<(String, u64)> {
    let are_few = !column.values.is_full
        && column.values.different() as u64 * (if column.rows < 30 { 2 } else { 3 }) <= column.filled;
    if is_personal(column, field) || !are_few && field != "title" {
        return Vec::new();
    }
    // A value of one or two leads may be theirs alone.
    let least = if column.rows < 30 { 2 } else { 3 };
    let values = column.values.most_frequent(most).into_iter();
    values.filter(|(value, n)| *n >= least && !value.ends_with('…')).map(|(value, n)| (value.to_owned(), n)).collect()
}

/// What the cells of a column are. `comma` says that the file has numbers as `1.234,56` elsewhere.
pub fn kind(column: &Column, comma: bool) -> Kind {
    let values = column.values.most_frequent(usize::MAX);
    if values.is_empty() {
        return Kind::Text;
    }
    if column.arrays > 0 {
        return Kind::List(None);
    }
    let words: Vec<&str> = column.key.split(['_', '.']).collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let share = |reads: &dyn Fn(&str) -> bool| column.values.share(reads);
    let all = |reads: &dyn Fn(&str) -> bool| share(reads) >= 0.97;
    let reads = |as_type: Type, format: CellFormat| {
        move |value: &str| Raw::Text(value.to_owned()).read(as_type, &format).is_some()
    };
    let is_flag =
        |v: &str| matches!(v.to_ascii_lowercase().as_str(), "yes" | "no" | "true" | "false" | "y" | "n" | "1" | "0");
    if values.iter().all(|(v, _)| is_flag(v)) && (values.len() == 2 || values.iter().any(|(v, _)| v.len() > 1)) {
        return Kind::Flag;
    }
    let is_clock = has(&[
        "at",
        "on",
        "date",
        "time",
        "timestamp",
        "created",
        "seen",
        "since",
        "when",
        "occurred",
        "datum",
        "fecha",
        "ts",
        "tstamp",
    ]) || ["date", "timestamp", "time", "tstamp", "at"].iter().any(|end| column.key.ends_with(end));
    let iso = reads(Type::Date, CellFormat::default());
    let digits = |v: &str| v.chars().all(|c| c.is_ascii_digit());
    if all(&iso) {
        return Kind::Date(Vec::new(), false);
    }
    let rest: Vec<&str> = values.iter().map(|(v, _)| *v).filter(|v| !iso(v)).take(300).collect();
    let is_written = rest.iter().filter(|v| !digits(v)).count() * 2 > rest.len();
    if (is_clock || is_written)
        && let Some((shapes, is_either)) = date_shapes(&rest)
    {
        return Kind::Date(shapes, is_either);
    }
    let is_code = has(&[
        "id", "zip", "plz", "postal", "postcode", "phone", "telefon", "tel", "fax", "mobile", "code", "sic", "naics",
        "vat",
    ]) || values.iter().any(|(v, _)| v.len() > 1 && v.starts_with('0') && digits(v));
    if !is_code {
        let style = |style| reads(Type::Number, CellFormat { numbers: Some(style), ..CellFormat::default() });
        let (point, german) = (style(NumberStyle::Point), style(NumberStyle::Comma));
        let (as_point, as_comma) = (share(&point), share(&german));
        if as_comma >= 0.97 && (comma || as_comma > as_point) {
            return Kind::Number(NumberStyle::Comma);
        }
        let is_amount = matches!(common_name(&column.key), Some("employees" | "revenue"));
        if as_point >= if is_amount { 0.6 } else { 0.9 } {
            return Kind::Number(NumberStyle::Point);
        }
        for other in [NumberStyle::Blank, NumberStyle::Apostrophe] {
            if all(&style(other)) {
                return Kind::Number(other);
            }
        }
    }
    list_of(column, &values).map_or(Kind::Text, Kind::List)
}

/// Cells with dates in these shapes.
pub fn dates_as<'s>(shapes: impl IntoIterator<Item = &'s String>) -> CellFormat {
    let dates = shapes.into_iter().filter_map(|shape| DateShape::parse(shape).ok()).collect();
    CellFormat { dates, ..CellFormat::default() }
}

/// Shapes that read all of some cells, few of them; and whether day and month might be swapped.
fn date_shapes(cells: &[&str]) -> Option<(Vec<String>, bool)> {
    let mut candidates: Vec<String> = Vec::new();
    for cell in cells {
        for shape in shapes_of(cell) {
            if !candidates.contains(&shape) {
                candidates.push(shape);
            }
        }
    }
    let parsed: Vec<(String, DateShape)> = candidates
        .into_iter()
        .filter_map(|written| Some((written.clone(), DateShape::parse(&written).ok()?)))
        .collect();
    let mut left: Vec<&str> = cells.to_vec();
    let (mut chosen, mut is_either) = (Vec::new(), false);
    while !left.is_empty() && chosen.len() < 3 {
        let read = |shape: &DateShape| left.iter().filter(|cell| shape.read(cell).is_some()).count();
        let (written, shape) =
            parsed.iter().rev().max_by_key(|(_, shape)| read(shape)).filter(|(_, shape)| read(shape) > 0)?;
        let count = read(shape);
        let swapped = written.replace("MM", "??").replace("DD", "MM").replace("??", "DD");
        is_either |= swapped != *written && parsed.iter().any(|(w, s)| *w == swapped && read(s) == count);
        left.retain(|cell| shape.read(cell).is_none());
        chosen.push(written.clone());
    }
    (left.len() * 20 <= cells.len()).then_some((chosen, is_either))
}

/// The sign that parts the entries of cells, where they are lists.
fn list_of(column: &Column, values: &[(&str, u64)]) -> Option<Option<&'static str>> {
    for (sign, written) in [(";", None), ("|", Some("|")), (",", Some(","))] {
        let with: Vec<&str> = values.iter().map(|(v, _)| *v).filter(|v| v.contains(sign)).collect();
        let parts: Vec<&str> = values.iter().flat_map(|(v, _)| v.split(sign)).map(str::trim).collect();
        let mut different: Vec<&str> = parts.clone();
        different.sort_unstable();
        different.dedup();
        // Entries come again in other cells; words of a sentence do not.
        let come_again = different.len() * 2 <= parts.len() && parts.iter().all(|part| part.len() <= 40);
        let share = with.len() as f64 / values.len().max(1) as f64;
        let least = if sign == "," { 0.3 } else { 0.1 };
        if share >= least && come_again && !column.values.is_full {
            return Some(written);
        }
    }
    None
}
