public import Metering
public import Wire

/// Why nothing of a body with observations is taken.
public enum ObservationsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The body is not JSON.
    case json(JSONError)
    /// The body holds more observations than one request may.
    case tooManyItems(limit: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .json(let error): "the body is not JSON: \(error)"
        case .tooManyItems(let limit): "the body holds more than \(limit) observations; send fewer at a time"
        }
    }
}

extension Intake {
    /// Reads observations in our own public shape.
    ///
    /// - Throws: `ObservationsError` when nothing is taken; an item that is wrong is refused alone.
    public func readObservations(
        _ body: [UInt8], framing: ObservationFraming, receivedTime: Timestamp
    ) throws(ObservationsError) -> IntakeResult {
        let source = RecordHasher("observations").identity()
        let context = context(harness: .unknown, resourceID: source, source: "observations", receivedTime)
        var result = IntakeResult()
        var index = 0
        do throws(JSONError) {
            try framing.items(of: body) { item in
                defer { index += 1 }
                guard index < Self.maximumEvents else { return }
                do throws(Rejection) {
                    result.add([try Self.observation(of: item, hasEnvelope: framing.hasEnvelope, context)])
                } catch {
                    var hasher = RecordHasher("item")
                    hasher.add(item[...])
                    result.reject(hasher.identity(), error, .response, size: item.count, context)
                    result.addFault(index, error)
                }
            }
        } catch {
            throw .json(error)
        }
        guard index <= Self.maximumEvents else { throw .tooManyItems(limit: Self.maximumEvents) }
        return result
    }

    private static func observation(
        of item: [UInt8], hasEnvelope: Bool, _ context: ReadingContext
    ) throws(Rejection) -> Observation {
        var document = ObservationDocument()
        do throws(JSONError) {
            var json = JSONReader(item)
            if hasEnvelope {
                var envelope = ObservationEnvelope()
                try envelope.read(&json, into: &document)
            } else {
                try document.read(&json)
            }
            try json.finish()
        } catch {
            throw Rejection(.malformedText)
        }
        return try document.observation(context)
    }
}

extension ObservationDocument {
    /// How far a gateway's word is believed: below the provider's own answer, above what a harness says.
    private static let authority: Int64 = 5

    /// The observation.
    fileprivate func observation(_ context: ReadingContext) throws(Rejection) -> Observation {
        if let fault { throw fault }
        guard !tokens.isEmpty || cost != nil else { throw Rejection(.noUsage) }
        guard id != nil || !keys.isEmpty || time != nil else { throw Rejection(.missingIdentity, field: "id") }
        let identity = identity
        var keys = keys
        // A client's own id of its report also names the call, so that whatever comes under it again is met.
        if id != nil || keys.isEmpty {
            keys.append(CallKey(space: "tollbook", kind: .record, value: identity.description))
        }
        var context = context
        context.harness = harness.flatMap(Harness.init(normalising:)) ?? .unknown
        context.attribution = attribution
        context.attribution.user = attribution.user.flatMap(context.users.kept(of:))
        var observation = context.observation(
            identity, channel: .response, session: session, time: time,
            content: .call(keys: keys, tokens: tokens, cost: cost))
        observation.source = source(context)
        observation.authority = Self.authority
        observation.provider = provider.map { Provider(rawValue: $0.lowercased()) }
        observation.reportedModel = model
        observation.model = model
        observation.serviceTier = serviceTier
        observation.speed = speed
        observation.inferenceGeo = inferenceGeo
        observation.webSearchRequests = webSearchRequests
        if let traceID = trace.trace, let spanID = trace.span {
            observation.trace = TraceContext(traceID: traceID, spanID: spanID, parentSpanID: trace.parent)
        }
        return observation
    }

    /// The stream of those who say the same of themselves; stands in for a session that is not named.
    private func source(_ context: ReadingContext) -> String {
        var hasher = RecordHasher("observations")
        for text in [harness, attribution.user, attribution.host, attribution.project, attribution.agentID] {
            hasher.add(text ?? "")
        }
        return "observations:\(hasher.identity())"
    }

    /// Identity of the report: the client's own id of it, else all that it says.
    private var identity: ContentID {
        var hasher = RecordHasher("observation")
        guard id == nil else {
            hasher.add("id")
            hasher.add(id ?? "")
            return hasher.identity()
        }
        for text in [harness, session, provider, model, serviceTier, speed, inferenceGeo, trace.trace, trace.span] {
            hasher.add(text ?? "")
        }
        for tokenClass in TokenClass.allCases { hasher.add(tokens[tokenClass]) }
        for number in [time?.nanoseconds, cost?.picodollars, webSearchRequests] { hasher.add(number) }
        for key in keys { hasher.add(key.rawValue) }
        for text in [
            attribution.caller, attribution.agentName, attribution.agentID, attribution.parentAgentID,
            attribution.project, attribution.repository, attribution.branch, attribution.user, attribution.team,
            attribution.host, attribution.ciRun,
        ] { hasher.add(text ?? "") }
        return hasher.identity()
    }
}
