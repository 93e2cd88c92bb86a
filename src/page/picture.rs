//! Pictures as SVG. Widths are shares of the page and texts keep their size, so that they can be read on any screen; colours are
//! those of the page.

use super::html::escaped;
use super::{Bin, Histogram, Ladder};
use crate::number::grouped;
use crate::shown::one_line;

/// The height of a step, and the space below it.
const STEP: usize = 46;
const GAP: usize = 4;
/// How far to the right the highest step begins, of the whole width.
const HIGHEST: f64 = 44.0;

/// The height of the bars, the room above them for a row of marks, and below for numbers.
const BARS: f64 = 150.0;
const MARK: f64 = 18.0;
const BELOW: f64 = 40.0;

/// A share of the width.
fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A bar in a cell; what it says stands beside it.
pub(super) fn bar(share: f64) -> String {
    if share == 0.0 {
        return String::new();
    }
    let class = if share < 0.0 { " class=\"less\"" } else { "" };
    let width = percent(share.abs().clamp(0.005, 1.0));
    format!(
        "<svg class=\"bar\" width=\"100%\" height=\"12\" aria-hidden=\"true\" focusable=\"false\"><rect{class} width=\"{width}\" height=\"12\" rx=\"2\"/></svg>"
    )
}

/// Stairs: the lowest step at the bottom left, the highest on top at the right; below them what stands outside.
pub(super) fn ladder(ladder: &Ladder, out: &mut String) {
    let count = ladder.steps.len();
    let beside = if ladder.beside.is_empty() { 0 } else { ladder.beside.len() * (STEP + GAP) + 14 };
    let height = count * (STEP + GAP) + beside;
    let names: Vec<&str> = ladder.steps.iter().map(|s| s.name.as_str()).collect();
    let told = escaped(&one_line(&format!("The stages from low to high: {}", names.join(", "))));
    out.push_str(&format!("<svg class=\"ladder\" width=\"100%\" height=\"{height}\" role=\"img\" aria-label=\"{told}\">\n<title>{told}</title>\n"));
    let mut step = |y: usize, start: f64, class: &str, strength: f64, name: &str, note: &str| {
        out.push_str(&format!("<rect class=\"{class}\" x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{STEP}\" rx=\"4\" fill-opacity=\"{strength:.2}\"/>\n", percent(start), percent(1.0 - start)));
        let middle = if note.is_empty() { y + 29 } else { y + 20 };
        out.push_str(&format!(
            "<text class=\"name\" x=\"{}\" dx=\"12\" y=\"{middle}\">{}</text>\n",
            percent(start),
            escaped(&one_line(name))
        ));
        if !note.is_empty() {
            let class = if note.chars().count() > 28 { "note long" } else { "note" };
            out.push_str(&format!(
                "<text class=\"{class}\" x=\"{}\" dx=\"12\" y=\"{}\">{}</text>\n",
                percent(start),
                y + 37,
                escaped(&one_line(note))
            ));
        }
    };
    for (i, one) in ladder.steps.iter().enumerate() {
        let share = if count > 1 { i as f64 / (count - 1) as f64 } else { 1.0 };
        step(
            (count - 1 - i) * (STEP + GAP),
            share * HIGHEST / 100.0,
            "step",
            0.10 + 0.22 * share,
            &one.name,
            &one.note,
        );
    }
    for (i, one) in ladder.beside.iter().enumerate() {
        step(count * (STEP + GAP) + 14 + i * (STEP + GAP), 0.0, "beside", 0.14, &one.name, &one.note);
    }
    out.push_str("</svg>\n");
}

/// Bars from low to high, with a line at each mark.
pub(super) fn histogram(histogram: &Histogram, out: &mut String) {
    let bins = &histogram.bins;
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else { return };
    let most = bins.iter().map(|b| b.count).max().unwrap_or(0).max(1);
    let span = (last.to - first.from) as f64;
    let place = |at: f64| ((at - first.from as f64) / span).clamp(0.0, 1.0);
    let above = MARK * histogram.marks.len() as f64 + 22.0;
    let bottom = above + BARS;
    let told = escaped(&one_line(&format!("{} by {}", histogram.counts, histogram.of)));
    out.push_str(&format!("<svg class=\"histogram\" width=\"100%\" height=\"{:.0}\" role=\"img\" aria-label=\"{told}\">\n<title>{told}</title>\n", bottom + BELOW));
    // A little room at both sides, so that the numbers below the ends are not cut.
    let x = |at: f64| 0.025 + 0.95 * place(at);
    for bin in bins {
        let height = if bin.count == 0 { 0.0 } else { (bin.count as f64 / most as f64 * BARS).max(1.5) };
        let (left, right) = (x(bin.from as f64), x(bin.to as f64));
        let gap = (right - left) * 0.06;
        out.push_str(&format!(
            "<rect class=\"column\" x=\"{}\" y=\"{:.1}\" width=\"{}\" height=\"{height:.1}\"><title>{}: {}</title></rect>\n",
            percent(left + gap),
            bottom - height,
            percent(right - left - 2.0 * gap),
            bin.words(),
            grouped(bin.count)
        ));
        if bin.count > 0 {
            let class = if bins.len() > 12 || most > 9_999 { "count dense" } else { "count" };
            out.push_str(&format!(
                "<text class=\"{class}\" x=\"{}\" y=\"{:.1}\">{}</text>\n",
                percent((left + right) / 2.0),
                bottom - height - 5.0,
                grouped(bin.count)
            ));
        }
    }
    out.push_str(&format!("<line class=\"ground\" x1=\"2.5%\" x2=\"97.5%\" y1=\"{bottom:.1}\" y2=\"{bottom:.1}\"/>\n"));
    edges(bins, x, bottom, out);
    out.push_str(&format!(
        "<text class=\"axis\" x=\"50%\" y=\"{:.1}\">{}</text>\n",
        bottom + BELOW - 4.0,
        escaped(&one_line(&histogram.of))
    ));
    for (i, mark) in histogram.marks.iter().enumerate() {
        let at = x(mark.at);
        let y = MARK * i as f64 + 12.0;
        out.push_str(&format!(
            "<line class=\"mark\" x1=\"{0}\" x2=\"{0}\" y1=\"{1:.1}\" y2=\"{bottom:.1}\"/>\n",
            percent(at),
            y - 10.0
        ));
        let (anchor, dx) = if at > 0.8 { ("end", -6) } else { ("start", 6) };
        out.push_str(&format!(
            "<text class=\"mark\" x=\"{}\" dx=\"{dx}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
            percent(at),
            escaped(&one_line(&mark.name))
        ));
    }
    out.push_str("</svg>\n");
}

/// The numbers below the edges of the bars; every second one gives way where there is little room.
fn edges(bins: &[Bin], x: impl Fn(f64) -> f64, bottom: f64, out: &mut String) {
    let every = bins.len().div_ceil(12).max(1);
    let edges = bins.iter().map(|b| b.from).chain(bins.last().map(|b| b.to));
    for (i, edge) in edges.enumerate().filter(|(i, _)| i % every == 0) {
        let class = if (i / every) % 2 == 1 { "edge second" } else { "edge" };
        out.push_str(&format!(
            "<text class=\"{class}\" x=\"{}\" y=\"{:.1}\">{edge}</text>\n",
            percent(x(edge as f64)),
            bottom + 16.0
        ));
    }
}
