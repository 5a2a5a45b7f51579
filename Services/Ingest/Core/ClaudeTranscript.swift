import Metering
import Wire

/// Reads the lines of a Claude Code session file, of a session or of one of its subagents.
///
/// A message has one line for each block of its content, all with the same ids, the early ones with unfinished counts:
/// each line is an observation, and reconciliation keeps the larger count of each class.
struct ClaudeTranscript: TranscriptReader {
    /// The request of each message seen on the main chain of this file.
    private var requests: [String: String] = [:]

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        var entry = ClaudeTranscriptLine()
        do throws(JSONError) {
            var json = JSONReader(line)
            try entry.read(&json)
            try json.finish()
        } catch {
            throw Rejection(RejectionReason(error))
        }
        guard entry.type == "assistant", entry.hasUsage, entry.model != "<synthetic>" else { return [] }
        if isReplay(entry) { return [] }
        return try observations(of: entry, context)
    }

    /// An aside repeats a message of the main chain under a request of its own; the message was billed once.
    private mutating func isReplay(_ entry: ClaudeTranscriptLine) -> Bool {
        guard let message = entry.messageID else { return false }
        if entry.isSidechain { return requests[message].map { $0 != entry.requestID } ?? false }
        if let request = entry.requestID { requests[message] = request }
        return false
    }

    private func observations(
        of entry: ClaudeTranscriptLine, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        let tokens = try entry.usage.tokens()
        let cost = try entry.cost.map { value throws(Rejection) in
            do throws(RejectionReason) { return try UsageNumbers.cost(value) } catch {
                throw Rejection(error, field: "costUSD")
            }
        }
        guard !tokens.isEmpty || cost != nil else { throw Rejection(.noUsage) }
        let id = identity(of: entry, context)
        var observation = context.observation(
            id, channel: .transcript, session: entry.requestSessionID ?? entry.sessionID, time: entry.time,
            content: .call(keys: keys(of: entry, context), tokens: tokens, cost: cost))
        observation.webSearchRequests = try entry.usage.webSearches.map { value throws(Rejection) in
            try AnthropicUsage.count(value, "web_search_requests")
        }
        observation.billedParts = try entry.usage.billedParts(entry.model)
        describe(&observation, entry, model: entry.model)
        var observations = [observation]
        for (index, iteration) in entry.usage.stepsBeside(entry.model) {
            let stepTokens = try iteration.usage.tokens()
            guard stepTokens.hasUsage else { continue }
            observations.append(step(iteration, index, stepTokens, of: entry, observation))
        }
        return observations
    }

    /// A step that is in none of the message's own counts: a call beside it, of its own model and size.
    private func step(
        _ iteration: AnthropicUsage.Iteration, _ index: Int, _ tokens: TokenCounts, of entry: ClaudeTranscriptLine,
        _ message: Observation
    ) -> Observation {
        var hasher = RecordHasher("iteration")
        hasher.add(message.id)
        hasher.add(Int64(index))
        var keys: [CallKey] = []
        for id in [requestKeyValue(of: entry), entry.messageID] {
            guard let id else { continue }
            keys.append(CallKey(space: "anthropic", kind: .iteration, value: id + "#" + String(index)))
        }
        if keys.isEmpty {
            keys = [CallKey(space: "anthropic", kind: .iteration, value: message.id.description + "#" + String(index))]
        }
        var observation = message
        observation.id = hasher.identity()
        observation.content = .call(keys: keys, tokens: tokens, cost: nil)
        observation.webSearchRequests = nil
        observation.billedParts = []
        describe(&observation, entry, model: iteration.model ?? entry.model)
        observation.attribution.caller = iteration.caller
        return observation
    }

    private func keys(of entry: ClaudeTranscriptLine, _ context: ReadingContext) -> [CallKey] {
        var keys: [CallKey] = []
        if let request = requestKeyValue(of: entry) {
            keys.append(CallKey(space: "anthropic", kind: .request, value: request))
        }
        if let message = entry.messageID {
            keys.append(CallKey(space: "anthropic", kind: .message, value: message))
        }
        if keys.isEmpty {
            let place = [entry.sessionID ?? context.source, entry.uuid ?? identity(of: entry, context).description]
            keys = [CallKey(space: context.harness.rawValue, kind: .record, value: place.joined(separator: ":"))]
        }
        return keys
    }

    /// The request that names the call.
    ///
    /// A side chain that names no agent may be an aside whose message stands in another part of the file: its request is
    /// not the message's. Builds that wrote subagents without a name had no request ids on other channels to join.
    private func requestKeyValue(of entry: ClaudeTranscriptLine) -> String? {
        entry.isSidechain && entry.agentID == nil && entry.messageID != nil ? nil : entry.requestID
    }

    /// Identity of a line: what it says, not where it stands; a file that is rewritten says the same.
    private func identity(of entry: ClaudeTranscriptLine, _ context: ReadingContext) -> ContentID {
        var hasher = RecordHasher("transcript")
        hasher.add(context.harness.rawValue)
        for text in [entry.sessionID, entry.uuid, entry.messageID, entry.requestID, entry.model] {
            hasher.add(text ?? "")
        }
        hasher.add(entry.time)
        hasher.add(entry.cost ?? .empty)
        entry.usage.add(to: &hasher, model: entry.model)
        return hasher.identity()
    }

    private func describe(_ observation: inout Observation, _ entry: ClaudeTranscriptLine, model: String?) {
        observation.reportedModel = model
        observation.model = model.map(ClaudeNames.model)
        observation.provider = ClaudeNames.provider(messageID: entry.messageID)
        observation.serviceTier = ClaudeNames.unlessStandard(entry.usage.serviceTier)
        observation.speed = ClaudeNames.unlessStandard(entry.usage.speed)
        observation.inferenceGeo = ClaudeNames.unlessStandard(entry.usage.inferenceGeo)
        observation.attribution.agentID = entry.agentID
        observation.attribution.agentName = entry.agentName
        observation.attribution.caller = entry.isSidechain || entry.agentID != nil ? "subagent" : "lead"
        observation.attribution.branch = entry.branch ?? observation.attribution.branch
        observation.attribution.project = entry.project ?? observation.attribution.project
    }
}
