import Reporting
import Synchronization

/// Gathers charges that are visited on a reader's thread.
final class RecordCollector: Sendable {
    private let records = Mutex<[ChargeRecord]>([])

    /// All charges so far.
    var all: [ChargeRecord] { records.withLock { $0 } }

    /// Takes some more.
    func append(_ more: [ChargeRecord]) {
        records.withLock { $0 += more }
    }
}
