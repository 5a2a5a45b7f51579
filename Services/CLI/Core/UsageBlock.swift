public import Metering

/// A stretch of some hours in which a subscription's usage window counts, or the silence between two of them.
public struct UsageBlock: Hashable, Sendable {
    /// The first instant.
    public var start: Timestamp
    /// The instant after the last.
    public var end: Timestamp
    /// The first call; `nil` in a gap.
    public var firstActivity: Timestamp?
    /// The last call; `nil` in a gap.
    public var lastActivity: Timestamp?
    /// Whether the block still counts.
    public var isActive = false
    /// The models used, in the order of their first use.
    public var models: [String] = []
    /// The figures.
    public var figures = UsageFigures()

    /// Makes a stretch without usage.
    public init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    /// Whether nothing happened in it.
    public var isGap: Bool { lastActivity == nil }

    /// How fast a block uses tokens and money, between its first and its last call.
    public struct BurnRate: Hashable, Sendable {
        /// All tokens of a minute, in millionths.
        public var microtokensPerMinute: Int128
        /// Input and output of a minute without what caches read and wrote, in millionths.
        public var uncachedMicrotokensPerMinute: Int128
        /// The cost of an hour.
        public var costPerHour: AmountTotal

        /// All tokens of a minute, rounded.
        public var tokensPerMinute: Int64 { Int64(clamping: (microtokensPerMinute + 500_000) / 1_000_000) }
    }

    /// What a block will come to at its end if it goes on as it did.
    public struct Projection: Hashable, Sendable {
        /// All tokens.
        public var tokens: Int64
        /// The cost.
        public var cost: AmountTotal
        /// Minutes until the end, rounded.
        public var remainingMinutes: Int64
    }

    /// The burn rate; `nil` where the block has no duration.
    public var burnRate: BurnRate? {
        guard let firstActivity, let lastActivity, lastActivity > firstActivity else { return nil }
        let duration = Int128(lastActivity.nanoseconds) - Int128(firstActivity.nanoseconds)
        let minute: Int128 = 60_000_000_000
        let uncached = figures.inputTokens + figures.outputTokens
        return BurnRate(
            microtokensPerMinute: Int128(figures.totalTokens) * 1_000_000 * minute / duration,
            uncachedMicrotokensPerMinute: Int128(uncached) * 1_000_000 * minute / duration,
            costPerHour: AmountTotal(picodollars: figures.cost.picodollars * 60 * minute / duration))
    }

    /// The projection; `nil` where the block no longer counts or has no burn rate.
    public func projection(at now: Timestamp) -> Projection? {
        guard isActive, let burnRate else { return nil }
        let minute: Int64 = 60_000_000_000
        let minutes = max(0, end.nanoseconds.subtractingClamped(now.nanoseconds).addingClamped(minute / 2) / minute)
        let more = (burnRate.microtokensPerMinute * Int128(minutes) + 500_000) / 1_000_000
        return Projection(
            tokens: figures.totalTokens.addingClamped(Int64(clamping: more)),
            cost: AmountTotal(
                picodollars: figures.cost.picodollars + burnRate.costPerHour.picodollars * Int128(minutes) / 60),
            remainingMinutes: minutes)
    }
}

/// Blocks with the silences between them.
public struct BlockList: Hashable, Sendable {
    /// The blocks, in the order asked for.
    public var blocks: [UsageBlock]
    /// When the service answered.
    public let now: Timestamp
    /// The most tokens of a block that is over.
    public let largest: Int64

    /// Puts a gap wherever nothing happened for longer than a block lasts.
    public init(_ page: BlockPage, order: UsageReport.Order = .asc) {
        now = page.now
        largest = page.blocks.filter { !$0.isActive }.map(\.figures.totalTokens).max() ?? 0
        var list: [UsageBlock] = []
        for block in page.blocks {
            if let last = list.last?.lastActivity, let next = block.firstActivity {
                // Clamped: an agent's clock may be centuries off, further than a difference can say.
                let length = block.end.nanoseconds.subtractingClamped(block.start.nanoseconds)
                if next.nanoseconds.subtractingClamped(last.nanoseconds) > length {
                    let start = Timestamp(nanoseconds: last.nanoseconds.addingClamped(length))
                    list.append(UsageBlock(start: start, end: next))
                }
            }
            list.append(block)
        }
        blocks = order == .asc ? list : list.reversed()
    }

    /// Keeps blocks that begin at a moment or later, and the one that still counts.
    public func since(_ start: Timestamp) -> BlockList {
        var list = self
        list.blocks.removeAll { $0.start < start && !$0.isActive }
        return list
    }

    /// Keeps the block that still counts.
    public var active: BlockList {
        var list = self
        list.blocks.removeAll { !$0.isActive }
        return list
    }
}

/// How many tokens a block may use.
public enum TokenLimit: Hashable, Sendable {
    /// As many as the largest block that is over.
    case largest
    /// A number.
    case tokens(Int64)

    /// Reads `max` or a number; `nil` for anything else.
    public init?(_ text: String) {
        if text == "max" || text.isEmpty {
            self = .largest
        } else {
            guard let tokens = Int64(text), tokens > 0 else { return nil }
            self = .tokens(tokens)
        }
    }

    /// The number; `nil` where there is nothing to take it from.
    public func tokens(in list: BlockList) -> Int64? {
        switch self {
        case .largest: list.largest > 0 ? list.largest : nil
        case .tokens(let tokens): tokens
        }
    }

    /// Part of the limit from which on a projection is a warning, in percent.
    static let warningPercent: Int128 = 80

    /// How a projection stands to a limit: `ok`, `warning`, `exceeds`.
    static func status(_ projected: Int64, of limit: Int64) -> String {
        if projected > limit { return "exceeds" }
        return Int128(projected) * 100 > Int128(limit) * warningPercent ? "warning" : "ok"
    }
}
