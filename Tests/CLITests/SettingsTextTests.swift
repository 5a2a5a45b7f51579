import Console
import Testing

/// Settings of other programs, as far as they are of interest.
struct SettingsTextTests {
    @Test func `JSON becomes a flat list`() {
        let text = #"{"env":{"A":"1","B":2.50},"telemetry":{"enabled":true,"list":[1],"none":null},"x":"y"}"#
        #expect(
            SettingsText.json(Array(text.utf8)) == [
                "env.A": "1", "env.B": "2.50", "telemetry.enabled": "true", "x": "y",
            ])
        #expect(SettingsText.json(Array("{\"a\":\"b\",".utf8)) == ["a": "b"])
        #expect(SettingsText.json(Array("no JSON".utf8)).isEmpty)
    }

    @Test func `TOML becomes a flat list, inline tables too`() {
        let text = """
            model = "gpt-5" # a comment
            # exporter = "none"
            [otel]
            log_user_prompt = false
            exporter = { otlp-http = { endpoint = "http://127.0.0.1:4318/v1/logs", protocol = "json" } }
            trace_exporter="none"
              [otel."inner one"]
            n = 5
            broken = {
            """
        #expect(
            SettingsText.toml(text) == [
                "model": "gpt-5", "otel.log_user_prompt": "false",
                "otel.exporter.otlp-http.endpoint": "http://127.0.0.1:4318/v1/logs",
                "otel.exporter.otlp-http.protocol": "json", "otel.trace_exporter": "none",
                "otel.innerone.n": "5",
            ])
    }
}
