import FileReading

/// A file that another program writes between any two questions its reader asks, with a clock that stands still meanwhile.
///
/// Every ``pieceBytes`` of a reading are a question of their own, as a long reading is to the system.
final class ChangingFile: ReadableFile {
    /// Bytes answered at once.
    static let pieceBytes = 160

    /// What the file holds, one thing after another.
    private var contents: [[UInt8]]
    /// Before which questions it changes, in order.
    private var changes: [Int]
    /// How many questions were asked.
    private(set) var questions = 0

    /// - Parameters:
    ///   - contents: what the file holds first, then after each change.
    ///   - changes: the number of the question before which each change happens, counted from 0.
    init(_ contents: [[UInt8]], changingBefore changes: [Int]) {
        self.contents = contents
        self.changes = changes
    }

    /// Whether all was written.
    var isDone: Bool { changes.isEmpty }

    /// Makes the changes that nobody's question came upon.
    func finishWriting() {
        contents.removeFirst(changes.count)
        changes = []
    }

    private func content() -> [UInt8] {
        while let next = changes.first, next <= questions {
            changes.removeFirst()
            contents.removeFirst()
        }
        questions += 1
        return contents.first ?? []
    }

    func status() throws(FileFailure) -> FileStatus {
        FileStatus(identity: FileIdentity(device: 1, inode: 1), size: Int64(content().count), modified: 0)
    }

    func read(_ count: Int, at offset: Int64) throws(FileFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let wanted = min(count - bytes.count, Self.pieceBytes)
            let piece = content().dropFirst(Int(offset) + bytes.count).prefix(wanted)
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }
}
