import Glibc
import Synchronization

/// Whether the user, or the system, asked this process to stop: Ctrl-C, SIGTERM or a closed terminal.
public enum StopRequest {
    private static let requests = Atomic<Int>(0)

    /// Begins to count stop signals instead of ending at the first.
    public static func listen() {
        // Touched here because a signal handler must not be the first to initialise it.
        requests.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in StopRequest.requests.add(1, ordering: .relaxed) }
        }
    }

    /// How often a stop was asked for; the second time means at once.
    public static var count: Int { requests.load(ordering: .relaxed) }
}
