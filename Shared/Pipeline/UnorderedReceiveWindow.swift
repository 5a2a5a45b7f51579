/// The receive window of a stage that several replicas feed: applies in any order, each number once.
///
/// Above the watermark it remembers the numbers already applied, as ranges, which are few because batches are
/// contiguous.
public struct UnorderedReceiveWindow: ReceiveWindow {
    /// How far above the watermark a number may lie; senders keep to far less.
    public static let reach: Int64 = 16 * 4096

    /// Everything up to and including this number was applied or reported lost.
    public private(set) var watermark: SequenceNumber
    /// What was applied above the watermark: ascending, disjoint, not touching each other nor the watermark.
    public private(set) var pending: [Range<SequenceNumber>]

    /// Continues after persisted state; 0 and nothing for a stream never seen.
    ///
    /// - Parameter pending: ranges above the watermark, in any order.
    public init(watermark: SequenceNumber = 0, pending: [Range<SequenceNumber>] = []) {
        precondition(watermark >= 0, "a watermark counts from 0")
        self.watermark = watermark
        self.pending = []
        for range in pending where range.upperBound > watermark + 1 {
            insert(max(range.lowerBound, watermark + 1)..<range.upperBound)
        }
        advance()
    }

    /// Applies whatever was not applied before, up to ``reach`` above the watermark.
    public mutating func admit(first: SequenceNumber, count: Int, low: SequenceNumber) -> Admission {
        let gaps = abandon(below: low)
        let end = first + Int64(count)
        let accepted = first..<max(first, min(end, watermark + Self.reach + 1))
        let fresh = missing(in: accepted)
        for range in fresh { insert(range) }
        advance()
        let applicable = fresh.map { Int($0.lowerBound - first)..<Int($0.upperBound - first) }
        let early = Int(end - accepted.upperBound)
        let applied = applicable.reduce(0) { $0 + $1.count }
        return Admission(gaps: gaps, applicable: applicable, duplicates: count - early - applied, early: early)
    }

    private mutating func abandon(below low: SequenceNumber) -> [Range<SequenceNumber>] {
        guard low > watermark + 1 else { return [] }
        let gaps = missing(in: watermark + 1..<low)
        watermark = low - 1
        pending.removeAll { $0.upperBound <= low }
        advance()
        return gaps
    }

    /// The parts of a range that were not applied.
    private func missing(in range: Range<SequenceNumber>) -> [Range<SequenceNumber>] {
        var start = max(range.lowerBound, watermark + 1)
        guard start < range.upperBound else { return [] }
        var missing: [Range<SequenceNumber>] = []
        for applied in pending where applied.upperBound > start {
            guard applied.lowerBound < range.upperBound else { break }
            if applied.lowerBound > start { missing.append(start..<applied.lowerBound) }
            start = applied.upperBound
        }
        if start < range.upperBound { missing.append(start..<range.upperBound) }
        return missing
    }

    private mutating func insert(_ range: Range<SequenceNumber>) {
        guard !range.isEmpty else { return }
        let start = pending.firstIndex { $0.upperBound >= range.lowerBound } ?? pending.endIndex
        let end = pending[start...].firstIndex { $0.lowerBound > range.upperBound } ?? pending.endIndex
        let lower = min(range.lowerBound, start < end ? pending[start].lowerBound : range.lowerBound)
        let upper = max(range.upperBound, start < end ? pending[end - 1].upperBound : range.upperBound)
        pending.replaceSubrange(start..<end, with: CollectionOfOne(lower..<upper))
    }

    private mutating func advance() {
        while let first = pending.first, first.lowerBound <= watermark + 1 {
            watermark = max(watermark, first.upperBound - 1)
            pending.removeFirst()
        }
    }
}
