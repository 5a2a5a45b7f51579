import Pipeline
import Support

/// Arrows between the nodes: what is sent arrives late, twice, in another order or not at all.
struct SimulatedNetwork<Message> {
    private var underWay: [(due: MonotonicInstant, message: Message)] = []
    /// How many of a hundred messages are lost.
    var lossPercent: Int

    init(lossPercent: Int) {
        self.lossPercent = lossPercent
    }

    mutating func send(_ message: Message, at now: MonotonicInstant, using random: inout SeededRandom) {
        for _ in 0..<(random.happens(10) ? 2 : 1) where !random.happens(lossPercent) {
            underWay.append((now + .milliseconds(.random(in: 0...200, using: &random)), message))
        }
    }

    /// What arrives by now, in any order.
    mutating func arrivals(at now: MonotonicInstant, using random: inout SeededRandom) -> [Message] {
        let arrived = underWay.filter { $0.due <= now }.map(\.message)
        underWay.removeAll { $0.due <= now }
        return arrived.shuffled(using: &random)
    }

    /// A peer died, and with it what its connections held.
    mutating func drop() { underWay.removeAll() }
}

extension SeededRandom {
    mutating func happens(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
