import Testing

@testable import Pipeline

struct CRC32CTests {
    @Test(
        arguments: [
            ([UInt8]("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E), ([], 0),
        ] as [([UInt8], UInt32)])
    func `gives the published checksums`(bytes: [UInt8], checksum: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == checksum)
    }

    @Test func `agrees with one bit at a time, at every length and split`() {
        var random = SeededGenerator(seed: 1)
        let bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
        for length in 0...bytes.count {
            let expected = Self.bitwise(bytes[..<length])
            bytes[..<length].withUnsafeBytes { whole in
                #expect(CRC32C.checksum(whole) == expected)
                let split = length / 3
                let head = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: whole[..<split]))
                let both = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: whole[split...]), continuing: head)
                #expect(both == expected)
            }
        }
    }

    private static func bitwise(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var state: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            for bit in 0..<8 {
                let mix = (state ^ UInt32(byte >> bit)) & 1
                state = (state >> 1) ^ (mix == 1 ? 0x82F6_3B78 : 0)
            }
        }
        return ~state
    }
}
