import Pipeline
import Testing

struct OrderedReceiveWindowTests {
    /// One line per batch offered to a window at watermark 10: what it says and what becomes of it.
    @Test(
        arguments: [
            // first, count, low -> apply, duplicates, early, gap, watermark after
            (first: 11, count: 3, low: 1, apply: 0..<3, duplicates: 0, early: 0, gap: nil, watermark: 13),
            (first: 8, count: 3, low: 1, apply: nil, duplicates: 3, early: 0, gap: nil, watermark: 10),
            (first: 9, count: 5, low: 1, apply: 2..<5, duplicates: 2, early: 0, gap: nil, watermark: 13),
            (first: 12, count: 3, low: 1, apply: nil, duplicates: 0, early: 3, gap: nil, watermark: 10),
            (first: 12, count: 3, low: 11, apply: nil, duplicates: 0, early: 3, gap: nil, watermark: 10),
            (first: 15, count: 3, low: 15, apply: 0..<3, duplicates: 0, early: 0, gap: 11..<15, watermark: 17),
            (first: 12, count: 3, low: 12, apply: 0..<3, duplicates: 0, early: 0, gap: 11..<12, watermark: 14),
            (first: 17, count: 3, low: 15, apply: nil, duplicates: 0, early: 3, gap: 11..<15, watermark: 14),
            (first: 11, count: 0, low: 11, apply: nil, duplicates: 0, early: 0, gap: nil, watermark: 10),
        ] as [OrderedCase])
    func `decides by number alone`(given: OrderedCase) {
        var window = OrderedReceiveWindow(watermark: 10)
        let admission = window.admit(first: given.first, count: given.count, low: given.low)
        #expect(admission.applicable == [given.apply].compactMap(\.self))
        #expect(admission.duplicates == given.duplicates)
        #expect(admission.early == given.early)
        #expect(admission.gaps == [given.gap].compactMap(\.self))
        #expect(window.watermark == given.watermark)
    }

    typealias OrderedCase = (
        first: Int64, count: Int, low: Int64, apply: Range<Int>?, duplicates: Int, early: Int, gap: Range<Int64>?,
        watermark: Int64
    )
}

struct UnorderedReceiveWindowTests {
    @Test func `applies in any order and advances over what is contiguous`() {
        var window = UnorderedReceiveWindow()
        let third = window.admit(first: 7, count: 3, low: 1)
        #expect(third.applicable == [0..<3])
        #expect(window.watermark == 0)
        #expect(window.pending == [7..<10])
        _ = window.admit(first: 1, count: 3, low: 1)
        #expect(window.watermark == 3)
        _ = window.admit(first: 4, count: 3, low: 1)
        #expect(window.watermark == 9)
        #expect(window.pending.isEmpty)
    }

    @Test func `applies only what is new of a batch that overlaps`() {
        var window = UnorderedReceiveWindow(watermark: 2, pending: [5..<7, 9..<10])
        let admission = window.admit(first: 1, count: 12, low: 1)
        // 1 2 | 3 4 | 5 6 | 7 8 | 9 | 10 11 12
        #expect(admission.applicable == [2..<4, 6..<8, 9..<12])
        #expect(admission.duplicates == 5)
        #expect(window.watermark == 12)
        #expect(window.pending.isEmpty)
    }

    @Test func `everything twice is all duplicates`() {
        var window = UnorderedReceiveWindow(watermark: 2, pending: [5..<7])
        let admission = window.admit(first: 5, count: 2, low: 1)
        #expect(admission.applicable.isEmpty)
        #expect(admission.duplicates == 2)
        #expect(window == UnorderedReceiveWindow(watermark: 2, pending: [5..<7]))
    }

    @Test func `what the sender lost is reported exactly, without what arrived`() {
        var window = UnorderedReceiveWindow(watermark: 2, pending: [5..<7])
        let admission = window.admit(first: 12, count: 1, low: 10)
        #expect(admission.gaps == [3..<5, 7..<10])
        #expect(admission.lost == 5)
        #expect(admission.applicable == [0..<1])
        #expect(window.watermark == 9)
        #expect(window.pending == [12..<13])
    }

    @Test func `a number too far ahead is refused, not remembered`() {
        var window = UnorderedReceiveWindow()
        let edge = UnorderedReceiveWindow.reach
        let admission = window.admit(first: edge - 1, count: 5, low: 1)
        #expect(admission.applicable == [0..<2])
        #expect(admission.early == 3)
        let beyond = window.admit(first: edge + 100, count: 5, low: 1)
        #expect(beyond.applicable.isEmpty)
        #expect(beyond.early == 5)
    }

    @Test func `persisted state in any order is the same state`() {
        #expect(
            UnorderedReceiveWindow(watermark: 2, pending: [9..<10, 3..<4, 6..<7, 5..<6, 1..<2])
                == UnorderedReceiveWindow(watermark: 3, pending: [5..<7, 9..<10]))
    }

    @Test(arguments: 0..<200)
    func `agrees with a plain set of numbers`(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var window = UnorderedReceiveWindow()
        var done = Set<Int64>()
        var low: Int64 = 1
        for _ in 0..<200 {
            let first = Int64.random(in: low...low + 60, using: &random)
            let count = Int.random(in: 1...12, using: &random)
            let admission = window.admit(first: first, count: count, low: low)
            for gap in admission.gaps {
                for number in gap { #expect(done.insert(number).inserted, "seed \(seed)") }
            }
            let fresh = (first..<first + Int64(count)).filter { !done.contains($0) }
            #expect(admission.applicable.flatMap { $0.map { first + Int64($0) } } == fresh, "seed \(seed)")
            #expect(admission.applicableCount + admission.duplicates + admission.early == count, "seed \(seed)")
            done.formUnion(fresh)
            let contiguous = Int64((1...).first { !done.contains(Int64($0)) } ?? 1) - 1
            #expect(window.watermark == contiguous, "seed \(seed)")
            #expect(Set(window.pending.joined()) == done.filter { $0 > contiguous }, "seed \(seed)")
            if random.happens(10) { low = min(first, low + Int64.random(in: 0...30, using: &random)) }
        }
    }
}
