import Metering
public import Wire

/// A page of `/v1/usage` as a report reads it.
public struct UsagePage: Hashable, Sendable {
    /// The rows.
    public let cells: [UsageCell]
    /// The sum of all rows, those of other pages included.
    public let totals: UsageFigures
    /// Where the next page begins; `nil` on the last.
    public let next: String?

    /// Reads a page that was asked for with ``UsageRequest/usageParameters(after:)``.
    public init(json text: [UInt8]) throws(JSONError) {
        var cells: [UsageCell] = []
        var totals = UsageFigures()
        var next: String?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "rows": try json.array { json throws(JSONError) in cells.append(try json.usageCell()) }
            case "totals":
                try json.object { key, json throws(JSONError) in try json.readFigure(key, into: &totals) }
            case "next_cursor": next = try json.optionalString()
            default: try json.skip()
            }
        }
        try json.finish()
        self.cells = cells
        self.totals = totals
        self.next = next
    }
}

extension JSONReader {
    fileprivate mutating func usageCell() throws(JSONError) -> UsageCell {
        var cell = UsageCell(period: "", harness: "", model: nil, figures: UsageFigures())
        try object { key, json throws(JSONError) in
            switch key {
            case "day", "week", "month", "session": cell.period = try json.string()
            case "harness": cell.harness = try json.string()
            case "model": cell.model = Self.named(try json.string())
            case "project": cell.project = Self.named(try json.string())
            default: try json.readFigure(key, into: &cell.figures)
            }
        }
        return cell
    }

    /// The service writes a missing value as a label, so that rows always add up to the totals.
    private static func named(_ label: String) -> String? { label == UsageReport.unnamedModel ? nil : label }
}
