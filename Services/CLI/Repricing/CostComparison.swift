public import Console
public import Metering

/// Two costs side by side for each model, as a table and as JSON.
public struct CostComparison: Sendable {
    /// One model.
    public struct Row: Sendable {
        /// The model's name.
        public var model: String
        /// How many charges, and what else there is to say of them.
        public var counts: [(name: String, value: Int64)]
        /// The cost as it stands.
        public var before: AmountTotal
        /// The other cost.
        public var after: AmountTotal
    }

    private let titles: (before: String, after: String)
    private let rows: [Row]
    private let totals: Row

    /// Compares repriced charges.
    public init(_ repricing: Repricing) {
        func row(_ model: String, _ figures: Repricing.Figures) -> Row {
            Row(
                model: model,
                counts: [
                    ("charges", figures.charges), ("changed", figures.changed),
                    ("newly_priced", figures.newlyPriced), ("newly_unpriced", figures.newlyUnpriced),
                ], before: figures.before, after: figures.after)
        }
        titles = ("before", "after")
        rows = repricing.models.map { row($0.key ?? UsageReport.unnamedModel, $0.value) }.sorted(by: Self.isDearer)
        totals = row("Total", repricing.totals)
    }

    /// Compares with another model.
    public init(_ whatIf: WhatIf) {
        func row(_ model: String, _ figures: WhatIf.Figures) -> Row {
            Row(
                model: model,
                counts: [
                    ("charges", figures.charges), ("unpriced", figures.unpriced),
                    ("what_if_unpriced", figures.otherUnpriced), ("what_if_estimated", figures.otherEstimated),
                ], before: figures.actual, after: figures.other)
        }
        titles = ("computed", "what_if")
        rows = whatIf.models.map { row($0.key ?? UsageReport.unnamedModel, $0.value) }.sorted(by: Self.isDearer)
        totals = row("Total", whatIf.totals)
    }

    private static func isDearer(_ left: Row, _ right: Row) -> Bool {
        (right.before, left.model) < (left.before, right.model)
    }

    /// The comparison as a table.
    public func text(isColoured: Bool) -> String {
        let counts = totals.counts.map { TextTable.Column(Self.title($0.name), isRightAligned: true) }
        let costs = [titles.before, titles.after, "difference"].map {
            TextTable.Column(Self.title($0), isRightAligned: true)
        }
        var table = TextTable(columns: [TextTable.Column("Model")] + counts + costs)
        table.rows = rows.map { TextTable.Row(cells($0), isRuled: false) }
        table.rows.append(TextTable.Row(cells(totals), colour: .yellow))
        return table.text(isColoured: isColoured)
    }

    /// The comparison as JSON; money is exact decimal text in US dollars.
    ///
    /// - Parameter facts: what else is to be said, before the rows.
    public func json(_ facts: [JSONDocument.Member]) -> JSONDocument {
        .object(
            facts + [
                JSONDocument.Member("models", .array(rows.map(object))), JSONDocument.Member("totals", object(totals)),
            ])
    }

    private func object(_ row: Row) -> JSONDocument {
        .object(
            [JSONDocument.Member("model", .string(row.model))]
                + row.counts.map { JSONDocument.Member($0.name, .integer($0.value)) }
                + [
                    JSONDocument.Member("\(titles.before)_usd", .string(row.before.description)),
                    JSONDocument.Member("\(titles.after)_usd", .string(row.after.description)),
                    JSONDocument.Member("difference_usd", .string(difference(row).description)),
                ])
    }

    private func cells(_ row: Row) -> [String] {
        [row.model] + row.counts.map { NumberText.grouped($0.value) }
            + [row.before, row.after, difference(row)].map { NumberText.dollars($0) }
    }

    private func difference(_ row: Row) -> AmountTotal {
        AmountTotal(picodollars: row.after.picodollars - row.before.picodollars)
    }

    private static func title(_ name: String) -> String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
    }
}
