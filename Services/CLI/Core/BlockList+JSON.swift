import Metering

extension BlockList {
    /// The blocks in the JSON of `ccusage blocks --json`.
    public func json(limit: TokenLimit?, showsCost: Bool = true) -> JSONDocument {
        let limit = limit.flatMap { $0.tokens(in: self) }
        return .object([.init("blocks", .array(blocks.map { $0.json(at: now, limit: limit, showsCost: showsCost) }))])
    }
}

extension UsageBlock {
    fileprivate func json(at now: Timestamp, limit: Int64?, showsCost: Bool) -> JSONDocument {
        let start = TimeText.milliseconds(start)
        let projection = projection(at: now)
        var members: [JSONDocument.Member] = [
            .init("id", .string(isGap ? "gap-" + start : start)),
            .init("startTime", .string(start)),
            .init("endTime", .string(TimeText.milliseconds(end))),
            .init("actualEndTime", lastActivity.map { .string(TimeText.milliseconds($0)) } ?? .null),
            .init("isActive", .bool(isActive)),
            .init("isGap", .bool(isGap)),
            .init("entries", .integer(figures.charges)),
            .init("tokenCounts", tokenCounts),
            .init("totalTokens", .integer(figures.totalTokens)),
        ]
        if showsCost { members.append(.init("costUSD", .number(figures.cost.description))) }
        members += [
            .init("models", .strings(models)),
            .init("burnRate", isActive ? burnRate?.json(showsCost) ?? .null : .null),
            .init("projection", projection?.json(showsCost) ?? .null),
        ]
        if let limit, let projection {
            members.append(.init("tokenLimitStatus", projection.status(limit: limit)))
        }
        return .object(members + RowForm.coverage(of: figures, showsCost: showsCost))
    }

    private var tokenCounts: JSONDocument {
        .object([
            .init("inputTokens", .integer(figures.inputTokens)),
            .init("outputTokens", .integer(figures.outputTokens)),
            .init("cacheCreationInputTokens", .integer(figures.cacheCreationTokens)),
            .init("cacheReadInputTokens", .integer(figures.cacheReadTokens)),
        ])
    }
}

extension UsageBlock.BurnRate {
    fileprivate func json(_ showsCost: Bool) -> JSONDocument {
        .object(
            [
                .init("tokensPerMinute", .number(NumberText.decimal(microtokensPerMinute, digits: 6))),
                .init(
                    "tokensPerMinuteForIndicator",
                    .number(NumberText.decimal(uncachedMicrotokensPerMinute, digits: 6))),
            ] + (showsCost ? [.init("costPerHour", .number(costPerHour.description))] : []))
    }
}

extension UsageBlock.Projection {
    fileprivate func json(_ showsCost: Bool) -> JSONDocument {
        .object(
            [.init("totalTokens", .integer(tokens))]
                + (showsCost ? [.init("totalCost", .number(cost.rounded(toDigits: 2)))] : [])
                + [.init("remainingMinutes", .integer(remainingMinutes))])
    }

    fileprivate func status(limit: Int64) -> JSONDocument {
        let percent = Int128(tokens) * 100_000_000 / Int128(limit)
        return .object([
            .init("limit", .integer(limit)),
            .init("projectedUsage", .integer(tokens)),
            .init("percentUsed", .number(NumberText.decimal(percent, digits: 6))),
            .init("status", .string(TokenLimit.status(tokens, of: limit))),
        ])
    }
}
