/// Cuts a file's bytes into chunks of whole lines that are small enough to send.
public struct LineChunker: Sendable {
    /// The most bytes of a chunk.
    public let maximumBytes: Int
    /// Lines that were longer than a chunk and were left out.
    public private(set) var oversizedLines = 0
    private var pending: [UInt8] = []
    /// Where the last whole line of `pending` ends.
    private var wholeEnd = 0
    private var isSkipping = false

    /// Makes a chunker.
    public init(maximumBytes: Int) {
        precondition(maximumBytes > 0, "a chunk holds something")
        self.maximumBytes = maximumBytes
    }

    /// Takes more of the file and gives the chunks that are full.
    public mutating func add(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = bytes
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[...newline], endsLine: true, to: &chunks)
            rest = rest[rest.index(after: newline)...]
        }
        append(rest, endsLine: false, to: &chunks)
        return chunks
    }

    /// Gives what is left at the end of the file; a last line without a line break counts.
    public mutating func finish() -> [UInt8]? {
        defer {
            pending = []
            wholeEnd = 0
            isSkipping = false
        }
        return pending.isEmpty ? nil : pending
    }

    /// Cuts a chunk at the end of a line near its middle; `nil` when it is one line.
    public static func halves(of chunk: [UInt8]) -> (first: [UInt8], second: [UInt8])? {
        let newline = UInt8(ascii: "\n")
        let end = chunk.dropLast().endIndex
        let middle = chunk.count / 2
        guard
            let cut = chunk[middle..<max(middle, end)].firstIndex(of: newline)
                ?? chunk[..<middle].lastIndex(of: newline)
        else { return nil }
        return (Array(chunk[...cut]), Array(chunk[(cut + 1)...]))
    }

    private mutating func append(_ part: ArraySlice<UInt8>, endsLine: Bool, to chunks: inout [[UInt8]]) {
        guard !isSkipping else {
            isSkipping = !endsLine
            return
        }
        if pending.count + part.count > maximumBytes, wholeEnd > 0 {
            chunks.append(Array(pending[..<wholeEnd]))
            pending.removeFirst(wholeEnd)
            wholeEnd = 0
        }
        if pending.count + part.count > maximumBytes {
            oversizedLines += 1
            pending.removeAll()
            isSkipping = !endsLine
            return
        }
        pending += part
        if endsLine { wholeEnd = pending.count }
    }
}
