import Glibc

/// A child process, known by its process id.
///
/// It runs in a process group of its own, so that Ctrl-C at the terminal reaches the supervisor alone and children stop
/// in the order the supervisor chooses.
public struct ChildProcess: Hashable, Sendable {
    /// The process id.
    public let pid: Int32

    /// How a process ended.
    public enum Exit: Hashable, Sendable, CustomStringConvertible {
        /// It returned a status.
        case status(Int32)
        /// A signal ended it.
        case signal(Int32)

        /// The end in words: `exit status 1`, `signal 9`.
        public var description: String {
            switch self {
            case .status(let status): "exit status \(status)"
            case .signal(let signal): "signal \(signal)"
            }
        }

        /// Whether it ended as asked.
        public var isClean: Bool { self == .status(0) }
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: The program's path.
    ///   - arguments: Its arguments, without its own name.
    ///   - environment: Its whole environment; `nil` passes on the caller's.
    ///   - input: The descriptor its standard input comes from; `nil` gives it none.
    ///   - output: The descriptor its standard output and error go to; `nil` keeps the caller's.
    ///   - errors: The descriptor its standard error goes to, where that is another.
    /// - Throws: ``SpawnFailure`` when the program cannot be started.
    public init(
        starting executable: String, arguments: [String], environment: [String: String]? = nil,
        input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
    ) throws(SpawnFailure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        }
        if let errors = errors ?? output { posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var argumentPointers = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in argumentPointers { free(pointer) } }
        var environmentPointers = (environment ?? [:]).map { strdup($0.key + "=" + $0.value) } + [nil]
        defer { for pointer in environmentPointers { free(pointer) } }
        var pid: pid_t = 0
        let fault =
            if environment == nil {
                posix_spawn(&pid, executable, &actions, &attributes, &argumentPointers, environ)
            } else {
                posix_spawn(&pid, executable, &actions, &attributes, &argumentPointers, &environmentPointers)
            }
        guard fault == 0 else { throw SpawnFailure(executable: executable, code: fault) }
        self.pid = pid
    }

    /// Sends a signal; nothing happens when the process is gone and was not yet waited for.
    public func send(_ signal: Int32) {
        kill(pid, signal)
    }

    /// How the process ended, or `nil` while it runs; answers once, since the system then forgets it.
    public func exitIfEnded() -> Exit? {
        wait(WNOHANG)
    }

    /// Waits until the process ends; `nil` when somebody else was told of its end before.
    public func waitForExit() -> Exit? {
        wait(0)
    }

    private func wait(_ options: Int32) -> Exit? {
        var status: Int32 = 0
        var answer: pid_t
        repeat { answer = waitpid(pid, &status, options) } while answer < 0 && errno == EINTR
        guard answer == pid else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
    }

    /// Waits until the process ends, at most for a time.
    public func waitForExit(timeout: Duration) -> Exit? {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while true {
            if let exit = exitIfEnded() { return exit }
            guard clock.now < deadline else { return nil }
            usleep(5_000)
        }
    }
}

/// Why a program could not be started.
public struct SpawnFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The program's path.
    public let executable: String
    /// The system's error number.
    public let code: Int32

    /// Makes a failure of the system's error number.
    public init(executable: String, code: Int32) {
        self.executable = executable
        self.code = code
    }

    /// One sentence for the user.
    public var description: String { "cannot start \(executable): \(String(cString: strerror(code)))" }
}
