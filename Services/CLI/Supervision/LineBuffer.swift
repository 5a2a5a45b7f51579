/// Gathers a child's output into whole lines.
public struct LineBuffer: Sendable {
    /// A line longer than this is handed over in pieces.
    public static let maximumLineBytes = 16 * 1024
    private var pending: [UInt8] = []

    /// Makes an empty buffer.
    public init() {}

    /// Takes bytes and gives the lines that are whole.
    public mutating func add(_ bytes: some Collection<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || pending.count >= Self.maximumLineBytes { lines += flush() }
            if byte != UInt8(ascii: "\n") { pending.append(byte) }
        }
        return lines
    }

    /// Gives what is left when the output has ended.
    public mutating func flush() -> [String] {
        guard !pending.isEmpty else { return [] }
        defer { pending.removeAll(keepingCapacity: true) }
        return [String(decoding: pending, as: UTF8.self)]
    }
}
