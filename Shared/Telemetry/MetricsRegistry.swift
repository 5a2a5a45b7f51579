public import CoreMetrics
import Synchronization

/// The metrics of a process, shown in Prometheus' text format; a backend of swift-metrics.
///
/// Names get the prefix, counters end in `_total`, timers in `_seconds`. The values of a label must be few: what goes
/// beyond the limit of a metric is counted under the value `other`.
public final class MetricsRegistry: MetricsFactory {
    /// The media type of ``page()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// The most combinations of label values one metric may have.
    public static let maximumSeries = 500

    private struct Labels: Hashable {
        let pairs: [Pair]

        struct Pair: Hashable {
            let name: String
            let value: String
        }
    }

    private enum Series {
        case counter(CounterValue)
        case gauge(GaugeValue)
        case histogram(HistogramValue)

        var handler: AnyObject {
            switch self {
            case .counter(let value): value
            case .gauge(let value): value
            case .histogram(let value): value
            }
        }

        var type: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    private struct State {
        var series: [String: [Labels: Series]] = [:]
        var help: [String: String] = [:]
    }

    private let prefix: String
    private let state = Mutex(State())

    /// Makes an empty registry.
    public init(prefix: String = "tollbook_") {
        self.prefix = prefix
    }

    /// Sets what the HELP line of a metric says, by the name it is shown under.
    public func describe(_ name: String, _ help: String) {
        state.withLock { $0.help[name] = help }
    }

    /// Sets what the HELP lines of several metrics say, by the names they are shown under.
    public func describe(_ texts: [String: String]) {
        state.withLock { $0.help.merge(texts) { $1 } }
    }

    /// Every metric, in order of names and labels, followed by what the system knows of the process.
    public func page() -> String {
        exposition() + ProcessMetrics.exposition()
    }

    /// Every metric, in order of names and labels.
    public func exposition() -> String {
        let state = state.withLock { $0 }
        var text = ""
        for (name, series) in state.series.sorted(by: { $0.key < $1.key }) {
            guard let type = series.values.first?.type else { continue }
            if let help = state.help[name] { text += "# HELP \(name) \(Self.escapedHelp(help))\n" }
            text += "# TYPE \(name) \(type)\n"
            let lines = series.map { (labels: Self.text(of: $0.key), series: $0.value) }
            for line in lines.sorted(by: { $0.labels < $1.labels }) {
                Self.write(line.series, name, line.labels, to: &text)
            }
        }
        return text
    }

    /// Makes or finds a counter; its name ends in `_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let series = find(name(of: label, suffix: "_total"), dimensions) { .counter(CounterValue()) }
        guard case .counter(let counter) = series else { return CounterValue() }
        return counter
    }

    /// Makes or finds a gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let series = find(name(of: label), dimensions) { .gauge(GaugeValue()) }
        guard case .gauge(let gauge) = series else { return GaugeValue() }
        return gauge
    }

    /// Makes or finds a histogram of sizes, or a gauge where values are not to be aggregated.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let series = find(name(of: label), dimensions) {
            aggregate ? .histogram(HistogramValue(bounds: HistogramValue.sizeBounds)) : .gauge(GaugeValue())
        }
        switch series {
        case .gauge(let gauge): return gauge
        case .histogram(let histogram): return histogram
        case .counter: return GaugeValue()
        }
    }

    /// Makes or finds a histogram of durations; its name ends in `_seconds`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let series = find(name(of: label, suffix: "_seconds"), dimensions) {
            .histogram(HistogramValue(bounds: HistogramValue.secondsBounds))
        }
        guard case .histogram(let histogram) = series else {
            return HistogramValue(bounds: HistogramValue.secondsBounds)
        }
        return histogram
    }

    /// Forgets a counter.
    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    /// Forgets a gauge.
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    /// Forgets a histogram or gauge.
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    /// Forgets a histogram.
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func find(_ name: String, _ dimensions: [(String, String)], make: () -> Series) -> Series {
        let pairs = dimensions.map { Labels.Pair(name: Self.identifier($0.0), value: $0.1) }
            .sorted { $0.name < $1.name }
        return state.withLock { state in
            var labels = Labels(pairs: pairs)
            let family = state.series[name, default: [:]]
            if family[labels] == nil, family.count >= Self.maximumSeries {
                labels = Labels(pairs: pairs.map { Labels.Pair(name: $0.name, value: "other") })
            }
            if let known = family[labels] { return known }
            let made = make()
            // A name keeps its first type; a second one works for its caller and is not shown.
            guard family.values.first.map({ $0.type == made.type }) ?? true else { return made }
            state.series[name, default: [:]][labels] = made
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            state.series = state.series.mapValues { $0.filter { $0.value.handler !== handler } }
                .filter { !$0.value.isEmpty }
        }
    }

    private func name(of label: String, suffix: String = "") -> String {
        let base = Self.identifier(label)
        let prefixed = base.hasPrefix(prefix) ? base : prefix + base
        return prefixed.hasSuffix(suffix) ? prefixed : prefixed + suffix
    }
}

extension MetricsRegistry {
    private static func write(_ series: Series, _ name: String, _ labels: String, to text: inout String) {
        func line(_ suffix: String, _ labels: String, _ value: String) {
            text += "\(name)\(suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
        }
        switch series {
        case .counter(let counter): line("", labels, String(counter.value))
        case .gauge(let gauge): line("", labels, number(gauge.value))
        case .histogram(let histogram):
            let snapshot = histogram.snapshot
            let separator = labels.isEmpty ? "" : ","
            var cumulative: Int64 = 0
            for (index, count) in snapshot.counts.enumerated() {
                cumulative += count
                let bound = index < histogram.bounds.count ? number(histogram.bounds[index]) : "+Inf"
                line("_bucket", "\(labels)\(separator)le=\"\(bound)\"", String(cumulative))
            }
            line("_sum", labels, number(snapshot.sum))
            line("_count", labels, String(cumulative))
        }
    }

    private static func text(of labels: Labels) -> String {
        labels.pairs.map { "\($0.name)=\"\(escapedLabel($0.value))\"" }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? "\(value)"
    }

    private static func escapedLabel(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n", "\r\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
    }

    private static func escapedHelp(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\n", "\r\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
    }

    /// A name with everything Prometheus does not allow in one turned into `_`.
    private static func identifier(_ text: String) -> String {
        let name = String(
            text.unicodeScalars.map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
                default: "_"
                }
            })
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return "_" + name }
        return name
    }
}
