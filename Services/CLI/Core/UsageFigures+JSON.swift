import Metering
import Wire

extension JSONReader {
    /// Reads a member of a row, a session or a block that belongs to its figures, or passes over it.
    mutating func readFigure(_ key: JSONKey, into figures: inout UsageFigures) throws(JSONError) {
        switch key {
        case "calls": figures.calls = try int64()
        case "charges": figures.charges = try int64()
        case "tokens": try readTokens(into: &figures)
        case "cost_usd": figures.cost = try dollars()
        case "without_cost":
            try object { key, json throws(JSONError) in
                guard case "charges" = key else { return try json.skip() }
                figures.chargesWithoutCost = try json.int64()
            }
        default: try skip()
        }
    }

    private mutating func readTokens(into figures: inout UsageFigures) throws(JSONError) {
        try object { key, json throws(JSONError) in
            switch key {
            case "uncached_input": figures.inputTokens = try json.int64()
            case "output": figures.outputTokens = try json.int64()
            case "reasoning": figures.reasoningTokens = try json.int64()
            case "cache_read": figures.cacheReadTokens = try json.int64()
            case "cache_write", "cache_write_5m", "cache_write_1h":
                figures.cacheCreationTokens = figures.cacheCreationTokens.addingClamped(try json.int64())
            default: try json.skip()
            }
        }
    }

    /// Reads an amount of US dollars as the service writes it: decimal text.
    mutating func dollars() throws(JSONError) -> AmountTotal {
        let offset = index
        guard let amount = AmountTotal(dollars: try string()) else { throw JSONError(.invalidValue, at: offset) }
        return amount
    }
}
