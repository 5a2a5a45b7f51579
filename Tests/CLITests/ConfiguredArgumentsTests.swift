import Console
import Testing

@Suite struct `A configuration file` {
    private static let file = """
        {"$schema":"https://ccusage.com/config-schema.json",
        "defaults":{"json":true,"timezone":"UTC","offline":false,"noCost":false,"pricingOverrides":{"m":{"x":1}}},
        "commands":{"daily":{"instances":true,"breakdown":true,"timezone":"Asia/Tokyo"},
        "blocks":{"tokenLimit":"max","sessionLength":5,"active":true,"live":true},
        "weekly":{"startOfWeek":"monday"},
        "statusline":{"costSource":"both","cache":false,"contextLowThreshold":40}},
        "codex":{"defaults":{"order":"desc"},"commands":{"daily":{"since":"20260101"}}}}
        """

    @Test(arguments: [
        ("", "daily --json --timezone=UTC --no-offline --instances --breakdown --timezone=Asia/Tokyo"),
        (
            "--compact",
            "daily --json --timezone=UTC --no-offline --instances --breakdown --timezone=Asia/Tokyo --compact"
        ),
        (
            "daily --timezone Europe/Berlin",
            "daily --json --timezone=UTC --no-offline --instances --breakdown --timezone=Asia/Tokyo "
                + "--timezone Europe/Berlin"
        ),
        ("weekly", "weekly --json --timezone=UTC --no-offline --start-of-week=monday"),
        ("blocks", "blocks --json --timezone=UTC --no-offline --token-limit=max --session-length=5 --active"),
        ("statusline", "statusline --no-offline --cost-source=both --no-cache --context-low-threshold=40"),
        (
            "codex daily",
            "codex daily --json --timezone=UTC --no-offline --instances --breakdown --timezone=Asia/Tokyo --order=desc "
                + "--since=20260101"
        ),
        (
            "codex --compact",
            "codex daily --json --timezone=UTC --no-offline --instances --breakdown --timezone=Asia/Tokyo --order=desc "
                + "--since=20260101 --compact"
        ),
        ("up --data x", "up --data x"), ("explain daily", "explain daily"), ("--help", "--help"),
        ("codex unknown", "codex unknown"),
    ])
    func `comes before what was typed, so that what was typed wins`(typed: String, merged: String) throws {
        let arguments = typed.split(separator: " ").map { String($0) }
        let file = try JSONDocument(json: Array(Self.file.utf8))
        let result =
            ConfiguredArguments.place(in: arguments).map { ConfiguredArguments.merged(arguments, $0, file) }
            ?? arguments
        #expect(result.joined(separator: " ") == merged)
    }

    @Test func `is named by its flag, the last one`() {
        #expect(ConfiguredArguments.path(in: ["daily", "--config", "a"]) == "a")
        #expect(ConfiguredArguments.path(in: ["--config=b", "--json"]) == "b")
        #expect(ConfiguredArguments.path(in: ["--json", "--config"]) == nil)
    }
}
