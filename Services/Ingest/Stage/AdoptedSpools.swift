import Logging
import Pipeline

/// Spools of ingests that are gone, taken over to be drained.
struct AdoptedSpools {
    private(set) var spools: [OrphanedSpool] = []
    private var unreadable: Set<StreamID> = []
    private let root: SpoolRoot
    private let metrics: IngestMetrics
    private let logger: Logger

    init(root: SpoolRoot, metrics: IngestMetrics, logger: Logger) {
        self.root = root
        self.metrics = metrics
        self.logger = logger
    }

    /// Bytes of their files.
    var byteCount: Int64 {
        spools.reduce(0) { $0 + $1.byteCount }
    }

    /// Takes over what nobody holds.
    ///
    /// - Returns: the spools that are new.
    mutating func look() throws(SpoolError) -> [OrphanedSpool] {
        let adoption = try root.adoptOrphans()
        for spool in adoption.spools { report(spool) }
        for (stream, error) in adoption.failures where unreadable.insert(stream).inserted {
            metrics.spoolUnreadable()
            logger.error("orphaned spool cannot be read", metadata: ["stream": "\(stream)", "error": "\(error)"])
        }
        spools += adoption.spools
        return adoption.spools
    }

    /// Gives up the spools that are drained and removes them from the disk.
    ///
    /// - Returns: their streams.
    mutating func removeDrained() -> [StreamID] {
        let drained = spools.filter(\.isEmpty)
        guard !drained.isEmpty else { return [] }
        spools.removeAll(where: \.isEmpty)
        for spool in drained {
            if spool.decayed > 0 { metrics.recordsLost(Int64(spool.decayed)) }
            do throws(SpoolError) {
                try spool.remove()
                logger.info("adopted spool drained", metadata: ["stream": "\(spool.stream)"])
            } catch {
                // Its events are safe; whoever looks for orphans next tries again.
                logger.error("drained spool stays", metadata: ["stream": "\(spool.stream)", "error": "\(error)"])
            }
        }
        return drained.map(\.stream)
    }

    private func report(_ spool: OrphanedSpool) {
        let report = spool.report
        logger.info(
            "orphaned spool adopted",
            metadata: [
                "stream": "\(spool.stream)", "events": "\(report.records)", "torn_bytes": "\(report.tornBytes)",
            ])
        let lost = report.missing.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
        guard report.damagedBytes > 0 || lost > 0 else { return }
        metrics.recordsLost(lost)
        logger.error(
            "orphaned spool is damaged",
            metadata: [
                "stream": "\(spool.stream)", "damaged_bytes": "\(report.damagedBytes)", "lost_events": "\(lost)",
                "quarantined": .array(report.quarantined.map { .string($0) }),
            ])
    }
}
