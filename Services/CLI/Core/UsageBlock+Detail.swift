public import Metering

extension UsageBlock {
    /// What is to be known of the block that still counts, over several lines.
    public func detail(
        at now: Timestamp, limit: Int64?, isColoured: Bool, showsCost: Bool = true, localTime: (Timestamp) -> String
    ) -> String {
        func heading(_ text: String) -> String { "\n" + (isColoured ? Colour.blue.paint(text) : text) + "\n" }
        func line(_ name: String, _ value: String) -> String {
            "  \(name):" + String(repeating: " ", count: max(1, 18 - name.count)) + value + "\n"
        }
        // What comes of a cost that is known in part is known in part.
        let bound = figures.pricing == .complete ? "" : "≥ "
        var text = TextTable.boxed(["Current Session Block Status"]) + "\n"
        text += "Block started:   \(localTime(start))\n"
        text += "Time elapsed:    \(TimeText.hours(minutes: (now.seconds - start.seconds) / 60))\n"
        text += "Time remaining:  \(TimeText.hours(minutes: max(0, end.seconds - now.seconds) / 60))\n"
        text += heading("Current usage:")
        text += line("Input tokens", NumberText.grouped(figures.inputTokens))
        text += line("Output tokens", NumberText.grouped(figures.outputTokens))
        text += line("Cache create", NumberText.grouped(figures.cacheCreationTokens))
        text += line("Cache read", NumberText.grouped(figures.cacheReadTokens))
        if showsCost { text += line("Total cost", NumberText.cost(figures)) }
        if let burnRate {
            text += heading("Burn rate:") + line("Tokens/minute", NumberText.grouped(burnRate.tokensPerMinute))
            if showsCost { text += line("Cost/hour", bound + NumberText.dollars(burnRate.costPerHour)) }
        }
        if let projection = projection(at: now) {
            text += heading("Projected usage, if it goes on like this:")
            text += line("Total tokens", NumberText.grouped(projection.tokens))
            if showsCost { text += line("Total cost", bound + NumberText.dollars(projection.cost)) }
            if let limit {
                text += heading("Token limit:") + line("Limit", NumberText.grouped(limit) + " tokens")
                text += line("Remaining", NumberText.grouped(max(0, limit - figures.totalTokens)) + " tokens")
                text += line("Projected", TokenLimit.status(projection.tokens, of: limit))
            }
        }
        return text
    }
}
