import Harnesses
import Metering

/// What observations come to when nothing else is known: equal calls once, running totals at their highest.
struct Sums {
    private(set) var tokens = TokenCounts()
    private(set) var cost: Amount?

    init(_ observations: [Observation]) {
        var calls: [CallKey: TokenCounts] = [:]
        var series: [ContentID: AggregatePoint] = [:]
        var seen: Set<ContentID> = []
        for observation in observations where seen.insert(observation.id).inserted {
            switch observation.content {
            case .call(let keys, let tokens, let cost):
                guard let key = keys.first else { continue }
                calls[key] = calls[key]?.fieldwiseMaximum(tokens) ?? tokens
                add(cost: cost)
            case .aggregate(let point):
                let isHighest = point.value >= series[point.series]?.value ?? 0
                if isHighest || point.temporality == .delta {
                    var sum = point
                    if point.temporality == .delta { sum.value += series[point.series]?.value ?? 0 }
                    series[point.series] = sum
                }
            }
        }
        for call in calls.values { tokens = tokens + call }
        for point in series.values { add(point) }
    }

    private mutating func add(_ point: AggregatePoint) {
        switch point.measure {
        case .cost: add(cost: Amount(picodollars: point.value))
        case .tokens(let tokenClass, let whole):
            tokens[tokenClass] = (tokens[tokenClass] ?? 0) + point.value
            if let whole { tokens[whole] = (tokens[whole] ?? 0) - point.value }
        }
    }

    private mutating func add(cost added: Amount?) {
        guard let added else { return }
        cost = Amount(picodollars: (cost?.picodollars ?? 0) + added.picodollars)
    }

    /// Every count, with 0 for what is not reported: a sum of nothing makes no observation.
    var counts: [TokenClass: Int64] {
        Dictionary(uniqueKeysWithValues: TokenClass.allCases.map { ($0, tokens[$0] ?? 0) })
    }
}

extension Intake {
    /// What a command's output comes to.
    func result(
        _ output: String, of harness: String, _ invocation: Invocation = Invocation()
    ) throws -> IntakeResult {
        try readResult(
            Array(output.utf8), of: Harness(rawValue: harness), invocation: invocation, receivedTime: Self.noon)
    }
}
