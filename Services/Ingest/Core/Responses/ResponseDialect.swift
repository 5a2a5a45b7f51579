import Metering
import Wire

/// How one provider's API answers: which members of a body, or of the events of a stream, say what was used.
///
/// A dialect is chosen by the address a body is sent to and never by what the body holds: two providers use the same
/// names for counts of different meaning. To add one, write such a type and name it in ``ProviderCatalog``.
protocol ResponseDialect: Sendable {
    associatedtype Usage: ProviderUsage

    /// The kind of key that an answer's own id is.
    static var identity: CallKey.Kind { get }

    /// Reads one JSON object: a whole body, or one event of a stream.
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<Usage>) throws(JSONError)
}

extension ResponseDialect {
    static var identity: CallKey.Kind { .response }
}

/// Counts as a provider writes them, gathered over the events of one answer.
protocol ProviderUsage: Sendable {
    /// Nothing reported.
    init()
    /// Takes in what a later event of the same answer says.
    mutating func join(_ later: Self)
    /// The counts in Tollbook's disjoint classes; empty when none is reported.
    func counted() throws(Rejection) -> CountedUsage
}

/// What a provider's counts come to.
struct CountedUsage {
    var tokens: TokenCounts
    /// The counts of the steps it consists of, where each is priced by its own size.
    var billedParts: [TokenCounts] = []
    /// Calls inside the answer that are in none of its own counts.
    var steps: [AnswerStep] = []
    /// The cost as the provider reports it.
    var cost: Amount?
    /// What had to be put right.
    var note: Rejection?

    init(_ tokens: TokenCounts, cost: Amount? = nil, note: Rejection? = nil) {
        self.tokens = tokens
        self.cost = cost
        self.note = note
    }

    /// Whether nothing is reported.
    var isEmpty: Bool { tokens.isEmpty && cost == nil }
}

/// What one JSON object says of an answer.
struct AnswerPart<Usage: ProviderUsage>: Sendable {
    /// The answer's own id.
    var id: String?
    var model: String?
    var time: Timestamp?
    var usage = Usage()
    /// Whether an answer begins here even where the object does not name it.
    var begins = false
    /// Whether the answer is at its end, so that what follows belongs to another.
    var ends = false
    /// What was served, where it is not as usual.
    var serviceTier: String?
    var speed: String?
    var inferenceGeo: String?
    /// Billable web searches.
    var webSearches: AttributeValue?

    mutating func join(_ later: AnswerPart) {
        id = id ?? later.id
        model = model ?? later.model
        time = later.time ?? time
        usage.join(later.usage)
        serviceTier = later.serviceTier ?? serviceTier
        speed = later.speed ?? speed
        inferenceGeo = later.inferenceGeo ?? inferenceGeo
        webSearches.join(later.webSearches)
    }
}

/// A call inside an answer.
struct AnswerStep: Sendable {
    /// Its place among the answer's steps.
    let index: Int
    /// The model, where it is another than the answer's.
    let model: String?
    /// Its role.
    let caller: String
    let usage: AnthropicUsage
}

extension AttributeValue? {
    /// The value as a token count; `nil` when it is not reported.
    func count(_ field: StaticString) throws(Rejection) -> Int64? {
        guard let self else { return nil }
        do throws(RejectionReason) {
            return try UsageNumbers.count(self)
        } catch {
            throw Rejection(error, field: field)
        }
    }
}

extension TokenCounts {
    /// Input as its parts: what is neither read from nor written to a cache is the rest of a total that includes both.
    ///
    /// - Returns: a note when the parts pass the total: they stand, and the rest is none.
    mutating func setInput(
        total: Int64?, read: Int64?, written: Int64?, field: StaticString
    ) -> Rejection? {
        cacheRead = read
        cacheWrite = written
        guard let total else { return nil }
        let rest = total.subtractingClamped((read ?? 0).addingClamped(written ?? 0))
        uncachedInput = max(rest, 0)
        return rest < 0 ? Rejection(.partsExceedTotal, field: field) : nil
    }
}

extension JSONReader {
    /// Reads an instant written in whole seconds since 1970, or as RFC 3339 text; `nil` for anything else.
    mutating func instant() throws(JSONError) -> Timestamp? {
        switch try scalar() {
        case .integer(let seconds) where seconds > 0 && seconds < Self.lastSecond: Timestamp(seconds: seconds)
        case .text(let utf8): Timestamp(rfc3339: String(decoding: utf8.prefix(64), as: UTF8.self))
        default: nil
        }
    }

    /// The year 2262, where timestamps end.
    private static var lastSecond: Int64 { 9_223_372_036 }
}
