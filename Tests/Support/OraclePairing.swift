// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

import Metering

/// Rule `pairing` once more: the k-th call of a channel is the k-th of each other channel.
enum OraclePairing {
    /// Joins clusters that are one call by their place in a conversation.
    static func joined(_ clusters: [[Observation]]) -> [[Observation]] {
        var groups: [String: [Candidate]] = [:]
        for (index, cluster) in clusters.enumerated() {
            let isNamed = cluster.flatMap(\.keys).contains { ![.span, .record].contains($0.kind) }
            let conversations = Dictionary(grouping: cluster.filter { $0.pairing != nil }) {
                "\($0.scope) \($0.pairing!)"
            }
            let candidates = conversations.map { name, reports in
                (
                    name,
                    Candidate(
                        first: reports.min(by: Self.isEarlier)!, channels: Set(reports.map(\.channel)),
                        isNamed: isNamed, cluster: index)
                )
            }
            // A call that nothing names speaks once, by its earliest report; a named one in every conversation.
            let earliest = candidates.min { Self.isEarlier($0.1.first, $1.1.first) }
            for (name, candidate) in isNamed ? candidates : (earliest.map { [$0] } ?? []) {
                groups[name, default: []].append(candidate)
            }
        }
        // Clusters that share a place are one; the named cluster of a place is where its others go.
        var targets = Array(clusters.indices)
        for place in groups.values.flatMap(places) {
            let target = place.first { $0.isNamed } ?? place[0]
            for candidate in place { targets[candidate.cluster] = target.cluster }
        }
        return Dictionary(grouping: clusters.indices) { targets[$0] }.values.map { $0.flatMap { clusters[$0] } }
    }

    private static func isEarlier(_ left: Observation, _ right: Observation) -> Bool {
        left.eventTime == right.eventTime ? left.id < right.id : left.eventTime < right.eventTime
    }

    private struct Candidate {
        let first: Observation
        let channels: Set<Channel>
        let isNamed: Bool
        let cluster: Int
    }

    /// Fills one place after the other with the earliest calls that fit it.
    private static func places(_ candidates: [Candidate]) -> [[Candidate]] {
        var waiting = candidates.sorted { isEarlier($0.first, $1.first) }
        var places: [[Candidate]] = []
        while !waiting.isEmpty {
            var place: [Candidate] = []
            var rest: [Candidate] = []
            for candidate in waiting {
                let fits = place.allSatisfy { other in
                    other.channels.isDisjoint(with: candidate.channels) && !(other.isNamed && candidate.isNamed)
                }
                if fits { place.append(candidate) } else { rest.append(candidate) }
            }
            places.append(place)
            waiting = rest
        }
        return places
    }
}
