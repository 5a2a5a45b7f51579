public import Metering

/// How an agent's telemetry is switched on, as data: where its settings stand, which must be what, and the lines to add.
public struct AgentTelemetry: Sendable {
    /// Where settings stand, beside the environment; what stands later wins.
    public let files: [File]
    /// What every channel needs.
    public let common: [Requirement]
    /// What single channels need; one is enough to count every call.
    public let channels: [(channel: Channel, requirements: [Requirement])]
    /// The lines to add, with `{endpoint}` where ingest's address belongs.
    let template: [String]
    /// Where to add them.
    public let place: String

    init(
        files: [File], common: [Requirement], channels: [(Channel, [Requirement])], template: [String], place: String
    ) {
        self.files = files
        self.common = common
        self.channels = channels.map { (channel: $0.0, requirements: $0.1) }
        self.template = template
        self.place = place
    }

    /// The lines to add for an ingest, such as `http://127.0.0.1:4318`.
    public func lines(endpoint: String) -> [String] {
        template.map { $0.replacing("{endpoint}", with: endpoint) }
    }

    /// A file of settings.
    public struct File: Sendable {
        /// A variable that names its folder, where it is set.
        public let variable: String?
        /// Its folder below the user's home where it is not.
        public let folder: String
        /// Its name.
        public let name: String
        /// How it is written.
        public let format: Format
        /// The object whose members are environment variables; `nil` where the file's own names count.
        public let environment: String?

        /// How settings are written.
        public enum Format: Sendable {
            /// JSON.
            case json
            /// TOML.
            case toml
        }
    }

    /// One setting that must be as wanted.
    public struct Requirement: Sendable {
        /// Its names: a variable's, or a path such as `otel.exporter`; any of them will do.
        public let names: [String]
        /// What it must be.
        public let wanted: Wanted
        /// Whether it is right where it is not set.
        public let isDefault: Bool

        /// What a setting must be.
        public enum Wanted: Hashable, Sendable {
            /// One of these.
            case oneOf([String])
            /// A list, with commas, that has this.
            case list(has: String)
            /// Ingest's address, with a path behind it.
            case endpoint(path: String)
        }

        init(_ names: String..., wanted: Wanted, isDefault: Bool = false) {
            self.names = names
            self.wanted = wanted
            self.isDefault = isDefault
        }

        /// Whether settings are as wanted.
        ///
        /// - Parameters:
        ///   - setting: the value of a name.
        ///   - isEndpoint: whether an address is ingest's.
        public func isMet(by setting: (String) -> String?, isEndpoint: (String) -> Bool) -> Bool {
            guard let value = names.lazy.compactMap(setting).first else { return isDefault }
            switch wanted {
            case .oneOf(let values): return values.contains(value.lowercased())
            case .list(let wanted):
                return value.split(separator: ",").contains { $0.filter { $0 != " " } == wanted }
            case .endpoint(let path):
                var address = Substring(value)
                while address.last == "/" { address.removeLast() }
                guard !path.isEmpty else { return isEndpoint(String(address)) }
                return address.hasSuffix(path) && isEndpoint(String(address.dropLast(path.count)))
            }
        }
    }
}

extension HarnessCatalog {
    /// What is known of each harness's installation, by name.
    public var agents: [Agent] {
        readers.compactMap { reader in
            guard let harness = reader.harness else { return nil }
            return Agent(
                harness: harness, command: reader.command, sessionFiles: reader.sessionFiles,
                telemetry: reader.setup)
        }.sorted { $0.harness < $1.harness }
    }
}

/// A harness as it is installed.
public struct Agent: Sendable {
    /// The harness.
    public let harness: Harness
    /// Its command.
    public let command: AgentCommand?
    /// Where it keeps session files.
    public let sessionFiles: SessionFiles?
    /// How its telemetry is switched on.
    public let telemetry: AgentTelemetry?
}
