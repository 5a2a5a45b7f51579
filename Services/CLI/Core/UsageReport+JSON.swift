import Metering

extension UsageReport {
    /// The report in the JSON shape of `ccusage daily|weekly|monthly|session --json`.
    ///
    /// Beside `period` each row carries the older name of the same value (`date`, `week`, `month`, `sessionId`), so that
    /// scripts of both generations read it. A cost that nobody knows is `null`, never 0; one that is known in part is
    /// the known part, and `metadata.coverage` tells what is missing.
    public var json: JSONDocument {
        .object([
            .init(kind.rawValue, .array(rows.map { $0.json(kind) })),
            .init("totals", .object(totals.tokenMembers + [.init("totalCost", totals.costJSON)] + coverage)),
        ])
    }

    private var coverage: [JSONDocument.Member] {
        guard totals.chargesWithoutCost > 0 else { return [] }
        return [.init("coverage", totals.coverageJSON(modelsWithoutCost: modelsWithoutCost))]
    }
}

extension ReportKind {
    /// The member that names the period in older scripts.
    var periodName: String {
        switch self {
        case .daily: "date"
        case .weekly: "week"
        case .monthly: "month"
        case .session: "sessionId"
        }
    }
}

extension UsageReport.Row {
    fileprivate func json(_ kind: ReportKind) -> JSONDocument {
        let agents = harnesses.map { HarnessName.agent($0.name) }
        var metadata: [JSONDocument.Member] = [.init("agents", .strings(agents))]
        if let lastActivity { metadata.append(.init("lastActivity", .string(lastActivity.description))) }
        if let project { metadata.append(.init("projectPath", .string(project))) }
        if figures.chargesWithoutCost > 0 {
            let unpriced = models.filter { $0.figures.chargesWithoutCost > 0 }.map(\.name).sorted()
            metadata.append(.init("coverage", figures.coverageJSON(modelsWithoutCost: unpriced)))
        }
        var members: [JSONDocument.Member] = [
            .init("period", .string(period)),
            .init(kind.periodName, .string(period)),
            .init("agent", .string(agents.count == 1 ? agents[0] : "all")),
            .init("modelsUsed", .strings(models.map(\.name).sorted())),
        ]
        members += figures.tokenMembers
        members.append(.init("totalCost", figures.costJSON))
        members.append(.init("modelBreakdowns", .array(models.map(\.breakdownJSON))))
        members.append(.init("metadata", .object(metadata)))
        return .object(members)
    }
}

extension UsageReport.Part {
    fileprivate var breakdownJSON: JSONDocument {
        .object([
            .init("modelName", .string(name)),
            .init("inputTokens", .integer(figures.inputTokens)),
            .init("outputTokens", .integer(figures.outputTokens)),
            .init("cacheCreationTokens", .integer(figures.cacheCreationTokens)),
            .init("cacheReadTokens", .integer(figures.cacheReadTokens)),
            .init("cost", figures.costJSON),
        ])
    }
}

extension UsageFigures {
    fileprivate var tokenMembers: [JSONDocument.Member] {
        [
            .init("inputTokens", .integer(inputTokens)),
            .init("outputTokens", .integer(outputTokens)),
            .init("cacheCreationTokens", .integer(cacheCreationTokens)),
            .init("cacheReadTokens", .integer(cacheReadTokens)),
            .init("totalTokens", .integer(totalTokens)),
        ]
    }

    fileprivate var costJSON: JSONDocument {
        pricing == .unknown ? .null : .number(cost.description)
    }

    fileprivate func coverageJSON(modelsWithoutCost: [String]) -> JSONDocument {
        .object([
            .init("charges", .integer(charges)),
            .init("chargesWithoutCost", .integer(chargesWithoutCost)),
            .init("modelsWithoutCost", .strings(modelsWithoutCost)),
        ])
    }
}
