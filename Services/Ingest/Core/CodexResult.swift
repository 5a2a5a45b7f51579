import Metering
import Wire

/// Reads what `codex exec --json` prints, and the notifications of its app server.
///
/// Both report the running total of a thread, which a resumed thread continues and a fork begins at its parent's. Neither
/// names a model. A turn that fails or is interrupted reports nothing.
struct CodexResult: ResultReader {
    private let invocation: Invocation
    /// The thread of this run, once it is printed.
    private var thread: String?

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    mutating func observations(in record: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        var event = Event()
        do throws(JSONError) {
            var json = JSONReader(record)
            try json.objectIfAny { key, json throws(JSONError) in try event.readMember(key, &json) }
        } catch {
            // Printed by something else.
            return []
        }
        if event.type == "thread.started" { thread = event.thread }
        let total: (thread: String?, usage: CodexUsage)
        if event.type == "turn.completed", let usage = event.usage {
            total = (thread ?? invocation.parentSession, usage)
        } else if event.method == "thread/tokenUsage/updated" || event.method == "codex/event/token_count",
            let usage = event.total
        {
            total = (event.threadOfTotal, usage)
        } else {
            return []
        }
        return try observations(of: total.usage, thread: total.thread, context)
    }

    private func observations(
        of usage: CodexUsage, thread: String?, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        let counts = try usage.counts()
        let classes: [(TokenClass, Int64?)] = [
            (.uncachedInput, counts.input), (.cacheRead, counts.cached), (.cacheWrite, counts.written),
            (.output, counts.output), (.reasoning, counts.reasoning),
        ]
        let owner = thread ?? unnamed(counts, context)
        return classes.compactMap { tokenClass, count in
            guard let count, count > 0 else { return nil }
            let point = AggregatePoint(
                series: series(of: owner, tokenClass), group: series(of: owner, nil),
                measure: CodexUsage.measure(of: tokenClass), start: nil,
                end: invocation.endTime ?? context.receivedTime,
                temporality: .highWater, value: count, baseline: baseline(of: thread, tokenClass, context))
            var hasher = RecordHasher("codex.total")
            hasher.add(point.series)
            hasher.add(count)
            var observation = context.observation(
                hasher.identity(), channel: .result, session: thread, time: invocation.endTime,
                content: .aggregate(point))
            observation.authority = CodexAuthority.thread
            observation.provider = .openAI
            observation.source = thread == nil ? context.source : CodexNames.source(originator: "codex_exec")
            return observation
        }
    }

    /// What stands in for a thread that was not printed: the run, or where that has no name either, what it used.
    private func unnamed(_ counts: CodexUsage.Counts, _ context: ReadingContext) -> String {
        guard invocation.run == nil else { return context.source }
        return context.source + counts.list.map { String($0 ?? 0) }.joined(separator: ",")
    }

    /// A run that was told to go on with one thread and goes on with another has forked it.
    private func baseline(
        of thread: String?, _ tokenClass: TokenClass, _ context: ReadingContext
    ) -> AggregatePoint.Baseline? {
        guard let parent = invocation.parentSession, let thread, thread != parent else { return nil }
        return .init(series: series(of: parent, tokenClass), at: invocation.startTime ?? context.receivedTime)
    }

    private func series(of thread: String, _ tokenClass: TokenClass?) -> ContentID {
        var hasher = RecordHasher("codex.thread")
        hasher.add(thread)
        hasher.add(tokenClass?.rawValue ?? "")
        return hasher.identity()
    }

    /// The parts of a printed line that are read.
    private struct Event {
        var type = ""
        var method = ""
        var thread: String?
        var usage: CodexUsage?
        var threadOfTotal: String?
        var total: CodexUsage?

        mutating func readMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
            switch key {
            case "type": type = try json.scalarText() ?? ""
            case "method": method = try json.scalarText() ?? ""
            case "thread_id": thread = try json.scalarText()
            case "usage": usage = try CodexUsage.read(&json)
            case "params": try json.objectIfAny { key, json throws(JSONError) in try readParameter(key, &json) }
            default: try json.skip()
            }
        }

        /// The total stands in `tokenUsage`; older servers passed on the event of the session file, in `msg`.
        private mutating func readParameter(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
            switch key {
            case "threadId", "conversationId": threadOfTotal = try json.scalarText()
            case "tokenUsage", "msg", "payload", "info":
                try json.objectIfAny { key, json throws(JSONError) in
                    switch key {
                    case "total", "total_token_usage": total = try CodexUsage.read(&json)
                    default: try readParameter(key, &json)
                    }
                }
            default: try json.skip()
            }
        }
    }
}
