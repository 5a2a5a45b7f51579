import Glibc
import SimulatedDisk
import Testing

@testable import Pipeline

struct OrphanedSpoolTests {
    private let disk = SimulatedDisk()

    private func event(_ number: Int) -> [UInt8] { Array("{\"n\":\(number)}".utf8) }

    private func makeRoot() throws -> SpoolRoot {
        var limits = Spool.Limits()
        limits.segmentBytes = 90
        limits.reservedBytes = 0
        return try SpoolRoot("spool", limits: limits, disk: disk)
    }

    /// A spool of twelve events in segments of three, left by its process.
    private func leaveSpool(in root: SpoolRoot) throws -> StreamID {
        let spool = try root.makeSpool()
        for number in 1...12 {
            try spool.append([event(number)])
            try spool.synchronize()
        }
        return spool.stream
    }

    @Test func `an orphan is adopted by one, drained and removed`() throws {
        let root = try makeRoot()
        let stream = try leaveSpool(in: root)
        let orphan = try #require(try root.adoptOrphans().spools.first)
        #expect(try root.adoptOrphans().spools.isEmpty)
        #expect(orphan.stream == stream)
        #expect(orphan.low == 1 && orphan.next == 13)
        #expect(orphan.report == OrphanedSpool.Report(records: 12))
        var events: [[UInt8]] = []
        while !orphan.isEmpty {
            let read = try orphan.read(from: orphan.low, maximumEvents: 2, maximumBytes: 1000)
            events += read.map { Array($0) }
            try orphan.trim(through: orphan.low + Int64(read.count) - 1)
        }
        #expect(events == (1...12).map { event($0) })
        try orphan.remove()
        #expect(disk.fileNames.isEmpty)
        #expect(try root.adoptOrphans().spools.isEmpty)
    }

    @Test func `a living spool is never adopted and an empty orphan is removed`() throws {
        let root = try makeRoot()
        let living = try root.makeSpool()
        _ = try root.makeSpool()
        let adoption = try root.adoptOrphans()
        #expect(adoption.spools.isEmpty)
        #expect(adoption.removed == 1)
        try living.append([event(1)])
        try living.synchronize()
        #expect(living.next == 2)
    }

    @Test func `a torn end is cut off and told`() throws {
        let root = try makeRoot()
        _ = try leaveSpool(in: root)
        let last = try #require(disk.fileNames.last)
        disk.overwrite(last, with: disk.content(of: last).dropLast(2))
        let orphan = try #require(try root.adoptOrphans().spools.first)
        #expect(orphan.next == 12)
        #expect(orphan.report.tornBytes == SpoolRecord.headerSize + event(12).count - 2)
        #expect(orphan.report.quarantined.isEmpty)
    }

    @Test func `a flipped bit in the middle is quarantined, and the outbox has a hole of one`() throws {
        let root = try makeRoot()
        _ = try leaveSpool(in: root)
        var bytes = disk.content(of: disk.fileNames[1])
        bytes[SpoolRecord.headerSize + event(4).count + 20] ^= 4
        disk.overwrite(disk.fileNames[1], with: bytes)

        let orphan = try #require(try root.adoptOrphans().spools.first)
        #expect(orphan.report.records == 11)
        #expect(orphan.report.missing == [5..<6])
        #expect(orphan.report.damagedBytes == SpoolRecord.headerSize + event(5).count)
        let copy = try #require(orphan.report.quarantined.first)
        #expect(disk.content(of: copy).count == orphan.report.damagedBytes)

        #expect(try orphan.read(from: 3, maximumEvents: 10, maximumBytes: 1000).count == 1)
        #expect(try orphan.read(from: 4, maximumEvents: 10, maximumBytes: 1000).map { Array($0) } == [event(4)])
        #expect(try orphan.read(from: 5, maximumEvents: 10, maximumBytes: 1000).isEmpty)
        #expect(orphan.low == 1)
        try orphan.trim(through: 4)
        #expect(orphan.low == 6)
        #expect(try orphan.read(from: 6, maximumEvents: 10, maximumBytes: 1000).map { Array($0) } == [event(6)])
    }

    @Test func `a lost segment is a hole of its size`() throws {
        let root = try makeRoot()
        _ = try leaveSpool(in: root)
        disk.removeFile(disk.fileNames[1])
        let orphan = try #require(try root.adoptOrphans().spools.first)
        #expect(orphan.report.missing == [4..<7])
        try orphan.trim(through: 3)
        #expect(orphan.low == 7)
    }

    @Test func `a record that decays after adoption becomes a hole when it is read`() throws {
        let root = try makeRoot()
        _ = try leaveSpool(in: root)
        let orphan = try #require(try root.adoptOrphans().spools.first)
        let file = disk.fileNames[0]
        disk.decay(file, at: SpoolRecord.headerSize + event(1).count + 20)
        #expect(try orphan.read(from: 1, maximumEvents: 10, maximumBytes: 1000).map { Array($0) } == [event(1)])
        #expect(try orphan.read(from: 2, maximumEvents: 10, maximumBytes: 1000).isEmpty)
        #expect(orphan.decayed == 1)
        try orphan.trim(through: 1)
        #expect(orphan.low == 3)
        #expect(try orphan.read(from: 3, maximumEvents: 10, maximumBytes: 1000).map { Array($0) } == [event(3)])
    }

    @Test func `watermarks from before and after its time are harmless`() throws {
        let root = try makeRoot()
        _ = try leaveSpool(in: root)
        let orphan = try #require(try root.adoptOrphans().spools.first)
        try orphan.trim(through: 0)
        #expect(orphan.low == 1)
        try orphan.trim(through: 400)
        #expect(orphan.isEmpty)
        try orphan.remove()
        #expect(disk.fileNames.isEmpty)
    }

    @Test func `adopting again keeps one copy of what is damaged`() throws {
        let root = try makeRoot()
        _ = try leaveSpool(in: root)
        var bytes = disk.content(of: disk.fileNames[0])
        bytes[4] ^= 1
        disk.overwrite(disk.fileNames[0], with: bytes)
        for _ in 0..<2 {
            let adoption = try root.adoptOrphans()
            #expect(adoption.failures.isEmpty)
            #expect(adoption.spools.first?.low == 2)
        }
        #expect(disk.fileNames.filter { $0.hasPrefix("spool/quarantine/") }.count == 1)
    }
}
