import Metering
public import Wire

/// A page of `/v1/usage` as a report reads it.
public struct UsagePage: Hashable, Sendable {
    /// The rows.
    public let cells: [UsageCell]
    /// Where the next page begins; `nil` on the last.
    public let next: String?

    /// Reads a page that was asked for with ``UsageRequest/usageParameters(after:)``.
    public init(json text: [UInt8]) throws(JSONError) {
        var cells: [UsageCell] = []
        var next: String?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "rows": try json.array { json throws(JSONError) in cells.append(try json.usageCell()) }
            case "next_cursor": next = try json.optionalString()
            default: try json.skip()
            }
        }
        try json.finish()
        self.cells = cells
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
            case "model": cell.model = try json.string()
            case "tokens": try json.tokens(into: &cell.figures)
            case "charges": cell.figures.charges = try json.int64()
            case "cost_usd": cell.figures.cost = try json.dollars()
            case "without_cost":
                try json.object { key, json throws(JSONError) in
                    guard key.string == "charges" else { return try json.skip() }
                    cell.figures.chargesWithoutCost = try json.int64()
                }
            default: try json.skip()
            }
        }
        return cell
    }

    private mutating func tokens(into figures: inout UsageFigures) throws(JSONError) {
        try object { key, json throws(JSONError) in
            switch key {
            case "uncached_input": figures.inputTokens = try json.int64()
            case "output": figures.outputTokens = try json.int64()
            case "cache_read": figures.cacheReadTokens = try json.int64()
            case "cache_write", "cache_write_5m", "cache_write_1h":
                figures.cacheCreationTokens = figures.cacheCreationTokens.addingClamped(try json.int64())
            default: try json.skip()
            }
        }
    }

    private mutating func dollars() throws(JSONError) -> AmountTotal {
        let offset = index
        guard let amount = AmountTotal(dollars: try string()) else { throw JSONError(.invalidValue, at: offset) }
        return amount
    }
}
