import Ledger
import Metering
import Support

/// Makes a year of charges as a company of agents would: two dozen sessions at a time, each of one person, project and
/// harness, mostly on one model.
struct ChargeGenerator {
    /// When the first charge is: 2025-11-28T00:00:00Z.
    static let start: Int64 = 1_764_288_000
    private static let year: Int64 = 365 * 86_400
    private static let callsPerSession = 40
    private static let harnesses = ["claude-code", "codex", "gemini-cli"]
    private static let models = [
        "claude-opus-4-6", "claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5", "gpt-5-mini", "gemini-2.5-pro",
        "gemini-2.5-flash", "mystery-9b",
    ]

    private struct Session {
        var name: String
        var harness: String
        var project: String
        var user: String
        var model: String
        var calls = 0
    }

    private let count: Int64
    private var random = SeededRandom(seed: 5)
    private var sessions: [Session] = []
    private var made: Int64 = 0
    private var opened = 0

    /// Spreads charges over the year.
    init(count: Int64) {
        self.count = count
        for _ in 0..<24 { sessions.append(newSession()) }
    }

    /// The next charge.
    mutating func next() -> Charge {
        let place = Int.random(in: sessions.indices, using: &random)
        if sessions[place].calls == Self.callsPerSession { sessions[place] = newSession() }
        sessions[place].calls += 1
        let session = sessions[place]
        made += 1
        var call = Call(
            number: made, key: CallKey(space: "bench", kind: .request, value: "req_\(made)"), revision: 1,
            reason: .first,
            scope: Scope(tenant: "default", harness: Harness(rawValue: session.harness), session: session.name),
            eventTime: Timestamp(
                nanoseconds: Self.start * 1_000_000_000
                    + Int64(Int128(made) * Int128(Self.year) * 1_000_000_000 / Int128(count))
            ),
            tokens: TokenCounts(
                uncachedInput: .random(in: 0...3000, using: &random),
                cacheRead: .random(in: 0...90_000, using: &random),
                cacheWrite5m: .random(in: 0...9000, using: &random), output: .random(in: 1...2500, using: &random)),
            quality: .exact)
        call.model =
            Int.random(in: 0..<8, using: &random) == 0 ? Self.models.randomElement(using: &random) : session.model
        call.attribution.project = session.project
        call.attribution.user = session.user
        var rating = Rating(status: .priced)
        rating.costByClass = Dictionary(
            uniqueKeysWithValues: [TokenClass.uncachedInput, .cacheRead, .cacheWrite5m, .output].map { tokenClass in
                (tokenClass, Amount(picodollars: (call.tokens[tokenClass] ?? 0) * 3_000_000))
            })
        rating.cost = Amount(picodollars: rating.costByClass.values.reduce(0) { $0 + $1.picodollars })
        return Charge(call: call, rating: rating)
    }

    private mutating func newSession() -> Session {
        opened += 1
        let user = Int.random(in: 0..<12, using: &random)
        return Session(
            name: "session-\(opened)", harness: Self.harnesses[user % Self.harnesses.count],
            project: "project-\((user * 3 + Int.random(in: 0..<3, using: &random)) % 25)", user: "user-\(user)",
            model: Self.models.randomElement(using: &random) ?? "gpt-5")
    }
}
