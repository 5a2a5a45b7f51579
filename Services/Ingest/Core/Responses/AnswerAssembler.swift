import Metering
import Wire

/// One answer, put together and converted to our classes.
struct Answer: Sendable {
    var id: String?
    var model: String?
    var time: Timestamp?
    var serviceTier: String?
    var speed: String?
    var inferenceGeo: String?
    var webSearches: AttributeValue?
    /// What was used; a rejection when it cannot be used.
    var usage: Result<CountedUsage, Rejection>
    /// Identity of everything that was sent of the answer.
    var contentID: ContentID
    /// Bytes of the same.
    var size: Int
}

/// Puts answers together out of the JSON texts of one body.
protocol AnswerAssembling {
    /// Takes in the next text.
    ///
    /// - Throws: `JSONError` when it is not an object; what came before it stands.
    mutating func take(_ text: [UInt8]) throws(JSONError)
    /// The answers, in order.
    mutating func finish() -> [Answer]
}

/// Puts answers together by one dialect: an object that names another answer begins it, one that names none goes on.
struct AnswerAssembler<Dialect: ResponseDialect>: AnswerAssembling {
    private var answers: [Answer] = []
    private var open: OpenAnswer?

    private struct OpenAnswer {
        var part: AnswerPart<Dialect.Usage>
        var hasher = RecordHasher("answer")
        var size = 0
        var note: Rejection?
    }

    mutating func take(_ text: [UInt8]) throws(JSONError) {
        // One past the limit is enough to know that the request is refused.
        guard answers.count <= Intake.maximumEvents else { return }
        var json = JSONReader(text)
        guard try json.kind() == .object else {
            try json.skip()
            return try json.finish()
        }
        var part = AnswerPart<Dialect.Usage>()
        try Dialect.read(&json, into: &part)
        try json.finish()
        if let open, part.begins || isAnother(part, than: open.part) { close() }
        add(part, text)
        if part.ends { close() }
    }

    mutating func finish() -> [Answer] {
        close()
        return answers
    }

    private func isAnother(_ part: AnswerPart<Dialect.Usage>, than open: AnswerPart<Dialect.Usage>) -> Bool {
        guard let id = part.id, let openID = open.id else { return false }
        return id != openID
    }

    private mutating func add(_ part: AnswerPart<Dialect.Usage>, _ text: [UInt8]) {
        var answer = open ?? OpenAnswer(part: AnswerPart())
        do throws(Rejection) { _ = try part.usage.counted() } catch { answer.note = answer.note ?? error }
        answer.part.join(part)
        var hasher = RecordHasher("text")
        hasher.add(text[...])
        answer.hasher.add(hasher.identity())
        answer.size += text.count
        open = answer
    }

    private mutating func close() {
        guard let closed = open else { return }
        open = nil
        let part = closed.part
        var usage: Result<CountedUsage, Rejection>
        do throws(Rejection) {
            var counted = try part.usage.counted()
            counted.note = counted.note ?? closed.note
            usage = .success(counted)
        } catch {
            usage = .failure(error)
        }
        answers.append(
            Answer(
                id: part.id, model: part.model, time: part.time, serviceTier: part.serviceTier, speed: part.speed,
                inferenceGeo: part.inferenceGeo, webSearches: part.webSearches, usage: usage,
                contentID: closed.hasher.identity(), size: closed.size))
    }
}
