import Wire

/// Cuts what a command prints into JSON texts: lines, documents over several lines, elements of a list.
///
/// Whatever else the output holds, such as notices of wrappers, is passed over. Nothing of it is kept but an unfinished
/// line or document.
struct CommandOutput {
    /// The bytes since the last end of a line.
    private var line: [UInt8] = []
    /// A document that began and did not end yet.
    private var document: [UInt8] = []
    /// The white space before the document's first byte: its last line is indented alike.
    private var indentation = 0

    /// Takes more of the output, and hands over what is complete.
    mutating func add(_ bytes: some Sequence<UInt8>, _ record: (ArraySlice<UInt8>) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                endLine(record)
            } else {
                line.append(byte)
            }
        }
    }

    /// Ends the output: its last line may have no end.
    mutating func finish(_ record: (ArraySlice<UInt8>) -> Void) {
        endLine(record)
        giveUp(record)
    }

    /// What began as a document is none: its lines may be texts of their own.
    private mutating func giveUp(_ record: (ArraySlice<UInt8>) -> Void) {
        for line in document.split(separator: UInt8(ascii: "\n")).dropFirst() { _ = deliver(Array(line), record) }
        document = []
    }

    private mutating func endLine(_ record: (ArraySlice<UInt8>) -> Void) {
        defer { line.removeAll(keepingCapacity: true) }
        guard let first = line.firstIndex(where: { !Self.isSpace($0) }) else { return }
        if !document.isEmpty {
            document.append(UInt8(ascii: "\n"))
            document += line
            let isEnd = line[first] == UInt8(ascii: "}") || line[first] == UInt8(ascii: "]")
            guard isEnd, first == indentation else { return }
            switch deliver(document, record) {
            case .delivered: document = []
            case .incomplete: break
            case .notJSON: giveUp(record)
            }
            return
        }
        guard line[first] == UInt8(ascii: "{") || line[first] == UInt8(ascii: "[") else { return }
        if deliver(line, record) == .incomplete {
            document = line
            indentation = first
        }
    }

    private enum Outcome {
        case delivered, incomplete, notJSON
    }

    private func deliver(_ text: [UInt8], _ record: (ArraySlice<UInt8>) -> Void) -> Outcome {
        var json = JSONReader(text)
        do throws(JSONError) {
            let kind = try json.kind()
            var ranges: [Range<Int>] = []
            if kind == .array {
                try json.array { json throws(JSONError) in ranges.append(try json.raw()) }
            } else {
                ranges.append(try json.raw())
            }
            try json.finish()
            for range in ranges { record(text[range]) }
            return .delivered
        } catch {
            return error.reason == .unexpectedEnd ? .incomplete : .notJSON
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
