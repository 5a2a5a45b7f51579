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
        let header = Row(columns.map(\.title), colour: .cyan)
        let cells = ([header] + rows).map { $0.cells.map(CellLine.lines(of:)) }
        let widths = columns.indices.map { column in
            cells.lazy.flatMap { $0[column].lazy.map(\.width) }.max() ?? 0
        }
        var drawing = Drawing(columns: columns, widths: widths, isColoured: isColoured)
        drawing.rule("┌", "┬", "┐")
        drawing.row(cells[0], header.colour)
        for (index, row) in rows.enumerated() {
            if row.isRuled || index == 0 { drawing.rule("├", "┼", "┤") }
            drawing.row(cells[index + 1], row.colour)
        }
        drawing.rule("└", "┴", "┘")
        return String(decoding: drawing.text, as: UTF8.self)
    }
}

/// One line of a cell, with the columns it takes on a terminal.
private struct CellLine {
    let text: Substring
    let width: Int

    static let empty = CellLine(text: "", width: 0)

    static func lines(of cell: String) -> [CellLine] {
        cell.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { bytes in
            let line = Substring(bytes)
            // Finding where characters end is slow, and almost all text is ASCII.
            return CellLine(text: line, width: bytes.allSatisfy { $0 < 0x80 } ? bytes.count : line.count)
        }
    }
}

/// A table while it is drawn; reports of years have a hundred thousand cells.
private struct Drawing {
    let columns: [TextTable.Column]
    let widths: [Int]
    let isColoured: Bool
    private(set) var text: [UInt8] = []

    init(columns: [TextTable.Column], widths: [Int], isColoured: Bool) {
        self.columns = columns
        self.widths = widths
        self.isColoured = isColoured
    }

    mutating func rule(_ left: String, _ middle: String, _ right: String) {
        let parts = widths.map { String(repeating: "─", count: $0 + 2) }
        text += (left + parts.joined(separator: middle) + right + "\n").utf8
    }

    /// Draws a row of cells, each of some lines.
    mutating func row(_ cells: [[CellLine]], _ colour: Colour?) {
        for line in 0..<(cells.map(\.count).max() ?? 1) {
            for (column, cell) in cells.enumerated() {
                text += (column == 0 ? "│ " : " │ ").utf8
                put(line < cell.count ? cell[line] : .empty, column, colour)
            }
            text += " │\n".utf8
        }
    }

    private mutating func put(_ line: CellLine, _ column: Int, _ colour: Colour?) {
        let padding = repeatElement(UInt8(ascii: " "), count: widths[column] - line.width)
        if columns[column].isRightAligned { text += padding }
        if isColoured, line.width > 0, let colour {
            text += colour.paint(String(line.text)).utf8
        } else {
            text += line.text.utf8
        }
        if !columns[column].isRightAligned { text += padding }
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
