import CoreMetrics
import Telemetry
import Testing

struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    @Test func `counters, gauges and help are shown as Prometheus reads them`() {
        registry.describe("tollbook_events_accepted_total", "Events taken,\nby \\ kind.")
        Counter(label: "events.accepted", dimensions: [("kind", "log")], factory: registry).increment(by: 3)
        Counter(label: "events.accepted", dimensions: [("kind", "metric")], factory: registry).increment()
        Meter(label: "outbox_items", factory: registry).set(12.5)
        #expect(
            registry.exposition() == """
                # HELP tollbook_events_accepted_total Events taken,\\nby \\\\ kind.
                # TYPE tollbook_events_accepted_total counter
                tollbook_events_accepted_total{kind="log"} 3
                tollbook_events_accepted_total{kind="metric"} 1
                # TYPE tollbook_outbox_items gauge
                tollbook_outbox_items 12.5

                """)
    }

    @Test func `a timer is a cumulative histogram in seconds`() {
        let timer = Timer(label: "commit_duration", dimensions: [("stage", "dedupe")], factory: registry)
        timer.recordNanoseconds(700_000)
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(20_000_000_000)
        let lines = registry.exposition().split(separator: "\n").map(String.init)
        #expect(lines.first == "# TYPE tollbook_commit_duration_seconds histogram")
        #expect(lines.contains(#"tollbook_commit_duration_seconds_bucket{stage="dedupe",le="0.0005"} 0"#))
        #expect(lines.contains(#"tollbook_commit_duration_seconds_bucket{stage="dedupe",le="0.001"} 1"#))
        #expect(lines.contains(#"tollbook_commit_duration_seconds_bucket{stage="dedupe",le="10"} 2"#))
        #expect(lines.contains(#"tollbook_commit_duration_seconds_bucket{stage="dedupe",le="+Inf"} 3"#))
        #expect(lines.contains(#"tollbook_commit_duration_seconds_sum{stage="dedupe"} 20.0037"#))
        #expect(lines.contains(#"tollbook_commit_duration_seconds_count{stage="dedupe"} 3"#))
    }

    @Test func `label values cannot break out of their quotes`() {
        Counter(label: "x", dimensions: [("model", "a\"} 1\n\\")], factory: registry).increment()
        #expect(registry.exposition().contains(#"tollbook_x_total{model="a\"} 1\n\\"} 1"#))
    }

    @Test func `names become what Prometheus allows and keep prefix and suffix once`() {
        Counter(label: "tollbook_gap_events_total", factory: registry).increment()
        Counter(label: "hb.requests-seen", dimensions: [("http.route", "/")], factory: registry).increment()
        let text = registry.exposition()
        #expect(text.contains("\ntollbook_hb_requests_seen_total{http_route=\"/\"} 1\n"))
        #expect(text.contains("\ntollbook_gap_events_total 1\n"))
    }

    @Test func `the order of labels makes no second series`() {
        Counter(label: "x", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "x", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(registry.exposition().contains(#"tollbook_x_total{a="1",b="2"} 2"#))
    }

    @Test func `too many label values are counted as other`() {
        for number in 0..<(MetricsRegistry.maximumSeries + 10) {
            Counter(label: "x", dimensions: [("id", String(number))], factory: registry).increment()
        }
        let text = registry.exposition()
        #expect(text.contains(#"tollbook_x_total{id="other"} 10"#))
        #expect(text.split(separator: "\n").count == MetricsRegistry.maximumSeries + 2)
    }

    @Test func `gauges move both ways, counters only up`() {
        let gauge = Meter(label: "g", factory: registry)
        gauge.increment(by: 5)
        gauge.decrement(by: 7)
        let counter = Counter(label: "c", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -3)
        let text = registry.exposition()
        #expect(text.contains("tollbook_g -2\n"))
        #expect(text.contains("tollbook_c_total 5\n"))
    }

    @Test func `a recorder is a histogram of sizes or a gauge`() {
        Recorder(label: "batch_events", factory: registry).record(5)
        Gauge(label: "level", factory: registry).record(7)
        let text = registry.exposition()
        #expect(text.contains("# TYPE tollbook_batch_events histogram"))
        #expect(text.contains(#"tollbook_batch_events_bucket{le="4"} 0"#))
        #expect(text.contains(#"tollbook_batch_events_bucket{le="16"} 1"#))
        #expect(text.contains("# TYPE tollbook_level gauge\ntollbook_level 7\n"))
    }

    @Test func `a destroyed metric is gone and a name keeps its first type`() {
        let counter = Counter(label: "x", factory: registry)
        counter.increment()
        Meter(label: "x_total", factory: registry).set(9)
        #expect(registry.exposition() == "# TYPE tollbook_x_total counter\ntollbook_x_total 1\n")
        counter.destroy()
        #expect(registry.exposition().isEmpty)
    }

    @Test func `no increment is lost between threads`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 { Counter(label: "x", factory: registry).increment() }
                }
            }
        }
        #expect(registry.exposition().contains("tollbook_x_total 8000\n"))
    }

    @Test func `the page ends with what the system knows of the process`() throws {
        Counter(label: "x", factory: registry).increment()
        let lines = registry.page().split(separator: "\n").map(String.init)
        #expect(lines.contains("tollbook_x_total 1"))
        for name in ["process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes"] {
            let line = try #require(lines.first { $0.hasPrefix(name + " ") })
            let value = try #require(Double(line.dropFirst(name.count + 1)))
            #expect(value > 0)
        }
    }
}
