import Glibc
import Pipeline
import SimulatedDisk
import Testing

struct SpoolTests {
    private let disk = SimulatedDisk()

    private func makeRoot(_ change: (inout Spool.Limits) -> Void = { _ in }) throws -> SpoolRoot {
        var limits = Spool.Limits()
        limits.reservedBytes = 0
        change(&limits)
        return try SpoolRoot("spool", limits: limits, disk: disk)
    }

    private func event(_ number: Int, size: Int = 20) -> [UInt8] {
        let text = Array("{\"n\":\(number)}".utf8)
        return text + [UInt8](repeating: UInt8(ascii: " "), count: max(0, size - text.count))
    }

    private func readAll(_ outbox: some Outbox) throws -> [[UInt8]] {
        try outbox.read(from: outbox.low, maximumEvents: .max / 2, maximumBytes: .max / 2).map { Array($0) }
    }

    @Test func `events are read once they are durable and not before`() throws {
        let spool = try makeRoot().makeSpool()
        try spool.append([event(1), event(2)])
        #expect(spool.next == 1)
        #expect(spool.pendingCount == 2)
        #expect(try readAll(spool).isEmpty)
        try spool.synchronize()
        #expect(spool.next == 3)
        #expect(spool.pendingCount == 0)
        #expect(try readAll(spool) == [event(1), event(2)])
    }

    @Test func `many appends cost one synchronization and sending reads no disk`() throws {
        let spool = try makeRoot().makeSpool()
        for number in 1...100 { try spool.append([event(number)]) }
        try spool.synchronize()
        #expect(disk.synchronizeCount == 1)
        #expect(try readAll(spool) == (1...100).map { event($0) })
        #expect(disk.readCount == 0)
        try spool.synchronize()
        #expect(disk.synchronizeCount == 1)
    }

    @Test func `reading keeps to both limits and always gives the first event`() throws {
        let spool = try makeRoot().makeSpool()
        try spool.append((1...10).map { event($0, size: 100) })
        try spool.synchronize()
        #expect(
            try spool.read(from: 3, maximumEvents: 4, maximumBytes: 10_000).map { Array($0) }
                == (3...6).map { event($0, size: 100) })
        #expect(try spool.read(from: 3, maximumEvents: 10, maximumBytes: 299).count == 2)
        #expect(try spool.read(from: 3, maximumEvents: 10, maximumBytes: 300).count == 3)
        #expect(try spool.read(from: 3, maximumEvents: 10, maximumBytes: 1).count == 1)
        #expect(try spool.read(from: 11, maximumEvents: 10, maximumBytes: 300).isEmpty)
    }

    @Test func `an event that is too large refuses its whole group and nothing else`() throws {
        let spool = try makeRoot().makeSpool()
        try spool.append([event(1, size: Spool.maximumEventBytes)])
        let error = #expect(throws: SpoolError.self) {
            try spool.append([event(2), event(3, size: Spool.maximumEventBytes + 1)])
        }
        #expect(error == .eventTooLarge(bytes: 65_537, limit: 65_536))
        #expect(error?.isTransient == false)
        try spool.synchronize()
        #expect(spool.next == 2)
    }

    @Test func `segments are begun at their size and deleted once acknowledged whole`() throws {
        let spool = try makeRoot { $0.segmentBytes = 400 }.makeSpool()
        for number in 1...30 {
            try spool.append([event(number, size: 84)])
            try spool.synchronize()
        }
        #expect(disk.fileNames.count == 8)
        #expect(disk.fileNames.first?.hasSuffix("/00000000000000000001.seg") == true)
        #expect(spool.byteCount == 30 * 100)
        try spool.trim(through: 9)
        #expect(spool.low == 10)
        #expect(disk.fileNames.count == 6)
        #expect(try readAll(spool).first == event(10, size: 84))
        try spool.trim(through: 3)
        #expect(spool.low == 10)
        try spool.trim(through: 30)
        #expect(spool.isEmpty)
        #expect(disk.fileNames.count == 1)
        try spool.append([event(31)])
        try spool.synchronize()
        #expect(try readAll(spool) == [event(31)])
    }

    @Test func `the byte limit is an error to be tried again, and room comes with acknowledgements`() throws {
        let spool = try makeRoot {
            $0.segmentBytes = 400
            $0.maximumBytes = 1000
        }.makeSpool()
        for number in 1...10 {
            try spool.append([event(number, size: 84)])
            try spool.synchronize()
        }
        let error = #expect(throws: SpoolError.self) { try spool.append([event(11)]) }
        #expect(error == .full(limit: 1000))
        #expect(error?.isTransient == true)
        try spool.trim(through: 4)
        try spool.append([event(11)])
        try spool.synchronize()
        #expect(spool.next == 12)
    }

    @Test func `the disk's reserve is not touched`() throws {
        disk.available = 1000
        let spool = try makeRoot { $0.reservedBytes = 900 }.makeSpool()
        try spool.append([event(1, size: 84)])
        let error = #expect(throws: SpoolError.self) { try spool.append([event(2)]) }
        #expect(error == .diskFull(available: 1000, reserve: 900))
        #expect(error?.isTransient == true)
    }

    @Test func `a full disk leaves no half record, and the same numbers are used when there is room`() throws {
        let root = try makeRoot()
        let stream: StreamID
        do {
            let spool = try root.makeSpool()
            stream = spool.stream
            try spool.append([event(1)])
            try spool.synchronize()
            disk.room = 30
            try spool.append([event(2), event(3)])
            let error = #expect(throws: SpoolError.self) { try spool.synchronize() }
            #expect(error?.isTransient == true)
            #expect(spool.next == 2)
            disk.room = .max
            try spool.append([event(4)])
            try spool.synchronize()
            #expect(try readAll(spool) == [event(1), event(4)])
        }
        let orphan = try #require(try root.adoptOrphans().spools.first)
        #expect(orphan.stream == stream)
        #expect(orphan.report.tornBytes == 0 && orphan.report.damagedBytes == 0)
        #expect(try readAll(orphan) == [event(1), event(4)])
    }

    @Test func `no room for a first file is an error to be tried again`() throws {
        let spool = try makeRoot().makeSpool()
        disk.room = 0
        try spool.append([event(1)])
        let error = #expect(throws: SpoolError.self) { try spool.synchronize() }
        #expect(error?.isTransient == true)
        disk.room = .max
        try spool.append([event(1)])
        try spool.synchronize()
        #expect(spool.next == 2)
    }

    @Test func `a failed synchronization is final and never repeated`() throws {
        let spool = try makeRoot().makeSpool()
        disk.synchronizeError = EIO
        try spool.append([event(1)])
        let error = #expect(throws: SpoolError.self) { try spool.synchronize() }
        #expect(error?.isTransient == false)
        #expect(spool.next == 1)
        #expect(throws: SpoolError.self) { try spool.append([event(2)]) }
        #expect(throws: SpoolError.self) { try spool.synchronize() }
        #expect(disk.synchronizeCount == 1)
    }

    @Test func `a full disk whose half record cannot be cut off is final`() throws {
        let spool = try makeRoot().makeSpool()
        try spool.append([event(1)])
        try spool.synchronize()
        disk.room = 5
        disk.truncateError = EIO
        try spool.append([event(2)])
        let error = #expect(throws: SpoolError.self) { try spool.synchronize() }
        #expect(error?.isTransient == false)
    }

    @Test func `a closed spool is removed if it is empty and kept if it is not`() throws {
        let root = try makeRoot()
        let empty = try root.makeSpool()
        try empty.append([event(1)])
        try empty.synchronize()
        try empty.trim(through: 1)
        try empty.close()
        #expect(disk.fileNames.isEmpty)
        let kept = try root.makeSpool()
        try kept.append([event(1)])
        try kept.synchronize()
        try kept.close()
        #expect(disk.fileNames.count == 1)
    }

    /// What a client was told is safe survives every loss of power; what it was not told may be lost, never garbled.
    @Test(arguments: 0..<300)
    func `what was synchronized survives the loss of power`(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let root = try makeRoot { $0.segmentBytes = 600 }
        var promised = 0
        var written = 0
        do {
            let spool = try root.makeSpool()
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                let count = Int.random(in: 1...4, using: &random)
                try spool.append((written + 1...written + count).map { event($0, size: 10 + $0 * 7 % 90) })
                written += count
                if random.happens(10) { disk.synchronizeError = EIO }
                do throws(SpoolError) {
                    try spool.synchronize()
                    promised = written
                } catch {
                    break
                }
            }
            disk.losePower(using: &random)
        }
        let adoption = try root.adoptOrphans()
        #expect(adoption.failures.isEmpty, "seed \(seed)")
        var events: [[UInt8]] = []
        if let spool = adoption.spools.first {
            #expect(spool.report.damagedBytes == 0, "seed \(seed)")
            for number in 1..<spool.next {
                events += try spool.read(from: number, maximumEvents: 1, maximumBytes: 1).map { Array($0) }
            }
        }
        #expect(events.count >= promised, "seed \(seed)")
        #expect(events.count <= written, "seed \(seed)")
        for (index, found) in events.enumerated() {
            #expect(found == event(index + 1, size: 10 + (index + 1) * 7 % 90), "seed \(seed)")
        }
    }
}
