import Ledger
import Metering
import Support

/// Invented usage and a naive count of it, which knows nothing of channels, windows or revisions.
struct Auditor {
    /// What agents will send: requests of one observation or more, some of them twice.
    private(set) var requests: [[[UInt8]]] = []
    /// What it must come to.
    private(set) var truth = Books()

    private var identities: UInt64 = 0

    init(calls: Int, using random: inout SeededRandom) {
        var observations: [Observation] = []
        for number in 1...calls { observations += call(number, using: &random) }
        observations.shuffle(using: &random)
        while !observations.isEmpty {
            let count = min(observations.count, Int.random(in: 1...4, using: &random))
            let request = observations.suffix(count).map { IngestEvent.observation($0).json }
            observations.removeLast(count)
            requests.append(request)
            if random.happens(20) { requests.append(request) }
        }
    }

    /// One call: a log and a transcript line, or one of them; sometimes a copy in a forked session.
    private mutating func call(_ number: Int, using random: inout SeededRandom) -> [Observation] {
        var tally = Tally()
        tally.calls = 1
        tally.uncachedInput = .random(in: 1...1000, using: &random)
        tally.cacheRead = .random(in: 0...9000, using: &random)
        tally.output = .random(in: 1...500, using: &random)
        let model = "claude-opus-4-6"
        tally.picodollars = ListPrice.picodollars(tally, model: model) ?? 0
        let session = "session-\(Int.random(in: 1...3, using: &random))"
        truth.add(tally, to: Books.Account(session: session, model: model))

        let request = CallKey(space: "anthropic", kind: .request, value: "req_\(number)")
        let message = CallKey(space: "anthropic", kind: .message, value: "msg_\(number)")
        let time = Timestamp(seconds: 1_795_176_000 + Int64(number))
        func observation(_ channel: Channel, _ keys: [CallKey], in session: String, at time: Timestamp) -> Observation {
            identities += 1
            let tokens = TokenCounts(
                uncachedInput: tally.uncachedInput, cacheRead: tally.cacheRead, output: tally.output)
            var observation = Observation(
                id: ContentID(high: 7, low: identities), harness: Harness(rawValue: "claude-code"), session: session,
                channel: channel, source: "source", eventTime: time, receivedTime: time,
                content: .call(keys: keys, tokens: tokens, cost: nil))
            observation.model = model
            observation.provider = Provider(rawValue: "anthropic")
            return observation
        }
        var made: [Observation] = []
        let hasLog = random.happens(70)
        if hasLog { made.append(observation(.log, [request], in: session, at: time)) }
        if !hasLog || random.happens(60) {
            made.append(observation(.transcript, [request, message], in: session, at: time))
        }
        if random.happens(30) {
            let later = Timestamp(seconds: time.seconds + 3600)
            made.append(observation(.transcript, [request, message], in: "fork-\(number)", at: later))
        }
        return made
    }

    /// How the books of a ledger, and of those who follow it, differ from the truth; empty when all agree.
    func differences(in ledger: LedgerNode) -> [String] {
        var byDelta = Books()
        var highest: [CallKey: Charge] = [:]
        for change in ledger.changes {
            if let before = change.before { byDelta.enter(before, sign: -1) }
            byDelta.enter(change.charge, sign: 1)
            if change.charge.call.revision > highest[change.charge.call.key]?.call.revision ?? 0 {
                highest[change.charge.call.key] = change.charge
            }
        }
        var ledgers = Books()
        for charge in ledger.standing { ledgers.enter(charge, sign: 1) }
        var byRevision = Books()
        for charge in highest.values { byRevision.enter(charge, sign: 1) }
        let views = [("ledger", ledgers), ("subscriber by delta", byDelta), ("subscriber by revision", byRevision)]
        return views.flatMap { name, books in
            books.mapped { $0 }.differences(from: truth).map { "\(name): \($0)" }
        }
    }
}

extension Books {
    /// Books a charge, or takes it out.
    fileprivate mutating func enter(_ charge: Charge, sign: Int64) {
        let call = charge.call
        guard !call.isRetracted else { return }
        var tally = Tally()
        tally.calls = sign
        tally.uncachedInput = sign * (call.tokens.uncachedInput ?? 0)
        tally.cacheRead = sign * (call.tokens.cacheRead ?? 0)
        tally.output = sign * (call.tokens.output ?? 0)
        tally.picodollars = Int128(sign) * Int128(charge.rating.cost?.picodollars ?? 0)
        add(tally, to: Account(session: call.scope.session, model: call.model ?? "(none)"))
    }
}
