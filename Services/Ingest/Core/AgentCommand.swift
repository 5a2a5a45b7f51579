public import Metering

/// How an agent's command is called, and how its arguments name a conversation to go on with.
public struct AgentCommand: Sendable {
    /// The program's names.
    public let names: [String]
    /// Options that are followed by a conversation's id.
    let sessionOptions: Set<String>
    /// Words that are followed by one, as in `exec resume ID`.
    let sessionWords: Set<String>

    init(_ names: String..., sessionOptions: Set<String> = [], sessionWords: Set<String> = []) {
        self.names = names
        self.sessionOptions = sessionOptions
        self.sessionWords = sessionWords
    }

    /// The conversation that arguments name; `nil` when they name none.
    func parentSession(in arguments: some Collection<String>) -> String? {
        var isNext = false
        for argument in arguments {
            if isNext, !argument.hasPrefix("-") { return argument }
            isNext = sessionOptions.contains(argument) || sessionWords.contains(argument)
            if let equals = argument.firstIndex(of: "="), sessionOptions.contains(String(argument[..<equals])) {
                return String(argument[argument.index(after: equals)...])
            }
        }
        return nil
    }
}

extension HarnessCatalog {
    /// Whose command a command line runs, and the conversation it goes on with.
    ///
    /// The agent may stand behind others that run it, as in `timeout 600 env A=1 agent -p`.
    ///
    /// - Parameter words: the command and its arguments.
    public func agent(runBy words: [String]) -> (harness: Harness, parentSession: String?)? {
        // Far enough for what runs a command; behind that, a word is what the agent is told.
        for (index, word) in words.prefix(8).enumerated() {
            let name = word.split(separator: "/").last.map(String.init) ?? word
            guard let (harness, command) = commands.first(where: { $0.command.names.contains(name) }) else { continue }
            return (harness, command.parentSession(in: words.dropFirst(index + 1)))
        }
        return nil
    }

    /// The harnesses with a command, by name.
    public var commands: [(harness: Harness, command: AgentCommand)] {
        readers.compactMap { reader in
            guard let harness = reader.harness, let command = reader.command else { return nil }
            return (harness, command)
        }.sorted { $0.harness < $1.harness }
    }
}
