public import Metering

/// A stretch of work as a provider's usage window sees it: it begins with the hour of its first call, lasts a fixed time
/// (five hours by default), and the next call after its end begins another.
public struct ActivityBlock: Hashable, Sendable {
    /// The full UTC hour of the first call.
    public var start: Timestamp
    /// The instant after the block.
    public var end: Timestamp
    /// The time of the first call.
    public var first: Timestamp
    /// The time of the last call.
    public var last: Timestamp
    /// The models used, in the order of their first use.
    public var models: [String]
    /// The sums.
    public var usage: Usage

    /// Whether the block counts at a moment: it has begun and not ended, and its last call is not longer ago than it lasts.
    public func isActive(at now: Timestamp) -> Bool {
        start <= now && now < end && now.nanoseconds - last.nanoseconds < end.nanoseconds - start.nanoseconds
    }
}

/// Cuts activity into blocks.
///
/// Blocks begin on full hours and last whole quarter hours, so sums of quarter hours give them exactly.
public struct ActivityBlocks: Sendable {
    /// The length of a block in quarter hours.
    private let length: Int64
    private var quarters: [ActivityQuarter] = []

    /// Starts with nothing.
    ///
    /// - Parameter length: how many quarter hours a block lasts.
    public init(length: Int64) {
        self.length = length
    }

    /// Adds quarter hours that all lie before those known.
    public mutating func prepend(_ earlier: [ActivityQuarter]) {
        quarters = earlier.filter { !$0.usage.isZero } + quarters
    }

    /// A quarter hour that certainly begins a block, because a silence as long as a block lies before it.
    ///
    /// - Parameters:
    ///   - first: the quarter hour from which on everything was read.
    ///   - wanted: the quarter hour from which on blocks are wanted.
    /// - Returns: `nil` where more must be read.
    public func certainStart(readFrom first: Int64, wanted: Int64) -> Int64? {
        let sorted = Set(quarters.map(\.quarter)).sorted()
        // Where nothing is known before it, nothing that is wanted can be missing.
        if let begin = sorted.first, begin - first >= length { return begin }
        for (earlier, later) in zip(sorted, sorted.dropFirst()) where later - earlier >= length {
            return later <= wanted ? later : nil
        }
        return nil
    }

    /// Whether no activity is known.
    public var isEmpty: Bool { quarters.isEmpty }

    /// The blocks, oldest first.
    ///
    /// - Parameter start: a quarter hour that begins a block; what lies before is left out. `nil`: the first known.
    public func blocks(from start: Int64? = nil) -> [ActivityBlock] {
        var blocks: [ActivityBlock] = []
        let known = quarters.filter { $0.quarter >= start ?? .min }
        for quarter in known.sorted(by: { ($0.quarter, $0.first) < ($1.quarter, $1.first) }) {
            let begin = Timestamp(seconds: quarter.quarter * ReadPlan.quarter)
            if let last = blocks.last, begin < last.end {
                blocks[blocks.count - 1].add(quarter)
            } else {
                blocks.append(ActivityBlock(quarter, length: length))
            }
        }
        return blocks
    }
}

extension ActivityBlock {
    fileprivate init(_ quarter: ActivityQuarter, length: Int64) {
        let perHour = 3600 / ReadPlan.quarter
        let hour = quarter.quarter.flooredQuotient(perHour) * perHour
        start = Timestamp(seconds: hour * ReadPlan.quarter)
        end = Timestamp(seconds: (hour + length) * ReadPlan.quarter)
        first = quarter.first
        last = quarter.last
        models = []
        usage = Usage()
        add(quarter)
    }

    fileprivate mutating func add(_ quarter: ActivityQuarter) {
        first = min(first, quarter.first)
        last = max(last, quarter.last)
        usage += quarter.usage
        if let model = quarter.dimensions[.model], !models.contains(model) { models.append(model) }
    }
}
