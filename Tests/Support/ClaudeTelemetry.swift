import Wire

/// Bodies of single Claude Code records, for scenarios that are spelled out.
public enum ClaudeTelemetry {
    /// One `api_request` log record; attributes that are not given are left out.
    public static func log(
        session: String?, model: String, request: String, nanoseconds: Int64, tally: Tally,
        extra: [(name: String, json: String)] = []
    ) -> [UInt8] {
        var attributes: [(String, String)] = [
            ("event.name", string("api_request")), ("model", string(model)), ("request_id", string(request)),
            ("input_tokens", integer(tally.uncachedInput)), ("output_tokens", integer(tally.output)),
            ("cache_read_tokens", integer(tally.cacheRead)),
            ("cache_creation_tokens", integer(tally.cacheWrite + tally.cacheWrite5m + tally.cacheWrite1h)),
        ]
        if let session { attributes.append(("session.id", string(session))) }
        attributes.removeAll { attribute in extra.contains { $0.name == attribute.0 } }
        attributes += extra.map { ($0.name, $0.json) }
        return Array(
            """
            {"resourceLogs":[{"resource":{"attributes":[\(attribute("service.name", string("claude-code")))]},"scopeLogs":[\
            {"scope":{"name":"com.anthropic.claude_code.events"},"logRecords":[{"timeUnixNano":"\(nanoseconds)",\
            "body":{"stringValue":"claude_code.api_request"},\
            "attributes":[\(attributes.map { attribute($0.0, $0.1) }.joined(separator: ","))]}]}]}]}
            """.utf8)
    }

    /// Token and cost counters of one session and model: a delta over an interval.
    public static func metrics(
        session: String, model: String, start: Int64, end: Int64, tally: Tally, dollars: String
    ) -> [UInt8] {
        func point(_ value: String, _ type: String?) -> String {
            var attributes = [("session.id", string(session)), ("model", string(model))]
            if let type { attributes.append(("type", string(type))) }
            return """
                {"attributes":[\(attributes.map { attribute($0.0, $0.1) }.joined(separator: ","))],\
                "startTimeUnixNano":"\(start)","timeUnixNano":"\(end)","asDouble":\(value)}
                """
        }
        func counter(_ name: String, _ points: [String]) -> String {
            """
            {"name":"\(name)","sum":{"aggregationTemporality":1,"isMonotonic":true,\
            "dataPoints":[\(points.joined(separator: ","))]}}
            """
        }
        let tokens = [
            point("\(tally.uncachedInput)", "input"), point("\(tally.output)", "output"),
            point("\(tally.cacheRead)", "cacheRead"), point("\(tally.cacheWrite)", "cacheCreation"),
        ]
        let counters = [
            counter("claude_code.cost.usage", [point(dollars, nil)]), counter("claude_code.token.usage", tokens),
        ]
        return Array(
            """
            {"resourceMetrics":[{"resource":{"attributes":[\(attribute("service.name", string("claude-code")))]},\
            "scopeMetrics":[{"scope":{"name":"com.anthropic.claude_code"},\
            "metrics":[\(counters.joined(separator: ","))]}]}]}
            """.utf8)
    }

    /// A text value as OTLP has it.
    public static func string(_ text: String) -> String {
        var json = JSONWriter()
        json.object { $0.member("stringValue", text) }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// A whole number as OTLP has it.
    public static func integer(_ value: Int64) -> String { "{\"intValue\":\"\(value)\"}" }

    private static func attribute(_ name: String, _ value: String) -> String {
        "{\"key\":\"\(name)\",\"value\":\(value)}"
    }
}
