/// Reads whole lines of a file, a part at a time, from a place on that it keeps.
///
/// Holds no more than a part, or than one line where that is longer.
public struct LineReader: Sendable {
    /// Bytes of a part.
    public static let partBytes = 1 << 20
    /// Lines of a part: what is made of a line of a byte has hundreds.
    public static let partLines = 8192
    /// The longest line that is read.
    public static let maximumLineBytes = 32 << 20
    /// Bytes kept of a longer one, to tell it from others.
    static let headBytes = 64 << 10

    /// Where the next part begins: the start of a line.
    public private(set) var offset: Int64
    /// Bytes behind `offset` that hold no end of a line, where they are more than a line may have.
    private var skipped: Int64 = 0

    /// Starts at the beginning of a line.
    public init(at offset: Int64 = 0) {
        self.offset = offset
    }

    /// What comes next in a file.
    public enum Part: Sendable {
        /// Whole lines.
        case lines([UInt8])
        /// A line too long to be read, with its first bytes.
        case oversizedLine(size: Int64, head: [UInt8])
        /// The file ends here, with bytes that are no whole line yet; none where they are too many.
        case end(rest: [UInt8])
    }

    /// Reads the next part.
    ///
    /// - Parameter limit: an end of a line past which nothing is read.
    public mutating func next(
        in file: borrowing some ReadableFile & ~Copyable, upTo limit: Int64 = .max
    ) throws(FileFailure) -> Part {
        guard skipped == 0 else { return try skipLine(in: file) }
        var text: [UInt8] = []
        while text.count <= Self.maximumLineBytes {
            let place = offset + Int64(text.count)
            let count = Int(min(Int64(Self.partBytes), limit - place))
            let piece = count > 0 ? try file.read(count, at: place) : []
            if piece.isEmpty { return .end(rest: text) }
            guard let newline = Self.end(of: piece) else {
                text += piece
                continue
            }
            let surplus = piece.count - newline - 1
            if text.isEmpty { text = piece } else { text += piece }
            text.removeLast(surplus)
            offset += Int64(text.count)
            return .lines(text)
        }
        skipped = Int64(text.count)
        return try skipLine(in: file)
    }

    /// Where the last whole line of a part ends; `nil` where there is none.
    private static func end(of piece: [UInt8]) -> Int? {
        var end: Int?
        var rest = piece[...]
        for _ in 0..<partLines {
            guard let newline = rest.firstIndex(of: UInt8(ascii: "\n")) else { return end }
            end = newline
            rest = rest[(newline + 1)...]
        }
        return end
    }

    private mutating func skipLine(in file: borrowing some ReadableFile & ~Copyable) throws(FileFailure) -> Part {
        while true {
            let piece = try file.read(Self.partBytes, at: offset + skipped)
            if piece.isEmpty { return .end(rest: []) }
            guard let newline = piece.firstIndex(of: UInt8(ascii: "\n")) else {
                skipped += Int64(piece.count)
                continue
            }
            let head = try file.read(Self.headBytes, at: offset)
            let size = skipped + Int64(newline)
            offset += size + 1
            skipped = 0
            return .oversizedLine(size: size, head: head)
        }
    }
}
