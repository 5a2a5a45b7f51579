import Glibc
import Supervision

/// Prints JSON, through `jq` where a filter is given.
enum JSONFilter {
    /// Writes a document to standard output.
    ///
    /// - Throws: `Failure` where there is no `jq`; `ExitCode` with jq's own status where it refuses the filter.
    static func write(_ text: String, through expression: String?) throws {
        guard let expression else {
            Terminal.write(text)
            return
        }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure("no pipe to jq could be made") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child: ChildProcess
        do {
            child = try ChildProcess(starting: try path(), arguments: [expression], input: ends[0])
        } catch {
            close(ends[0])
            close(ends[1])
            throw error
        }
        close(ends[0])
        signal(SIGPIPE, SIG_IGN)
        Terminal.write(Array(text.utf8), to: ends[1])
        close(ends[1])
        guard let end = child.waitForExit(timeout: .seconds(60)) else {
            child.send(SIGKILL)
            throw Failure("jq did not end")
        }
        guard end == .status(0) else { throw Failure("jq refused the filter; its own words are above") }
    }

    private static func path() throws -> String {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin").split(separator: ":")
        for folder in folders {
            let path = String(folder) + "/jq"
            if access(path, X_OK) == 0 { return path }
        }
        throw Failure("--jq needs the program jq, which is not on PATH; install it, or pipe --json to another tool")
    }
}
