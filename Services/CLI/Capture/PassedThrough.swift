import Glibc
import Supervision
import Synchronization

/// A command that is run as if nobody stood between it and the caller: same input, error output, signals and end; its
/// output is looked at on the way.
struct PassedThrough: ~Copyable {
    /// The process.
    private let pid: pid_t
    /// The end of the pipe its output comes from.
    private let output: Int32

    /// How long output is waited for that other processes hold open after the command's end.
    private static let patience = Duration.seconds(1)
    /// The signals that somebody may send to the command by sending them here.
    private static let forwarded = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2]
    private static let child = Atomic<Int32>(0)

    /// Starts a command, found as a shell finds it.
    init(_ words: [String]) throws(SpawnFailure) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SpawnFailure(executable: words[0], code: errno) }
        // The command has the pipe as its output alone.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        // No signal may fall between the start of the command and knowing its number.
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigprocmask(SIG_BLOCK, &all, &before)
        defer { sigprocmask(SIG_SETMASK, &before, nil) }
        Self.listen()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setsigmask(&attributes, &before)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let fault = posix_spawnp(&pid, words[0], &actions, &attributes, &arguments, environ)
        guard fault == 0 else {
            close(ends[0])
            throw SpawnFailure(executable: words[0], code: fault)
        }
        self.pid = pid
        output = ends[0]
        Self.child.store(pid, ordering: .releasing)
    }

    /// Passes the output on until it ends, and tells how the command ended.
    ///
    /// - Parameter look: sees the output after it was passed on.
    consuming func run(_ look: (ArraySlice<UInt8>) -> Void) -> ChildProcess.Exit {
        var end: ChildProcess.Exit?
        var silence = ContinuousClock.now
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var isOpen = true
        while isOpen {
            var state = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let isReady = poll(&state, 1, 100) > 0
            if isReady {
                let count = read(output, &buffer, buffer.count)
                if count > 0 {
                    silence = .now
                    // The reader is gone: so is the command's, which then learns it as it would have.
                    isOpen = Terminal.write(buffer[..<count])
                    look(buffer[..<count])
                } else if count == 0 || errno != EINTR {
                    isOpen = false
                }
            } else {
                if end == nil {
                    end = Self.end(of: pid, options: WNOHANG)
                    // What it wrote at last may have come since the pipe was looked at, which is looked at once more.
                    silence = .now
                } else if ContinuousClock.now - silence > Self.patience {
                    isOpen = false
                }
            }
        }
        close(output)
        let result = end ?? Self.end(of: pid, options: 0) ?? .status(1)
        Self.child.store(0, ordering: .releasing)
        return result
    }

    /// Ends this process as the command ended.
    static func end(as end: ChildProcess.Exit) -> Never {
        switch end {
        case .status(let status): exit(status)
        case .signal(let number):
            // One core file is enough.
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
            signal(number, SIG_DFL)
            var set = sigset_t()
            sigemptyset(&set)
            sigprocmask(SIG_SETMASK, &set, nil)
            kill(getpid(), number)
            exit(128 + number)
        }
    }

    private static func end(of pid: pid_t, options: Int32) -> ChildProcess.Exit? {
        var status: Int32 = 0
        while true {
            let result = waitpid(pid, &status, options)
            if result == pid { break }
            guard result < 0, errno == EINTR else { return nil }
        }
        let signal = status & 0x7F
        return signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
    }

    /// Begins to hand signals on to the command; those that are ignored stay so, for both.
    private static func listen() {
        // Touched here because a signal handler must not be the first to initialise it.
        child.store(0, ordering: .relaxed)
        for number in forwarded {
            handle(number) { number, info, _ in
                // What the terminal sends, it sends to the command too.
                guard let info, info.pointee.si_code <= 0 else { return }
                let pid = PassedThrough.child.load(ordering: .acquiring)
                if pid > 0 { kill(pid, number) }
            }
        }
        // Not ignored, which the command would inherit.
        handle(SIGPIPE) { _, _, _ in }
    }

    private static func handle(
        _ number: Int32,
        _ handler: @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void
    ) {
        var former = sigaction()
        sigaction(number, nil, &former)
        // SIG_IGN is 1; an optional function cannot hold it, so it is looked at as bits.
        let bits = withUnsafeBytes(of: former.__sigaction_handler) { $0.load(as: UInt.self) }
        guard bits != 1 else { return }
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = handler
        action.sa_flags = SA_SIGINFO | SA_RESTART
        sigaction(number, &action, nil)
    }
}
