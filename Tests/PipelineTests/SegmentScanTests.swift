import Testing

@testable import Pipeline

struct SegmentScanTests {
    private static let payloads: [[UInt8]] = (0..<6).map {
        Array("{\"event\":\($0),\"pad\":\"\(String(repeating: "x", count: $0 * 5))\"}".utf8)
    }

    private static let segment: [UInt8] = payloads.indices.reduce(into: []) { bytes, index in
        SpoolRecord.append(payloads[index], sequence: 11 + Int64(index), to: &bytes)
    }

    private static func ends() -> [Int] {
        payloads.reduce(into: []) { ends, payload in
            ends.append((ends.last ?? 0) + SpoolRecord.headerSize + payload.count)
        }
    }

    private func numbers(_ scan: SegmentScan) -> [Int64] {
        scan.runs.flatMap { $0.first..<$0.next }
    }

    @Test func `a sound segment is one run`() {
        let scan = SegmentScan(Self.segment, first: 11, isLast: true)
        #expect(numbers(scan) == Array(11...16))
        #expect(scan.runs.count == 1)
        #expect(scan.damage.isEmpty && scan.tornTail == nil)
    }

    @Test func `an end torn at any byte costs that record alone and is no damage`() {
        let ends = Self.ends()
        for length in 0..<Self.segment.count {
            let scan = SegmentScan(Array(Self.segment[..<length]), first: 11, isLast: true)
            let whole = ends.filter { $0 <= length }.count
            #expect(numbers(scan) == Array(11..<11 + Int64(whole)), "cut at \(length)")
            #expect(scan.damage.isEmpty, "cut at \(length)")
            let end = whole == 0 ? 0 : ends[whole - 1]
            #expect(scan.tornTail == (end < length ? end..<length : nil), "cut at \(length)")
        }
    }

    @Test func `an end torn in a segment that others follow is damage`() {
        let scan = SegmentScan(Array(Self.segment.dropLast(3)), first: 11, isLast: false)
        #expect(numbers(scan) == Array(11...15))
        #expect(scan.tornTail == nil)
        #expect(scan.damage.count == 1)
    }

    @Test func `an end of zeros is what a file grows by before it is written`() {
        let scan = SegmentScan(Self.segment + [UInt8](repeating: 0, count: 4096), first: 11, isLast: true)
        #expect(numbers(scan) == Array(11...16))
        #expect(scan.damage.isEmpty)
        #expect(scan.tornTail?.count == 4096)
    }

    @Test func `any flipped bit costs its record alone`() {
        let ends = Self.ends()
        for bit in 0..<Self.segment.count * 8 {
            var bytes = Self.segment
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let hit = ends.firstIndex { bit / 8 < $0 } ?? 0
            let scan = SegmentScan(bytes, first: 11, isLast: false)
            #expect(numbers(scan) == (11...16).filter { $0 != 11 + Int64(hit) }, "bit \(bit)")
            #expect(scan.damage == [(hit == 0 ? 0 : ends[hit - 1])..<ends[hit]], "bit \(bit)")
        }
    }

    @Test(arguments: 0..<500)
    func `no damage makes a record that was not written`(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var bytes = Self.segment
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let start = Int.random(in: 0..<bytes.count, using: &random)
            let length = Int.random(in: 0...min(60, bytes.count - start), using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: bytes.removeSubrange(start..<start + length)
            case 1:
                bytes.insert(
                    contentsOf: bytes[start..<start + length], at: Int.random(in: 0...bytes.count, using: &random))
            case 2: for index in start..<start + length { bytes[index] = UInt8.random(in: 0...255, using: &random) }
            default: bytes.insert(contentsOf: [UInt8](repeating: 0, count: length), at: start)
            }
        }
        let scan = SegmentScan(bytes, first: 11, isLast: random.happens(50))
        #expect(numbers(scan) == numbers(scan).sorted(), "seed \(seed)")
        for run in scan.runs {
            for (index, offset) in run.offsets.enumerated() {
                let payload = Self.payloads[Int(run.first) + index - 11]
                let start = Int(offset) + SpoolRecord.headerSize
                #expect(Array(bytes[start..<start + payload.count]) == payload, "seed \(seed)")
            }
        }
    }

    @Test(arguments: 0..<200)
    func `random bytes are no records`(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0...3000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        #expect(SegmentScan(bytes, first: 1, isLast: true).runs.isEmpty, "seed \(seed)")
    }
}
