import Glibc

/// The host's file system.
public struct PosixDisk: Disk {
    /// Makes the host's file system; there is only one.
    public init() {}

    /// Creates directories that only this user may enter.
    public func createDirectory(_ path: String) throws(DiskError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw DiskError("mkdir", path, code: errno)
        }
        try createDirectory(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw DiskError("mkdir", path, code: errno) }
    }

    /// Lists a directory without `.` and `..`.
    public func entries(of directory: String) throws(DiskError) -> [String] {
        guard let handle = opendir(directory) else { throw DiskError("opendir", directory, code: errno) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Locks with `flock`, which the kernel releases when the process dies.
    public func lock(_ directory: String) throws(DiskError) -> (any DirectoryLock)? {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw DiskError("open", directory, code: errno)
        }
        let lock = FileDescriptor(descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { return nil }
            throw DiskError("flock", directory, code: errno)
        }
        // Whoever held the lock before may have removed the directory while this process waited to open it.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError("fstat", directory, code: errno) }
        return status.st_nlink > 0 ? lock : nil
    }

    /// Creates a file that only this user may read.
    public func createFile(_ path: String) throws(DiskError) -> any DiskFile {
        try openFile(path, flags: O_CREAT | O_EXCL)
    }

    /// Opens a file for reading and appending.
    public func openFile(_ path: String) throws(DiskError) -> any DiskFile {
        try openFile(path, flags: 0)
    }

    /// Unlinks a file.
    public func removeFile(_ path: String) throws(DiskError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw DiskError("unlink", path, code: errno) }
    }

    /// Removes an empty directory.
    public func removeDirectory(_ path: String) throws(DiskError) {
        guard rmdir(path) == 0 || errno == ENOENT else { throw DiskError("rmdir", path, code: errno) }
    }

    /// Calls `fsync` on the directory.
    public func synchronizeDirectory(_ path: String) throws(DiskError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError("open", path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DiskError("fsync", path, code: errno) }
    }

    /// What `statvfs` says an unprivileged user may still write.
    public func availableBytes(at directory: String) throws(DiskError) -> Int64 {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { throw DiskError("statvfs", directory, code: errno) }
        let (bytes, overflow) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return overflow ? .max : bytes
    }

    private func openFile(_ path: String, flags: Int32) throws(DiskError) -> any DiskFile {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC | flags, 0o600)
        guard descriptor >= 0 else { throw DiskError("open", path, code: errno) }
        return PosixFile(FileDescriptor(descriptor), path: path)
    }
}

/// An open descriptor, closed with the object.
private final class FileDescriptor: DirectoryLock {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}

private final class PosixFile: DiskFile {
    private let descriptor: FileDescriptor
    private let path: String

    init(_ descriptor: FileDescriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    var size: Int {
        get throws(DiskError) {
            var status = stat()
            guard fstat(descriptor.number, &status) == 0 else { throw DiskError("fstat", path, code: errno) }
            return Int(status.st_size)
        }
    }

    func append(_ bytes: [UInt8]) throws(DiskError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                write(descriptor.number, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw DiskError("write", path, code: errno)
            }
        }
    }

    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        var failure: DiskError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let got = pread(
                    descriptor.number, buffer.baseAddress.map { $0 + initialized }, count - initialized,
                    off_t(offset + initialized))
                if got > 0 {
                    initialized += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = DiskError("pread", path, code: errno)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func truncate(to size: Int) throws(DiskError) {
        while ftruncate(descriptor.number, off_t(size)) != 0 {
            guard errno == EINTR else { throw DiskError("ftruncate", path, code: errno) }
        }
    }

    func synchronize() throws(DiskError) {
        // Not repeated on EINTR either: after any failure the kernel may have dropped the pages and call them clean.
        guard fdatasync(descriptor.number) == 0 else { throw DiskError("fdatasync", path, code: errno) }
    }
}
