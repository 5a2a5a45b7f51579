import Testing

@testable import IngestService

struct GzipInflaterTests {
    private func inflate(_ bytes: [UInt8], parts: Int = .max, limit: Int = 1 << 20) throws -> [UInt8] {
        var inflater = GzipInflater(limit: limit)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: min(parts, bytes.count)) {
            let part = Array(bytes[start..<min(bytes.count, start + min(parts, bytes.count))])
            try part.withUnsafeBytes { try inflater.inflate($0, into: &output) }
        }
        try inflater.finish()
        return output
    }

    private let text = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 7)) }

    @Test(arguments: [1, 2, 3, 7, 100, 4096, Int.max])
    func `a stream is whole whatever parts it comes in`(parts: Int) throws {
        #expect(try inflate(gzip(text), parts: parts) == text)
        #expect(try inflate(gzip([]), parts: parts) == [])
    }

    @Test(arguments: [1, 5, 4096, Int.max])
    func `members that follow one another are one text`(parts: Int) throws {
        let twice = try inflate(gzip(text) + gzip([]) + gzip(text), parts: parts)
        #expect(twice == text + text)
    }

    @Test func `the limit is exact and counts what comes out`() throws {
        #expect(try inflate(gzip(text), limit: text.count) == text)
        #expect(throws: GzipInflater.Failure.tooLarge) { try inflate(gzip(text), limit: text.count - 1) }
        #expect(throws: GzipInflater.Failure.tooLarge) {
            try inflate(gzip(text) + gzip(text), limit: text.count * 2 - 1)
        }
    }

    @Test func `a bomb is stopped at the limit`() throws {
        let bomb = gzip([UInt8](repeating: 0, count: 50 << 20))
        #expect(bomb.count < 60_000)
        var inflater = GzipInflater(limit: 1 << 20)
        var output: [UInt8] = []
        #expect(throws: GzipInflater.Failure.tooLarge) {
            try bomb.withUnsafeBytes { try inflater.inflate($0, into: &output) }
        }
        #expect(output.count <= 1 << 20)
    }

    @Test func `every cut is noticed`() {
        let whole = gzip(Array(text[..<500]))
        for end in 1..<whole.count {
            #expect(throws: GzipInflater.Failure.truncated) { try inflate(Array(whole[..<end])) }
        }
    }

    @Test func `whatever follows the end is refused and never loops`() {
        for junk in [[0], [0x1F], [1, 2, 3], Array(repeating: 0xFF, count: 100_000)] as [[UInt8]] {
            #expect(throws: GzipInflater.Failure.self) { try inflate(gzip(text) + junk) }
        }
    }

    @Test func `no flipped bit goes unnoticed or hangs`() {
        let whole = gzip(Array(text[..<300]))
        // Bytes 4 to 9 of the header hold a time and marks that mean nothing here.
        for index in whole.indices where !(4...9).contains(index) {
            for bit in 0..<8 {
                var damaged = whole
                damaged[index] ^= 1 << bit
                let output = try? inflate(damaged)
                #expect(output == nil || output == Array(text[..<300]), "byte \(index) bit \(bit)")
            }
        }
    }

    @Test func `the deflate and zlib formats are not gzip`() {
        #expect(throws: GzipInflater.Failure.corrupt) { try inflate([0x78, 0x9C, 0x03, 0x00, 0, 0, 0, 1]) }
        #expect(throws: GzipInflater.Failure.corrupt) { try inflate(Array("{\"a\":1}".utf8)) }
    }
}
