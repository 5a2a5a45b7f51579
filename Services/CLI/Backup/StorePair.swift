import FoundationEssentials
import GRDB
import Glibc

/// The databases of dedupe and of the ledger in a data folder, read at moments that fit together.
///
/// They fit when the ledger has nothing that dedupe has not yet handed over, and lacks nothing that dedupe has let go of.
/// Dedupe's moment is taken first and the ledger's at once after it: the ledger is always some milliseconds behind, so this
/// fits nearly every time, and is tried again where it does not. Nothing is stopped for it.
struct StorePair {
    /// How far two moments are apart.
    struct Moment {
        /// The stream between the two.
        let stream: String
        /// The numbers that dedupe still holds.
        let held: Range<Int64>
        /// What the ledger has of it: without a hole, and the last number it has at all.
        let taken: (watermark: Int64, last: Int64)

        /// Whether the two fit together.
        var fits: Bool { taken.watermark >= held.lowerBound - 1 && taken.last < held.upperBound }
    }

    let dedupe: DatabaseQueue
    let ledger: DatabaseQueue
    private static let attempts = 200

    /// Opens both, for reading.
    ///
    /// - Parameter advice: what to do where one of them is not there.
    init(data: String, orElse advice: String) throws {
        dedupe = try Self.open(data + "/dedupe/dedupe.sqlite", orElse: advice)
        ledger = try Self.open(data + "/query/ledger.sqlite", orElse: advice)
    }

    /// Calls a closure with connections that see moments which fit together, for as long as it runs.
    func atOneMoment<Value>(_ body: (_ dedupe: Database, _ ledger: Database, Moment) throws -> Value) throws -> Value {
        for _ in 0..<Self.attempts {
            let value: Value? = try dedupe.read { dedupe in
                let held = try Self.held(by: dedupe)
                return try ledger.read { ledger in
                    let taken = try Self.taken(of: held.stream, by: ledger)
                    let moment = Moment(stream: held.stream, held: held.numbers, taken: taken)
                    return moment.fits ? try body(dedupe, ledger, moment) : nil
                }
            }
            if let value { return value }
            usleep(20_000)
        }
        throw Failure("dedupe and the ledger do not belong together: was one of them restored? Their logs say more")
    }

    /// Where the stream of a dedupe stands: its name and the numbers it holds.
    private static func held(by dedupe: Database) throws -> (stream: String, numbers: Range<Int64>) {
        guard let row = try Row.fetchOne(dedupe, sql: "SELECT stream, next_event FROM identity") else {
            throw Failure("dedupe's database is empty")
        }
        let next: Int64 = row[1]
        let low = try Int64.fetchOne(dedupe, sql: "SELECT min(sequence) FROM outbox") ?? next
        return (row[0], low..<next)
    }

    /// What a ledger has of a stream: the number up to which it has all, and the last it has.
    private static func taken(of stream: String, by ledger: Database) throws -> (watermark: Int64, last: Int64) {
        let sql = "SELECT watermark, pending FROM stream WHERE id = ?"
        guard let row = try Row.fetchOne(ledger, sql: sql, arguments: [stream]) else {
            // One of another dedupe fits none.
            let others = try Int64.fetchOne(ledger, sql: "SELECT count(*) FROM stream") ?? 0
            return others == 0 ? (0, 0) : (0, .max)
        }
        let numbers = (row[1] as String).split { $0 == "," || $0 == "-" }.compactMap { Int64($0) }
        return (row[0], max(row[0], numbers.max() ?? 0))
    }

    private static func open(_ path: String, orElse advice: String) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else { throw Failure("there is no \(path); \(advice)") }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}
