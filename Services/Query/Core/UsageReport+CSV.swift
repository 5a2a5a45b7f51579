import Metering

extension UsageReport {
    /// The rows as comma-separated values (RFC 4180), with a line of names first; no line of totals.
    public var csv: [UInt8] {
        var text =
            (request.groups.map(\.name) + Self.csvColumns.map(\.name)).map(Self.field).joined(separator: ",") + "\r\n"
        for row in rows {
            let labels = row.labels.map { $0 ?? noneLabel }
            let figures = Self.csvColumns.map { $0.value(row.usage, request.cost) }
            text += (labels + figures).map(Self.field).joined(separator: ",") + "\r\n"
        }
        return Array(text.utf8)
    }

    private static let csvColumns: [(name: String, value: @Sendable (Usage, CostMode) -> String)] = [
        ("calls", { usage, _ in "\(usage.calls)" }),
        ("charges", { usage, _ in "\(usage.charges)" }),
        ("uncached_input", { usage, _ in "\(usage.tokens.uncachedInput)" }),
        ("cache_read", { usage, _ in "\(usage.tokens.cacheRead)" }),
        ("cache_write_5m", { usage, _ in "\(usage.tokens.cacheWrite5m)" }),
        ("cache_write_1h", { usage, _ in "\(usage.tokens.cacheWrite1h)" }),
        ("cache_write", { usage, _ in "\(usage.tokens.cacheWrite)" }),
        ("output", { usage, _ in "\(usage.tokens.output)" }),
        ("reasoning", { usage, _ in "\(usage.tokens.reasoning)" }),
        ("total_tokens", { usage, _ in "\(usage.tokens.total)" }),
        ("cost_usd", { usage, mode in usage.cost(mode).description }),
        ("computed_cost_usd", { usage, _ in usage.computedCost.description }),
        ("reported_cost_usd", { usage, _ in usage.reportedCost.description }),
        (
            "uncached_input_cost_usd",
            { usage, _ in AmountTotal(picodollars: usage.costParts.uncachedInput).description }
        ),
        ("cache_read_cost_usd", { usage, _ in AmountTotal(picodollars: usage.costParts.cacheRead).description }),
        ("cache_write_cost_usd", { usage, _ in AmountTotal(picodollars: usage.costParts.cacheWrite).description }),
        ("output_cost_usd", { usage, _ in AmountTotal(picodollars: usage.costParts.output).description }),
        ("fees_usd", { usage, _ in usage.fees.description }),
        ("without_cost_charges", { usage, mode in "\(usage.withoutCost(mode).charges)" }),
        ("without_cost_tokens", { usage, mode in "\(usage.withoutCost(mode).tokens)" }),
        ("unpriced_charges", { usage, _ in "\(usage.unpriced.charges)" }),
        ("unpriced_tokens", { usage, _ in "\(usage.unpriced.tokens)" }),
        ("estimated_charges", { usage, _ in "\(usage.estimated.charges)" }),
        ("estimated_tokens", { usage, _ in "\(usage.estimated.tokens)" }),
    ]

    /// Quotes what needs it, and keeps a spreadsheet from taking a name for a formula.
    static func field(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(text) == nil {
            text = "'" + text
        }
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
    }
}
