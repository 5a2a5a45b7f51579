import Metering
import Reporting

/// Usage in Prometheus' text format.
///
/// Counters never fall: what a revision takes away is counted by counters of its own, and the difference of both is the
/// ledger's total.
struct UsageExposition {
    private struct Labels: Hashable, Comparable {
        let harness: String
        let model: String
        let project: String
        let provider: String

        init(_ dimensions: DimensionValues) {
            harness = dimensions[.harness] ?? ""
            model = dimensions[.model] ?? ""
            project = dimensions[.project] ?? ""
            provider = dimensions[.provider] ?? ""
        }

        init(other: Void) {
            (harness, model, project, provider) = ("other", "other", "other", "other")
        }

        static func < (left: Labels, right: Labels) -> Bool {
            (left.harness, left.model, left.project, left.provider)
                < (right.harness, right.model, right.project, right.provider)
        }
    }

    /// The most combinations of labels; what goes beyond is counted under `other`.
    private static let maximumSeries = 1000

    private var added: [Labels: Usage] = [:]
    private var removed: [Labels: Usage] = [:]

    /// Sums movements by the labels that are shown.
    init(_ movements: [Movement]) {
        // In a fixed order, so that it is always the same series that share `other`.
        for movement in movements.sorted(by: { Labels($0.dimensions) < Labels($1.dimensions) }) {
            var labels = Labels(movement.dimensions)
            if added[labels] == nil, added.count >= Self.maximumSeries { labels = Labels(other: ()) }
            added[labels, default: Usage()] += movement.added
            removed[labels, default: Usage()] += movement.removed
        }
    }

    /// The metrics as text.
    var text: String {
        tokens("tollbook_tokens_total", "Tokens by class; reasoning is inside output.", added)
            + tokens("tollbook_retracted_tokens_total", "Tokens that later revisions took away.", removed)
            + costs("tollbook_cost_usd_total", "Cost in US dollars, computed and reported.", added)
            + costs("tollbook_retracted_cost_usd_total", "Cost in US dollars that later revisions took away.", removed)
            + counts("tollbook_calls_total", "Model calls.", added) { $0.calls }
            + counts("tollbook_retracted_calls_total", "Model calls that later revisions took away.", removed) {
                $0.calls
            }
            + counts("tollbook_unpriced_tokens_total", "Tokens without a price.", added) { $0.unpriced.tokens }
            + counts("tollbook_retracted_unpriced_tokens_total", "Tokens without a price taken away.", removed) {
                $0.unpriced.tokens
            }
    }

    private func tokens(_ name: String, _ help: String, _ sums: [Labels: Usage]) -> String {
        family(name, help, sums) { usage in
            TokenClass.allCases.map { ("type=\"\($0.rawValue)\"", String(usage.tokens[$0])) }
        }
    }

    private func costs(_ name: String, _ help: String, _ sums: [Labels: Usage]) -> String {
        family(name, help, sums) { usage in
            [
                ("basis=\"computed\"", usage.computedCost.description),
                ("basis=\"reported\"", usage.reportedCost.description),
            ]
        }
    }

    private func counts(
        _ name: String, _ help: String, _ sums: [Labels: Usage], _ value: (Usage) -> Int64
    ) -> String {
        family(name, help, sums) { [("", String(value($0)))] }
    }

    private func family(
        _ name: String, _ help: String, _ sums: [Labels: Usage], _ values: (Usage) -> [(label: String, value: String)]
    ) -> String {
        var text = "# HELP \(name) \(help)\n# TYPE \(name) counter\n"
        for (labels, usage) in sums.sorted(by: { $0.key < $1.key }) {
            let common = [
                "harness=\"\(Self.escaped(labels.harness))\"", "model=\"\(Self.escaped(labels.model))\"",
                "project=\"\(Self.escaped(labels.project))\"", "provider=\"\(Self.escaped(labels.provider))\"",
            ]
            for (label, value) in values(usage) where value != "0" {
                let all = (common + (label.isEmpty ? [] : [label])).joined(separator: ",")
                text += "\(name){\(all)} \(value)\n"
            }
        }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n", "\r\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
    }
}
