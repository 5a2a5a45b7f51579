import Foundation
import Glibc

/// What goes wrong on the host of one process that was started with ``environment``: its disk and its wall clock.
///
/// The library `libFaultyHost.so` in that process reads the file that this writes; a change is seen at once.
public final class HostFaults: Sendable {
    /// Where each figure stands in the file, as `faulty_host` in `FaultyHost.h` says.
    private enum Field: Int64 {
        case room = 0
        case failingSyncs = 8
        case isReadOnly = 16
        case clockOffset = 24
    }

    private let path: String
    private let library: String

    /// Makes the file, with nothing wrong.
    ///
    /// - Parameter path: the file.
    public init(path: String) throws {
        self.path = path
        library = RunningServices.productsFolder + "/libFaultyHost.so"
        guard FileManager.default.fileExists(atPath: library) else { throw SupportFailure("\(library) is missing") }
        guard FileManager.default.createFile(atPath: path, contents: Data(count: 32)) else {
            throw SupportFailure("cannot write \(path)")
        }
        setRoom(nil)
    }

    /// The whole environment of a process that is to meet these faults.
    public var environment: [String: String] {
        ProcessInfo.processInfo.environment.merging(["LD_PRELOAD": library, "FAULTY_HOST": path]) { $1 }
    }

    /// Bytes that can still be written to files; `nil` for any number.
    public func setRoom(_ bytes: Int64?) { set(.room, bytes ?? -1) }

    /// Lets the next synchronizations of files fail.
    public func failSyncs(_ count: Int64) { set(.failingSyncs, count) }

    /// Whether the file system has gone read-only.
    public func setReadOnly(_ isReadOnly: Bool) { set(.isReadOnly, isReadOnly ? 1 : 0) }

    /// The disk is whole again and has room.
    public func healDisk() {
        setRoom(nil)
        setReadOnly(false)
        failSyncs(0)
    }

    /// How far the wall clock is off.
    public func setClockOffset(_ offset: Duration) { set(.clockOffset, Int64(offset / .nanoseconds(1))) }

    private func set(_ field: Field, _ value: Int64) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        withUnsafeBytes(of: value) { _ = pwrite(file, $0.baseAddress, $0.count, off_t(field.rawValue)) }
    }
}
