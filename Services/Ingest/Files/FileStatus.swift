import Glibc

/// A file as the system knows it, whatever it is called.
public struct FileIdentity: Hashable, Sendable {
    /// The device it lies on.
    public let device: UInt64
    /// Its number there.
    public let inode: UInt64

    /// Names a file.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// What the system says of a file at one moment.
public struct FileStatus: Hashable, Sendable {
    /// Which file it is.
    public let identity: FileIdentity
    /// Its size in bytes.
    public let size: Int64
    /// When its content was last changed, in nanoseconds since 1970.
    public let modified: Int64

    /// Describes a file.
    public init(identity: FileIdentity, size: Int64, modified: Int64) {
        self.identity = identity
        self.size = size
        self.modified = modified
    }

    /// Asks for a regular file at a path, or behind a link there; `nil` when there is none.
    public init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.isRegularFile else { return nil }
        self.init(status)
    }

    /// A file can be dated to any year.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(clamping: Int128(time.tv_sec) * 1_000_000_000 + Int128(time.tv_nsec))
    }

    init(_ status: stat) {
        self.init(
            identity: status.identity, size: Int64(status.st_size),
            modified: Self.nanoseconds(status.st_mtim))
    }
}

extension stat {
    var identity: FileIdentity { FileIdentity(device: UInt64(st_dev), inode: UInt64(st_ino)) }
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}

/// Why a file cannot be read; it names no path, for the caller to decide who may see that.
public struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's error number.
    public let code: Int32

    /// Makes a failure of the system's error number.
    public init(code: Int32) {
        self.code = code
    }

    /// Whether the file is simply not there any more.
    public var isGone: Bool { code == ENOENT || code == ENOTDIR }

    /// The system's words.
    public var description: String { String(cString: strerror(code)) }
}
