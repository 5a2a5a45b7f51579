import ArgumentParser
import Console
import LocalHTTP
import Wire

/// `tollbook budget`.
struct BudgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Show, check, set and remove budgets.",
        subcommands: [
            BudgetCommand.List.self, BudgetCommand.Check.self, BudgetCommand.Set.self, BudgetCommand.Remove.self,
        ], defaultSubcommand: List.self)

    /// The exit status of a check that could not be made (`EX_UNAVAILABLE`).
    static let unavailable = ExitCode(69)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show budgets and how far they are used.")

        @Flag(name: .shortAndLong, help: "Print the service's answer as it is.")
        var json = false
        @Flag(inversion: .prefixedNo, help: "Use colours; by default as NO_COLOR, FORCE_COLOR and the terminal say.")
        var color: Bool?
        @OptionGroup var server: ServerOption

        func run() throws {
            var client = try server.connect()
            let answer = try client.get("/v1/budgets").body
            if json {
                Terminal.write(answer + [0x0A])
                return
            }
            BudgetCommand.show(try BudgetPage(json: answer), color)
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell by the exit status whether budgets hold, for CI.",
            discussion: """
                0: none is exceeded. 1: one is exceeded. 64: the arguments are wrong. 69: it could not be checked, \
                because the service is away or there is no such budget; --fail-open makes that 0.
                """)

        @Argument(help: "The budgets to check; by default all.")
        var names: [String] = []
        @Option(
            help: "Of budgets that everyone has for themselves, look at this session, user, ... only; may be repeated.")
        var key: [String] = []
        @Flag(help: "End with 0 where it could not be checked.")
        var failOpen = false
        @Flag(help: "Usage whose cost is not known counts as not checked.")
        var strict = false
        @Flag(name: .shortAndLong, help: "Print the service's answer as it is.")
        var json = false
        @Flag(inversion: .prefixedNo, help: "Use colours; by default as NO_COLOR, FORCE_COLOR and the terminal say.")
        var color: Bool?
        @OptionGroup var server: ServerOption

        func run() throws {
            let page: BudgetPage
            do {
                page = try checked()
            } catch {
                Terminal.report("Budgets could not be checked: \(error)")
                throw failOpen ? ExitCode.success : BudgetCommand.unavailable
            }
            if page.state == .exceeded { throw ExitCode.failure }
            guard strict, page.hasUnknownCost else { return }
            Terminal.report("Budgets could not be checked whole: the cost of some usage is not known")
            throw failOpen ? ExitCode.success : BudgetCommand.unavailable
        }

        private func checked() throws -> BudgetPage {
            var client = try server.connect(timeout: .seconds(10))
            let answer = try client.get("/v1/budgets").body
            let all = try BudgetPage(json: answer)
            let known = Swift.Set(all.budgets.map(\.name))
            if let unknown = names.first(where: { !known.contains($0) }) {
                throw Failure("there is no budget \(unknown)")
            }
            guard !all.budgets.isEmpty else { throw Failure("there is no budget; set one with tollbook budget set") }
            let page = all.keeping(names: names, keys: key)
            if json { Terminal.write(answer + [0x0A]) } else { BudgetCommand.show(page, color) }
            return page
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set a budget, or change it.")

        @Argument(help: "Its name: letters, digits, dots, dashes, underscores.")
        var name: String
        @Option(help: "The limit in US dollars.")
        var limitUsd: String?
        @Option(help: "The limit in tokens, input and output.")
        var limitTokens: Int64?
        @Option(help: "day, week, month or all.")
        var period: String?
        @Option(help: "Give it to each session, user, team, project, model, harness, ...")
        var per: String?
        @Option(help: "Count only what matches, such as project=web or user=ann; may be repeated.")
        var match: [String] = []
        @Option(help: "The IANA time zone of its periods; by default the service's.")
        var timezone: String?
        @Option(name: [.customShort("w"), .long], help: "The day a week begins with; by default monday.")
        var startOfWeek: String?
        @Option(help: "From how many percent on it warns.")
        var warning: Int64 = 80
        @Option(help: "auto, reported or computed.")
        var cost: String?
        @OptionGroup var server: ServerOption

        func validate() throws {
            guard (limitUsd == nil) != (limitTokens == nil) else {
                throw ValidationError("give --limit-usd or --limit-tokens")
            }
            for pair in match where !pair.contains("=") {
                throw ValidationError("--match \(pair) must look like project=web")
            }
        }

        func run() throws {
            var client = try server.connect()
            try client.send(
                HTTPRequest(
                    "PUT", "/v1/budgets/" + QueryString.escape(name),
                    headers: [("Content-Type", "application/json")], body: body))
            Terminal.report("Budget \(name) is set.")
        }

        private var body: [UInt8] {
            var json = JSONWriter()
            json.object { json in
                json.member("limit_usd", limitUsd)
                json.member("limit_tokens", limitTokens)
                json.member("period", period)
                json.member("per", per)
                json.member("timezone", timezone)
                json.member("week_start", startOfWeek)
                json.member("warning_percent", warning)
                json.member("cost", cost)
                json.key("match")
                json.object { json in
                    for (name, values) in matches.sorted(by: { $0.key < $1.key }) {
                        json.key(dynamic: name)
                        json.array { json in
                            for value in values { json.string(value) }
                        }
                    }
                }
            }
            return json.bytes
        }

        private var matches: [String: [String]] {
            let pairs = match.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
            return Dictionary(pairs.map { (String($0[0]), [String($0[1])]) }) { $0 + $1 }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a budget.")

        @Argument(help: "Its name.")
        var name: String
        @OptionGroup var server: ServerOption

        func run() throws {
            var client = try server.connect()
            try client.send(HTTPRequest("DELETE", "/v1/budgets/" + QueryString.escape(name)))
            Terminal.report("Budget \(name) is removed.")
        }
    }

    private static func show(_ page: BudgetPage, _ color: Bool?) {
        guard let text = page.text(isColoured: color ?? Terminal.usesColour) else {
            return Terminal.report("There is no budget; set one with tollbook budget set.")
        }
        Terminal.write(text)
        for remark in page.remarks { Terminal.report(remark) }
    }
}
