import Glibc
import Pipeline
import Testing

/// The spool on the real file system, and its lock against real processes.
@Suite(.timeLimit(.minutes(30)))
final class PosixDiskTests {
    private let path: String
    private let root: SpoolRoot

    init() throws {
        var template = Array("/tmp/tollbook-spool-XXXXXX".utf8CString)
        _ = try #require(mkdtemp(&template))
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var limits = Spool.Limits()
        limits.segmentBytes = 1000
        limits.reservedBytes = 0
        root = try SpoolRoot("\(path)/deep/spool", limits: limits)
    }

    deinit {
        try? run(["/bin/rm", "-rf", path]).waitForExit()
    }

    private func event(_ number: Int) -> [UInt8] { Array("{\"number\":\(number)}".utf8) }

    private func leaveSpool(events: Int) throws -> StreamID {
        let spool = try root.makeSpool()
        for number in 1...events {
            try spool.append([event(number)])
            try spool.synchronize()
        }
        return spool.stream
    }

    /// Takes over the spool that was left.
    ///
    /// A process that another test is about to start holds what this one had open, until it runs its own program.
    private func adoptOrphan() throws -> OrphanedSpool {
        var orphan: OrphanedSpool?
        try retrying {
            orphan = try root.adoptOrphans().spools.first
            return orphan != nil
        }
        return try #require(orphan)
    }

    @Test func `events come back after a restart`() throws {
        let stream = try leaveSpool(events: 200)
        let orphan = try adoptOrphan()
        #expect(orphan.stream == stream)
        #expect(orphan.report.records == 200)
        var number: Int64 = 1
        while number < orphan.next {
            let read = try orphan.read(from: number, maximumEvents: 7, maximumBytes: 10_000)
            for (index, event) in read.enumerated() {
                #expect(Array(event) == self.event(Int(number) + index))
            }
            number += Int64(read.count)
        }
        try orphan.trim(through: 200)
        try orphan.remove()
        #expect(try PosixDisk().entries(of: root.path).isEmpty)
    }

    @Test func `a file torn at every byte of its last record loses that record alone`() throws {
        let stream = try leaveSpool(events: 3)
        let file = "\(root.path)/\(stream)/00000000000000000001.seg"
        let disk = PosixDisk()
        let whole = try disk.openFile(file).size
        for length in (whole - 16 - event(3).count..<whole).reversed() {
            try disk.openFile(file).truncate(to: length)
            let orphan = try adoptOrphan()
            #expect(orphan.next == 3, "cut at \(length)")
            #expect(orphan.report.damagedBytes == 0, "cut at \(length)")
        }
    }

    @Test func `another process's spool is adopted once that process is dead, not before`() throws {
        let stream = try leaveSpool(events: 3)
        let holder = try run(["/usr/bin/flock", "\(root.path)/\(stream)", "/bin/sleep", "600"])
        try retrying { try root.adoptOrphans().spools.isEmpty }
        #expect(try root.adoptOrphans().spools.isEmpty)
        holder.kill()
        var adopted: [OrphanedSpool] = []
        try retrying {
            adopted += try root.adoptOrphans().spools
            return !adopted.isEmpty
        }
        #expect(adopted.map(\.stream) == [stream])
    }

    @Test func `a directory that its last holder removed is not locked`() throws {
        let disk = PosixDisk()
        let directory = "\(root.path)/gone"
        try disk.createDirectory(directory)
        let held = try disk.lock(directory)
        #expect(held != nil)
        #expect(try disk.lock(directory) == nil)
        try disk.removeDirectory(directory)
        #expect(try disk.lock(directory) == nil)
    }

    @Test func `a file that exists is not created again and only its owner may read it`() throws {
        let disk = PosixDisk()
        let file = "\(root.path)/file"
        _ = try disk.createFile(file)
        let error = #expect(throws: DiskError.self) { _ = try disk.createFile(file) }
        #expect(error?.description == "open \(file): File exists")
        var status = stat()
        #expect(stat(file, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}

struct ChildProcess {
    let id: pid_t

    func kill() {
        // The whole group: the child's own children hold what it opened.
        _ = Glibc.kill(-id, SIGKILL)
        waitForExit()
    }

    func waitForExit() {
        var status: Int32 = 0
        waitpid(id, &status, 0)
    }
}

func run(_ arguments: [String]) throws -> ChildProcess {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var id = pid_t()
    let code = posix_spawn(&id, arguments[0], nil, &attributes, &pointers, nil)
    try #require(code == 0, "cannot start \(arguments[0])")
    return ChildProcess(id: id)
}

/// Tries until the body is true, for effects of other processes and threads that nothing announces.
func retrying(for time: Duration = .seconds(120), _ body: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + time
    while ContinuousClock.now < deadline {
        if try body() { return }
        usleep(2000)
    }
    Issue.record("gave up after \(time)")
}
