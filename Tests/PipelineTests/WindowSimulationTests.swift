import Pipeline
import Testing

/// A sender's and a receiver's window joined by a network that loses, repeats, delays and reorders, and by crashes.
struct WindowSimulationTests {
    private static let total: Int64 = 1500

    @Test(arguments: 0..<150)
    func `an ordered receiver applies every number once and in order`(seed: Int) {
        var simulation = Simulation(receiver: OrderedReceiveWindow(), seed: seed)
        let applied = simulation.run(until: Self.total)
        #expect(applied == Array(1...Self.total), "seed \(seed)")
    }

    @Test(arguments: 0..<150)
    func `an unordered receiver applies every number once`(seed: Int) {
        var simulation = Simulation(receiver: UnorderedReceiveWindow(), seed: seed)
        let applied = simulation.run(until: Self.total)
        #expect(applied.sorted() == Array(1...Self.total), "seed \(seed)")
    }

    private struct Frame {
        let first: Int64
        let count: Int
        let low: Int64
    }

    private struct Simulation<Receiver: ReceiveWindow> {
        private var receiver: Receiver
        private var sender = SendWindow(low: 1, settings: .init(capacity: 64))
        private var random: SeededGenerator
        private var now = MonotonicInstant(nanoseconds: 0)
        private var frames: [(due: MonotonicInstant, frame: Frame)] = []
        private var watermarks: [(due: MonotonicInstant, through: Int64)] = []
        private var applied: [Int64] = []
        private var low: Int64 = 1
        private var next: Int64 = 1
        private let lossPercent: Int
        private let seed: Int

        init(receiver: Receiver, seed: Int) {
            self.receiver = receiver
            self.seed = seed
            random = SeededGenerator(seed: seed)
            lossPercent = Int.random(in: 0...40, using: &random)
        }

        mutating func run(until total: Int64) -> [Int64] {
            var steps = 0
            while sender.acknowledged < total {
                steps += 1
                guard steps < 200_000 else {
                    Issue.record("seed \(seed): no end after \(steps) steps at \(sender)")
                    return applied
                }
                now = now + .milliseconds(20)
                next = min(total + 1, next + Int64.random(in: 0...20, using: &random))
                deliver()
                send()
                if random.happens(1) { crash() }
            }
            return applied
        }

        private mutating func send() {
            _ = sender.expire(at: now)
            while case let sendable = sender.sendable(before: next), !sendable.isEmpty {
                let count = min(sendable.count, Int.random(in: 1...20, using: &random))
                sender.didSend(through: sendable.lowerBound + Int64(count) - 1, at: now)
                let frame = Frame(first: sendable.lowerBound, count: count, low: low)
                for _ in 0..<(random.happens(10) ? 2 : 1) where !random.happens(lossPercent) {
                    frames.append((now + .milliseconds(Int.random(in: 0...300, using: &random)), frame))
                }
            }
        }

        private mutating func deliver() {
            let arrived = frames.filter { $0.due <= now }
            frames.removeAll { $0.due <= now }
            for (_, frame) in arrived.shuffled(using: &random) {
                let admission = receiver.admit(first: frame.first, count: frame.count, low: frame.low)
                #expect(admission.gaps.isEmpty, "seed \(seed)")
                applied += admission.applicable.flatMap { $0.map { frame.first + Int64($0) } }
            }
            if !random.happens(lossPercent) {
                let delay = Duration.milliseconds(Int.random(in: 0...300, using: &random))
                watermarks.append((now + delay, receiver.watermark))
            }
            for (_, through) in watermarks.filter({ $0.due <= now }) {
                sender.acknowledge(through: through, at: now)
                low = max(low, through + 1)
            }
            watermarks.removeAll { $0.due <= now }
        }

        /// One end dies: what is under way is lost, the sender starts again from what it holds.
        private mutating func crash() {
            frames.removeAll()
            watermarks.removeAll()
            if random.happens(50) { sender = SendWindow(low: low, settings: .init(capacity: 64)) }
        }
    }
}
