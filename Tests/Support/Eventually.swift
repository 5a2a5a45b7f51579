/// Waits for what other tasks, threads or processes bring about.
///
/// The patience guards against hangs alone: it costs nothing where the condition comes true, and a test that shares a busy
/// machine may be held up for long at any point. What must not happen before something else is no matter for it.
///
/// - Parameters:
///   - what: what is waited for, in the failure's words.
///   - patience: how long to look.
/// - Throws: `SupportFailure` when the condition does not come true, and what the condition throws.
public func eventually(
    _ what: String, within patience: Duration = .seconds(120), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw SupportFailure("\(what): not within \(patience)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
