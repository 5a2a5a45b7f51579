/// A file as whoever reads it knows it: by single questions, between which others may write to it.
public protocol ReadableFile: ~Copyable {
    /// What the system says of the file now.
    func status() throws(FileFailure) -> FileStatus
    /// Reads bytes at an offset; fewer than asked for only at the end of the file.
    func read(_ count: Int, at offset: Int64) throws(FileFailure) -> [UInt8]
}

extension OpenFile: ReadableFile {}

extension LineReader.Part {
    /// Whether a file holds what was read of it.
    ///
    /// What is written while it is read may come half old and half new, as it never stood in the file.
    ///
    /// - Parameter offset: where the part began.
    public func stands(
        in file: borrowing some ReadableFile & ~Copyable, at offset: Int64
    ) throws(FileFailure) -> Bool {
        switch self {
        case .lines(let text), .end(let text):
            return try file.read(text.count, at: offset) == text
        case .oversizedLine(let size, let head):
            guard try file.read(head.count, at: offset) == head else { return false }
            return try file.read(1, at: offset + size) == [UInt8(ascii: "\n")]
        }
    }
}
