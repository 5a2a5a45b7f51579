/// A table drawn with box characters; cells may have several lines.
public struct TextTable: Hashable, Sendable {
    /// One column.
    public struct Column: Hashable, Sendable {
        /// The header.
        public let title: String
        /// Whether cells stand at the right edge, as numbers do.
        public let isRightAligned: Bool

        /// Makes a column.
        public init(_ title: String, isRightAligned: Bool = false) {
            self.title = title
            self.isRightAligned = isRightAligned
        }
    }

    /// One row.
    public struct Row: Hashable, Sendable {
        /// A cell for each column; line breaks make several lines.
        public let cells: [String]
        /// How the row is coloured.
        public let colour: Colour?
        /// Whether a rule separates it from the row above.
        public let isRuled: Bool

        /// Makes a row.
        public init(_ cells: [String], colour: Colour? = nil, isRuled: Bool = true) {
            self.cells = cells
            self.colour = colour
            self.isRuled = isRuled
        }
    }

    /// The columns.
    public let columns: [Column]
    /// The rows.
    public var rows: [Row] = []

    /// Makes an empty table.
    public init(columns: [Column]) {
        self.columns = columns
    }

    /// Lines in a box with round corners, as a title above a table.
    static func boxed(_ lines: [String]) -> String {
        let width = lines.map(\.count).max() ?? 0
        let edge = String(repeating: "─", count: width + 2)
        let body = lines.map { "│ " + $0 + String(repeating: " ", count: width - $0.count) + " │\n" }.joined()
        return "╭\(edge)╮\n\(body)╰\(edge)╯\n"
    }

    /// The table as text that ends in a line break.
    public func text(isColoured: Bool) -> String {
        let widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0.cells[column] }).flatMap { $0.split(separator: "\n") }.map(\.count)
                .max() ?? 0
        }
        func rule(_ left: String, _ middle: String, _ right: String) -> String {
            left + widths.map { String(repeating: "─", count: $0 + 2) }.joined(separator: middle) + right + "\n"
        }
        var text = rule("┌", "┬", "┐")
        text += lines(Row(columns.map(\.title), colour: .cyan), widths, isColoured)
        for (index, row) in rows.enumerated() {
            if row.isRuled || index == 0 { text += rule("├", "┼", "┤") }
            text += lines(row, widths, isColoured)
        }
        return text + rule("└", "┴", "┘")
    }

    private func lines(_ row: Row, _ widths: [Int], _ isColoured: Bool) -> String {
        let cells = row.cells.map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        let height = cells.map(\.count).max() ?? 1
        var text = ""
        for line in 0..<height {
            let parts = columns.indices.map { column in
                let content = line < cells[column].count ? String(cells[column][line]) : ""
                let padding = String(repeating: " ", count: max(0, widths[column] - content.count))
                let shown = isColoured && !content.isEmpty ? (row.colour?.paint(content) ?? content) : content
                return columns[column].isRightAligned ? padding + shown : shown + padding
            }
            text += "│ " + parts.joined(separator: " │ ") + " │\n"
        }
        return text
    }
}

/// A terminal colour.
public enum Colour: Int, Hashable, Sendable {
    /// For totals and warnings.
    case yellow = 33
    /// For names of groups.
    case blue = 34
    /// For headers.
    case cyan = 36
    /// For what went well.
    case green = 32
    /// For faults.
    case red = 31
    /// For details.
    case grey = 90

    /// The text between the escape sequences that set and reset the colour.
    public func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[39m" }
}
