import Glibc

/// Runs a function on a new thread of its own.
enum DedicatedThread {
    /// Starts the thread; it ends with the function.
    ///
    /// - Throws: the error number, where the system has no thread left.
    static func start(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw ThreadError(code: code)
        }
        pthread_detach(thread)
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}

/// The system would not start a thread.
struct ThreadError: Error, CustomStringConvertible {
    let code: Int32

    var description: String {
        "cannot start a thread: \(String(cString: strerror(code)))"
    }
}
