public import Metering

/// The readers, in the order in which they are asked.
public struct HarnessCatalog: Sendable {
    let readers: [any HarnessReader]
    /// Reads what no harness's own reader claims.
    private let fallback: any HarnessReader

    init(_ readers: [any HarnessReader], fallback: any HarnessReader = GenAIConventions()) {
        self.readers = readers
        self.fallback = fallback
    }

    /// Every harness that is read: one line each.
    public static let standard = HarnessCatalog([
        ClaudeCode(),
        Codex(),
        GeminiCLI(),
        QwenCode(),
        OpenCode(),
        Copilot(),
        Cline(),
        Goose(),
        Kimi(),
        Pi.original,
        Pi.ohMyPi,
        Amp(),
        Droid(),
        Crush(),
    ])

    /// The reader of a scope's records and the harness they are attributed to.
    ///
    /// The service's own name decides first: a plugin may call its metrics like another harness's.
    func resolve(service: String?, scope: ArraySlice<UInt8>) -> Resolution {
        if let service, let reader = readers.first(where: { $0.owns(service: service) }) {
            return Resolution(reader: reader, harness: reader.harness ?? .unknown, isCertain: true)
        }
        if let reader = readers.first(where: { $0.owns(scope: scope) }) {
            return Resolution(reader: reader, harness: reader.harness ?? .unknown, isCertain: true)
        }
        let harness = service.flatMap(Harness.init(normalising:))
        return Resolution(reader: fallback, harness: harness ?? .unknown, isCertain: harness != nil)
    }

    /// The reader of a single record whose service has no name.
    func resolve(record name: ArraySlice<UInt8>, otherwise resolution: Resolution) -> Resolution {
        guard !resolution.isCertain, let reader = readers.first(where: { $0.owns(record: name) }) else {
            return resolution
        }
        return Resolution(reader: reader, harness: reader.harness ?? .unknown, isCertain: true)
    }

    /// Begins reading a session file of a harness; `nil` when that file is not read.
    func makeSessionReader(for harness: Harness, of file: SessionFile) -> SessionReader? {
        reader(of: harness)?.makeSessionReader(of: file)
    }

    /// Begins reading what a harness's command prints; `nil` when that is not read.
    func makeResultReader(for harness: Harness, of invocation: Invocation) -> (any ResultReader)? {
        reader(of: harness)?.makeResultReader(of: invocation)
    }

    /// The harnesses whose session files are read, and where these lie, by name.
    public var sessionFiles: [(harness: Harness, files: SessionFiles)] {
        readers.compactMap { reader in
            guard let harness = reader.harness, let files = reader.sessionFiles else { return nil }
            return (harness, files)
        }.sorted { $0.harness < $1.harness }
    }

    /// The harnesses whose session files are read.
    public var transcriptHarnesses: [Harness] { sessionFiles.map(\.harness) }

    /// The harnesses whose commands' output is read, by name.
    public var resultHarnesses: [Harness] {
        readers.filter { $0.makeResultReader(of: Invocation()) != nil }.compactMap(\.harness).sorted()
    }

    /// Completes an answer of a provider by the reader of the harness that is said to have asked for it.
    func complete(_ answer: inout Observation, _ tokens: TokenCounts) {
        reader(of: answer.harness)?.complete(&answer, tokens)
    }

    private func reader(of harness: Harness) -> (any HarnessReader)? {
        readers.first { $0.harness == harness }
    }

    /// A reader and the harness its observations are attributed to.
    struct Resolution: Sendable {
        let reader: any HarnessReader
        let harness: Harness
        /// Whether service or scope decided; when not, a record's own name may.
        let isCertain: Bool
    }
}
