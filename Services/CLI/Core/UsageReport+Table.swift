import Metering

extension UsageReport {
    /// How a report is drawn.
    public struct Layout: Hashable, Sendable {
        /// Leaves out cache columns and the total, for narrow terminals.
        public var isCompact: Bool
        /// Adds a row for each model.
        public var showsBreakdown: Bool
        /// Uses terminal colours.
        public var isColoured: Bool

        /// Makes a layout.
        public init(isCompact: Bool = false, showsBreakdown: Bool = false, isColoured: Bool = false) {
            self.isCompact = isCompact
            self.showsBreakdown = showsBreakdown
            self.isColoured = isColoured
        }

        /// Terminals narrower than this many columns get the compact layout.
        public static let compactBelow = 100
    }

    /// The report as a titled table; `nil` when it has no rows.
    public func text(_ layout: Layout) -> String? {
        guard !rows.isEmpty else { return nil }
        var table = TextTable(columns: columns(layout))
        let isMixed = harnesses.count > 1
        for row in rows {
            table.rows.append(tableRow(row, isMixed, layout))
            let parts = isMixed && row.harnesses.count > 1 ? row.harnesses : []
            for part in parts {
                table.rows.append(
                    TextTable.Row(
                        leading("", "- " + HarnessName.label(part.name), part.models, isMixed, nil)
                            + numbers(part.figures, layout), isRuled: false))
                if layout.showsBreakdown { append(part.models, to: &table, isMixed, layout) }
            }
            if layout.showsBreakdown, parts.isEmpty { append(row.models, to: &table, isMixed, layout) }
        }
        let blank = leading("Total", "", [], isMixed, nil)
        table.rows.append(TextTable.Row(blank + numbers(totals, layout), colour: .yellow))
        return Self.boxed(title) + "\n" + table.text(isColoured: layout.isColoured)
    }

    private func tableRow(_ row: Row, _ isMixed: Bool, _ layout: Layout) -> TextTable.Row {
        let agent = row.harnesses.count == 1 ? HarnessName.label(row.harnesses[0].name) : "All"
        let models = isMixed && row.harnesses.count > 1 ? [] : row.models
        return TextTable.Row(
            leading(row.period, agent, models, isMixed, row.lastActivity) + numbers(row.figures, layout))
    }

    private func append(_ models: [Part], to table: inout TextTable, _ isMixed: Bool, _ layout: Layout) {
        for model in models {
            var cells = leading("", "", [], isMixed, nil)
            cells[isMixed ? 2 : 1] = "- " + ModelText.short(model.name)
            table.rows.append(
                TextTable.Row(cells + numbers(model.figures, layout), colour: .grey, isRuled: false))
        }
    }

    private func leading(
        _ period: String, _ agent: String, _ models: [Part], _ isMixed: Bool, _ activity: Timestamp?
    ) -> [String] {
        let list = models.map { "- " + ModelText.short($0.name) }.sorted().joined(separator: "\n")
        let day = activity.map { String($0.description.prefix(10)) } ?? ""
        return [period] + (isMixed ? [agent] : []) + [list] + (kind == .session ? [day] : [])
    }

    private func numbers(_ figures: UsageFigures, _ layout: Layout) -> [String] {
        let tokens =
            layout.isCompact
            ? [figures.inputTokens, figures.outputTokens]
            : [
                figures.inputTokens, figures.outputTokens, figures.cacheCreationTokens, figures.cacheReadTokens,
                figures.totalTokens,
            ]
        return tokens.map(NumberText.grouped) + [NumberText.cost(figures)]
    }

    private func columns(_ layout: Layout) -> [TextTable.Column] {
        let period =
            switch kind {
            case .daily: "Date"
            case .weekly: "Week"
            case .monthly: "Month"
            case .session: "Session"
            }
        let leading = [period] + (harnesses.count > 1 ? ["Agent"] : []) + ["Models"]
        let numbers =
            layout.isCompact
            ? ["Input", "Output", "Cost (USD)"]
            : ["Input", "Output", "Cache Create", "Cache Read", "Total Tokens", "Cost (USD)"]
        return (leading + (kind == .session ? ["Last Activity"] : [])).map { TextTable.Column($0) }
            + numbers.map { TextTable.Column($0, isRightAligned: true) }
    }

    private var title: [String] {
        let kind = kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst()
        return [
            "Coding Agent Usage Report - \(kind)",
            "Detected: " + harnesses.map(HarnessName.label).joined(separator: ", "),
        ]
    }

    private static func boxed(_ lines: [String]) -> String {
        let width = lines.map(\.count).max() ?? 0
        let edge = String(repeating: "─", count: width + 2)
        let body = lines.map { "│ " + $0 + String(repeating: " ", count: width - $0.count) + " │\n" }.joined()
        return "╭\(edge)╮\n\(body)╰\(edge)╯\n"
    }
}

/// Model names as tables show them.
public enum ModelText {
    /// The name without the date at its end: `claude-sonnet-4` for `claude-sonnet-4-20250514`.
    public static func short(_ name: String) -> String {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex else { return name }
        let date = name[name.index(after: dash)...]
        guard date.utf8.count == 8, date.hasPrefix("20"), date.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return name
        }
        return String(name[..<dash])
    }
}
