import Metering
import Wire

/// Reads what `claude -p` prints with `--output-format json` or `stream-json`.
///
/// Its result sums a conversation's calls by model, subagents among them; a resumed conversation goes on with the sum, and a
/// fork begins at its parent's. The messages of a stream name each call and what went in, but not what came out, so they
/// are taken only when no result follows: a run that was killed.
struct ClaudeResult: ResultReader {
    private let invocation: Invocation
    /// Messages that no result has summed up yet, by identity, in the order in which they began.
    private var messages: [ClaudePrintedLine] = []
    private var results: Int64 = 0
    private var running = ClaudeRunningTotals()
    private var problems: [Rejection] = []

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    mutating func observations(in record: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        var line = ClaudePrintedLine()
        do throws(JSONError) {
            var json = JSONReader(record)
            guard try json.kind() == .object else { return [] }
            try line.read(&json)
        } catch {
            // Printed by something else.
            return []
        }
        if line.type == "assistant", let message = line.messageID, line.hasUsage {
            messages.removeAll { $0.messageID == message }
            messages.append(line)
        }
        guard line.isResult else { return [] }
        messages = []
        results += 1
        return try result(line, context)
    }

    mutating func finish(_ context: ReadingContext) -> [Observation] {
        defer { messages = [] }
        return messages.compactMap { call($0, context) }
    }

    mutating func takeProblems() -> [Rejection] {
        defer { problems = [] }
        return problems
    }

    /// One call of which only the beginning was printed: output is not known.
    private mutating func call(_ line: ClaudePrintedLine, _ context: ReadingContext) -> Observation? {
        guard let message = line.messageID, line.model != "<synthetic>" else { return nil }
        var tokens = TokenCounts()
        do throws(Rejection) {
            tokens = try line.usage.tokens()
        } catch {
            problems.append(error)
            return nil
        }
        tokens.output = nil
        tokens.reasoning = nil
        guard tokens.hasUsage else { return nil }
        var keys = [CallKey(space: "anthropic", kind: .message, value: message)]
        if let request = line.requestID {
            keys.insert(CallKey(space: "anthropic", kind: .request, value: request), at: 0)
        }
        var hasher = RecordHasher("claude.printed")
        for text in [line.session, message, line.requestID, line.model] { hasher.add(text ?? "") }
        line.usage.add(to: &hasher, model: line.model)
        var observation = context.observation(
            hasher.identity(), channel: .result, session: line.session, time: line.time,
            content: .call(keys: keys, tokens: tokens, cost: nil))
        observation.reportedModel = line.model
        observation.model = line.model.map(ClaudeNames.model)
        observation.provider = ClaudeNames.provider(messageID: message)
        observation.attribution.caller = line.isOfSubagent ? "subagent" : "lead"
        return observation
    }
}

// MARK: - Sums

extension ClaudeResult {
    private mutating func result(
        _ line: ClaudePrintedLine, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        let total = figure("total_cost_usd", line.cost) { value throws(RejectionReason) in
            try UsageNumbers.cost(value).picodollars
        }
        var sums: [Sum] = []
        for (name, model) in line.models { sums += self.sums(of: model, named: name) }
        // One sum or the other: the conversation's own usage is a part of the models'.
        var reported = Set(sums.map(\.measure))
        if !reported.isDisjoint(with: Self.cacheWrites) { reported.formUnion(Self.cacheWrites) }
        let only = line.models.count == 1 ? line.models.first?.name : nil
        for sum in ownSums(line.usage) where !reported.contains(sum.measure) {
            var sum = sum
            sum.model = only
            sum.isRunning = !line.models.isEmpty
            sums.append(sum)
        }
        if !reported.contains(.cost), let total {
            sums.append(Sum(model: only, provider: line.models.first?.usage.provider, measure: .cost, value: total))
        }
        guard !line.models.isEmpty || line.hasUsage || line.cost != nil else { throw Rejection(.noUsage) }
        let identity = identity(of: line, sums, context)
        return sums.compactMap { sum in observation(of: sum, line, identity, context) }
    }

    /// Writes to a cache are one measure here, whether their lifetimes are told or not.
    private static let cacheWrites: Set<AggregatePoint.Measure> = [
        .tokens(.cacheWrite5m, within: nil), .tokens(.cacheWrite1h, within: nil), .tokens(.cacheWrite, within: nil),
    ]

    /// What a result says of one measure of one model.
    struct Sum {
        var model: String?
        var provider: String?
        var measure: AggregatePoint.Measure
        var value: Int64
        /// Whether it includes what earlier results of the conversation said.
        var isRunning = true
    }

    private mutating func sums(of model: ClaudeModelUsage, named name: String) -> [Sum] {
        var tokens = TokenCounts(
            uncachedInput: count("inputTokens", model.input), cacheRead: count("cacheReadInputTokens", model.cacheRead),
            output: count("outputTokens", model.output), reasoning: count("thinkingTokens", model.thinking))
        tokens.setCacheWrites(
            total: count("cacheCreationInputTokens", model.cacheWrite),
            fiveMinutes: count("cacheCreationEphemeral5mInputTokens", model.cacheWrite5m),
            oneHour: count("cacheCreationEphemeral1hInputTokens", model.cacheWrite1h))
        var sums = Self.sums(of: tokens, model: name, provider: model.provider)
        let cost = figure("costUSD", model.cost) { value throws(RejectionReason) in
            try UsageNumbers.cost(value).picodollars
        }
        if let cost { sums.append(Sum(model: name, provider: model.provider, measure: .cost, value: cost)) }
        return sums
    }

    /// The usage of the conversation's main thread in this run.
    private mutating func ownSums(_ usage: AnthropicUsage) -> [Sum] {
        var tokens = TokenCounts(
            uncachedInput: count("input_tokens", usage.input),
            cacheRead: count("cache_read_input_tokens", usage.cacheRead),
            output: count("output_tokens", usage.output), reasoning: count("thinking_tokens", usage.thinking))
        tokens.setCacheWrites(
            total: count("cache_creation_input_tokens", usage.cacheWrite),
            fiveMinutes: count("ephemeral_5m_input_tokens", usage.cacheWrite5m),
            oneHour: count("ephemeral_1h_input_tokens", usage.cacheWrite1h))
        return Self.sums(of: tokens, model: nil, provider: nil)
    }

    private static func sums(of tokens: TokenCounts, model: String?, provider: String?) -> [Sum] {
        TokenClass.allCases.compactMap { tokenClass in
            tokens[tokenClass].map {
                Sum(model: model, provider: provider, measure: .tokens(tokenClass, within: nil), value: $0)
            }
        }
    }

    private mutating func count(_ field: StaticString, _ value: AttributeValue?) -> Int64? {
        figure(field, value) { value throws(RejectionReason) in try UsageNumbers.count(value) }
    }

    /// A figure; one that is no figure is left out and noted, and the others stand.
    private mutating func figure(
        _ field: StaticString, _ value: AttributeValue?, _ read: (AttributeValue) throws(RejectionReason) -> Int64
    ) -> Int64? {
        guard let value else { return nil }
        do throws(RejectionReason) {
            return try read(value)
        } catch {
            problems.append(Rejection(error, field: field))
            return nil
        }
    }

    private func identity(of line: ClaudePrintedLine, _ sums: [Sum], _ context: ReadingContext) -> ContentID {
        var hasher = RecordHasher("claude.result")
        hasher.add(line.session ?? context.source)
        if let uuid = line.uuid {
            hasher.add(uuid)
        } else {
            hasher.add(invocation.run ?? "")
            hasher.add(results)
        }
        for sum in sums {
            hasher.add(sum.model ?? "")
            hasher.add(sum.value)
        }
        return hasher.identity()
    }

    private mutating func observation(
        of sum: Sum, _ line: ClaudePrintedLine, _ identity: ContentID, _ context: ReadingContext
    ) -> Observation? {
        let label = Self.label(of: sum.measure)
        let point: AggregatePoint
        if sum.isRunning, !line.models.isEmpty, let session = line.session {
            let series = Self.series(session, sum.model, label)
            point = AggregatePoint(
                series: series, group: Self.series(session, sum.model, ""), measure: sum.measure, start: nil,
                end: invocation.endTime ?? context.receivedTime, temporality: .highWater, value: sum.value,
                baseline: baseline(of: session, sum.model, label, context))
        } else {
            // Older builds sum up one run, and nothing names a run without a conversation: each result stands alone.
            let added = sum.isRunning ? running.added(to: label, model: sum.model, sum.value) : sum.value
            let name = identity.description
            point = AggregatePoint(
                series: Self.series(name, sum.model, label), group: Self.series(name, sum.model, ""),
                measure: sum.measure, start: nil, end: invocation.endTime ?? context.receivedTime, temporality: .delta,
                value: added)
        }
        // A run that was refused sums up nothing.
        guard point.value > 0 else { return nil }
        var hasher = RecordHasher("claude.sum")
        hasher.add(point.series)
        hasher.add(point.value)
        var observation = context.observation(
            hasher.identity(), channel: .result, session: line.session, time: invocation.endTime,
            content: .aggregate(point))
        observation.reportedModel = sum.model
        observation.model = sum.model.map(ClaudeNames.model)
        observation.provider = ClaudeNames.provider(sum.provider)
        return observation
    }

    /// A run that was told to go on with one conversation and prints another's name has forked it.
    private func baseline(
        of session: String, _ model: String?, _ label: String, _ context: ReadingContext
    ) -> AggregatePoint.Baseline? {
        guard let parent = invocation.parentSession, parent != session else { return nil }
        return .init(series: Self.series(parent, model, label), at: invocation.startTime ?? context.receivedTime)
    }

    private static func series(_ owner: String, _ model: String?, _ label: String) -> ContentID {
        var hasher = RecordHasher("claude.series")
        for text in [owner, model ?? "", label] { hasher.add(text) }
        return hasher.identity()
    }

    private static func label(of measure: AggregatePoint.Measure) -> String {
        switch measure {
        case .tokens(let tokenClass, _): tokenClass.rawValue
        case .cost: "cost"
        }
    }
}

/// The sums of one run's earlier results, which later ones of the run include.
struct ClaudeRunningTotals {
    private var totals: [String: Int64] = [:]

    /// What a sum adds to the earlier ones of the run; one that fell began anew.
    mutating func added(to label: String, model: String?, _ value: Int64) -> Int64 {
        let name = label + "\u{0}" + (model ?? "")
        let before = totals.updateValue(value, forKey: name) ?? 0
        return value >= before ? value - before : value
    }
}
