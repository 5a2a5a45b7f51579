import Wire

/// Makes Claude Code's telemetry for invented calls, and keeps books of what it made.
public struct TelemetryGenerator: Sendable {
    /// What was made so far.
    public private(set) var books = Books()
    private var random: SeededRandom
    private var sessions: [String]
    private let run: String
    private var made: Int64 = 0
    private var beginsConversations = false
    private var time: Int64

    /// Starts a generator.
    ///
    /// - Parameters:
    ///   - seed: The same seed makes the same telemetry.
    ///   - sessions: How many sessions the calls are spread over.
    ///   - start: The first call's time in nanoseconds since 1970; by default 2026-11-20T12:00:00Z.
    public init(seed: UInt64, sessions: Int = 20, start: Int64 = 1_795_176_000_000_000_000) {
        self.random = SeededRandom(seed: seed)
        self.run = String(seed, radix: 36)
        self.sessions = (0..<sessions).map { "session-\(seed)-\($0)" }
        self.time = start
    }

    /// Makes calls and gives the body of one `/v1/logs` request that reports them.
    public mutating func logs(calls: Int) -> [UInt8] {
        var json = JSONWriter(capacity: 1200 * calls)
        json.object { json in
            json.key("resourceLogs")
            json.array { json in
                json.object { json in
                    json.resource()
                    json.key("scopeLogs")
                    json.array { json in
                        json.object { json in
                            json.scope("com.anthropic.claude_code.events")
                            json.key("logRecords")
                            json.array { json in
                                for _ in 0..<calls { record(into: &json) }
                            }
                        }
                    }
                }
            }
        }
        return json.bytes
    }

    /// A logs request of calls that each begin a conversation of their own.
    public mutating func logsOfNewSessions(calls: Int) -> [UInt8] {
        beginsConversations = true
        defer { beginsConversations = false }
        return logs(calls: calls)
    }

    /// What the sessions of fences begin with.
    public static let fencePrefix = "fence-"

    /// Makes the body of one `/v1/logs` request that reports a single small call in a session of its own: once the
    /// ledger shows it, everything sent before has come through.
    public static func fence() -> (session: String, body: [UInt8]) {
        let seed = UInt64.random(in: 0 ... .max)
        let session = fencePrefix + String(seed)
        var generator = TelemetryGenerator(seed: seed, session: session)
        return (session, generator.logs(calls: 1))
    }

    private init(seed: UInt64, session: String) {
        self.init(seed: seed, sessions: 0)
        sessions = [session]
    }

    private mutating func record(into json: inout JSONWriter) {
        made += 1
        time += 1_000_000 * Int64.random(in: 1...500, using: &random)
        let known = sessions[Int.random(in: sessions.indices, using: &random)]
        let session = beginsConversations ? "session-\(run)-\(made)" : known
        let model = ListPrice.models[Int.random(in: ListPrice.models.indices, using: &random)]
        var tally = Tally()
        tally.calls = 1
        tally.uncachedInput = .random(in: 0...5_000, using: &random)
        tally.cacheRead = .random(in: 0...90_000, using: &random)
        tally.cacheWrite5m = .random(in: 0...9_000, using: &random)
        tally.cacheWrite1h = .random(in: 0...900, using: &random)
        tally.output = .random(in: 1...4_000, using: &random)
        tally.picodollars = ListPrice.picodollars(tally, model: model) ?? 0
        books.add(tally, to: Books.Account(session: session, model: model))
        let (number, instant) = (made, time)
        json.object { json in
            json.key("timeUnixNano")
            json.integerString(instant)
            json.key("body")
            json.object { $0.member("stringValue", "claude_code.api_request") }
            json.key("attributes")
            json.array { json in
                json.attribute("event.name", "api_request")
                json.attribute("session.id", session)
                json.attribute("event.sequence", number)
                json.attribute("model", model)
                json.attribute("request_id", "req_\(run)_\(number)")
                json.attribute("input_tokens", tally.uncachedInput)
                json.attribute("output_tokens", tally.output)
                json.attribute("cache_read_tokens", tally.cacheRead)
                json.attribute("cache_creation_tokens", tally.cacheWrite5m + tally.cacheWrite1h)
                json.attribute("cache_creation_5m_tokens", tally.cacheWrite5m)
                json.attribute("cache_creation_1h_tokens", tally.cacheWrite1h)
                json.attribute("speed", "normal")
                json.attribute("query_source", "sdk")
            }
        }
    }
}

extension JSONWriter {
    /// Writes the resource of Claude Code.
    mutating func resource() {
        key("resource")
        object { json in
            json.key("attributes")
            json.array { $0.attribute("service.name", "claude-code") }
        }
    }

    /// Writes an instrumentation scope.
    mutating func scope(_ name: String) {
        key("scope")
        object { $0.member("name", name) }
    }

    /// Writes a text attribute as OTLP has it.
    mutating func attribute(_ name: String, _ value: String) {
        object { json in
            json.member("key", name)
            json.key("value")
            json.object { $0.member("stringValue", value) }
        }
    }

    /// Writes a whole-number attribute as Claude Code has it: a JSON number.
    mutating func attribute(_ name: String, _ value: Int64) {
        object { json in
            json.member("key", name)
            json.key("value")
            json.object { $0.member("intValue", value) }
        }
    }
}
