// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

import Foundation
import Metering
import Reconciliation
import Testing

/// One block of a scenario file: tables of what was reported and of what is to come out.
struct Scenario: CustomTestStringConvertible {
    let title: String
    private(set) var tables: [String: [[String: String]]] = [:]

    var testDescription: String { title }

    /// Every scenario of every file in the fixtures, found by themselves.
    static func all() throws -> [Scenario] {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures/scenarios", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.flatMap { try parse(String(contentsOf: $0, encoding: .utf8)) }
    }

    /// Reads a file: a line at the margin opens a scenario or a table, indented lines are a table's header and rows.
    ///
    /// A table without a column `session` is about session s1.
    private static func parse(_ text: String) -> [Scenario] {
        var scenarios: [Scenario] = []
        var table = ""
        var header: [String] = []
        for line in text.split(separator: "\n") {
            if let title = line.wholeMatch(of: /scenario (.+)/) {
                scenarios.append(Scenario(title: String(title.1)))
            } else if line.hasPrefix(" "), !scenarios.isEmpty {
                let cells = line.split(separator: " ").map(String.init)
                if header.isEmpty {
                    header = cells
                } else {
                    precondition(cells.count == header.count, "a row has a cell for each column: \(line)")
                    var row = Dictionary(uniqueKeysWithValues: zip(header, cells)).filter { $0.value != "-" }
                    if !header.contains("session") { row["session"] = "s1" }
                    scenarios[scenarios.count - 1].tables[table, default: []].append(row)
                }
            } else {
                table = String(line)
                header = []
                if !scenarios.isEmpty { scenarios[scenarios.count - 1].headers[table] = [] }
            }
            if !header.isEmpty, !scenarios.isEmpty { scenarios[scenarios.count - 1].headers[table] = header }
        }
        return scenarios
    }

    /// The columns of each table.
    private(set) var headers: [String: [String]] = [:]

    private init(title: String) {
        self.title = title
    }

    /// What was reported, in the order of the tables.
    var observations: [Observation] {
        let reports = tables["given", default: []].enumerated().map { index, row in
            Row(row).report(id: ContentID(high: 1, low: UInt64(index)))
        }
        let points = tables["points", default: []].enumerated().map { index, row in
            Row(row).point(id: ContentID(high: 2, low: UInt64(index)))
        }
        return reports + points
    }
}

/// The cells of one row, by column; a dash is no cell.
struct Row {
    private let cells: [String: String]

    init(_ cells: [String: String]) {
        self.cells = cells
    }

    subscript(column: String) -> String? { cells[column] }

    var scope: Scope {
        Scope(
            tenant: self["tenant"] ?? Scope.defaultTenant, harness: harness,
            session: self["session"] ?? "unknown:" + (self["source"] ?? ""), isSessionKnown: self["session"] != nil)
    }

    /// The key of the expected call: `g@10` for an aggregate, else kind and value.
    var key: CallKey {
        let text = self["key"]!
        if let aggregate = text.wholeMatch(of: /(.+)@(\d+)/) {
            let hour = Row.day.seconds / 3600 + Int64(aggregate.2)!
            return Bucket(scope: scope, group: Row.name(String(aggregate.1)), hour: hour).key
        }
        return CallKey(rawValue: "space:" + text)
    }

    func report(id: ContentID) -> Observation {
        let keys = self["keys"]!.split(separator: ",").map { CallKey(rawValue: "space:\($0)") }
        let tokens = TokenCounts(
            uncachedInput: integer("in"), cacheRead: integer("read"), cacheWrite5m: integer("w5m"),
            cacheWrite1h: integer("w1h"), cacheWrite: integer("write"), output: integer("out"),
            reasoning: integer("reason"))
        let cost = self["cost"].map { Amount(dollars: $0)! }
        return observation(
            id, Channel(rawValue: self["channel"]!)!, time("time")!, .call(keys: keys, tokens: tokens, cost: cost))
    }

    func point(id: ContentID) -> Observation {
        let point = AggregatePoint(
            series: Row.name(self["series"]!), group: Row.name(self["group"]!), measure: measure,
            start: time("start"), end: time("end")!,
            temporality: AggregatePoint.Temporality(rawValue: self["kind"]!)!, value: integer("value")!,
            baseline: baseline)
        let channel = self["channel"].map { Channel(rawValue: $0)! } ?? .metric
        return observation(id, channel, point.end, .aggregate(point))
    }

    /// How a call shows in a column, in the notation of the tables.
    static func cell(_ column: String, of call: Call) -> String? {
        switch column {
        case "key", "source": nil
        case "tenant": call.scope.tenant
        case "harness": call.scope.harness.rawValue
        case "session": call.scope.isSessionKnown ? call.scope.session : nil
        case "quality": call.quality.rawValue
        case "model": call.model
        case "time": clock(call.eventTime)
        case "in": call.tokens.uncachedInput.map(String.init)
        case "read": call.tokens.cacheRead.map(String.init)
        case "write": call.tokens.cacheWrite.map(String.init)
        case "w5m": call.tokens.cacheWrite5m.map(String.init)
        case "w1h": call.tokens.cacheWrite1h.map(String.init)
        case "out": call.tokens.output.map(String.init)
        case "reason": call.tokens.reasoning.map(String.init)
        case "cost": call.reportedCost?.description
        case "evidence": call.evidence.items.map { "\($0.verdict)/\($0.rule)" }.joined(separator: ",")
        default: "no such column"
        }
    }

    func expected(_ column: String) -> String? {
        column == "time" ? time("time").map(Row.clock) : self[column]
    }

    private static let day = Timestamp(rfc3339: "2026-06-11T00:00:00Z")!

    private static func clock(_ time: Timestamp) -> String { String(time.description.dropFirst(11).prefix(8)) }

    /// A stable identity for a short name.
    private static func name(_ text: String) -> ContentID {
        ContentID(high: 0, low: text.utf8.reduce(0) { $0 << 8 | UInt64($1) })
    }

    private var harness: Harness { Harness(rawValue: self["harness"] ?? "claude-code") }

    private var measure: AggregatePoint.Measure {
        let parts = self["counts"]!.split(separator: "<").map(String.init)
        if parts[0] == "cost" { return .cost }
        return .tokens(Row.tokenClass(parts[0]), within: parts.count > 1 ? Row.tokenClass(parts[1]) : nil)
    }

    /// What a fork began from, such as `p@09:30`.
    private var baseline: AggregatePoint.Baseline? {
        self["from"].map { text in
            let parts = text.split(separator: "@").map(String.init)
            let at = Row(["at": parts[1]]).time("at")!
            return AggregatePoint.Baseline(series: Row.name(parts[0]), at: at)
        }
    }

    private static func tokenClass(_ column: String) -> TokenClass {
        switch column {
        case "in": .uncachedInput
        case "read": .cacheRead
        case "write": .cacheWrite
        case "out": .output
        case "reason": .reasoning
        default: preconditionFailure("no token class \(column)")
        }
    }

    private func integer(_ column: String) -> Int64? { self[column].map { Int64($0)! } }

    private func time(_ column: String) -> Timestamp? {
        self[column].map { text in
            let seconds = text.count == 5 ? text + ":00" : text
            return Timestamp(rfc3339: "2026-06-11T\(seconds)Z")!
        }
    }

    private func observation(
        _ id: ContentID, _ channel: Channel, _ time: Timestamp, _ content: Observation.Content
    ) -> Observation {
        var observation = Observation(
            id: id, tenant: scope.tenant, harness: harness, session: self["session"], channel: channel,
            source: self["source"] ?? "", eventTime: time, receivedTime: time, content: content)
        if let authority = integer("authority") { observation.authority = authority }
        observation.model = self["model"]
        observation.pairing = self["pairing"].map(Row.name)
        return observation
    }
}
