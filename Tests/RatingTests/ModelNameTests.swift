import Ledger
import Metering
import PriceSheets
import Rating
import Testing

/// What a reported name must lead to; each row is `provider | name | row's model or reason | rule`.
@Suite struct ModelNameTests {
    private static let table = """
        | claude-sonnet-4-20250514 | anthropic/claude-sonnet-4-0 | snapshot+alias
        | claude-opus-4-1-20250805 | anthropic/claude-opus-4-1 | snapshot+exact
        | claude-sonnet-4.5 | anthropic/claude-sonnet-4-5 | spelling+exact
        | claude-fable-5-2 | anthropic/claude-fable-5-2 | exact
        |  Claude-Opus-4-6  | anthropic/claude-opus-4-6 | exact
        | claude-opus-4-6[1m] | anthropic/claude-opus-4-6 | context+exact
        | claude-sonnet-4-5-20250929[1m] | anthropic/claude-sonnet-4-5 | context+alias
        | claude-opus-4-6-thinking | anthropic/claude-opus-4-6 | effort+exact
        | claude-4.6-opus | anthropic/claude-opus-4-6 | order+exact
        | claude-4.5-sonnet-thinking | anthropic/claude-sonnet-4-5 | effort+order+exact
        | claude-4-sonnet | anthropic/claude-sonnet-4-0 | order+alias
        | claude-opus-4-6-fast | anthropic/claude-opus-4-6;speed=fast | fast+exact
        | claude-haiku-4-5-fast | selector_not_listed |
        | anthropic/claude-opus-4-6 | anthropic/claude-opus-4-6 | route+exact
        anthropic | anthropic/claude-opus-4-6 | anthropic/claude-opus-4-6 | route+exact
        openai | anthropic/claude-opus-4-6 | anthropic/claude-opus-4-6 | route+exact
        | openrouter/anthropic/claude-sonnet-4.5 | openrouter/anthropic/claude-sonnet-4.5 | route+exact
        openrouter | anthropic/claude-sonnet-4.5 | openrouter/anthropic/claude-sonnet-4.5 | exact
        openrouter | anthropic/claude-opus-4-60 | unknown_model |
        openrouter | qwen/qwen3-coder:free | openrouter/qwen/qwen3-coder:free | exact
        | openrouter/openai/gpt-5.2:nitro | unknown_model |
        | gpt-5.2-codex-high | openai/gpt-5.2 | effort+alias
        | gpt-5.2-codex-xhigh | openai/gpt-5.2 | effort+alias
        | gpt-5 (high) | openai/gpt-5 | effort+exact
        | gpt-5.1-codex-max-xhigh | openai/gpt-5.1 | effort+alias
        | gpt-5.4-fast | openai/gpt-5.4;service_tier=priority | fast+exact
        | gpt-5-2 | openai/gpt-5.2 | alias
        | gpt-5.6-sol-2026-07-09 | openai/gpt-5.6-sol | snapshot+exact
        | gpt-4o-2024-05-13 | openai/gpt-4o-2024-05-13 | exact
        | gpt-4o-2024-08-06 | openai/gpt-4o | alias
        | models/gemini-3-pro-preview | google/gemini-3-pro-preview | resource+exact
        | gemini/gemini-2.5-pro | google/gemini-2.5-pro | route+exact
        | gemini-2.0-flash-001 | google/gemini-2.0-flash | snapshot+exact
        | publishers/google/models/gemini-2.5-pro | vertex/gemini-2.5-pro | resource+exact
        vertex_ai | claude-opus-4-6@20260205 | vertex/claude-opus-4-6 | snapshot+exact
        | anthropic/claude-sonnet-4-5@20250929 | vertex/claude-sonnet-4-5 | route+alias
        | vertex_ai/claude-opus-4-6@default | vertex/claude-opus-4-6 | route+alias
        google | claude-opus-4-6 | vertex/claude-opus-4-6 | exact
        | global.anthropic.claude-opus-5-5 | bedrock/global.anthropic.claude-opus-5-5 | exact
        | us.anthropic.claude-opus-4-6-v1 | bedrock/anthropic.claude-opus-4-6-v1 | alias
        anthropic | us.anthropic.claude-opus-4-6-v1[1m] | bedrock/anthropic.claude-opus-4-6-v1 | context+alias
        | bedrock/us.anthropic.claude-sonnet-4-6 | bedrock/anthropic.claude-sonnet-4-6 | route+alias
        github_copilot | claude-opus-4-7 | github-copilot/claude-opus-4.7 | spelling+exact
        copilot | gpt-4o | github-copilot/gpt-4o | exact
        | azure/gpt-5.4-mini | azure/gpt-5.4-mini | route+exact
        | eu.anthropic.claude-sonnet-4-5-20250929-v1:0 | bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0 | alias
        | bedrock/us-east-1/anthropic.claude-opus-4-6-v1 | bedrock/anthropic.claude-opus-4-6-v1 | route+region+exact
        | gpt-5-minimal | openai/gpt-5 | effort+exact
        | gpt-5.2-none | openai/gpt-5.2 | effort+exact
        | gpt-5.3-codex-low | openai/gpt-5.3-codex | effort+exact
        | gpt-5.4-mini-medium | openai/gpt-5.4-mini | effort+exact
        | gemini-2.5-pro-high | google/gemini-2.5-pro | effort+exact
        | anthropic.claude-opus-4-60 | unknown_model |
        | claude-4.60-opus | unknown_model |
        | claude-opus-4-60 | unknown_model |
        | claude-opus-6 | unknown_model |
        | claude-opus-4-6-20991399 | unknown_model |
        | gpt-5-supermini | unknown_model |
        | gpt-5.3-codex-spark | unknown_model |
        | azure/my-deployment | unknown_model |
        | sonnet | unknown_model |
        | claude | unknown_model |
        | gpt | unknown_model |
        | auto | unknown_model |
        | default | unknown_model |
        | unknown | unknown_model |
        anthropic | gpt-5 | unknown_model |
        openai | claude-opus-4-6 | unknown_model |
        litellm | claude-opus-4-6 | unknown_provider |
        |  | missing_model |
        | <synthetic> | not_a_call |
        """

    private static let arns: [(name: String, row: String)] = [
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0"
        ),
        (
            "arn:aws:bedrock:us-gov-west-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
            "bedrock/us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0"
        ),
    ]

    private static func quote(_ provider: String?, _ model: String) throws -> Quote {
        var rater = Rater(book: try book.get())
        let time = try #require(Timestamp(rfc3339: "2026-11-18T12:00:00Z"))
        return rater.quote(
            RatingRequest(
                provider: provider, model: model, time: time, tokens: TokenCounts(uncachedInput: 1, output: 1)))
    }

    private static let book = Result { PriceBook(list: try PriceSheets.embedded()) }

    @Test(arguments: table.split(separator: "\n").map(String.init))
    func `a name leads where it must`(line: String) throws {
        let columns = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        try #require(columns.count >= 3)
        let provider = columns[0].filter { $0 != " " }
        let quote = try Self.quote(provider.isEmpty ? nil : provider, columns[1])
        let wanted = columns[2].filter { $0 != " " }
        let row = quote.rowID.map { $0.split(separator: "@").first.map(String.init) ?? $0 }
        // A row's name carries its first instant between model and selector.
        let selector = quote.rowID.flatMap { id in id.firstIndex(of: ";").map { String(id[$0...]) } } ?? ""
        let found = row.map { $0.contains(";") ? $0 : $0 + selector }
        #expect(found ?? quote.reason?.rawValue ?? quote.status.rawValue == wanted, "\(line)")
        if columns.count > 3, quote.rowID != nil { #expect(quote.nameRule == columns[3].filter { $0 != " " }) }
    }

    @Test func `every kind of name is there`() {
        #expect(Self.table.split(separator: "\n").count + Self.arns.count + 1 >= 63)
    }

    @Test(arguments: arns)
    func `a Bedrock resource name is priced at its region`(name: String, row: String) throws {
        #expect(try Self.quote(nil, name).rowID == row)
    }

    @Test func `an inference profile that hides its model is unpriced`() throws {
        let name = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
        #expect(try Self.quote("bedrock", name).reason == .unknownModel)
    }

    @Test func `a reported name that no sheet knows gives way to the canonical one`() throws {
        var rater = Rater(book: try Self.book.get())
        let time = try #require(Timestamp(rfc3339: "2026-11-18T12:00:00Z"))
        var request = RatingRequest(
            provider: "anthropic", model: "claude-sonnet-4-6", time: time, tokens: TokenCounts(output: 2))
        request.reportedModel = "sonnet"
        #expect(rater.quote(request).model == "claude-sonnet-4-6")
    }
}
