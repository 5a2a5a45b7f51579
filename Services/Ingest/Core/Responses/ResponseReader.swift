public import Metering
import Wire

/// Turns the answers of a provider into observations.
struct ResponseReader {
    let entry: ProviderEntry
    let facts: ResponseFacts
    let context: ReadingContext
    let catalog: HarnessCatalog

    /// Reads a body.
    func read(_ body: [UInt8], _ framing: ResponseFraming) throws(ResponseError) -> IntakeResult {
        var result = IntakeResult()
        var assembler = entry.makeAssembler()
        do throws(JSONError) {
            try framing.texts(of: body) { text in
                guard result.events.count <= Intake.maximumEvents else { return }
                do throws(JSONError) { try assembler.take(text) } catch {
                    var hasher = RecordHasher("text")
                    hasher.add(text[...])
                    result.reject(hasher.identity(), Rejection(.malformedText), .response, size: text.count, context)
                }
            }
        } catch {
            throw .json(error)
        }
        let answers = assembler.finish()
        guard answers.count <= Intake.maximumEvents else { throw .tooManyAnswers(limit: Intake.maximumEvents) }
        for answer in answers { take(answer, &result) }
        guard result.events.count <= Intake.maximumEvents else { throw .tooManyAnswers(limit: Intake.maximumEvents) }
        return result
    }

    private func take(_ answer: Answer, _ result: inout IntakeResult) {
        let id = identity(of: answer)
        do throws(Rejection) {
            let usage = try answer.usage.get()
            let observations = try observations(of: answer, usage, id)
            result.add(observations)
            guard let note = usage.note, !observations.isEmpty else { return }
            var hasher = RecordHasher("note")
            hasher.add(id)
            result.note(hasher.identity(), note, .response, size: answer.size, context)
        } catch {
            result.reject(id, error, .response, size: answer.size, context)
        }
    }

    private func observations(
        of answer: Answer, _ usage: CountedUsage, _ id: ContentID
    ) throws(Rejection) -> [Observation] {
        var observations: [Observation] = []
        if !usage.isEmpty {
            let call = observation(
                of: answer, id, model: answer.model,
                content: .call(keys: keys(of: answer, id), tokens: usage.tokens, cost: usage.cost))
            observations.append(call)
            observations[0].billedParts = usage.billedParts
            catalog.complete(&observations[0], usage.tokens)
            observations[0].webSearchRequests = try answer.webSearches.count("web_search_requests")
        }
        for step in usage.steps {
            let tokens = try step.usage.tokens()
            guard !tokens.isEmpty else { continue }
            var hasher = RecordHasher("iteration")
            hasher.add(id)
            hasher.add(Int64(step.index))
            var call = observation(
                of: answer, hasher.identity(), model: step.model ?? answer.model,
                content: .call(keys: keys(of: step, in: answer, id), tokens: tokens, cost: nil))
            call.attribution.caller = step.caller
            observations.append(call)
        }
        return observations
    }

    private func observation(
        of answer: Answer, _ id: ContentID, model: String?, content: Observation.Content
    ) -> Observation {
        var call = context.observation(
            id, channel: .response, session: facts["session"], time: answer.time ?? facts.time, content: content)
        call.provider = entry.provider ?? facts["provider"].map { Provider(rawValue: $0.lowercased()) }
        call.reportedModel = model ?? facts["model"]
        call.model = call.reportedModel
        call.serviceTier = answer.serviceTier
        call.speed = answer.speed
        call.inferenceGeo = answer.inferenceGeo
        return call
    }

    private var space: String {
        guard entry.provider == nil, entry.space == "openai", let named = facts["provider"] else { return entry.space }
        return named.lowercased()
    }

    private func keys(of answer: Answer, _ id: ContentID) -> [CallKey] {
        var keys: [CallKey] = []
        if let request = facts["request_id"] { keys.append(CallKey(space: space, kind: .request, value: request)) }
        if let own = answer.id, entry.isUnique(own) {
            keys.append(CallKey(space: space, kind: entry.identity, value: own))
        }
        if let client = facts["client_request_id"] {
            keys.append(CallKey(space: space, kind: .clientRequest, value: client))
        }
        return keys.isEmpty ? [CallKey(space: entry.name, kind: .record, value: id.description)] : keys
    }

    /// The keys of a step, as session files name it.
    private func keys(of step: AnswerStep, in answer: Answer, _ id: ContentID) -> [CallKey] {
        var names = [facts["request_id"], answer.id.flatMap { entry.isUnique($0) ? $0 : nil }].compactMap(\.self)
        if names.isEmpty { names = [id.description] }
        return names.map { CallKey(space: space, kind: .iteration, value: "\($0)#\(step.index)") }
    }

    /// Identity of an answer: what was sent of it, and what was said of it.
    private func identity(of answer: Answer) -> ContentID {
        var hasher = RecordHasher("response")
        hasher.add(entry.name)
        hasher.add(answer.contentID)
        facts.add(to: &hasher)
        return hasher.identity()
    }
}

extension Intake {
    /// Reads answers of a provider's API.
    ///
    /// - Parameters:
    ///   - body: the answers; of their content only what counts usage is read.
    ///   - provider: the name of the provider's API in ``ProviderCatalog``.
    ///   - framing: how they lie in the body.
    ///   - facts: what the request says of them.
    ///   - receivedTime: when they came.
    /// - Throws: `ResponseError` when nothing is taken.
    public func readResponses(
        _ body: [UInt8], of provider: String, framing: ResponseFraming, facts: ResponseFacts, receivedTime: Timestamp
    ) throws(ResponseError) -> IntakeResult {
        guard let entry = ProviderCatalog.standard.entry(named: provider) else { throw .unknownProvider }
        var hasher = RecordHasher("responses")
        hasher.add(provider)
        for name in ["user", "host", "project", "agent_id"] { hasher.add(facts[name] ?? "") }
        let source = hasher.identity()
        var context = context(harness: facts.harness, resourceID: source, source: "response:\(source)", receivedTime)
        context.attribution = facts.attribution(context.users)
        return try ResponseReader(entry: entry, facts: facts, context: context, catalog: catalog).read(body, framing)
    }
}
