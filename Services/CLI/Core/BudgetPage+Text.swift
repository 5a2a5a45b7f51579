extension BudgetPage {
    /// Whether money budgets leave usage out because its cost is not known.
    public var hasUnknownCost: Bool {
        budgets.contains { budget in budget.isMoney && budget.entries.contains { $0.figures.chargesWithoutCost > 0 } }
    }

    /// The worst state of all.
    public var state: State { budgets.flatMap { $0.entries.map(\.state) }.max() ?? .ok }

    /// Keeps budgets with these names, all where none is given, and of those that are split the entries with these keys.
    public func keeping(names: [String], keys: [String]) -> BudgetPage {
        var page = self
        page.budgets = budgets.filter { names.isEmpty || names.contains($0.name) }.map { budget in
            var budget = budget
            if budget.split != nil, !keys.isEmpty {
                budget.entries.removeAll { entry in entry.key.map { !keys.contains($0) } ?? false }
            }
            return budget
        }
        return page
    }

    /// The budgets as a table; `nil` when there are none.
    ///
    /// - Parameter entryLimit: how many of those who have a split budget are shown.
    public func text(isColoured: Bool, entryLimit: Int = 5) -> String? {
        guard !budgets.isEmpty else { return nil }
        var table = TextTable(
            columns: ["Budget", "For", "Period"].map { TextTable.Column($0) }
                + ["Limit", "Used", "Part"].map { TextTable.Column($0, isRightAligned: true) }
                + [TextTable.Column("State")])
        for budget in budgets {
            let shown = budget.entries.prefix(entryLimit)
            if shown.isEmpty {
                table.rows.append(
                    TextTable.Row([
                        budget.name, "each \(budget.split ?? "")", budget.period, budget.limit, "-", "-", "ok",
                    ]))
            }
            for (index, entry) in shown.enumerated() {
                table.rows.append(Self.row(budget, entry, isFirst: index == 0))
            }
            let hidden = budget.entries.count - shown.count
            if hidden > 0 {
                table.rows.append(
                    TextTable.Row(["", "and \(hidden) more"] + Array(repeating: "", count: 5), isRuled: false))
            }
        }
        return table.text(isColoured: isColoured)
    }

    /// A sentence for each budget whose cost is not wholly known.
    public var remarks: [String] {
        budgets.filter(\.isMoney).compactMap { budget in
            let count = budget.entries.reduce(0) { $0 + $1.figures.chargesWithoutCost }
            guard count > 0 else { return nil }
            return "\(budget.name): \(NumberText.grouped(count)) calls have no known cost and are not in it"
        }
    }

    private static func row(_ budget: Budget, _ entry: Entry, isFirst: Bool) -> TextTable.Row {
        let used = budget.isMoney ? NumberText.cost(entry.figures) : NumberText.grouped(entry.tokens)
        let colour: Colour? =
            switch entry.state {
            case .ok: nil
            case .warning: .yellow
            case .exceeded: .red
            }
        return TextTable.Row(
            [
                isFirst ? budget.name : "", entry.key ?? (budget.split == nil ? "all" : ""),
                isFirst ? budget.period : "", isFirst ? budget.limit : "", used, percent(entry.ratio),
                entry.state.rawValue,
            ], colour: colour, isRuled: isFirst)
    }

    /// `0.823400` as `82 %`.
    private static func percent(_ ratio: String) -> String {
        let parts = ratio.split(separator: ".", maxSplits: 1)
        let whole = parts.first.flatMap { Int64($0) } ?? 0
        let hundredths = parts.count == 2 ? Int64(String((parts[1] + "00").prefix(2))) ?? 0 : 0
        return "\(whole * 100 + hundredths) %"
    }
}
