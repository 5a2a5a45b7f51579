// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

public import Metering

/// A small, repeatable source of random numbers (SplitMix64).
public struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts a sequence.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to one less than the sides.
    public mutating func roll(_ sides: Int) -> Int { Int(next() % UInt64(sides)) }

    /// True once in so many times.
    public mutating func once(in times: Int) -> Bool { roll(times) == 0 }
}

/// Observations of a few sessions over every channel, as lossy, conflicting and confused as they come.
public struct GeneratedSessions: Sendable {
    /// Each once, in the order they were made.
    public private(set) var observations: [Observation] = []
    private var dice: Dice
    private static let start = Timestamp(seconds: 1_780_000_000)

    /// Makes the observations of a seed.
    public init(seed: UInt64) {
        dice = Dice(seed: seed)
        let sessions = (0..<1 + dice.roll(3)).map { _ in session() }
        for index in 0..<dice.roll(5) {
            addCall(index, in: sessions.randomElement(using: &dice)!, others: sessions)
        }
        for session in sessions where !dice.once(in: 3) { addCounters(of: session) }
        for index in 0..<dice.roll(4) where dice.once(in: 2) {
            addPairedCalls(index, in: sessions.randomElement(using: &dice)!, others: sessions)
        }
    }

    private struct Session {
        let harness: String
        let name: String?
        let source: String
        let tenant: String
    }

    private mutating func session() -> Session {
        Session(
            harness: ["claude-code", "codex"][dice.roll(2)], name: [nil, "s1", "s2", "s3"][dice.roll(4)],
            source: ["p1", "p2"][dice.roll(2)], tenant: dice.once(in: 8) ? "other" : Scope.defaultTenant)
    }

    private mutating func addCall(_ index: Int, in session: Session, others: [Session]) {
        let truth = TokenCounts(
            uncachedInput: Int64(dice.roll(4)) * 10, cacheRead: dice.once(in: 2) ? Int64(dice.roll(3)) * 100 : nil,
            cacheWrite5m: Int64(dice.roll(3)), cacheWrite1h: Int64(dice.roll(3)), output: Int64(dice.roll(5)),
            reasoning: dice.once(in: 3) ? Int64(dice.roll(3)) : nil)
        let time = 60 * Int64(dice.roll(120))
        let keys = (
            request: CallKey(space: "anthropic", kind: .request, value: "r\(index)"),
            message: CallKey(space: "anthropic", kind: .message, value: "m\(dice.once(in: 6) ? 0 : index)"),
            client: CallKey(space: "anthropic", kind: .clientRequest, value: "c\(dice.once(in: 6) ? 0 : index)")
        )
        if !dice.once(in: 3) {
            let named = dice.once(in: 5) ? [keys.client] : [keys.request, keys.client]
            report(.log, session, time + 1, named, truth.withoutSplit(dice.once(in: 2)), cost: dice.once(in: 2))
        }
        if dice.once(in: 3) { report(.span, session, time, [keys.client], truth.withoutSplit(true), cost: false) }
        if dice.once(in: 4) { report(.response, session, time, [keys.message], truth, cost: false) }
        for line in 0..<dice.roll(3) {
            var growing = truth
            growing.output = truth.output.map { $0 >> Int64(1 - min(line, 1)) }
            let owner = dice.once(in: 4) ? others.randomElement(using: &dice)! : session
            let named = dice.once(in: 4) ? [keys.message] : [keys.message, keys.request]
            report(.transcript, owner, time + Int64(line), named, growing, cost: false)
        }
    }

    /// Calls of equal usage on channels that share no identity, each of which may lose some.
    private mutating func addPairedCalls(_ index: Int, in session: Session, others: [Session]) {
        let truth = TokenCounts(uncachedInput: 10, cacheRead: 100, output: Int64(dice.roll(2)))
        for call in 0..<1 + dice.roll(3) {
            let time = 600 * Int64(index) + 60 * Int64(dice.roll(4))
            let name = "\(index)-\(call)"
            let record = CallKey(space: "codex", kind: .record, value: name)
            let response = CallKey(space: "openai", kind: .response, value: dice.once(in: 6) ? "same" : name)
            let channels: [(Channel, CallKey)] = [
                (.log, record), (.transcript, response),
                (.span, CallKey(space: "codex", kind: .span, value: name)),
            ]
            for (channel, key) in channels where !dice.once(in: 4) {
                let named = channel == .log && dice.once(in: 6) ? [key, response] : [key]
                report(channel, session, time + Int64(dice.roll(90)), named, truth, cost: false)
                if dice.once(in: 8) { continue }
                let pairing = ContentID(high: 9, low: UInt64(dice.roll(2)))
                observations[observations.count - 1].pairing = pairing
                // A fork begins with a copy of what was said, with its keys and times.
                guard channel == .transcript, dice.once(in: 3) else { continue }
                let copied = observations[observations.count - 1].eventTime.seconds - Self.start.seconds
                report(channel, others.randomElement(using: &dice)!, copied, named, truth, cost: false)
                observations[observations.count - 1].pairing = pairing
            }
        }
    }

    private mutating func report(
        _ channel: Channel, _ session: Session, _ time: Int64, _ keys: [CallKey], _ truth: TokenCounts, cost: Bool
    ) {
        var tokens = truth
        if dice.once(in: 8) { tokens[TokenClass.allCases.randomElement(using: &dice)!] = Int64(dice.roll(4)) }
        if dice.once(in: 8) { tokens[TokenClass.allCases.randomElement(using: &dice)!] = nil }
        if dice.once(in: 30) { tokens = TokenCounts() }
        let amount = cost ? Amount(picodollars: Int64(dice.roll(3)) * 1_000) : nil
        var observation = observation(
            channel, session, time, .call(keys: keys.shuffled(using: &dice), tokens: tokens, cost: amount))
        if dice.once(in: 10) { observation.authority = Int64(dice.roll(4)) * 10 }
        observation.model = dice.once(in: 4) ? nil : ["opus", "haiku"][dice.roll(2)]
        observations.append(observation)
    }

    private mutating func addCounters(of session: Session) {
        for authority in [Int64?.none, 45, 55].prefix(1 + (dice.once(in: 3) ? dice.roll(3) : 0)) {
            let temporality = [AggregatePoint.Temporality.delta, .cumulative, .highWater][dice.roll(3)]
            for group in 0..<1 + dice.roll(2) {
                let parent = dice.once(in: 2) ? dice.roll(3) : nil
                let parted = Timestamp(seconds: Self.start.seconds + 1500 * Int64(dice.roll(5)))
                for measure in Self.measures where !dice.once(in: 3) {
                    let first = observations.count
                    let number = group + (temporality == .highWater ? dice.roll(2) : 0)
                    addPoints(of: session, group: number, measure, temporality)
                    guard first < observations.count else { continue }
                    for index in first..<observations.count {
                        finish(index, authority: authority, parent: parent, parted, measure)
                    }
                }
            }
        }
    }

    /// Gives a point its authority and its baseline; what says the same as another is the same observation.
    private mutating func finish(
        _ index: Int, authority: Int64?, parent: Int?, _ parted: Timestamp, _ measure: AggregatePoint.Measure
    ) {
        guard case .aggregate(var point) = observations[index].content else { return }
        if let authority { observations[index].authority = authority }
        if authority == 45 { observations[index].channel = .result }
        if point.temporality == .highWater, let parent {
            point.baseline = AggregatePoint.Baseline(
                series: ContentID(high: UInt64(parent), low: Self.name(measure)), at: parted)
            observations[index].content = .aggregate(point)
        }
        let this = observations[index]
        let twin = observations[..<index].first { other in
            guard case .aggregate(var twin) = other.content else { return false }
            twin.baseline = point.baseline
            return twin == point && other.scope == this.scope && other.authority == this.authority
        }
        if let twin { observations[index] = twin }
    }

    private static let measures: [AggregatePoint.Measure] = [
        .tokens(.uncachedInput, within: nil), .tokens(.cacheRead, within: .uncachedInput),
        .tokens(.cacheWrite, within: nil), .tokens(.output, within: nil), .cost,
    ]

    private mutating func addPoints(
        of session: Session, group: Int, _ measure: AggregatePoint.Measure, _ temporality: AggregatePoint.Temporality
    ) {
        var total: Int64 = 0
        var began = dice.once(in: 4) ? nil : Self.start
        for step in 0..<dice.roll(5) {
            let value = Int64(dice.roll(4)) * 10
            total += value
            if dice.once(in: 6) {
                total = value
                if dice.once(in: 2) { began = Timestamp(seconds: Self.start.seconds + Int64(step)) }
            }
            if dice.once(in: 6) { continue }
            let end = 1500 * Int64(dice.once(in: 8) ? step + 1 : step)
            let interval: Timestamp? =
                switch temporality {
                case .delta: Timestamp(seconds: Self.start.seconds + end - 1500)
                case .cumulative: began
                case .highWater: nil
                }
            let point = AggregatePoint(
                series: ContentID(high: UInt64(group), low: Self.name(measure)),
                group: ContentID(high: UInt64(group), low: 0), measure: measure, start: interval,
                end: Timestamp(seconds: Self.start.seconds + end), temporality: temporality,
                value: temporality == .delta ? value : total)
            var observation = observation(.metric, session, end, .aggregate(point))
            observation.model = "group \(group)"
            observations.append(observation)
        }
    }

    private mutating func observation(
        _ channel: Channel, _ session: Session, _ time: Int64, _ content: Observation.Content
    ) -> Observation {
        var observation = Observation(
            id: ContentID(high: 0, low: 0), tenant: session.tenant, harness: Harness(rawValue: session.harness),
            session: session.name, channel: channel, source: session.source,
            eventTime: Timestamp(seconds: Self.start.seconds + time), receivedTime: Self.start, content: content)
        observation.id = ContentID(high: dice.next(), low: dice.next())
        return observation
    }

    private static func name(_ measure: AggregatePoint.Measure) -> UInt64 {
        UInt64(measures.firstIndex(of: measure)! + 1)
    }
}

extension TokenCounts {
    /// The counts of a channel that does not tell lifetimes.
    fileprivate func withoutSplit(_ isWithout: Bool) -> TokenCounts {
        guard isWithout else { return self }
        var tokens = self
        tokens.cacheWrite = allCacheWrites
        tokens.cacheWrite5m = nil
        tokens.cacheWrite1h = nil
        return tokens
    }
}
