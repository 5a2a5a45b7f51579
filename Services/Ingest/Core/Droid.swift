import Metering

/// Reads the totals that Droid keeps of each session in the session's settings.
struct Droid: DelegatingHarness {
    let harness: Harness? = Harness(rawValue: "droid")
    let telemetry = GenAIConventions()

    func owns(service: String) -> Bool { service == "droid" || service == "factory-droid" }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [.init(.home(".factory/sessions"))], files: [.init("**/*.settings.json", .document)],
        marks: ["sessions/**/*.settings.json"])

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .document(DroidSettings(file)) }
}

/// Reads a session's settings.
///
/// Counts are disjoint; thinking is taken to be inside output, so that it never counts twice.
private struct DroidSettings: DocumentReader {
    private static let members = FieldReader([
        "model", "providerLock", "tokenUsage.inputTokens", "tokenUsage.outputTokens", "tokenUsage.cacheCreationTokens",
        "tokenUsage.cacheReadTokens", "tokenUsage.thinkingTokens",
    ])

    private let session: String?

    init(_ file: SessionFile) {
        session = BoundedText.string(String(file.name.prefix { $0 != "." }))
    }

    func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
        let settings = try Self.members.document(document).fields
        let context = records.context
        records.add(document[...]) { () throws(Rejection) in
            let totals = RunningTotals(
                tokens: TokenCounts(
                    uncachedInput: try settings.count("tokenUsage.inputTokens"),
                    cacheRead: try settings.count("tokenUsage.cacheReadTokens"),
                    cacheWrite: try settings.count("tokenUsage.cacheCreationTokens"),
                    output: try settings.count("tokenUsage.outputTokens"),
                    reasoning: try settings.count("tokenUsage.thinkingTokens")))
            // The file does not say when, and is written whenever something was used.
            return totals.observations(session: session, time: nil, channel: .transcript, context) {
                // A session goes on when its model is changed, so the model is that of the end.
                $0.reportedModel = settings.text("model")
                $0.model = $0.reportedModel.map(Self.model)
                $0.provider = settings.text("providerLock").map { Provider(rawValue: $0.lowercased()) }
            }
        }
    }

    /// A model without what marks it as one of the user's own: `custom:GLM-5.2-[Z.ai]-0` is `glm-5.2`.
    private static func model(_ reported: String) -> String {
        guard reported.hasPrefix("custom:") else { return reported }
        var name = ""
        var isInBrackets = false
        for character in reported.dropFirst("custom:".count) {
            if character == "[" { isInBrackets = true }
            if !isInBrackets { name.append(character) }
            if character == "]" { isInBrackets = false }
        }
        // The place in the list of the user's models stands at the end.
        if let hyphen = name.lastIndex(of: "-"), name[hyphen...].dropFirst().allSatisfy(\.isNumber) {
            name = String(name[..<hyphen])
        }
        while name.last == "-" { name.removeLast() }
        return name.lowercased()
    }
}
