import Ledger
public import Metering
public import Wire

/// The calls of one conversation, as `session --id` lists them.
public struct SessionEntries: Hashable, Sendable {
    /// The conversation.
    public let session: String
    /// The calls, oldest first.
    public private(set) var entries: [Entry] = []
    /// All of it.
    public private(set) var totals = UsageFigures()
    /// How many calls are in the totals and not among the entries, because retention removed their texts.
    public private(set) var removed: Int64 = 0
    /// Whether there is anything of the conversation.
    public var isEmpty: Bool { entries.isEmpty && removed == 0 }

    /// One call, or a sum of which no single call is known.
    public struct Entry: Hashable, Sendable {
        /// When it ended.
        public var time: Timestamp
        /// The model; `nil` when no channel named it.
        public var model: String?
        /// What it used.
        public var tokens: TokenCounts
        /// Its cost in the mode asked for; `nil` where it is not known.
        public var cost: Amount?
    }

    /// Reads the answer of `/v1/sessions/{id}`.
    ///
    /// - Parameters:
    ///   - mode: the cost that was asked for: `auto`, `reported` or `computed`.
    ///   - harness: the only harness that counts; `nil` for all.
    /// - Throws: `JSONError` when the text is no such answer.
    public init(json text: [UInt8], session: String, mode: String, harness: String?) throws(JSONError) {
        self.session = session
        var changes: [Change] = []
        var reportedAlone: Set<String> = []
        var sums: [(harness: String, figures: UsageFigures)] = []
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "sessions":
                try json.array { json throws(JSONError) in
                    let summary = try json.sessionSummary()
                    if summary.isReportedAlone { reportedAlone.insert(summary.harness) }
                    sums.append((summary.harness, summary.figures))
                }
            case "removed": removed = try json.int64()
            case "changes": try json.array { json throws(JSONError) in changes.append(try Change(from: &json)) }
            default: try json.skip()
            }
        }
        try json.finish()
        for sum in sums where harness == nil || harness == sum.harness { totals += sum.figures }
        for change in changes where harness == nil || harness == change.charge.call.scope.harness.rawValue {
            let isReportedAlone = reportedAlone.contains(change.charge.call.scope.harness.rawValue)
            entries.append(Entry(change.charge, mode: mode, isReportedAlone: isReportedAlone))
        }
        // The service counts them for all harnesses that have a conversation of this name.
        if harness != nil { removed = min(removed, max(0, totals.charges - Int64(entries.count))) }
    }

    /// The list in the JSON of `ccusage session --id`; the entries' costs add up to the total, unless `removedEntries` says
    /// that some are not there any more.
    public func json(showsCost: Bool) -> JSONDocument {
        var members: [JSONDocument.Member] = [.init("sessionId", .string(session))]
        if showsCost { members.append(.init("totalCost", .number(totals.cost.description))) }
        members.append(.init("totalTokens", .integer(totals.totalTokens)))
        members.append(.init("entries", .array(entries.map { $0.json(showsCost) })))
        if removed > 0 { members.append(.init("removedEntries", .integer(removed))) }
        return .object(members + RowForm.coverage(of: totals, showsCost: showsCost))
    }

    /// The list in a few lines.
    public func text(showsCost: Bool) -> String {
        "Session Usage - \(session)\n"
            + (showsCost ? "Total Cost: \(NumberText.cost(totals))\n" : "")
            + "Total Tokens: \(NumberText.grouped(totals.totalTokens))\n"
            + "Total Entries: \(entries.count)\n"
            + (removed > 0
                ? "\(NumberText.grouped(removed)) more are in the totals; by its retention the ledger removed their texts\n"
                : "")
    }
}

extension SessionEntries.Entry {
    fileprivate init(_ charge: Charge, mode: String, isReportedAlone: Bool) {
        let call = charge.call
        time = call.eventTime
        model = call.model
        tokens = call.tokens
        switch mode {
        case "computed": cost = charge.rating.cost
        case "reported": cost = call.reportedCost
        default: cost = call.reportedCost ?? (isReportedAlone ? .zero : charge.rating.cost)
        }
    }

    fileprivate func json(_ showsCost: Bool) -> JSONDocument {
        .object(
            [
                .init("timestamp", .string(TimeText.milliseconds(time))),
                .init("inputTokens", .integer(tokens.uncachedInput ?? 0)),
                .init("outputTokens", .integer(tokens.output ?? 0)),
                .init("cacheCreationTokens", .integer(tokens.allCacheWrites ?? 0)),
                .init("cacheReadTokens", .integer(tokens.cacheRead ?? 0)),
                .init("model", .string(model ?? "unknown")),
            ] + (showsCost ? [.init("costUSD", .number((cost ?? .zero).description))] : []))
    }
}

extension JSONReader {
    fileprivate mutating func sessionSummary() throws(JSONError) -> (
        harness: String, isReportedAlone: Bool, figures: UsageFigures
    ) {
        var harness = ""
        var isReportedAlone = false
        var figures = UsageFigures()
        try object { key, json throws(JSONError) in
            switch key {
            case "harness": harness = try json.string()
            case "cost_rule": isReportedAlone = try json.string() == "reported_alone"
            default: try json.readFigure(key, into: &figures)
            }
        }
        return (harness, isReportedAlone, figures)
    }
}
