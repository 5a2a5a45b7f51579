import Wire

/// Cuts what a command prints into JSON texts: lines, documents over several lines, elements of a list.
///
/// Whatever else the output holds, such as notices of wrappers, is passed over. Nothing of it is kept but an unfinished
/// line or document, and of these no more than the limits say: what is longer is given up, and reading goes on behind it.
struct CommandOutput {
    /// The most bytes of a line that are kept: agents print whole conversations as one.
    private let maximumLineBytes: Int
    /// The most bytes of a document over several lines that are kept.
    private let maximumDocumentBytes: Int
    /// The bytes since the last end of a line.
    private var line: [UInt8] = []
    /// Whether the line is longer than can be kept: the rest of it is passed over.
    private var isLineGivenUp = false
    /// A document that began and did not end yet.
    private var document: [UInt8] = []
    /// How long the document was when it was last seen to be the beginning of one.
    private var seenBytes = 0
    /// The white space before the document's first byte: its last line is indented alike.
    private var indentation = 0

    init(maximumLineBytes: Int = 64 << 20, maximumDocumentBytes: Int = 8 << 20) {
        self.maximumLineBytes = maximumLineBytes
        self.maximumDocumentBytes = maximumDocumentBytes
    }

    /// Takes more of the output, and hands over what is complete.
    mutating func add(_ bytes: some Sequence<UInt8>, _ record: (ArraySlice<UInt8>) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                endLine(record)
            } else if line.count < maximumLineBytes {
                line.append(byte)
            } else {
                isLineGivenUp = true
            }
        }
    }

    /// Ends the output: its last line may have no end.
    mutating func finish(_ record: (ArraySlice<UInt8>) -> Void) {
        endLine(record)
        // What began as a document and did not end is none.
        while !document.isEmpty { look(at: giveUp(), record) }
    }

    private mutating func endLine(_ record: (ArraySlice<UInt8>) -> Void) {
        let isWhole = !isLineGivenUp
        isLineGivenUp = false
        defer { line.removeAll(keepingCapacity: line.capacity <= 1 << 20) }
        if isWhole {
            look(at: [line[...]], record)
        } else {
            // No document goes on behind a line of which a part is missing.
            look(at: giveUp(), record)
        }
    }

    /// Looks at lines, and once more at those of a document that turns out to be none: they may be texts of their own.
    private mutating func look(at lines: [ArraySlice<UInt8>], _ record: (ArraySlice<UInt8>) -> Void) {
        var waiting = Array(lines.reversed())
        while let line = waiting.popLast() {
            if !take(line, record) { waiting += giveUp().reversed() }
        }
    }

    /// What began as a document is none.
    ///
    /// - Returns: its lines but the first, which alone told so.
    private mutating func giveUp() -> [ArraySlice<UInt8>] {
        defer { document = [] }
        return Array(document.split(separator: UInt8(ascii: "\n")).dropFirst())
    }

    /// Takes a line.
    ///
    /// - Returns: false where the document, this line with it, is none or too long.
    private mutating func take(_ line: ArraySlice<UInt8>, _ record: (ArraySlice<UInt8>) -> Void) -> Bool {
        guard let first = line.firstIndex(where: { !Self.isSpace($0) }) else { return true }
        let indentation = first - line.startIndex
        guard !document.isEmpty else {
            guard line[first] == UInt8(ascii: "{") || line[first] == UInt8(ascii: "[") else { return true }
            if deliver(Array(line), record) == .incomplete {
                document = Array(line)
                seenBytes = document.count
                self.indentation = indentation
            }
            return true
        }
        document.append(UInt8(ascii: "\n"))
        document += line
        guard document.count <= maximumDocumentBytes else { return false }
        let isEnd = line[first] == UInt8(ascii: "}") || line[first] == UInt8(ascii: "]")
        // Looked at whenever it has doubled too, so that what is none holds up few of the lines behind it.
        guard isEnd && indentation == self.indentation || document.count >= 2 * seenBytes else { return true }
        seenBytes = document.count
        switch deliver(document, record) {
        case .delivered: document = []
        case .incomplete: break
        case .notJSON: return false
        }
        return true
    }

    private enum Outcome {
        case delivered, incomplete, notJSON
    }

    private func deliver(_ text: [UInt8], _ record: (ArraySlice<UInt8>) -> Void) -> Outcome {
        var json = JSONReader(text)
        do throws(JSONError) {
            let kind = try json.kind()
            let whole = try json.raw()
            try json.finish()
            guard kind == .array else {
                record(text[whole])
                return .delivered
            }
            // Read once more, now that it is whole: a list of its elements could be many times as long as the text.
            var elements = JSONReader(text)
            try elements.array { element throws(JSONError) in record(text[try element.raw()]) }
            return .delivered
        } catch {
            return error.reason == .unexpectedEnd ? .incomplete : .notJSON
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
