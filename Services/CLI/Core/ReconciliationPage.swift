public import Metering
public import Wire

/// A page of `/v1/reconciliation`, worded for people: what each channel of a session said and what became of it.
public struct ReconciliationPage: Hashable, Sendable {
    /// The records, newest first.
    public let records: [ReconciliationRecord]
    /// Where the next page begins; `nil` on the last.
    public let next: String?

    /// Reads a page.
    public init(json text: [UInt8]) throws(JSONError) {
        var records: [ReconciliationRecord] = []
        var next: String?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "reconciliations":
                try json.array { json throws(JSONError) in records.append(try json.reconciliation()) }
            case "next_cursor": next = try json.optionalString()
            default: try json.skip()
            }
        }
        try json.finish()
        self.records = records
        self.next = next
    }

    /// All records one after the other, as text that ends in a line break.
    public func text(isColoured: Bool) -> String {
        records.map { ReconciliationText(record: $0).text(isColoured: isColoured) }.joined(separator: "\n")
    }

    /// One line for each record: which sessions there are, and how much of their aggregates no call explains.
    public func overview(isColoured: Bool) -> String {
        var table = TextTable(columns: [
            .init("Harness"), .init("Session"), .init("Channels"), .init("Superseded", isRightAligned: true),
            .init("Conflicting", isRightAligned: true), .init("Residual", isRightAligned: true),
        ])
        for record in records {
            let text = ReconciliationText(record: record)
            table.rows.append(
                .init(
                    [
                        record.scope.harness.rawValue, record.scope.session, text.channels,
                        text.tokens(\.superseded), text.tokens(\.conflicting), text.residual,
                    ], isRuled: false))
        }
        return table.text(isColoured: isColoured)
    }
}

/// One reconciliation record as text.
private struct ReconciliationText {
    let record: ReconciliationRecord

    func text(isColoured: Bool) -> String {
        let scope = record.scope
        let head =
            "\(scope.harness.rawValue)  \(scope.session)" + (scope.isSessionKnown ? "" : " (not named by its source)")
        var text = (isColoured ? Colour.cyan.paint(head) : head) + "\n\n" + figures.text(isColoured: isColoured)
        guard !record.coverage.isEmpty else { return text }
        text += "\nWhat counters say beside the calls (policy \(record.policy))\n\n"
        return text + coverage.text(isColoured: isColoured)
    }

    private var figures: TextTable {
        var table = TextTable(columns: [
            .init("Field"), .init("Channel"), .init("Seen", isRightAligned: true),
            .init("Counted", isRightAligned: true), .init("Duplicate", isRightAligned: true),
            .init("Superseded", isRightAligned: true), .init("Conflicting", isRightAligned: true),
        ])
        var field: String?
        for name in fields {
            for entry in record.entries where entry.field == name {
                let sums = [entry.seen, entry.counted, entry.duplicate, entry.superseded, entry.conflicting]
                let cells = [field == name ? "" : name, entry.channel.rawValue] + sums.map { Self.show($0, name) }
                table.rows.append(.init(cells, isRuled: field != name))
                field = name
            }
        }
        return table
    }

    private var coverage: TextTable {
        var table = TextTable(columns: [
            .init("Field"), .init("Counters", isRightAligned: true), .init("Calls", isRightAligned: true),
            .init("Residual", isRightAligned: true), .init("Taken from"),
        ])
        for row in record.coverage {
            let source = record.owned.contains(row.field) ? "calls" : "counters"
            let sums = [row.aggregates, row.calls, row.residual].map { Self.show($0, row.field) }
            table.rows.append(.init([row.field] + sums + [source], isRuled: false))
        }
        return table
    }

    var channels: String {
        var names: [String] = []
        for entry in record.entries where !names.contains(entry.channel.rawValue) {
            names.append(entry.channel.rawValue)
        }
        return names.joined(separator: ", ")
    }

    /// A sum over all fields that count tokens; reasoning is inside output.
    func tokens(_ part: KeyPath<ReconciliationRecord.Entry, Int128>) -> String {
        Self.show(record.entries.filter(\.isTokens).reduce(0) { $0 + $1[keyPath: part] }, "")
    }

    var residual: String {
        let rows = record.coverage.filter {
            record.owned.contains($0.field) && $0.field != ReconciliationRecord.costField
        }
        return rows.isEmpty
            ? "-" : Self.show(rows.filter { $0.field != "reasoning" }.reduce(0) { $0 + $1.residual }, "")
    }

    private var fields: [String] {
        var names: [String] = []
        for entry in record.entries where !names.contains(entry.field) { names.append(entry.field) }
        let order = ["uncached_input", "cache_read", "cache_write", "output", "reasoning", "cost"]
        return names.sorted { (order.firstIndex(of: $0) ?? order.count) < (order.firstIndex(of: $1) ?? order.count) }
    }

    private static func show(_ sum: Int128, _ field: String) -> String {
        if field == ReconciliationRecord.costField { return "$" + AmountTotal(picodollars: sum).description }
        return NumberText.grouped(Int64(clamping: sum))
    }
}

extension ReconciliationRecord.Entry {
    fileprivate var isTokens: Bool { field != ReconciliationRecord.costField && field != "reasoning" }
}
