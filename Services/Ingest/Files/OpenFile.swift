import Glibc

/// A file open for reading, closed with its last use.
public struct OpenFile: ~Copyable {
    private let descriptor: Int32

    /// Opens a regular file.
    public init(_ path: String) throws(FileFailure) {
        // Not to wait: a pipe that took the file's name would never open.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFailure(code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// What the system says of the file now.
    public func status() throws(FileFailure) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure(code: errno) }
        guard status.isRegularFile else { throw FileFailure(code: EINVAL) }
        return FileStatus(status)
    }

    /// Reads bytes at an offset; fewer than asked for only at the end of the file.
    public func read(_ count: Int, at offset: Int64) throws(FileFailure) -> [UInt8] {
        var fault: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let place = buffer.baseAddress?.advanced(by: filled)
                let got = pread(descriptor, place, count - filled, off_t(offset) + off_t(filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    break
                } else if errno != EINTR {
                    fault = errno
                    break
                }
            }
        }
        guard fault == 0 else { throw FileFailure(code: fault) }
        return bytes
    }
}
