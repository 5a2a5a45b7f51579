// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

import Metering

/// A small, repeatable source of random numbers (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func roll(_ sides: Int) -> Int { Int(next() % UInt64(sides)) }

    /// True once in so many times.
    mutating func once(in times: Int) -> Bool { roll(times) == 0 }
}

/// Observations of a few sessions over every channel, as lossy, conflicting and confused as they come.
struct GeneratedSessions {
    private(set) var observations: [Observation] = []
    private var dice: Dice
    private static let start = Timestamp(seconds: 1_780_000_000)

    init(seed: UInt64) {
        dice = Dice(seed: seed)
        let sessions = (0..<1 + dice.roll(3)).map { _ in session() }
        for index in 0..<dice.roll(5) {
            addCall(index, in: sessions.randomElement(using: &dice)!, others: sessions)
        }
        for session in sessions where !dice.once(in: 3) { addCounters(of: session) }
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
        let temporality: AggregatePoint.Temporality = dice.once(in: 2) ? .delta : .cumulative
        for group in 0..<1 + dice.roll(2) {
            for measure in Self.measures where !dice.once(in: 3) {
                addPoints(of: session, group: group, measure, temporality)
            }
        }
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
            let interval = temporality == .delta ? Timestamp(seconds: Self.start.seconds + end - 1500) : began
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

    /// Points that say the same are the same observation, as content-derived identities make them.
    private mutating func observation(
        _ channel: Channel, _ session: Session, _ time: Int64, _ content: Observation.Content
    ) -> Observation {
        var observation = Observation(
            id: ContentID(high: 0, low: 0), tenant: session.tenant, harness: Harness(rawValue: session.harness),
            session: session.name, channel: channel, source: session.source,
            eventTime: Timestamp(seconds: Self.start.seconds + time), receivedTime: Self.start, content: content)
        observation.id = ContentID(high: dice.next(), low: dice.next())
        if case .aggregate = content {
            let twin = observations.first { $0.content == content && $0.scope == observation.scope }
            if let twin { observation.id = twin.id }
        }
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
