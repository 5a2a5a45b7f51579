import Metering

extension UsageReport {
    /// The report in the JSON of `ccusage daily|weekly|monthly|session --json`, or of the same for one agent.
    ///
    /// Every cost is a number, so that a script that adds them up never meets a `null`: the cost that is known. Where a
    /// part is not known, `coverage` stands beside it and tells how much is missing and for which models; it stands
    /// nowhere else, so a row without it is whole.
    ///
    /// - Parameters:
    ///   - family: whose form.
    ///   - isByProject: whether rows are collected under their projects.
    ///   - showsCost: whether costs are written at all.
    public func json(_ family: JSONFamily, isByProject: Bool = false, showsCost: Bool = true) -> JSONDocument {
        let form = RowForm(family: family, kind: kind, showsCost: showsCost)
        let rows: JSONDocument.Member =
            isByProject
            ? .init("projects", .object(projects.map { .init($0.name, .array($0.rows.map(form.json))) }))
            : .init(form.rowsName, .array(self.rows.map(form.json)))
        let totals = form.totals(totals) + form.coverage(totals, modelsWithoutCost: modelsWithoutCost)
        return .object([rows, .init("totals", .object(totals))])
    }

    /// The rows by project, by name; those of no project are called `unknown`.
    var projects: [(name: String, rows: [Row])] {
        Dictionary(grouping: rows) { $0.project ?? "unknown" }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension ReportKind {
    /// The member that names the period.
    var periodName: String {
        switch self {
        case .daily: "date"
        case .weekly: "week"
        case .monthly: "month"
        case .session: "sessionId"
        }
    }
}

extension UsageReport.Row {
    /// The models that have charges without a known cost, by name.
    var modelsWithoutCost: [String] { models.filter { $0.figures.chargesWithoutCost > 0 }.map(\.name).sorted() }
}

/// How one row is written.
struct RowForm {
    let family: JSONFamily
    let kind: ReportKind
    let showsCost: Bool

    /// The member that holds the rows.
    var rowsName: String { kind == .session && family != .unified ? "sessions" : kind.rawValue }

    func json(_ row: UsageReport.Row) -> JSONDocument {
        switch family {
        case .unified: .object(unified(row))
        case .claude: .object(focused(row) + coverage(row.figures, modelsWithoutCost: row.modelsWithoutCost))
        case .agent:
            .object(
                focused(row) + [.init("messageCount", .integer(row.figures.calls))]
                    + coverage(row.figures, modelsWithoutCost: row.modelsWithoutCost))
        case .codex: .object(codex(row) + coverage(row.figures, modelsWithoutCost: row.modelsWithoutCost))
        }
    }

    func totals(_ figures: UsageFigures) -> [JSONDocument.Member] {
        family == .codex
            ? codexTokens(figures) + cost("costUSD", figures) : tokens(figures) + cost("totalCost", figures)
    }

    func coverage(_ figures: UsageFigures, modelsWithoutCost: [String]) -> [JSONDocument.Member] {
        Self.coverage(of: figures, modelsWithoutCost: modelsWithoutCost, showsCost: showsCost)
    }

    /// What is missing from a cost; nothing where it is whole.
    static func coverage(
        of figures: UsageFigures, modelsWithoutCost: [String]? = nil, showsCost: Bool
    ) -> [JSONDocument.Member] {
        guard showsCost, figures.chargesWithoutCost > 0 else { return [] }
        let counts: [JSONDocument.Member] = [
            .init("charges", .integer(figures.charges)),
            .init("chargesWithoutCost", .integer(figures.chargesWithoutCost)),
        ]
        let models = modelsWithoutCost.map { [JSONDocument.Member("modelsWithoutCost", .strings($0))] } ?? []
        return [.init("coverage", .object(counts + models))]
    }

    /// Beside `period` stands the older name of the same value, so that scripts of both generations read it.
    private func unified(_ row: UsageReport.Row) -> [JSONDocument.Member] {
        let agents = row.harnesses.map { HarnessName.agent($0.name) }
        var metadata: [JSONDocument.Member] = [.init("agents", .strings(agents))]
        if let activity = row.lastActivity {
            metadata.append(.init("lastActivity", .string(TimeText.milliseconds(activity))))
        }
        if kind == .session, let project = row.project { metadata.append(.init("projectPath", .string(project))) }
        metadata += coverage(row.figures, modelsWithoutCost: row.modelsWithoutCost)
        return [
            .init("period", .string(row.period)),
            .init(kind.periodName, .string(row.period)),
            .init("agent", .string(agents.count == 1 ? agents[0] : "all")),
            .init("modelsUsed", .strings(row.models.map(\.name).sorted())),
        ] + tokens(row.figures) + cost("totalCost", row.figures)
            + [.init("modelBreakdowns", .array(row.models.map(breakdown)))]
            + (kind != .session ? project(row) : []) + [.init("metadata", .object(metadata))]
    }

    private func focused(_ row: UsageReport.Row) -> [JSONDocument.Member] {
        var members: [JSONDocument.Member] = [.init(kind.periodName, .string(row.period))]
        members += tokens(row.figures) + cost("totalCost", row.figures)
        if kind == .session { members += activity(row) }
        members.append(.init("modelsUsed", .strings(row.models.map(\.name).sorted())))
        members.append(.init("modelBreakdowns", .array(row.models.map(breakdown))))
        if kind == .session {
            members.append(.init("projectPath", .string(row.project ?? "Unknown Project")))
        } else {
            members += project(row)
        }
        return members
    }

    private func activity(_ row: UsageReport.Row) -> [JSONDocument.Member] {
        [("lastActivity", row.lastActivity), ("firstActivity", row.firstActivity)].compactMap { name, time in
            time.map { .init(name, .string(TimeText.milliseconds($0))) }
        }
    }

    private func project(_ row: UsageReport.Row) -> [JSONDocument.Member] {
        row.project.map { [.init("project", .string($0))] } ?? []
    }

    private func codex(_ row: UsageReport.Row) -> [JSONDocument.Member] {
        let models = row.models.sorted { $0.name < $1.name }.map { model in
            JSONDocument.Member(
                model.name, .object(codexTokens(model.figures) + [.init("isFallback", .bool(false))]))
        }
        var members: [JSONDocument.Member] = [.init(kind.periodName, .string(row.period))]
        members += codexTokens(row.figures) + cost("costUSD", row.figures) + [.init("models", .object(models))]
        if kind == .session {
            members += activity(row).filter { $0.name == "lastActivity" }
            members.append(.init("sessionFile", .string(row.period)))
            members.append(.init("directory", .string(row.project ?? "")))
        }
        return members
    }

    private func breakdown(_ model: UsageReport.Part) -> JSONDocument {
        .object(
            [.init("modelName", .string(model.name))] + tokens(model.figures).filter { $0.name != "totalTokens" }
                + cost("cost", model.figures))
    }

    private func cost(_ name: String, _ figures: UsageFigures) -> [JSONDocument.Member] {
        showsCost ? [.init(name, .number(figures.cost.description))] : []
    }

    private func tokens(_ figures: UsageFigures) -> [JSONDocument.Member] {
        [
            .init("inputTokens", .integer(figures.inputTokens)),
            .init("outputTokens", .integer(figures.outputTokens)),
            .init("cacheCreationTokens", .integer(figures.cacheCreationTokens)),
            .init("cacheReadTokens", .integer(figures.cacheReadTokens)),
            .init("totalTokens", .integer(figures.totalTokens)),
        ]
    }

    /// `cachedInputTokens` is the older name of `cacheReadTokens`.
    private func codexTokens(_ figures: UsageFigures) -> [JSONDocument.Member] {
        [
            .init("inputTokens", .integer(figures.inputTokens)),
            .init("cachedInputTokens", .integer(figures.cacheReadTokens)),
            .init("cacheCreationTokens", .integer(figures.cacheCreationTokens)),
            .init("cacheReadTokens", .integer(figures.cacheReadTokens)),
            .init("outputTokens", .integer(figures.outputTokens)),
            .init("reasoningOutputTokens", .integer(figures.reasoningTokens)),
            .init("totalTokens", .integer(figures.totalTokens)),
        ]
    }
}
