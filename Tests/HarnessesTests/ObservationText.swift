import Metering

/// An event in one line, for fixtures that people read.
enum ObservationText {
    static func line(_ event: IngestEvent) -> String {
        switch event {
        case .deadLetter(let letter): "dead letter | \(letter.reason) | \(letter.field ?? "-")"
        case .observation(let observation): line(observation)
        }
    }

    private static func line(_ observation: Observation) -> String {
        var parts = [observation.channel.rawValue, observation.harness.rawValue, observation.session ?? "unknown"]
        switch observation.content {
        case .call(let keys, let tokens, let cost):
            parts.append(keys.map(\.rawValue).joined(separator: " "))
            let counts = TokenClass.allCases.compactMap { name in tokens[name].map { "\(name.rawValue)=\($0)" } }
            parts.append(counts.joined(separator: " "))
            parts.append(cost.map { "$\($0)" } ?? "-")
        case .aggregate(let point):
            switch point.measure {
            case .cost: parts.append("cost")
            case .tokens(let name, let within):
                parts.append(name.rawValue + (within.map { " within \($0.rawValue)" } ?? ""))
            }
            parts.append("\(point.temporality.rawValue) \(point.value)")
        }
        parts.append(observation.reportedModel ?? "-")
        parts.append(observation.provider?.rawValue ?? "-")
        let selectors = [observation.serviceTier, observation.speed, observation.inferenceGeo].compactMap(\.self)
        parts.append(selectors.isEmpty ? "-" : selectors.joined(separator: " "))
        parts.append(observation.attribution.caller ?? "-")
        parts.append(observation.eventTime.description)
        return parts.joined(separator: " | ")
    }
}
