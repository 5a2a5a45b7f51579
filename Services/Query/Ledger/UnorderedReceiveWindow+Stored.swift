import Pipeline

extension UnorderedReceiveWindow {
    /// The numbers applied above the watermark, as text: `12-15,20-31`, both ends included.
    var storedPending: String {
        pending.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ",")
    }

    /// Reads what was stored; `nil` where it makes no sense.
    init?(stored watermark: Int64, _ text: String) {
        guard watermark >= 0 else { return nil }
        var pending: [Range<SequenceNumber>] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int64($0) }
            guard ends.count == 2, ends[0] >= 1, ends[0] <= ends[1], ends[1] < .max else { return nil }
            pending.append(ends[0]..<ends[1] + 1)
        }
        self.init(watermark: watermark, pending: pending)
    }
}
