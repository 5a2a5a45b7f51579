/// The arguments of a command with those before them that a configuration file gives.
///
/// The file is ccusage's: `defaults` for all reports, `commands` for one, and the same under the name of an agent. What the
/// command line says comes later and so wins.
public enum ConfiguredArguments {
    private static let verbs: Set<String> = ["daily", "weekly", "monthly", "session", "blocks", "statusline"]
    private static let reports: Set<String> = ["daily", "weekly", "monthly", "session"]

    private enum Kind {
        /// Takes a value.
        case option
        /// Stands alone.
        case flag
        /// Has an opposite beginning with `no-`.
        case choice
    }

    /// Which settings a command knows; what it does not know is left out, for a file serves several.
    private static func kind(of name: String, for verb: String) -> Kind? {
        switch name {
        case "since", "until", "timezone", "mode", "order", "locale": verb == "statusline" ? nil : .option
        case "json", "compact", "noCost": verb == "statusline" ? nil : .flag
        case "jq": verb == "statusline" ? nil : .option
        case "color": .choice
        case "offline": .choice
        case "breakdown": reports.contains(verb) ? .flag : nil
        case "project": reports.contains(verb) ? .option : nil
        case "startOfWeek": verb == "weekly" ? .option : nil
        case "instances": verb == "daily" ? .flag : nil
        case "projectAliases": verb == "daily" ? .option : nil
        case "id": verb == "session" ? .option : nil
        case "active", "recent": verb == "blocks" ? .flag : nil
        case "tokenLimit", "sessionLength": verb == "blocks" ? .option : nil
        case "visualBurnRate", "costSource", "contextLowThreshold", "contextMediumThreshold", "refreshInterval":
            verb == "statusline" ? .option : nil
        case "cache": verb == "statusline" ? .choice : nil
        default: nil
        }
    }

    /// Where the options of a command begin: its verb, and the agent before it.
    public struct Place: Hashable, Sendable {
        /// The agent; `nil` for all.
        public var agent: String?
        /// The report.
        public var verb: String
        /// How many arguments name them.
        public var count: Int
    }

    /// Finds the command; `nil` where no configuration applies.
    public static func place(in arguments: [String]) -> Place? {
        guard let first = arguments.first, !first.hasPrefix("-") else {
            return arguments.contains { ["-h", "--help", "--version"].contains($0) }
                ? nil : Place(agent: nil, verb: "daily", count: 0)
        }
        if verbs.contains(first) { return Place(agent: nil, verb: first, count: 1) }
        guard HarnessName.agents.contains(first) else { return nil }
        guard arguments.count > 1, !arguments[1].hasPrefix("-") else {
            return Place(agent: first, verb: "daily", count: 1)
        }
        return verbs.contains(arguments[1]) ? Place(agent: first, verb: arguments[1], count: 2) : nil
    }

    /// The value of `--config`, if it is given.
    public static func path(in arguments: [String]) -> String? {
        if let joined = arguments.last(where: { $0.hasPrefix("--config=") }) {
            return String(joined.dropFirst("--config=".count))
        }
        guard let index = arguments.lastIndex(of: "--config"), index + 1 < arguments.count else { return nil }
        return arguments[index + 1]
    }

    /// Puts a file's settings between the command's name and the arguments that were typed.
    public static func merged(_ typed: [String], _ place: Place, _ file: JSONDocument) -> [String] {
        var sections = [file["defaults"], file["commands"]?[place.verb]]
        if let agent = place.agent {
            sections += [file[agent]?["defaults"], file[agent]?["commands"]?[place.verb]]
        }
        let name = place.count == 0 ? ["daily"] : Array(typed.prefix(place.count))
        let settings = sections.compactMap(\.self).flatMap { section in
            section.members.flatMap { arguments(for: $0, verb: place.verb) }
        }
        let verb = place.agent != nil && place.count == 1 ? ["daily"] : []
        return name + verb + settings + typed.dropFirst(place.count)
    }

    private static func arguments(for setting: JSONDocument.Member, verb: String) -> [String] {
        guard let kind = kind(of: setting.name, for: verb) else { return [] }
        let name = dashed(setting.name)
        switch (kind, setting.value) {
        case (.flag, .bool(true)), (.choice, .bool(true)): return ["--" + name]
        case (.choice, .bool(false)): return ["--no-" + name]
        case (.option, .string(let text)): return ["--\(name)=\(text)"]
        case (.option, .number(let number)): return ["--\(name)=\(number)"]
        default: return []
        }
    }

    /// `noCost` as `no-cost`.
    private static func dashed(_ name: String) -> String {
        name.reduce(into: "") { text, character in
            text += character.isUppercase ? "-" + character.lowercased() : String(character)
        }
    }
}
