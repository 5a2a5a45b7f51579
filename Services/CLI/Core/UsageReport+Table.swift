import Metering

extension UsageReport {
    /// How a report is drawn.
    public struct Layout: Hashable, Sendable {
        /// Whose columns: those of all agents, or of one.
        public var family = JSONFamily.unified
        /// Leaves out cache columns and the total, for narrow terminals.
        public var isCompact: Bool
        /// Adds a row for each model.
        public var showsBreakdown: Bool
        /// Uses terminal colours.
        public var isColoured: Bool
        /// Shows what it cost.
        public var showsCost = true
        /// Collects rows under their projects.
        public var isByProject = false
        /// Names of projects as they are to be shown.
        public var projectAliases: [String: String] = [:]
        /// The agent that the report is about, in the words of the title; `nil` for all.
        public var subject: String?

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
        let form = TableForm(kind: kind, layout: layout)
        var table = TextTable(columns: form.columns)
        if layout.isByProject {
            for project in projects {
                let name = layout.projectAliases[project.name] ?? project.name
                table.rows.append(form.blank("Project: " + name, colour: .blue))
                for row in project.rows { table.rows += form.rows(row) }
            }
        } else {
            for row in rows { table.rows += form.rows(row) }
        }
        table.rows.append(form.totals(totals))
        return TextTable.boxed(title(layout)) + "\n" + table.text(isColoured: layout.isColoured)
    }

    private func title(_ layout: Layout) -> [String] {
        let kind = kind == .session ? "By Session" : kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst()
        if let subject = layout.subject { return ["\(subject) Token Usage Report - \(kind)"] }
        return [
            "Coding Agent Usage Report - \(kind)",
            "Detected: " + harnesses.map(HarnessName.label).joined(separator: ", "),
        ]
    }
}

/// Which columns a table has, and what stands in them.
private struct TableForm {
    let kind: ReportKind
    let layout: UsageReport.Layout

    private var isUnified: Bool { layout.family == .unified }

    var columns: [TextTable.Column] {
        let period =
            switch kind {
            case .daily: "Date"
            case .weekly: "Week"
            case .monthly: "Month"
            case .session: "Session"
            }
        let leading = [period] + (isUnified ? ["Agent"] : []) + ["Models"]
        let tokens =
            if layout.isCompact {
                ["Input", "Output"]
            } else if layout.family == .codex {
                ["Input", "Output", "Reasoning", "Cache Read", "Total Tokens"]
            } else {
                ["Input", "Output", "Cache Create", "Cache Read", "Total Tokens"]
            }
        let numbers = tokens + (layout.showsCost ? ["Cost (USD)"] : [])
        return leading.map { TextTable.Column($0) } + numbers.map { TextTable.Column($0, isRightAligned: true) }
            + (kind == .session ? [TextTable.Column("Last Activity")] : [])
    }

    /// A row of one text alone.
    func blank(_ text: String, colour: Colour) -> TextTable.Row {
        TextTable.Row([text] + Array(repeating: "", count: columns.count - 1), colour: colour)
    }

    func rows(_ row: UsageReport.Row) -> [TextTable.Row] {
        guard isUnified, row.harnesses.count > 1 else {
            let agent = row.harnesses.first.map { HarnessName.label($0.name) } ?? ""
            return [line(row.period, agent, row.models, row.figures, activity: activity(row))]
                + (layout.showsBreakdown ? row.models.map(breakdown) : [])
        }
        var lines = [line(row.period, "All", [], row.figures, activity: activity(row))]
        for harness in row.harnesses {
            lines.append(
                line("", "- " + HarnessName.label(harness.name), harness.models, harness.figures, isRuled: false))
            if layout.showsBreakdown { lines += harness.models.map(breakdown) }
        }
        return lines
    }

    func totals(_ figures: UsageFigures) -> TextTable.Row {
        line("Total", "", [], figures, colour: .yellow)
    }

    private func activity(_ row: UsageReport.Row) -> String {
        row.lastActivity.map { String($0.description.prefix(10)) } ?? ""
    }

    private func breakdown(_ model: UsageReport.Part) -> TextTable.Row {
        let cells = [""] + (isUnified ? [""] : []) + ["- " + ModelText.short(model.name)] + numbers(model.figures)
        return TextTable.Row(cells + (kind == .session ? [""] : []), colour: .grey, isRuled: false)
    }

    private func line(
        _ period: String, _ agent: String, _ models: [UsageReport.Part], _ figures: UsageFigures,
        activity: String = "", colour: Colour? = nil, isRuled: Bool = true
    ) -> TextTable.Row {
        let cells = [period] + (isUnified ? [agent] : []) + [ModelText.list(models.map(\.name))] + numbers(figures)
        return TextTable.Row(cells + (kind == .session ? [activity] : []), colour: colour, isRuled: isRuled)
    }

    private func numbers(_ figures: UsageFigures) -> [String] {
        let tokens =
            if layout.isCompact {
                [figures.inputTokens, figures.outputTokens]
            } else if layout.family == .codex {
                [
                    figures.inputTokens, figures.outputTokens, figures.reasoningTokens, figures.cacheReadTokens,
                    figures.totalTokens,
                ]
            } else {
                [
                    figures.inputTokens, figures.outputTokens, figures.cacheCreationTokens, figures.cacheReadTokens,
                    figures.totalTokens,
                ]
            }
        return tokens.map(NumberText.grouped) + (layout.showsCost ? [NumberText.cost(figures)] : [])
    }
}
