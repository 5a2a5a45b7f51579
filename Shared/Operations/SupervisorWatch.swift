import Glibc
public import Logging
import Settings

/// Ends a service when its supervisor is gone, however that ended: nobody would start it again or stop it, and its ports would
/// stay taken.
public enum SupervisorWatch {
    /// Begins to watch, where the service was started by a supervisor; the service ends as if it were told to.
    ///
    /// - Parameter interval: how long its end may go unseen.
    public static func start(interval: Duration = .seconds(1), logger: Logger) {
        guard let supervisor = Environment.text(Environment.supervisor).flatMap({ pid_t($0) }) else { return }
        Task.detached {
            while getppid() == supervisor {
                guard (try? await Task.sleep(for: interval)) != nil else { return }
            }
            logger.notice("the supervisor is gone; ending", metadata: ["supervisor": "\(supervisor)"])
            kill(getpid(), SIGTERM)
        }
    }
}
