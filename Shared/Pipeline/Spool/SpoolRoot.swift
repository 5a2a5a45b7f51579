/// The directory that holds the spools of a service's replicas, one directory each, named for its stream.
///
/// Every start makes a new spool; those whose process is gone are adopted by whoever looks first, at start and every so
/// often. On a local file system only, since locks do not hold on a network one.
public struct SpoolRoot: Sendable {
    /// How often to look for orphans.
    public static let adoptionInterval: Duration = .seconds(30)

    /// What one look for orphans found.
    public struct Adoption {
        /// Spools with events to drain, now held by this process.
        public internal(set) var spools: [OrphanedSpool] = []
        /// Spools that could not be read; they stay where they are.
        public internal(set) var failures: [(stream: StreamID, error: SpoolError)] = []
        /// How many spools without any event were removed.
        public internal(set) var removed = 0
    }

    /// The directory.
    public let path: String
    private let limits: Spool.Limits
    private let disk: any Disk

    /// Makes sure that the directory exists.
    public init(
        _ path: String, limits: Spool.Limits = Spool.Limits(), disk: any Disk = PosixDisk()
    ) throws(SpoolError) {
        self.path = path
        self.limits = limits
        self.disk = disk
        do throws(DiskError) {
            try disk.createDirectory(path)
        } catch {
            throw .failed(error)
        }
    }

    /// Makes this process's own spool, with a stream of its own.
    public func makeSpool() throws(SpoolError) -> Spool {
        do throws(DiskError) {
            while true {
                let stream = StreamID()
                let directory = "\(path)/\(stream)"
                try disk.createDirectory(directory)
                // Another process that adopts orphans may have come in between and removed the empty directory.
                guard let lock = try disk.lock(directory) else { continue }
                try disk.synchronizeDirectory(path)
                return Spool(stream: stream, directory: directory, limits: limits, disk: disk, lock: lock)
            }
        } catch {
            throw .failed(error)
        }
    }

    /// Takes over every spool that no living process holds, and removes those without events.
    public func adoptOrphans() throws(SpoolError) -> Adoption {
        var adoption = Adoption()
        let names: [String]
        do throws(DiskError) {
            names = try disk.entries(of: path)
        } catch {
            throw .failed(error)
        }
        for stream in names.compactMap(StreamID.init).sorted(by: { $0.description < $1.description }) {
            do throws(SpoolError) {
                guard let spool = try adopt(stream) else { continue }
                if spool.isEmpty && spool.report.damagedBytes == 0 {
                    try spool.remove()
                    adoption.removed += 1
                } else {
                    adoption.spools.append(spool)
                }
            } catch {
                adoption.failures.append((stream, error))
            }
        }
        return adoption
    }

    private func adopt(_ stream: StreamID) throws(SpoolError) -> OrphanedSpool? {
        let directory = "\(path)/\(stream)"
        do throws(DiskError) {
            guard let lock = try disk.lock(directory) else { return nil }
            return try OrphanedSpool(
                stream: stream, directory: directory, quarantine: "\(path)/quarantine", disk: disk, lock: lock)
        } catch {
            throw .failed(error)
        }
    }
}
