import Ledger
import Metering
import Pipeline
import Rating
import SimulatedDisk
import Wire

/// What comes from sockets, disks and operators.
enum PlumbingTargets {
    /// The first byte says in how large parts the stream arrives.
    static func gzip(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let limit = 1 << 20
        let step = Int(first) + 1
        var inflater = GzipInflater(limit: limit)
        var output: [UInt8] = []
        do {
            var rest = bytes.dropFirst()
            while !rest.isEmpty {
                let part = Array(rest.prefix(step))
                rest = rest.dropFirst(step)
                try part.withUnsafeBytes { try inflater.inflate($0, into: &output) }
            }
            try inflater.finish()
        } catch {}
        guard output.count <= limit + 1 else { fatalError("\(output.count) bytes came out, \(limit) are allowed") }
    }

    /// A frame, and each of its events read as whatever travels on the bus.
    static func frame(_ bytes: [UInt8]) {
        guard let batch = try? Batch(decoding: bytes) else { return }
        for index in batch.events.indices {
            var reader = batch.reader(index)
            if let event = try? IngestEvent(from: &reader) {
                var again = JSONReader(event.json)
                guard (try? IngestEvent(from: &again)) == event else { fatalError("an event changes when read back") }
            }
            reader = batch.reader(index)
            if let transaction = try? CallTransaction(from: &reader) {
                var again = JSONReader(transaction.json)
                guard (try? CallTransaction(from: &again)) == transaction else { fatalError("a call changes") }
            }
            reader = batch.reader(index)
            _ = try? ChargeTransaction(from: &reader)
            reader = batch.reader(index)
            _ = try? Change(from: &reader)
        }
    }

    /// The bytes are what a dead process left as its spool; it is adopted and drained.
    static func spool(_ bytes: [UInt8]) {
        let disk = SimulatedDisk()
        var limits = Spool.Limits()
        limits.reservedBytes = 0
        do throws(any Error) {
            let root = try SpoolRoot("spool", limits: limits, disk: disk)
            let spool = try root.makeSpool()
            try spool.append([Array("{}".utf8), Array("{\"n\":1}".utf8)])
            try spool.synchronize()
            guard let name = disk.fileNames.first(where: { !$0.hasSuffix("lock") }) else { return }
            // The first byte says how much of a sound file is left before what the fuzzer puts there.
            let sound = disk.content(of: name)
            let kept = bytes.first.map { Int($0) % (sound.count + 1) } ?? 0
            disk.overwrite(name, with: Array(sound.prefix(kept)) + Array(bytes.dropFirst()))
            var random = SystemRandomNumberGenerator()
            disk.losePower(using: &random)
            for orphan in try root.adoptOrphans().spools {
                let events = try orphan.read(from: orphan.low, maximumEvents: 10_000, maximumBytes: 1 << 24)
                guard events.count <= orphan.next - orphan.low else { fatalError("more events than numbers") }
            }
        } catch {}
    }

    /// A sheet an operator wrote.
    static func priceSheet(_ bytes: [UInt8]) {
        guard let sheet = try? PriceSheet(decoding: bytes, name: "fuzz.json") else { return }
        _ = PriceBook(list: [sheet])
    }
}
