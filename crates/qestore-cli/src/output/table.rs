//! Tables without borders: as wide as the terminal at most, as wide as needed when piped.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement};

use super::text::{escaped, styled};

/// Rows below a header; every cell is escaped.
#[derive(Debug)]
pub(crate) struct Table {
    table: comfy_table::Table,
    columns: usize,
}

impl Table {
    pub(crate) fn new(header: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING);
        table.set_header(header.iter().copied());
        Self {
            table,
            columns: header.len(),
        }
    }

    /// Sets the column right, as numbers are.
    pub(crate) fn right(mut self, column: usize) -> Self {
        if let Some(column) = self.table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        self
    }

    pub(crate) fn row<I: IntoIterator<Item = String>>(&mut self, cells: I) {
        self.table
            .add_row(cells.into_iter().map(|cell| escaped(&cell)));
    }

    /// The table as text, without a line break at its end.
    pub(super) fn render(mut self, width: Option<u16>, color: bool) -> String {
        for index in 0..self.columns {
            if let Some(column) = self.table.column_mut(index) {
                column.set_padding((0, 2));
            }
        }
        if let Some(width) = width {
            self.table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        } else {
            self.table
                .set_content_arrangement(ContentArrangement::Disabled);
        }
        let text = self.table.to_string();
        let mut lines = text.lines().map(str::trim_end);
        let header = styled(lines.next().unwrap_or_default(), "1", color);
        lines.fold(header, |mut text, line| {
            text.push('\n');
            text.push_str(line);
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["JOB", "SIZE"]).right(1);
        table.row(["a\u{1b}[31m".to_owned(), "1 B".to_owned()]);
        table.row(["🚀".repeat(40), "12.5 MB".to_owned()]);
        table
    }

    #[test]
    fn piped_rows_are_whole_and_escaped() {
        let text = table().render(None, false);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("a\\u{1b}[31m ") && lines[1].ends_with(" 1 B"));
        assert!(lines[2].starts_with(&"🚀".repeat(40)));
    }

    #[test]
    fn a_terminal_gets_no_line_wider_than_itself() {
        let text = table().render(Some(40), false);
        assert!(text.lines().count() > 3, "{text}");
        for line in text.lines() {
            let width: usize = line.chars().map(|c| if c == '🚀' { 2 } else { 1 }).sum();
            assert!(width <= 40, "{line}");
        }
    }
}
