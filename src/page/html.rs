//! A page as one HTML file that needs nothing else: no scripts, no fonts, no network. It is well-formed XML too.

use super::{Block, Cell, Kind, Page, Phrase, Table, picture};
use crate::shown::{one_line, xml};

const STYLE: &str = include_str!("style.css");

/// The page as HTML.
pub(super) fn render(page: &Page) -> String {
    let title = escaped(&one_line(&page.title));
    let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n",
    );
    out.push_str(&format!("<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"));
    out.push_str(&format!("<header>\n<h1>{title}</h1>\n"));
    if !page.facts.is_empty() {
        out.push_str("<dl>\n");
        for (name, value) in &page.facts {
            out.push_str(&format!(
                "<div><dt>{}</dt><dd>{}</dd></div>\n",
                escaped(&one_line(name)),
                escaped(&one_line(value))
            ));
        }
        out.push_str("</dl>\n");
    }
    out.push_str("</header>\n");
    contents(page, &mut out);
    out.push_str("<main>\n");
    let (mut section, mut is_open) = (0, false);
    for block in &page.blocks {
        if let Block::Heading(text) = block {
            section += 1;
            let end = if is_open { "</section>\n" } else { "" };
            out.push_str(&format!(
                "{end}<section aria-labelledby=\"part-{section}\">\n<h2 id=\"part-{section}\">{}</h2>\n",
                escaped(&one_line(text))
            ));
            is_open = true;
        } else {
            put(block, &mut out);
        }
    }
    out.push_str(if is_open { "</section>\n</main>\n" } else { "</main>\n" });
    if !page.foot.is_empty() {
        out.push_str(&format!("<footer>{}</footer>\n", escaped(&one_line(&page.foot))));
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// Where the sections are.
fn contents(page: &Page, out: &mut String) {
    let headings: Vec<&String> =
        page.blocks.iter().filter_map(|b| if let Block::Heading(text) = b { Some(text) } else { None }).collect();
    if headings.len() < 2 {
        return;
    }
    out.push_str("<nav aria-label=\"Contents\">\n<ul>\n");
    for (i, heading) in headings.iter().enumerate() {
        out.push_str(&format!("<li><a href=\"#part-{}\">{}</a></li>\n", i + 1, escaped(&one_line(heading))));
    }
    out.push_str("</ul>\n</nav>\n");
}

fn put(block: &Block, out: &mut String) {
    match block {
        Block::Heading(_) => {}
        Block::Subheading(text) => out.push_str(&format!("<h3>{}</h3>\n", escaped(&one_line(text)))),
        Block::Paragraph(text) => out.push_str(&format!("<p>{}</p>\n", phrase(text))),
        Block::OfMinor(text) => out.push_str(&format!("<p class=\"minor\">{}</p>\n", phrase(text))),
        Block::List(items) => {
            out.push_str("<ul>\n");
            for item in items {
                out.push_str(&format!("<li>{}", phrase(&item.text)));
                if !item.under.is_empty() {
                    let under: Vec<String> = item.under.iter().map(|u| format!("<li>{}</li>", phrase(u))).collect();
                    out.push_str(&format!("\n<ul>\n{}\n</ul>\n", under.join("\n")));
                }
                out.push_str("</li>\n");
            }
            out.push_str("</ul>\n");
        }
        Block::Table(table) => lay(table, out),
        Block::Ladder(ladder) => picture::ladder(ladder, out),
        Block::Histogram(histogram) => {
            picture::histogram(histogram, out);
            out.push_str("<details>\n<summary>The numbers</summary>\n");
            lay(&histogram.table(), out);
            out.push_str("</details>\n");
        }
    }
}

fn lay(table: &Table, out: &mut String) {
    let class = if table.can_stack { "stacks" } else { "scrolls" };
    let classes = |c: usize| {
        let column = table.columns.get(c);
        let has_bars = table.rows.iter().any(|row| matches!(row.get(c), Some(Cell::Bar(_))));
        let names = [
            column.is_some_and(|c| c.is_number).then_some("number"),
            column.is_some_and(|c| c.is_minor).then_some("minor"),
            has_bars.then_some("bars"),
        ];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
    };
    out.push_str(&format!("<div class=\"{class}\">\n<table>\n"));
    if table.columns.iter().any(|c| !c.name.is_empty()) {
        out.push_str("<thead><tr>");
        for (c, column) in table.columns.iter().enumerate() {
            let name = escaped(&one_line(&column.name));
            let cell = if name.is_empty() {
                format!("<td{}></td>", classes(c))
            } else {
                format!("<th scope=\"col\"{}>{name}</th>", classes(c))
            };
            out.push_str(&cell);
        }
        out.push_str("</tr></thead>\n");
    }
    out.push_str("<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (c, cell) in row.iter().enumerate() {
            let name = table.columns.get(c).map_or("", |c| c.name.as_str());
            let label = if table.can_stack && !name.is_empty() {
                format!(" data-label=\"{}\"", escaped(&one_line(name)))
            } else {
                String::new()
            };
            let (style, inside) = match cell {
                Cell::Text(text) => (String::new(), phrase(text)),
                Cell::Bar(share) => (String::new(), picture::bar(*share)),
                Cell::Shade(text, share) => {
                    (format!(" style=\"--shade: {:.0}%\"", share.clamp(0.0, 1.0) * 100.0), escaped(&one_line(text)))
                }
            };
            let class = if style.is_empty() { classes(c) } else { " class=\"number shade\"".to_owned() };
            let empty = if inside.is_empty() { " data-empty=\"\"" } else { "" };
            out.push_str(&format!("<td{class}{label}{empty}{style}>{inside}</td>"));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn phrase(phrase: &Phrase) -> String {
    let run = |kind: Kind, text: &str| match kind {
        Kind::Plain => escaped(text),
        Kind::Strong => format!("<strong>{}</strong>", escaped(text)),
        Kind::Code => format!("<code>{}</code>", escaped(text)),
    };
    phrase.0.iter().map(|r| run(r.kind, &r.text)).collect()
}

/// A text that stands for itself, also inside of quotes.
pub(super) fn escaped(text: &str) -> String {
    xml(text).replace('\'', "&#39;")
}
