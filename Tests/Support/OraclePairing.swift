// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

import Metering

/// Rule `pairing` once more: the k-th call of a channel is the k-th of each other channel.
enum OraclePairing {
    /// Joins clusters that are one call by their place in a conversation.
    static func joined(_ clusters: [[Observation]]) -> [[Observation]] {
        var alone: [[Observation]] = []
        var groups: [String: [Candidate]] = [:]
        for cluster in clusters {
            let paired = cluster.filter { $0.pairing != nil }.sorted {
                $0.eventTime == $1.eventTime ? $0.id < $1.id : $0.eventTime < $1.eventTime
            }
            guard let first = paired.first else {
                alone.append(cluster)
                continue
            }
            let mates = paired.filter { $0.pairing == first.pairing && $0.scope == first.scope }
            groups["\(first.scope) \(first.pairing!)", default: []].append(
                Candidate(
                    first: first, channels: Set(mates.map(\.channel)),
                    isNamed: cluster.flatMap(\.keys).contains { ![.span, .record].contains($0.kind) }, reports: cluster)
            )
        }
        return alone + groups.values.flatMap(places)
    }

    private struct Candidate {
        let first: Observation
        let channels: Set<Channel>
        let isNamed: Bool
        let reports: [Observation]
    }

    /// Fills one place after the other with the earliest calls that fit it.
    private static func places(_ candidates: [Candidate]) -> [[Observation]] {
        var waiting = candidates.sorted { left, right in
            if left.first.eventTime != right.first.eventTime { return left.first.eventTime < right.first.eventTime }
            return left.first.id < right.first.id
        }
        var places: [[Observation]] = []
        while !waiting.isEmpty {
            var place: [Candidate] = []
            var rest: [Candidate] = []
            for candidate in waiting {
                let fits = place.allSatisfy { other in
                    other.channels.isDisjoint(with: candidate.channels) && !(other.isNamed && candidate.isNamed)
                }
                if fits { place.append(candidate) } else { rest.append(candidate) }
            }
            places.append(place.flatMap(\.reports))
            waiting = rest
        }
        return places
    }
}
