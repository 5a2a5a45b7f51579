import Glibc
import Synchronization

/// This process's terminal.
enum Terminal {
    /// Whether standard output is a terminal.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard error is a terminal.
    static var isErrorInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// The terminal's columns; `nil` when standard output is none.
    static var columns: Int? {
        if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)), columns > 0 { return columns }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Whether to use colours: `NO_COLOR` and `FORCE_COLOR` decide, else whether someone looks.
    static var usesColour: Bool {
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let value = getenv("FORCE_COLOR"), value.pointee != 0 { return true }
        return isInteractive
    }

    /// Whether hints and warnings are wanted: `LOG_LEVEL=0` silences them.
    static var showsWarnings: Bool { getenv("LOG_LEVEL").map { String(cString: $0) } != "0" }

    /// What kept standard output from being written, other than that its reader is gone; 0 where nothing did.
    private static let outputFault = Atomic<Int32>(0)

    /// Writes to standard output; false when its reader is gone, or it takes no more.
    @discardableResult
    static func write(_ bytes: some Collection<UInt8>) -> Bool {
        if write(Array(bytes), to: STDOUT_FILENO) { return true }
        if errno != EPIPE { outputFault.store(errno, ordering: .relaxed) }
        return false
    }

    /// Says that not all that was asked for could be written, such as for a full disk: who reads the status must know.
    static func checkOutput() throws {
        let fault = outputFault.load(ordering: .relaxed)
        guard fault == 0 else {
            throw Failure("standard output cannot be written: \(String(cString: strerror(fault)))")
        }
    }

    /// Writes text to standard output.
    @discardableResult
    static func write(_ text: String) -> Bool { write(text.utf8) }

    /// Writes a line to standard error.
    static func report(_ line: String) {
        write(Array((line + "\n").utf8), to: STDERR_FILENO)
    }

    /// Writes text over the present line of standard error.
    static func overwriteLine(_ text: String) {
        write(Array(("\r\u{1B}[K" + text).utf8), to: STDERR_FILENO)
    }

    /// Writes to a descriptor; false when its reader is gone.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
