/// The receive window of a stage that applies a stream in its order, fed by one connection.
public struct OrderedReceiveWindow: ReceiveWindow {
    /// Everything up to and including this number was applied or reported lost.
    public private(set) var watermark: SequenceNumber

    /// Continues after a persisted watermark; 0 for a stream never seen.
    public init(watermark: SequenceNumber = 0) {
        precondition(watermark >= 0, "a watermark counts from 0")
        self.watermark = watermark
    }

    /// Applies what follows the watermark; refuses what leaves a hole the sender can still fill.
    public mutating func admit(first: SequenceNumber, count: Int, low: SequenceNumber) -> Admission {
        var gaps: [Range<SequenceNumber>] = []
        if low > watermark + 1 {
            gaps.append(watermark + 1..<low)
            watermark = low - 1
        }
        guard first <= watermark + 1 else {
            return Admission(gaps: gaps, applicable: [], duplicates: 0, early: count)
        }
        let duplicates = Int(min(Int64(count), watermark + 1 - first))
        watermark += Int64(count - duplicates)
        return Admission(
            gaps: gaps, applicable: duplicates < count ? [duplicates..<count] : [], duplicates: duplicates, early: 0)
    }
}
