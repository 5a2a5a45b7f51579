import Metering
import Wire

/// Reads a rollout, Codex's session file of one thread, old and new.
///
/// Newer builds write a record of each response, exact and named; older ones only running totals, repeated, falling after
/// a compaction, and copied into the files of forks. A total is charged once, as what it adds.
struct CodexRollout: TranscriptReader {
    private let file: SessionFile
    private var thread: CodexThread
    private var model: String?
    private var totals = CodexTotals()
    private var replay = CodexReplay.none
    /// Whether it was said that the thread's usage cannot be told from its parent's.
    private var isUnmetered = false

    init(of file: SessionFile) {
        self.file = file
        thread = CodexThread(fileName: file.name)
    }

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        var entry = CodexRolloutLine()
        do throws(JSONError) {
            var json = JSONReader(line)
            try entry.read(&json)
            try json.finish()
        } catch {
            throw Rejection(.malformedLine)
        }
        switch entry.type {
        case "session_meta":
            // A fork's file goes on with a copy of its parent's.
            guard thread.isOfFileNameOnly else { return [] }
            thread = CodexThread(entry, fileName: file.name)
            replay = CodexReplay(of: thread)
        case "turn_context":
            model = entry.payload.model ?? model
            replay.enterTurn(entry.payload.turnID, of: thread)
        case "token_usage_record": return try record(entry, context)
        case "event_msg":
            switch entry.payload.type {
            case "task_started", "turn_started": replay.enterTurn(entry.payload.turnID, of: thread)
            case "thread_settings_applied": model = entry.payload.settingsModel ?? model
            case "token_count": return try total(entry, context)
            default: break
            }
        default: break
        }
        return []
    }

    /// One response, as it was.
    private mutating func record(
        _ entry: CodexRolloutLine, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        guard let usage = entry.payload.usage else { throw Rejection(.noUsage) }
        let counts = try usage.counts()
        totals.record(counts, total: total(of: entry.payload.threadUsage))
        let owner = entry.payload.threadID ?? thread.id
        let key = entry.payload.responseID.map { CallKey(space: "openai", kind: .response, value: $0) }
        return [observation(of: counts, thread: owner, key, CodexAuthority.record, entry, context)]
    }

    /// A thread's total as far as it is one; only repetitions are told by it.
    private func total(of usage: CodexUsage?) -> CodexUsage.Counts? {
        do throws(Rejection) { return try usage?.counts() } catch { return nil }
    }

    /// A running total: what it adds to the ones before, when it is no repetition.
    private mutating func total(
        _ entry: CodexRolloutLine, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        guard let info = entry.payload.info else { return [] }
        let vector = CodexTotals.Vector(total: try info.total?.counts(), last: try info.last?.counts())
        let isCopy = replay.isCopy(vector, of: thread, siblings: file.siblings)
        guard let counts = totals.charge(vector) else { return [] }
        switch isCopy {
        case .copied: return []
        case .own:
            let key = CallKey(
                space: CodexNames.harness.rawValue, kind: .step,
                value: (thread.id ?? context.source) + "#" + totals.name(of: vector))
            return [observation(of: counts, thread: thread.id, key, CodexAuthority.tokenCount, entry, context)]
        case .unknown:
            guard !isUnmetered else { return [] }
            isUnmetered = true
            return [unmetered(entry, context)]
        }
    }

    private func observation(
        of counts: CodexUsage.Counts, thread owner: String?, _ key: CallKey?, _ authority: Int64,
        _ entry: CodexRolloutLine, _ context: ReadingContext
    ) -> Observation {
        let tokens = counts.tokens
        var hasher = RecordHasher("codex.rollout")
        for text in [owner, key?.rawValue, model] { hasher.add(text ?? "") }
        hasher.add(entry.time)
        for count in counts.list { hasher.add(count) }
        let id = hasher.identity()
        let key = key ?? CallKey(space: CodexNames.harness.rawValue, kind: .record, value: id.description)
        var observation = context.observation(
            id, channel: .transcript, session: owner, time: entry.time,
            content: .call(keys: [key], tokens: tokens, cost: nil))
        observation.authority = authority
        observation.pairing = owner.map { CodexUsage.pairing(thread: $0, tokens) }
        describe(&observation)
        return observation
    }

    /// A fork whose parent is not at hand: its calls cannot be told from the copies of its parent's.
    private func unmetered(_ entry: CodexRolloutLine, _ context: ReadingContext) -> Observation {
        let name = thread.id ?? context.source
        var hasher = RecordHasher("codex.unmetered")
        hasher.add(name)
        let key = CallKey(space: CodexNames.harness.rawValue, kind: .step, value: name + "#unmetered")
        var observation = context.observation(
            hasher.identity(), channel: .transcript, session: thread.id, time: entry.time,
            content: .call(keys: [key], tokens: TokenCounts(), cost: nil))
        observation.authority = CodexAuthority.tokenCount
        describe(&observation)
        return observation
    }

    private func describe(_ observation: inout Observation) {
        observation.source = CodexNames.source(originator: thread.originator)
        observation.reportedModel = model
        observation.model = model
        observation.provider = CodexNames.provider(thread.provider)
        observation.attribution.caller = thread.isSubagent ? "subagent" : "lead"
        observation.attribution.agentID = thread.isSubagent ? thread.id : nil
        observation.attribution.agentName = thread.agentName
        observation.attribution.parentAgentID = thread.isSubagent ? thread.parent : nil
        observation.attribution.project = thread.project ?? observation.attribution.project
        observation.attribution.branch = thread.branch ?? observation.attribution.branch
        observation.attribution.repository = thread.repository ?? observation.attribution.repository
    }
}

/// What a session file says of its thread.
struct CodexThread {
    var id: String?
    /// The thread that it was forked from, or that started it.
    var parent: String?
    var originator: String?
    var provider: String?
    var isSubagent = false
    var agentName: String?
    var project: String?
    var branch: String?
    var repository: String?
    /// Whether the file may begin with a copy of what the parent's has.
    var mayCopyParent = false
    /// Whether nothing but the file's name is known yet.
    private(set) var isOfFileNameOnly = false

    /// The thread that a file's name ends with: `rollout-2026-11-21T00-44-08-<thread>.jsonl`.
    init(fileName: Substring) {
        isOfFileNameOnly = true
        let stem = fileName.prefix { $0 != "." }
        guard stem.utf8.count > 36, CodexThread.milliseconds(of: stem.suffix(36)) != nil else { return }
        id = String(stem.suffix(36))
    }

    init(_ entry: CodexRolloutLine, fileName: Substring) {
        let payload = entry.payload
        id = payload.id ?? CodexThread(fileName: fileName).id
        parent = payload.forkedFrom ?? payload.parentThread
        originator = payload.originator
        provider = payload.provider
        isSubagent = payload.isSubagent
        agentName = payload.agentName
        project = payload.project
        branch = payload.branch
        repository = payload.repository.map(ResourceAttribution.withoutCredentials)
        mayCopyParent = parent != nil && parent != id && !payload.isPaginated
    }

    /// When an identity was made, as version 7 of UUIDs tells; `nil` for another identity.
    static func milliseconds(of identity: some StringProtocol) -> UInt64? {
        let digits = identity.utf8.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32, digits[12] == UInt8(ascii: "7"), identity.utf8.count == 36 else { return nil }
        return UInt64(String(decoding: digits.prefix(12), as: UTF8.self), radix: 16)
    }
}
