import Metering

extension CallTransaction {
    /// The transaction as events of the bus: one, unless it would be larger than an event may be.
    ///
    /// Where it has to be divided, calls that take something back come first, so that at no time is anything counted
    /// twice. A call too large by itself travels with less of its evidence, and at last without attribution.
    func events(maximumBytes: Int) -> [[UInt8]] {
        let whole = json
        if whole.count <= maximumBytes { return [whole] }
        guard calls.count > 1 else { return calls.map { $0.compacted(maximumBytes: maximumBytes) } }
        let ordered = calls.filter(\.isRetracted) + calls.filter { !$0.isRetracted }
        let middle = ordered.count / 2
        return [ordered[..<middle], ordered[middle...]].flatMap { part in
            CallTransaction(calls: Array(part)).events(maximumBytes: maximumBytes)
        }
    }
}

extension Call {
    fileprivate func compacted(maximumBytes: Int) -> [UInt8] {
        var call = self
        for item in call.evidence.items { call.evidence.omitted[item.verdict, default: 0] += 1 }
        call.evidence.items = []
        let withoutEvidence = CallTransaction(calls: [call]).json
        if withoutEvidence.count <= maximumBytes { return withoutEvidence }
        call.attribution = Attribution()
        call.trace = nil
        return CallTransaction(calls: [call]).json
    }
}
