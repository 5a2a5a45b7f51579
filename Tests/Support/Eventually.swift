/// Waits for what other tasks, threads or processes bring about.
///
/// The patience guards against hangs alone: it costs nothing where the condition comes true. A test that shares the few
/// threads of tasks with hundreds of others may be held up for a minute at any point, and what it waits for likewise, so it
/// gives up only after a thousand looks as well. What must not happen before something else is no matter for it.
///
/// - Parameters:
///   - what: what is waited for, in the failure's words.
///   - patience: how long to look at least.
/// - Throws: `SupportFailure` when the condition does not come true, and what the condition throws.
public func eventually(
    _ what: String, within patience: Duration = .seconds(120), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    var looks = 0
    while try await !condition() {
        looks += 1
        guard looks < 1000 || ContinuousClock.now < deadline else {
            throw SupportFailure("\(what): not within \(patience)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
