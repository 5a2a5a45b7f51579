public import Metering

/// The readers, in the order in which they are asked.
public struct HarnessCatalog: Sendable {
    private let readers: [any HarnessReader]
    /// Reads what no harness's own reader claims.
    private let fallback: any HarnessReader

    init(_ readers: [any HarnessReader], fallback: any HarnessReader = GenAIConventions()) {
        self.readers = readers
        self.fallback = fallback
    }

    /// Every harness that is read: one line each.
    public static let standard = HarnessCatalog([
        ClaudeCode()
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

    /// Begins reading a session file of a harness; `nil` when that harness's session files are not read.
    func makeTranscriptReader(for harness: Harness) -> (any TranscriptReader)? {
        readers.first { $0.harness == harness }?.makeTranscriptReader()
    }

    /// The harnesses whose session files are read.
    public var transcriptHarnesses: [Harness] {
        readers.filter { $0.makeTranscriptReader() != nil }.compactMap(\.harness).sorted()
    }

    /// A reader and the harness its observations are attributed to.
    struct Resolution: Sendable {
        let reader: any HarnessReader
        let harness: Harness
        /// Whether service or scope decided; when not, a record's own name may.
        let isCertain: Bool
    }
}
