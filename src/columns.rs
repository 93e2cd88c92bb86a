//! A table for people, as wide as the terminal.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::shown::one_line;

/// The widths of the columns are taken from so many rows; then rows stream.
const LOOKED_AT: usize = 500;

/// Rows in columns. A cell that is too wide is cut with `…`.
pub struct Table<W: Write> {
    out: W,
    width: Option<usize>,
    header: Vec<String>,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl<W: Write> Table<W> {
    /// A table as wide as this many columns; as wide as it needs to be where that is not known.
    pub fn new(out: W, width: Option<usize>) -> Table<W> {
        Table { out, width, header: Vec::new(), waiting: Vec::new(), widths: None }
    }

    /// The names of the columns.
    pub fn header(&mut self, names: Vec<String>) {
        self.header = names.iter().map(|name| one_line(name).into_owned()).collect();
    }

    /// One row.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn row(&mut self, cells: Vec<String>) -> io::Result<()> {
        let cells: Vec<String> = cells.iter().map(|cell| one_line(cell).into_owned()).collect();
        if let Some(widths) = &self.widths {
            return line(&mut self.out, &cells, widths);
        }
        self.waiting.push(cells);
        if self.waiting.len() >= LOOKED_AT { self.settle() } else { Ok(()) }
    }

    /// Writes what waits, and gives back what was written to.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn finish(mut self) -> io::Result<W> {
        if self.widths.is_none() {
            self.settle()?;
        }
        Ok(self.out)
    }

    fn settle(&mut self) -> io::Result<()> {
        let mut widths: Vec<usize> = self.header.iter().map(|h| h.width()).collect();
        for row in &self.waiting {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        if let Some(room) = self.width {
            let gaps = 2 * widths.len().saturating_sub(1);
            narrow(&mut widths, room.saturating_sub(gaps));
        }
        line(&mut self.out, &self.header, &widths)?;
        let rule: Vec<String> = widths.iter().map(|w| "─".repeat(*w)).collect();
        line(&mut self.out, &rule, &widths)?;
        for row in std::mem::take(&mut self.waiting) {
            line(&mut self.out, &row, &widths)?;
        }
        self.widths = Some(widths);
        Ok(())
    }
}

/// Takes width from the widest column until all fit; none below 6.
fn narrow(widths: &mut [usize], room: usize) {
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 6 => *widest -= 1,
            _ => return,
        }
    }
}

fn line(out: &mut impl Write, cells: &[String], widths: &[usize]) -> io::Result<()> {
    let mut text = String::new();
    for (cell, &width) in cells.iter().zip(widths) {
        let shown = cut(cell, width);
        text.push_str(&shown);
        text.extend(std::iter::repeat_n(' ', width.saturating_sub(shown.width()) + 2));
    }
    writeln!(out, "{}", text.trim_end())
}

fn cut(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in cell.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_cells_are_cut_and_columns_line_up() {
        let mut table = Table::new(Vec::new(), Some(24));
        table.header(vec!["id".into(), "reasons".into()]);
        table.row(vec!["漢字".into(), "+30 Visited pricing; +10 Ebook".into()]).unwrap();
        table.row(vec!["b".into(), "x\ny".into()]).unwrap();
        let text = String::from_utf8(table.finish().unwrap()).unwrap();
        assert_eq!(text, "id    reasons\n────  ──────────────────\n漢字  +30 Visited prici…\nb     x y\n");
    }
}
