public import Metering

/// A session file being read, from its beginning on.
///
/// It remembers what later lines need of earlier ones. After a restart it is made anew by reading the file from the start:
/// the same lines give the same observations, and those are counted once.
public struct TranscriptReading {
    private var reader: SessionReader
    var context: ReadingContext

    init(_ reader: SessionReader, _ context: ReadingContext) {
        self.reader = reader
        self.context = context
    }

    /// Reads more of the file: whole lines, or the whole document each time that it has changed.
    ///
    /// - Parameter limit: the most events that are of use; reading ends behind it.
    public mutating func read(_ text: [UInt8], receivedTime: Timestamp, limit: Int = .max) -> IntakeResult {
        context.receivedTime = receivedTime
        var records = RecordSink(context, channel: .transcript, limit: limit)
        switch reader {
        case .lines(var lines):
            Self.read(text, &lines, into: &records)
            reader = .lines(lines)
        case .document(var document):
            do throws(Rejection) {
                try document.read(text, into: &records)
            } catch {
                records.add(text[...]) { () throws(Rejection) in throw error }
            }
            reader = .document(document)
        }
        return records.result
    }

    private static func read(
        _ text: [UInt8], _ reader: inout any TranscriptReader, into records: inout RecordSink
    ) {
        var start = 0
        while start < text.count, !records.isOverfull {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            let line = text[start..<end]
            start = end + 1
            guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) else { continue }
            let context = records.context
            records.add(line) { () throws(Rejection) in try reader.observations(in: Array(line), context) }
        }
    }
}

/// A command's output being read, from its beginning on.
public struct ResultReading {
    private var reader: any ResultReader
    var context: ReadingContext
    private var output = CommandOutput()

    init(_ reader: any ResultReader, _ context: ReadingContext) {
        self.reader = reader
        self.context = context
    }

    /// Reads more of the output, cut anywhere.
    ///
    /// - Parameter limit: the most events that are of use; nothing is made of what comes behind it.
    public mutating func read(_ bytes: [UInt8], receivedTime: Timestamp, limit: Int = .max) -> IntakeResult {
        take(receivedTime, limit) { output, record in output.add(bytes, record) }
    }

    /// Reads what stands after the last end of a line: the output has ended.
    public mutating func finish(receivedTime: Timestamp, limit: Int = .max) -> IntakeResult {
        var result = take(receivedTime, limit) { output, record in output.finish(record) }
        var rest = RecordSink(context, channel: .result, limit: limit)
        rest.add(reader.finish(context))
        for problem in reader.takeProblems() { rest.reject([], problem) }
        result.add(contentsOf: rest.result)
        return result
    }

    private mutating func take(
        _ receivedTime: Timestamp, _ limit: Int,
        _ step: (inout CommandOutput, (ArraySlice<UInt8>) -> Void) -> Void
    ) -> IntakeResult {
        context.receivedTime = receivedTime
        let context = context
        var records = RecordSink(context, channel: .result, limit: limit)
        var reader = reader
        step(&output) { record in
            records.add(record) { () throws(Rejection) in try reader.observations(in: Array(record), context) }
            for problem in reader.takeProblems() { records.reject(record, problem) }
        }
        self.reader = reader
        return records.result
    }
}
