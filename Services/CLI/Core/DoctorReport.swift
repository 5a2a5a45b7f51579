public import Metering

/// What `tollbook doctor` found, for people and for scripts.
public struct DoctorReport: Hashable, Sendable {
    /// The agents, by name.
    public let agents: [AgentState]
    /// The services and the canary.
    public let pipeline: PipelineState
    /// Runs whose captured usage was not yet sent.
    public let waitingCaptures: Int
    /// Runs whose captured usage ingest refused for good.
    public let refusedCaptures: Int

    /// Makes a report.
    public init(agents: [AgentState], pipeline: PipelineState, waitingCaptures: Int, refusedCaptures: Int = 0) {
        self.agents = agents
        self.pipeline = pipeline
        self.waitingCaptures = waitingCaptures
        self.refusedCaptures = refusedCaptures
    }

    /// One channel of an agent's telemetry.
    public struct ChannelState: Hashable, Sendable {
        /// The channel.
        public let channel: Channel
        /// What keeps it from reporting; empty when it is switched on.
        public let missing: [String]

        /// Describes a channel.
        public init(channel: Channel, missing: [String]) {
            self.channel = channel
            self.missing = missing
        }
    }

    /// One agent.
    public struct AgentState: Hashable, Sendable {
        /// Its name.
        public let harness: Harness
        /// Its program; `nil` when it is not installed.
        public var program: String?
        /// The folders with its session files.
        public var folders: [String] = []
        /// How many session files they hold.
        public var files = 0
        /// When the last of them was written, in nanoseconds since 1970.
        public var lastWritten: Int64?
        /// Its telemetry by channel.
        public var channels: [ChannelState] = []
        /// The lines that switch its telemetry on.
        public var lines: [String] = []
        /// Where they belong.
        public var place = ""
        /// When each channel was last heard of.
        public var received: [Channel: Timestamp] = [:]

        /// Describes an agent that was not looked for yet.
        public init(harness: Harness) {
            self.harness = harness
        }

        /// Whether there is any trace of it on this machine.
        public var isFound: Bool { program != nil || !folders.isEmpty }
        /// Whether any channel of its telemetry is switched on.
        public var isReporting: Bool { channels.contains { $0.missing.isEmpty } }
    }

    /// The services and the canary.
    public struct PipelineState: Hashable, Sendable {
        /// Why ingest cannot be used; `nil` when it can.
        public var ingest: String?
        /// Why query cannot be used; `nil` when it can.
        public var query: String?
        /// What became of the canary; `nil` when none was sent.
        public var canary: CanaryState?
        /// How long it took.
        public var milliseconds: Int64?
        /// When each channel of each harness was last heard of.
        public var received: [Harness: [Channel: Timestamp]] = [:]
        /// Why that cannot be told; `nil` when it can.
        public var receivedFault: String?

        /// Describes a pipeline that was not looked at yet.
        public init() {}
    }

    /// What became of the canary.
    public enum CanaryState: Hashable, Sendable {
        /// It came out with a price.
        case priced
        /// It did not.
        case failed(String)
    }

    /// The exit status: 0 all is well, 1 the pipeline does not work, 2 no installed agent reports to it.
    public var status: Int32 {
        guard pipeline.canary == .priced, pipeline.receivedFault == nil else { return 1 }
        let found = agents.filter(\.isFound)
        let isHeard = found.contains { $0.isReporting || !$0.received.isEmpty }
        return found.isEmpty || isHeard ? 0 : 2
    }
}

// MARK: - For people

extension DoctorReport {
    /// The report as text.
    public func text(isColoured: Bool) -> String {
        func mark(_ isGood: Bool) -> String {
            let mark = isGood ? "ok" : "--"
            return isColoured ? (isGood ? Colour.green : Colour.yellow).paint(mark) : mark
        }
        var lines = ["Pipeline"]
        lines.append("  \(mark(pipeline.ingest == nil)) ingest: \(pipeline.ingest ?? "ready")")
        lines.append("  \(mark(pipeline.query == nil)) query: \(pipeline.query ?? "ready")")
        lines.append("  \(mark(pipeline.canary == .priced)) canary: \(canaryWords)")
        if let fault = pipeline.receivedFault {
            lines.append("  \(mark(false)) what was received cannot be told: \(fault)")
        }
        if refusedCaptures > 0 {
            lines.append(
                "  \(mark(false)) \(refusedCaptures) captured runs were refused by ingest and are not counted; "
                    + "the next tollbook import after they are named .ndjson again sends them")
        }
        if waitingCaptures > 0 {
            lines.append(
                "  \(mark(false)) \(waitingCaptures) captured runs wait to be sent; the next capture sends them")
        }
        for agent in agents where agent.isFound || !agent.received.isEmpty {
            lines += ["", agent.harness.rawValue]
            lines.append("  \(mark(agent.program != nil)) program: \(agent.program ?? "not on the PATH")")
            if !agent.folders.isEmpty {
                lines.append(
                    "  \(mark(agent.files > 0)) session files: \(agent.files) in \(agent.folders.joined(separator: ", "))"
                )
            }
            for channel in agent.channels {
                lines.append(
                    "  \(mark(channel.missing.isEmpty)) telemetry, \(channel.channel.rawValue): "
                        + (channel.missing.isEmpty ? "on" : channel.missing.joined(separator: "; ")))
            }
            for (channel, time) in agent.received.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                lines.append("  \(mark(true)) received by \(channel.rawValue): last \(time)")
            }
            if agent.program != nil, !agent.channels.isEmpty, !agent.isReporting {
                lines.append("  Set this \(agent.place):")
                lines += agent.lines.map { "      " + $0 }
            }
        }
        let missing = agents.filter { !$0.isFound && $0.received.isEmpty }.map(\.harness.rawValue)
        if !missing.isEmpty { lines += ["", "Not found: " + missing.joined(separator: ", ")] }
        return lines.joined(separator: "\n") + "\n"
    }

    private var canaryWords: String {
        switch pipeline.canary {
        case .priced: "came out priced after \(pipeline.milliseconds ?? 0) ms"
        case .failed(let words): words
        case nil: "not sent"
        }
    }
}

// MARK: - For scripts

extension DoctorReport {
    /// The report as JSON.
    public var json: JSONDocument {
        .object([
            .init("status", .integer(Int64(status))),
            .init(
                "pipeline",
                .object([
                    .init("ingest", .string(pipeline.ingest ?? "ready")),
                    .init("query", .string(pipeline.query ?? "ready")), .init("canary", .string(canaryWords)),
                    .init("is_canary_priced", .bool(pipeline.canary == .priced)),
                    .init("milliseconds", pipeline.milliseconds.map(JSONDocument.integer) ?? .null),
                    .init("received_fault", pipeline.receivedFault.map(JSONDocument.string) ?? .null),
                    .init("waiting_captures", .integer(Int64(waitingCaptures))),
                    .init("refused_captures", .integer(Int64(refusedCaptures))),
                ])), .init("agents", .array(agents.map(\.json))),
        ])
    }
}

extension DoctorReport.AgentState {
    fileprivate var json: JSONDocument {
        .object([
            .init("harness", .string(harness.rawValue)), .init("is_found", .bool(isFound)),
            .init("program", program.map(JSONDocument.string) ?? .null), .init("folders", .strings(folders)),
            .init("session_files", .integer(Int64(files))),
            .init(
                "last_written",
                lastWritten.map { .string(Timestamp(nanoseconds: $0).description) } ?? .null),
            .init(
                "telemetry",
                .array(
                    channels.map { channel in
                        .object([
                            .init("channel", .string(channel.channel.rawValue)),
                            .init("is_on", .bool(channel.missing.isEmpty)), .init("missing", .strings(channel.missing)),
                        ])
                    })), .init("lines", .strings(lines)),
            .init(
                "received",
                .object(
                    received.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        .init($0.key.rawValue, .string($0.value.description))
                    })),
        ])
    }
}
