import Metering
import Pipeline
import Reconciliation
import Wire

/// One transaction while it is being put together: what arrived is admitted, counted and turned into calls.
struct Commit {
    private(set) var windows: [StreamID: OrderedReceiveWindow]
    private(set) var tally: Tally
    /// Scopes that got an aggregate which waits.
    private(set) var waiting: Set<Scope> = []
    /// What a sender could no longer supply.
    private(set) var gaps: [(stream: StreamID, range: Range<SequenceNumber>)] = []
    /// Why events were refused here.
    private(set) var refusals: [String: Int64] = [:]
    private var reconciler: Reconciler<StoredState>
    private let outbox: StoredOutbox
    private let statements: DeliveryStatements

    init(
        reconciler: Reconciler<StoredState>, outbox: StoredOutbox, statements: DeliveryStatements,
        windows: [StreamID: OrderedReceiveWindow], tally: Tally
    ) {
        self.reconciler = reconciler
        self.outbox = outbox
        self.statements = statements
        self.windows = windows
        self.tally = tally
    }

    /// Takes in what is new of a batch.
    mutating func apply(_ arrival: Arrival, at time: Timestamp) throws {
        var window = windows[arrival.stream] ?? OrderedReceiveWindow()
        let admission = window.admit(arrival.batch)
        for gap in admission.gaps {
            try statements.insert(gap: gap, of: arrival.stream, noticed: time)
            gaps.append((arrival.stream, gap))
        }
        tally[.lost] += admission.lost
        for index in admission.applicable.joined() {
            tally[.accepted] += 1
            try apply(event: index, of: arrival, at: time)
        }
        if windows[arrival.stream] != window {
            windows[arrival.stream] = window
            try statements.keep(window, of: arrival.stream)
        }
    }

    /// Records a frame that is no batch, as one event: how many it was meant to be cannot be told.
    mutating func refuse(_ frame: RejectedFrame, at time: Timestamp) throws {
        tally[.accepted] += 1
        let name = "frame \(time.nanoseconds) \(frame.byteCount) \(refusals.values.reduce(0, +))"
        try refuse(named: name, reason: "unreadable_batch", field: nil, size: frame.byteCount, at: time)
    }

    /// Publishes the aggregates of a scope whose grace is over.
    mutating func settle(_ scope: Scope) throws {
        if let transaction = try reconciler.settle(scope) { emit(transaction) }
    }

    /// Tells consumers of a scope's reconciliation, where it changed.
    mutating func report(_ scope: Scope) throws {
        guard let transaction = try reconciler.report(scope) else { return }
        if !transaction.calls.isEmpty { emit(CallTransaction(calls: transaction.calls)) }
        guard !transaction.reconciliations.isEmpty else { return }
        tally[.reconciliations] += 1
        let event = CallTransaction(calls: [], reconciliations: transaction.reconciliations).json
        // A few hundred sums at most: far below what an event may hold.
        outbox.stage(event)
    }

    private mutating func apply(event index: Int, of arrival: Arrival, at time: Timestamp) throws {
        var reader = arrival.batch.reader(index)
        let event: IngestEvent
        do throws(JSONError) {
            event = try IngestEvent(from: &reader)
        } catch {
            return try refuse(event: index, of: arrival, because: error, at: time)
        }
        switch event {
        case .observation(let observation): try apply(observation, text: arrival.batch.bytes(index))
        case .deadLetter(let letter): try keep(letter)
        }
    }

    private mutating func apply(_ observation: Observation, text: ArraySlice<UInt8>) throws {
        switch try reconciler.accept(observation, text: text) {
        case .duplicate:
            tally[.duplicates] += 1
            return
        case .conflict: return try refuse(conflicting: observation, text: text)
        case .changed(let transaction): emit(transaction)
        case .waiting(let scopes): waiting.formUnion(scopes)
        case .recorded: break
        }
        tally[.observations] += 1
    }

    /// An identity names one report: what came first under it stands, and what contradicts it leaves a trace.
    private mutating func refuse(conflicting observation: Observation, text: ArraySlice<UInt8>) throws {
        let reason = "conflicting_report"
        refusals[reason, default: 0] += 1
        // Sent again, it is the same letter.
        var timeless = observation
        timeless.eventTime = Timestamp(nanoseconds: 0)
        timeless.receivedTime = Timestamp(nanoseconds: 0)
        let id = Fingerprint(key: observation.id)(IngestEvent.observation(timeless).json)
        var letter = DeadLetter(
            id: id, tenant: observation.tenant, stage: "dedupe", reason: reason, time: observation.receivedTime)
        letter.harness = observation.harness
        letter.channel = observation.channel
        letter.field = "id"
        letter.size = Int64(text.count)
        try keep(letter)
    }

    private mutating func keep(_ letter: DeadLetter) throws {
        tally[try statements.insert(letter) ? .deadLetters : .duplicates] += 1
    }

    /// Poison never blocks: what cannot be read becomes a dead letter, and its stream goes on.
    private mutating func refuse(
        event index: Int, of arrival: Arrival, because error: JSONError, at time: Timestamp
    ) throws {
        let reason = "undecodable: \(error.reason.rawValue)"
        // A stream gives a number to one event only.
        let name = "\(arrival.stream) \(arrival.batch.first + Int64(index))"
        try refuse(
            named: name, reason: reason, field: error.member, size: arrival.batch.bytes(index).count, at: time)
    }

    private mutating func refuse(
        named name: String, reason: String, field: String?, size: Int, at time: Timestamp
    ) throws {
        refusals[reason, default: 0] += 1
        let id = Fingerprint(key: ContentID(high: 0, low: 0))(name)
        var letter = DeadLetter(id: id, stage: "dedupe", reason: reason, time: time)
        letter.field = field
        letter.size = Int64(size)
        try keep(letter)
    }

    private mutating func emit(_ transaction: CallTransaction) {
        for event in transaction.events(maximumBytes: Batch.maximumEventBytes) {
            outbox.stage(event)
            tally[.transactions] += 1
        }
        tally[.calls] += Int64(transaction.calls.count)
        tally[.retractions] += Int64(transaction.calls.count { $0.isRetracted })
    }
}
